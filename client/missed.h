/* missed - a prediction that did not come true, and why, where the reason was measured. */
#ifndef TWSTORM_CLIENT_MISSED_H
#define TWSTORM_CLIENT_MISSED_H

#include <stdbool.h>

struct client_record;

struct missed {
	const char *by; /* the reason's name, as in common/result/paths.def */
	char why[400];  /* the same with figures, as a sentence */
};

/* False: the last prediction came true, or there was none. */
bool missed_judge(const struct client_record *run, struct missed *out);
/* The mean of what connect() took while the ports were less, or more, than half full; < 0 = none
 * was measured. */
double missed_connect_us(const struct client_record *run, bool past_half);

#endif
