/* launch - starts arrivals: takes them from the pacer (or makes them, in a closed loop), puts
 * each on an idle pooled connection or a free slot, and holds back while connects fail. */
#ifndef TWSTORM_CLIENT_LAUNCH_H
#define TWSTORM_CLIENT_LAUNCH_H

#include <stdint.h>

struct client_worker;

/* Starts whatever is due now and has a place. */
void launch_due_arrivals(struct client_worker *w);
/* When the next arrival may start; UINT64_MAX = not before some connection ends. */
uint64_t launch_next_ns(const struct client_worker *w);
/* Arrivals due until then that will not be started are missed, and counted. */
void launch_skip_arrivals(struct client_worker *w, uint64_t until_ns);
/* How long to wait after a connect that failed at cost_ns, so that failing costs a tenth of a core at most: 1 to 100 ms. */
uint64_t launch_pause_ns(uint64_t cost_ns);
/* A connect failed at cost_ns: the worker pauses so long. */
void launch_back_off(struct client_worker *w, uint64_t now_ns, uint64_t cost_ns);

#endif
