/* sample_taker - one sample: a dump of the sockets by side and state, sockstat and the kernel's
 * counters.  Used by the sampler's thread alone. */
#ifndef TWSTORM_COMMON_KERNEL_SAMPLE_TAKER_H
#define TWSTORM_COMMON_KERNEL_SAMPLE_TAKER_H

#include <stdbool.h>
#include <stdint.h>
#include "common/base/err.h"
#include "common/kernel/proc_net.h"
#include "common/kernel/sampler.h"
#include "common/kernel/sides.h"
#include "common/kernel/sock_diag.h"

struct sample_taker { /* zeroed, then sample_taker_init() */
	struct sides sides;
	uint16_t port_lo, port_hi;
	struct sock_diag *diag; /* owned */
	struct proc_net_files
		files; /* open from the start: a load may leave no descriptor */
	void (*first_row)(const struct sock_diag_row *,
			  void *); /* NULL after a full dump */
	void *arg;
	/* TIME_WAIT that ends before this moment was there before; UINT64_MAX: all that the next
	 * full dump finds, which then sets the moment; 0 = none. */
	uint64_t before_ns;
	uint64_t last_end_ns; /* of what that dump found */
};

/* 0, or -errno where netlink has no inet_diag for us; to be done in any case. */
int sample_taker_init(struct sample_taker *t, const struct sampler_plan *plan,
		      struct err *err);
void sample_taker_done(struct sample_taker *t);
/* full: TIME_WAIT is listed, too.  *sockets: how many were listed.  0 or -errno. */
int sample_take(struct sample_taker *t, bool full, struct sample *out, uint64_t *sockets,
		struct err *err);

#endif
