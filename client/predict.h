/* predict - the predictions of a run: one before it, and others when the run has shown what was
 * not known: the rate of a closed loop, timestamps, what connect() costs past half of the ports.
 * The last one counts; none is made when more than 60 % of the ports are gone. */
#ifndef TWSTORM_CLIENT_PREDICT_H
#define TWSTORM_CLIENT_PREDICT_H

#include <stdbool.h>
#include <stdint.h>

struct client_record;

struct predict {
	double before_s;        /* what was predicted before the run; < 0 = nothing */
	double at_s;            /* when the last prediction was made */
	uint64_t rate_ok;       /* connections when a closed loop's rate was last taken */
	uint64_t rate_arrivals; /* ... arrivals */
	double rate_s;          /* ... busy until then */
	uint64_t slow_ok;   /* ... at the first look since connect() is slow; 0 = none */
	double slow_s;      /* ... its moment */
	double behind;      /* ... arrivals of an open loop that were overdue then */
	uint64_t window_ok; /* ... connections since, when it was last measured */
	unsigned windows;   /* ... how often connect() was measured since */
	bool withdrawn;     /* the prediction, since no other could be made in time */
};

/* Before anything is sent; sets run->prediction. */
void predict_before(struct client_record *run);
/* While it runs: a new prediction if there is cause.  When to call it again; UINT64_MAX = there will
 * be none. */
uint64_t predict_meanwhile(struct client_record *run, uint64_t now_ns);

#endif
