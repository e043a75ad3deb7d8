/* admin - the server's HTTP listener for questions (on the main thread's loop): GET /stats is the
 * server's figures as JSON, GET /healthz says "ok".  Off unless asked for; on another address
 * than loopback only with a bearer token.  Nothing here touches the data path. */
#ifndef TWSTORM_SERVER_ADMIN_H
#define TWSTORM_SERVER_ADMIN_H

#include "common/base/err.h"
#include "server/admin_conn.h"

struct server_run;
struct admin;

/* where: as of admin_addr_parse() (port 0 = any).  token_file may be NULL.  Prints nothing. */
int admin_open(struct server_run *run, const char *where, const char *token_file,
	       struct admin **out, struct err *err);
void admin_close(struct admin *a); /* NULL-safe */
/* "http://127.0.0.1:9100/stats", "unix:PATH": where it really listens. */
const char *admin_where(const struct admin *a);

/* For admin_conn.c: what is answered to c->target. */
struct admin_answer admin_answer(struct admin *owner, struct admin_conn *c);
/* A request of c has been answered. */
void admin_conn_used(struct admin *owner, struct admin_conn *c);
/* It is over: takes it off the list and frees it. */
void admin_conn_over(struct admin *owner, struct admin_conn *c);

#endif
