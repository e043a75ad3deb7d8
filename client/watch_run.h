/* watch_run - what the main thread does while the workers run: rows of the time series,
 * progress for people, the server's figures, the late prediction of a closed loop. */
#ifndef TWSTORM_CLIENT_WATCH_RUN_H
#define TWSTORM_CLIENT_WATCH_RUN_H

struct client_record;
struct loop;

/* Returns when every worker is through. */
void watch_run(struct client_record *run, struct loop *loop);
/* Takes the last counts once nothing moves any more (no longer than a second). */
void watch_settle(struct client_record *run, struct loop *loop);

#endif
