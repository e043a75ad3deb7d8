/* observed - the observer's document at its reader: {begin_wall_ns, hosts{NAME: ...}}, and what of it goes into
 * a result as `hosts`. */
#ifndef TWSTORM_BENCH_OBSERVE_OBSERVED_H
#define TWSTORM_BENCH_OBSERVE_OBSERVED_H

#include <jansson.h>
#include <stdbool.h>

/* A client of ours on that host was told that there is no port, by its result: the only word there is of it
 * where destroyed sockets are not looked at. */
void observed_client(json_t *doc, const char *host, const char *client,
		     const json_t *result);
/* The hosts, with moments as seconds of that result's run; new reference. */
json_t *observed_hosts(const json_t *doc, const json_t *result);
/* A host in which nothing was counted; the key `*` stands for each end.  New reference. */
json_t *observed_skeleton(bool failures);

#endif
