#include "server/admin.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/addr.h"
#include "common/memory.h"
#include "common/sock.h"
#include "common/token.h"
#include "server/run.h"

#define MAX_HEADERS 8192
#define MAX_BODY    1024
#define TIMEOUT_S   10

struct admin {
	struct server_run *run; /* borrowed */
	struct evhttp *http;    /* owned */
	char token[TOKEN_MAX];  /* "" = none asked for */
	char where[ADDR_TEXT];
};

static void answer(struct evhttp_request *req, int code, const char *reason,
		   const char *type, const char *body, size_t len)
{
	struct evbuffer *out = evbuffer_new();

	if (!out)
		return evhttp_send_error(req, 503, "Out of memory");
	evbuffer_add(out, body, len);
	evhttp_add_header(evhttp_request_get_output_headers(req), "Content-Type", type);
	evhttp_send_reply(req, code, reason, out);
	evbuffer_free(out);
}

static bool may_see(const struct admin *a, struct evhttp_request *req)
{
	static const char bearer[] = "Bearer ";
	const char *sent = evhttp_find_header(evhttp_request_get_input_headers(req),
					      "Authorization");

	if (a->token[0] == '\0')
		return true;
	return sent && strncmp(sent, bearer, sizeof(bearer) - 1) == 0 &&
	       token_equal(sent + sizeof(bearer) - 1, a->token);
}

static void on_stats(struct evhttp_request *req, void *arg)
{
	struct admin *a = arg;
	const char *query = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(req));
	json_t *stats;
	char *text;

	if (!may_see(a, req)) {
		evhttp_add_header(evhttp_request_get_output_headers(req),
				  "WWW-Authenticate", "Bearer");
		answer(req, 401, "Unauthorized", "text/plain",
		       "a bearer token is needed\n", 25);
		return;
	}
	memory_forget();
	stats = server_stats(a->run, query && strcmp(query, "fresh=1") == 0);
	text = json_dumps(stats, JSON_INDENT(2));
	json_decref(stats);
	if (text && memory_check(NULL) == 0)
		answer(req, 200, "OK", "application/json", text, strlen(text));
	else
		evhttp_send_error(req, 503, "Out of memory");
	free(text);
}

static void on_healthz(struct evhttp_request *req, void *arg)
{
	(void)arg;
	answer(req, 200, "OK", "text/plain", "ok\n", 3);
}

static int listen_at(struct admin *a, const char *where, struct err *err)
{
	struct addr_list list;
	struct addr real;
	int fd, r = addr_parse_list(where, true, &list, err);

	if (r < 0) {
		err_prefix(err, "--admin");
		return r;
	}
	if (list.n != 1)
		r = err_usage(err, "--admin takes one ADDR:PORT");
	else if (!addr_is_loopback(&list.at[0]) && !a->token[0])
		r = err_usage(err,
			      "--admin %s is not a loopback address, so it needs "
			      "--admin-token-file FILE",
			      where);
	fd = r < 0 ? r : sock_listen(&list.at[0], 64, true, err);
	addr_list_done(&list);
	if (fd < 0)
		return fd;
	if (sock_local(fd, &real, err) < 0 || evhttp_accept_socket(a->http, fd) == -1) {
		close(fd);
		return err_run(err, "the admin listener could not be set up");
	}
	addr_print(&real, a->where, sizeof(a->where));
	return 0;
}

int admin_open(struct server_run *run, const char *where, const char *token_file,
	       struct admin **out, struct err *err)
{
	struct admin *a = calloc(1, sizeof(*a));
	int r = a ? 0 : err_run(err, "out of memory");

	if (r == 0 && token_file)
		r = token_read(token_file, a->token, err);
	if (r == 0) {
		a->run = run;
		a->http = evhttp_new(run->loop.base);
		r = a->http ? 0 : err_run(err, "out of memory");
	}
	if (r == 0) {
		evhttp_set_max_headers_size(a->http, MAX_HEADERS);
		evhttp_set_max_body_size(a->http, MAX_BODY);
		evhttp_set_timeout(a->http, TIMEOUT_S);
		evhttp_set_allowed_methods(a->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
		evhttp_set_cb(a->http, "/stats", on_stats, a);
		evhttp_set_cb(a->http, "/healthz", on_healthz, a);
		r = listen_at(a, where, err);
	}
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
	if (a->http)
		evhttp_free(a->http);
	free(a);
}

const char *admin_where(const struct admin *a)
{
	return a->where;
}
