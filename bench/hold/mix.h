/* mix - how many sockets of each TCP state are wanted, as typed: "STATE=N,...". */
#ifndef TWSTORM_BENCH_HOLD_MIX_H
#define TWSTORM_BENCH_HOLD_MIX_H

#include "common/base/err.h"
#include "common/cli/complete.h"
#include "common/kernel/tcp_state.h"

#define HOLD_MIX_MAX     1000000 /* sockets of one state */
#define HOLD_MIX_DEFAULT 10      /* of each state when nothing is said */

/* NULL = HOLD_MIX_DEFAULT of each of the eleven.  A name is any that tcp_state_by_name()
 * knows, each at most once, N from 1 to HOLD_MIX_MAX.  0 or -EINVAL with the part at fault
 * (EXIT_USAGE). */
int hold_mix_parse(const char *text, struct tcp_states *out, struct err *err);
/* What a shell offers for the text. */
extern const struct complete_values hold_mix_values;

#endif
