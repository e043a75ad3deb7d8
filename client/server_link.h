/* server_link - what the server knows about the same run, asked over its admin address
 * (evhttp, asynchronously, on the main thread's loop): its states, counters, CPU, bytes. */
#ifndef TWSTORM_CLIENT_SERVER_LINK_H
#define TWSTORM_CLIENT_SERVER_LINK_H

#include <jansson.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include "common/err.h"
#include "common/tcp_state.h"

struct addr;
struct loop;
struct server_link;

/* where: "ADDR:PORT"; token_file may be NULL. */
int server_link_open(struct loop *l, const char *where, const char *token_file,
		     struct server_link **out, struct err *err);
void server_link_close(struct server_link *s); /* NULL-safe */
/* Its connection's own address and port; false where there is none. */
bool server_link_local(const struct server_link *s, struct addr *out);
/* Asks for a new answer unless one is on its way. */
void server_link_ask(struct server_link *s, bool fresh);
/* Asks, and again if need be, and runs the loop until the answer is there; false after
 * timeout_ns, or when *interrupted becomes non-zero (may be NULL). */
bool server_link_wait(struct server_link *s, bool fresh, uint64_t timeout_ns,
		      const atomic_int *interrupted);
/* The run begins: a first answer that comes later is no base for differences.  NULL-safe. */
void server_link_begin(struct server_link *s);
/* The answer from before the run, and the newest; borrowed; NULL where there is none. */
json_t *server_link_first(const struct server_link *s);
json_t *server_link_latest(const struct server_link *s);
/* Server-side states of the newest answer; false where there are none. */
bool server_link_states(const struct server_link *s, struct tcp_states *out);
/* Why there is no answer, or no newer one; "" = all went well. */
const char *server_link_trouble(const struct server_link *s);
/* newest minus first of a whole number at a path; 0 and *known = false where missing. */
int64_t server_link_delta(const struct server_link *s, const char *path, bool *known);

#endif
