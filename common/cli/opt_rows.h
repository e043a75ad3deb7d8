/* opt_rows - type and field of an option's row, for the file that has the rows.  It says before
 * them which struct they fill: #define OPT_FIELDS struct options */
#ifndef TWSTORM_COMMON_CLI_OPT_ROWS_H
#define TWSTORM_COMMON_CLI_OPT_ROWS_H

#include "common/cli/opt.h"

#define TEXT(f)     OPT_TEXT, OPT_AT(const char *, OPT_FIELDS, f)
#define TEXTS(f)    OPT_TEXTS, OPT_AT(struct opt_texts, OPT_FIELDS, f)
#define COUNT(f)    OPT_COUNT, OPT_AT(uint64_t, OPT_FIELDS, f)
#define SIZE(f)     OPT_SIZE, OPT_AT(uint64_t, OPT_FIELDS, f)
#define DURATION(f) OPT_DURATION, OPT_AT(uint64_t, OPT_FIELDS, f)
#define RATE(f)     OPT_RATE, OPT_AT(struct rate, OPT_FIELDS, f)
#define PERCENT(f)  OPT_PERCENT, OPT_AT(double, OPT_FIELDS, f)
#define FLAG(f)     OPT_FLAG, OPT_AT(bool, OPT_FIELDS, f)
#define CHOICE(f)   OPT_CHOICE, OPT_AT(int, OPT_FIELDS, f)
#define GROUP(title)                                                                     \
	{                                                                                \
		.help = title                                                            \
	}

#endif
