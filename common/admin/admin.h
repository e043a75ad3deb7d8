/* admin - an HTTP listener for questions, on the caller's loop.  Off unless asked for; on another
 * address than loopback only with a bearer token.  Nothing here touches the data path. */
#ifndef TWSTORM_COMMON_ADMIN_ADMIN_H
#define TWSTORM_COMMON_ADMIN_ADMIN_H

#include <jansson.h>

#include "common/admin/admin_conn.h"
#include "common/base/err.h"

#define ADMIN_CONNECTIONS 128 /* at a time; each is a descriptor */

/* What is answered at a path. */
struct admin_place {
	const char *path; /* "/stats" */
	bool open;        /* no token is asked for */
	/* query: "" or "?...".  arg: admin_open()'s. */
	struct admin_answer (*answer)(void *arg, const struct admin_conn *c,
				      const char *query);
};

struct admin_plan {
	struct event_base *base;          /* borrowed: the loop's */
	const char *where;                /* as of admin_addr_parse(); port 0 = any */
	const char *token_file;           /* or NULL */
	const struct admin_place *places; /* borrowed; ended by a row without a path */
	void *arg;
};

/* The options --admin and --admin-token-file: can this be an address, and is it loopback or has a token?  NULL is what was not
 * given.  EXIT_USAGE with a sentence. */
int admin_check(const char *where, const char *token_file, struct err *err);
/* Prints nothing. */
int admin_open(const struct admin_plan *plan, struct admin **out, struct err *err);
void admin_close(struct admin *a); /* NULL-safe */
/* "http://127.0.0.1:9100" and path, or "unix:PATH": where it really listens. */
void admin_where(const struct admin *a, const char *path, char *out, size_t size);

/* Whoever reads a stream gets this event, the last one or not; who has not taken the one before
 * goes without. */
void admin_publish(struct admin *a, const char *event, bool last);
/* How many connections there are that read a stream, or have not taken all of their answer. */
unsigned admin_readers(const struct admin *a);

/* ---- answers */

/* status may have more fields, each after \r\n. */
struct admin_answer admin_plain(const char *status, const char *text);
/* Those of documents take it over.  NULL, or out of memory: 503. */
struct admin_answer admin_json(json_t *stolen);
/* "ok": a place's answer. */
struct admin_answer admin_healthz(void *arg, const struct admin_conn *c,
				  const char *query);
/* As Prometheus text, or as OpenMetrics where the request accepts that. */
struct admin_answer admin_metrics(const struct admin_conn *c, json_t *stolen);

/* The page of what goes on: a result, or a report with its `live` (html.h), and with `now`, the index of the
 * result that has changed last. */
struct admin_answer admin_page(json_t *stolen);
bool admin_is_report(const json_t *document);
/* The beginning of a stream of server-sent events: a place's answer. */
struct admin_answer admin_events(void *arg, const struct admin_conn *c,
				 const char *query);
/* What the page needs of a result that goes on, of each series the newest row alone; new reference. */
json_t *admin_news(const json_t *result);
/* The event of a document, for admin_publish(): of a result its news; of a report which results there are, and the news
 * of one; of the last document all of it.  To be freed; NULL = there is none, or no memory. */
char *admin_event(const json_t *document, bool last);

/* ---- for admin_conn.c */

/* What is answered to c->target. */
struct admin_answer admin_answer(struct admin *owner, struct admin_conn *c);
/* A request of c has been answered. */
void admin_conn_used(struct admin *owner, struct admin_conn *c);
/* It is over: takes it off the list and frees it. */
void admin_conn_over(struct admin *owner, struct admin_conn *c);

#endif
