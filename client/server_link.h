/* server_link - what the server knows about the same run, asked over its admin address, on the
 * main thread's loop: its states, counters, CPU, bytes.  A question that failed is followed by
 * the next as if it had not: whatever happened to the connection may be over by then. */
#ifndef TWSTORM_CLIENT_SERVER_LINK_H
#define TWSTORM_CLIENT_SERVER_LINK_H

#include <jansson.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include "common/base/err.h"
#include "common/kernel/tcp_state.h"

struct addr;
struct clock_answer;
struct loop;
struct server_link;

/* where: as of admin_addr_parse(); token_file may be NULL. */
int server_link_open(struct loop *l, const char *where, const char *token_file,
		     struct server_link **out, struct err *err);
void server_link_close(struct server_link *s); /* NULL-safe */
/* Its connection's own address and port; false where there is none. */
bool server_link_local(const struct server_link *s, struct addr *out);
/* Its connections since the run began, which the kernel counts beside the run's; NULL-safe. */
struct server_link_count {
	unsigned connects; /* connect() calls */
	unsigned hangups;  /* connections that are over */
	bool elsewhere;    /* none is of this network's TCP: nothing here counts them */
};
void server_link_count(const struct server_link *s, struct server_link_count *out);
/* Asks for a new answer unless one is on its way, which is given up after 3 s.  To be called
 * some times a second. */
void server_link_ask(struct server_link *s);
/* Before the run: asks for fresh counts, for up to 3 s, as the server may just be starting; false
 * without an answer, or when *interrupted becomes non-zero. */
bool server_link_wait_first(struct server_link *s, const atomic_int *interrupted);
/* After the run: forgets all answers but the first, and asks for fresh counts until until_ns; not
 * any longer when the connection is refused, for then the server is gone. */
bool server_link_wait_last(struct server_link *s, uint64_t until_ns);
/* The same until until_ns, after a wait: what was counted before it is no base any more, except for
 * this run's own counts. */
bool server_link_wait_anew(struct server_link *s, uint64_t until_ns,
			   const atomic_int *interrupted);
/* The run begins: a first answer that comes later is no base for differences.  NULL-safe. */
void server_link_begin(struct server_link *s);
/* The answer from before the run, and the newest, which after the run is the last one or NULL;
 * borrowed; NULL where there is none. */
json_t *server_link_first(const struct server_link *s);
json_t *server_link_latest(const struct server_link *s);
/* The answer that bounds the server's clock closest, and the boot id of the host that has that clock,
 * borrowed, NULL where it is not told.  NULL, or why there is no such answer. */
const char *server_link_clock(const struct server_link *s, struct clock_answer *out,
			      const char **host);
/* The longest that an answer took so far: how busy the server's host is; 0 = none came. */
uint64_t server_link_slowest_ns(const struct server_link *s);
/* The number by which the server counts the connections of this run; 0 = it does not. */
unsigned server_link_number(const struct server_link *s);
/* From now on what the first and the newest answer have at `totals`, `ended` and
 * `errors.transfer` is of this run's own connections, those that named its number; the totals
 * of all clients are at `all`. */
void server_link_take_own(struct server_link *s);
bool server_link_is_own(const struct server_link *s);
/* Server-side states of the newest answer, and when the server counted them by our clock (or NULL);
 * false where there are none, or where the server has failed to answer since. */
bool server_link_states(const struct server_link *s, struct tcp_states *out,
			uint64_t *counted_ns);
/* The same of the answer from before the run; false where there is none. */
bool server_link_first_states(const struct server_link *s, struct tcp_states *out);
/* Why there is no answer, or no newer one; "" = all went well. */
const char *server_link_trouble(const struct server_link *s);
/* Why the first answer, or the last one, is missing; for when one is. */
const char *server_link_why_unknown(const struct server_link *s);
/* Another process answered during the run than before it. */
bool server_link_restarted(const struct server_link *s);
/* now - before; false and 0 where one of them is no count. */
bool server_link_difference(const json_t *now, const json_t *before, int64_t *out);
/* newest minus first of a whole number at a path; 0 and *known = false where missing. */
int64_t server_link_delta(const struct server_link *s, const char *path, bool *known);

#endif
