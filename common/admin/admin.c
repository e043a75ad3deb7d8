#include "server/admin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/memory.h"
#include "common/base/token.h"
#include "common/kernel/admin_addr.h"
#include "server/books.h"
#include "server/http_reply.h"
#include "server/run.h"
#include "server/stats.h"

#define MAX_CONNECTIONS 64
#define PAUSE_MS        100 /* of accepting, when descriptors or memory are out */

struct admin {
	struct server_run *run;         /* borrowed */
	TAILQ_HEAD(, admin_conn) conns; /* the one that was used last is at the end */
	unsigned n_conns;
	struct event acceptable, resume; /* embedded */
	int fd;                          /* owned: the listener; -1 = none */
	char token[TOKEN_MAX];           /* "" = none asked for */
	struct admin_addr at;
	char where[ADMIN_ADDR_TEXT + 16];
};

/* ---- what is answered */

static bool may_see(const struct admin *a, const struct admin_conn *c)
{
	static const char bearer[] = "Bearer ";
	char sent[sizeof(bearer) + TOKEN_MAX];

	if (a->token[0] == '\0')
		return true;
	return admin_conn_field(c, "Authorization", sent, sizeof(sent)) &&
	       strncmp(sent, bearer, sizeof(bearer) - 1) == 0 &&
	       token_equal(sent + sizeof(bearer) - 1, a->token);
}

static struct admin_answer plain(const char *status, const char *text)
{
	return (struct admin_answer){ status, "text/plain", strdup(text) };
}

/* The field that names the client run which asks. */
static bool asks_for_run(const struct admin_conn *c, char key[BOOKS_KEY])
{
	return admin_conn_field(c, "Twstorm-Run", key, BOOKS_KEY) && *key &&
	       key[strspn(key, "0123456789abcdef")] == '\0';
}

static struct admin_answer answer_stats(struct admin *a, struct admin_conn *c,
					const char *query)
{
	char key[BOOKS_KEY], *text;
	json_t *stats;

	if (!may_see(a, c))
		return plain("401 Unauthorized\r\nWWW-Authenticate: Bearer",
			     "a bearer token is needed\n");
	memory_forget();
	stats = server_stats(a->run, strcmp(query, "?fresh=1") == 0,
			     asks_for_run(c, key) ? key : NULL);
	text = json_dumps(stats, JSON_INDENT(2));
	json_decref(stats);
	if (!text || memory_check(NULL) < 0) {
		free(text);
		return plain("503 Service Unavailable", "out of memory\n");
	}
	return (struct admin_answer){ "200 OK", "application/json", text };
}

static struct admin_answer answer_healthz(struct admin *a, struct admin_conn *c,
					  const char *query)
{
	(void)a;
	(void)c;
	(void)query;
	return plain("200 OK", "ok\n");
}

static const struct {
	const char *path;
	struct admin_answer (*answer)(struct admin *a, struct admin_conn *c,
				      const char *query);
} places[] = {
	{ "/stats", answer_stats },
	{ "/healthz", answer_healthz },
};

struct admin_answer admin_answer(struct admin *a, struct admin_conn *c)
{
	const char *path = http_after_authority(c->target);
	size_t n = strcspn(path, "?");

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (strlen(places[i].path) == n && memcmp(path, places[i].path, n) == 0)
			return places[i].answer(a, c, path + n);
	return plain("404 Not Found", "there are /stats and /healthz\n");
}

/* ---- its connections */

void admin_conn_used(struct admin *a, struct admin_conn *c)
{
	TAILQ_REMOVE(&a->conns, c, link);
	TAILQ_INSERT_TAIL(&a->conns, c, link);
}

void admin_conn_over(struct admin *a, struct admin_conn *c)
{
	TAILQ_REMOVE(&a->conns, c, link);
	a->n_conns--;
	admin_conn_free(c);
}

/* Where there are too many, whoever has been answered longest ago, or never, makes room. */
static void take_connection(struct admin *a, int fd)
{
	struct admin_conn *c;

	if (a->n_conns == MAX_CONNECTIONS)
		admin_conn_over(a, TAILQ_FIRST(&a->conns));
	c = admin_conn_new(a, a->run->loop.base, fd);
	if (!c)
		return;
	TAILQ_INSERT_TAIL(&a->conns, c, link);
	a->n_conns++;
}

/* One that was refused for lack of descriptors or memory still waits, and rings without an
 * end: accepting pauses. */
static void on_acceptable(evutil_socket_t listener, short what, void *arg)
{
	const struct timeval pause = { .tv_usec = PAUSE_MS * 1000 };
	struct admin *a = arg;
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)what;
	if (fd >= 0) {
		take_connection(a, fd);
	} else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
		   errno == ENOBUFS) {
		event_del(&a->acceptable);
		event_add(&a->resume, &pause);
	}
}

static void on_resume(evutil_socket_t fd, short what, void *arg)
{
	struct admin *a = arg;

	(void)fd;
	(void)what;
	event_add(&a->acceptable, NULL);
}

/* ---- listening */

static int wait_for_questions(struct admin *a, struct err *err)
{
	struct event_base *base = a->run->loop.base;

	event_assign(&a->acceptable, base, a->fd, EV_READ | EV_PERSIST, on_acceptable, a);
	event_assign(&a->resume, base, -1, 0, on_resume, a);
	return event_add(&a->acceptable, NULL) == 0
		       ? 0
		       : err_run(err, "the admin listener could not be set up");
}

static int listen_at(struct admin *a, const char *where, struct err *err)
{
	struct admin_addr *d = &a->at;
	int r = err_prefix(admin_addr_parse(where, true, d, err), err, "--admin");

	if (r == 0 && !admin_addr_is_private(d) && !a->token[0])
		r = err_usage(err,
			      "--admin %s is not a loopback address, so it needs "
			      "--admin-token-file FILE",
			      where);
	if (r == 0)
		r = a->fd = admin_addr_listen(d, err);
	if (r < 0)
		return r;
	snprintf(a->where, sizeof(a->where), d->at.len ? "http://%s/stats" : "%s",
		 d->text);
	return wait_for_questions(a, err);
}

int admin_open(struct server_run *run, const char *where, const char *token_file,
	       struct admin **out, struct err *err)
{
	struct admin *a = calloc(1, sizeof(*a));
	int r = 0;

	if (!a)
		return err_memory(err);
	a->run = run;
	a->fd = -1;
	TAILQ_INIT(&a->conns);
	if (token_file)
		r = token_read(token_file, a->token, err);
	if (r == 0)
		r = listen_at(a, where, err);
	if (r < 0) {
		admin_close(a);
		return r;
	}
	*out = a;
	return 0;
}

void admin_close(struct admin *a)
{
	if (!a)
		return;
	while (!TAILQ_EMPTY(&a->conns))
		admin_conn_over(a, TAILQ_FIRST(&a->conns));
	if (a->where[0]) {
		event_del(&a->acceptable);
		event_del(&a->resume);
	}
	if (a->fd >= 0) {
		admin_addr_leave(&a->at);
		close(a->fd);
	}
	free(a);
}

const char *admin_where(const struct admin *a)
{
	return a->where;
}
