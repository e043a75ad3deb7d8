#include "common/admin/admin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/admin/metrics.h"
#include "common/base/memory.h"
#include "common/base/token.h"
#include "common/kernel/admin_addr.h"

#define PAUSE_MS 100 /* of accepting, when descriptors or memory are out */

struct admin {
	struct event_base *base; /* borrowed */
	const struct admin_place *places;
	void *arg;
	TAILQ_HEAD(, admin_conn) conns; /* the one that was used last is at the end */
	unsigned n_conns;
	struct event acceptable, resume; /* embedded */
	int fd;                          /* owned: the listener; -1 = none */
	char token[TOKEN_MAX];           /* "" = none asked for */
	struct admin_addr at;
};

/* ---- what is answered */

/* "Basic BASE64" of "USER:TOKEN", which is what browsers can send: out is the token. */
static bool basic(const char *sent, char out[TOKEN_MAX])
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789+/";
	char text[2 * TOKEN_MAX];
	unsigned bits = 0, have = 0;
	const char *digit, *colon;
	size_t n = 0;

	for (; *sent && *sent != '='; sent++) {
		digit = strchr(digits, *sent);
		if (!digit || n + 1 == sizeof(text))
			return false;
		bits = bits << 6 | (unsigned)(digit - digits);
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		text[n++] = (char)(bits >> have);
	}
	text[n] = '\0';
	colon = strchr(text, ':');
	if (!colon || strlen(colon + 1) >= TOKEN_MAX)
		return false;
	strcpy(out, colon + 1);
	return true;
}

static bool may_see(const struct admin *a, const struct admin_conn *c)
{
	char sent[3 * TOKEN_MAX], token[TOKEN_MAX];

	if (a->token[0] == '\0')
		return true;
	if (!admin_conn_field(c, "Authorization", sent, sizeof(sent)))
		return false;
	if (strncmp(sent, "Bearer ", 7) == 0)
		return token_equal(sent + 7, a->token);
	return strncmp(sent, "Basic ", 6) == 0 && basic(sent + 6, token) &&
	       token_equal(token, a->token);
}

struct admin_answer admin_plain(const char *status, const char *text)
{
	return (struct admin_answer){ status, "text/plain", strdup(text), false };
}

struct admin_answer admin_healthz(void *arg, const struct admin_conn *c,
				  const char *query)
{
	(void)arg;
	(void)c;
	(void)query;
	return admin_plain("200 OK", "ok\n");
}

static struct admin_answer made_of(json_t *stolen, char *text, const char *type)
{
	json_decref(stolen);
	if (text && memory_check(NULL) == 0)
		return (struct admin_answer){ "200 OK", type, text, false };
	free(text);
	return admin_plain("503 Service Unavailable", "out of memory\n");
}

struct admin_answer admin_json(json_t *stolen)
{
	return made_of(stolen, json_dumps(stolen, JSON_INDENT(2)), "application/json");
}

struct admin_answer admin_metrics(const struct admin_conn *c, json_t *stolen)
{
	char accepted[256];
	bool open = admin_conn_field(c, "Accept", accepted, sizeof(accepted)) &&
		    strstr(accepted, "application/openmetrics-text");

	return made_of(stolen, metrics_text(stolen, open),
		       open ? METRICS_TYPE_OPEN : METRICS_TYPE);
}

/* "there are /stats and /healthz" */
static struct admin_answer not_found(const struct admin *a)
{
	char text[200] = "there are";
	size_t n = strlen(text);

	for (const struct admin_place *p = a->places; p->path; p++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s %s",
				      p == a->places ? ""
				      : p[1].path    ? ","
						     : " and",
				      p->path);
	snprintf(text + n, sizeof(text) - n, "\n");
	return admin_plain("404 Not Found", text);
}

struct admin_answer admin_answer(struct admin *a, struct admin_conn *c)
{
	const char *path = http_after_authority(c->target);
	size_t n = strcspn(path, "?");

