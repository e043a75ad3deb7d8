/* missed - a prediction that did not come true, and why, where the reason was measured. */
#ifndef TWSTORM_CLIENT_MISSED_H
#define TWSTORM_CLIENT_MISSED_H

#include <stdbool.h>

struct client_record;

/* Why the last prediction did not come true, a word of common/result/paths.def, as far as that was
 * measured; NULL: it came true, or there was none. */
const char *missed_by(const struct client_record *run);
/* The mean of what connect() took while the ports were less, or more, than half full; < 0 = none
 * was measured. */
double missed_connect_us(const struct client_record *run, bool past_half);

#endif
