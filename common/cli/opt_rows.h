/* opt_rows - type and field of an option's row, for the file that has the rows.  It says before
 * them which struct they fill: #define OPT_FIELDS struct options */
#ifndef TWSTORM_COMMON_CLI_OPT_ROWS_H
#define TWSTORM_COMMON_CLI_OPT_ROWS_H

#include "common/cli/opt.h"

#define TEXT(f)     &opt_text, OPT_AT(const char *, OPT_FIELDS, f)
#define TEXTS(f)    &opt_texts, OPT_AT(struct opt_texts, OPT_FIELDS, f)
#define COUNT(f)    &opt_count, OPT_AT(uint64_t, OPT_FIELDS, f)
#define SIZE(f)     &opt_size, OPT_AT(uint64_t, OPT_FIELDS, f)
#define DURATION(f) &opt_duration, OPT_AT(uint64_t, OPT_FIELDS, f)
#define RATE(f)     &opt_rate, OPT_AT(struct rate, OPT_FIELDS, f)
#define PERCENT(f)  &opt_percent, OPT_AT(double, OPT_FIELDS, f)
#define FLAG(f)     &opt_flag, OPT_AT(bool, OPT_FIELDS, f)
#define CHOICE(f)   &opt_choice, OPT_AT(int, OPT_FIELDS, f)
#define GROUP(title)                                                                     \
	{                                                                                \
		.help = title                                                            \
	}

#endif