	for (const struct admin_place *p = a->places; p->path; p++) {
		if (strlen(p->path) != n || memcmp(path, p->path, n) != 0)
			continue;
		if (!p->open && !may_see(a, c))
			return admin_plain(
				"401 Unauthorized\r\nWWW-Authenticate: Bearer\r\n"
				"WWW-Authenticate: Basic realm=\"twstorm\"",
				"a bearer token is needed\n");
		return p->answer(a->arg, c, path + n);
	}
	return not_found(a);
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

	if (a->n_conns == ADMIN_CONNECTIONS)
		admin_conn_over(a, TAILQ_FIRST(&a->conns));
	c = admin_conn_new(a, a->base, fd);
	if (!c)
		return;
	TAILQ_INSERT_TAIL(&a->conns, c, link);
	a->n_conns++;
}

void admin_publish(struct admin *a, const char *event, bool last)
{
	struct admin_conn *c;
	TAILQ_HEAD(, admin_conn) all = TAILQ_HEAD_INITIALIZER(all);

	/* Who is sent to goes to the end of a->conns, or off it: each is taken from a list of now. */
	TAILQ_CONCAT(&all, &a->conns, link);
	while ((c = TAILQ_FIRST(&all))) {
		TAILQ_REMOVE(&all, c, link);
		TAILQ_INSERT_TAIL(&a->conns, c, link);
		admin_conn_send(c, event, last);
	}
}

unsigned admin_readers(const struct admin *a)
{
	const struct admin_conn *c;
	unsigned n = 0;

	TAILQ_FOREACH (c, &a->conns, link)
		n += c->step == ADMIN_WRITE || c->step == ADMIN_STREAM;
	return n;
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
	event_assign(&a->acceptable, a->base, a->fd, EV_READ | EV_PERSIST, on_acceptable,
		     a);
	event_assign(&a->resume, a->base, -1, 0, on_resume, a);
	return event_add(&a->acceptable, NULL) == 0
		       ? 0
		       : err_run(err, "the admin listener could not be set up");
}

static int parse(const char *where, const char *token_file, struct admin_addr *at,
		 struct err *err)
{
	int r = admin_addr_parse(where, true, at, err);

	if (r == 0 && !admin_addr_is_private(at) && !token_file)
		r = err_usage(err,
			      "%s is not a loopback address, so it needs "
			      "--admin-token-file FILE",
			      where);
	return r;
}

int admin_check(const char *where, const char *token_file, struct err *err)
{
	struct admin_addr at;

	if (token_file && !where)
		return err_usage(err, "--admin-token-file needs --admin ADDR:PORT");
	return where ? err_prefix(parse(where, token_file, &at, err), err, "--admin") : 0;
}

int admin_open(const struct admin_plan *plan, struct admin **out, struct err *err)
{
	struct admin *a = calloc(1, sizeof(*a));
	int r = 0;

	if (!a)
		return err_memory(err);
	*a = (struct admin){
		.base = plan->base, .places = plan->places, .arg = plan->arg, .fd = -1
	};
	TAILQ_INIT(&a->conns);
	if (plan->token_file)
		r = token_read(plan->token_file, a->token, err);
	if (r == 0)
		r = err_prefix(parse(plan->where, plan->token_file, &a->at, err), err,
			       "--admin");
	if (r == 0)
		r = a->fd = admin_addr_listen(&a->at, err);
	if (r >= 0)
		r = wait_for_questions(a, err);
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
	if (event_initialized(&a->resume)) {
		event_del(&a->acceptable);
		event_del(&a->resume);
	}
	if (a->fd >= 0) {
		admin_addr_leave(&a->at);
		close(a->fd);
	}
	free(a);
}

void admin_where(const struct admin *a, const char *path, char *out, size_t size)
{
	snprintf(out, size, a->at.at.len ? "http://%s%s" : "%s", a->at.text, path);
}
