#include "client/server_link.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/addr.h"
#include "common/clock.h"
#include "common/loop.h"
#include "common/result.h"
#include "common/token.h"

#define RETRY_NS   (100 * NS_PER_MS)
#define TIMEOUT_S  3
#define MAX_ANSWER (4 << 20)

struct server_link {
	struct loop *loop;              /* borrowed */
	struct evhttp_connection *http; /* owned */
	json_t *first, *latest;         /* owned references */
	char where[ADDR_TEXT], token[TOKEN_MAX + 8], trouble[160];
	bool asking, begun;
};

static void take_answer(struct server_link *s, struct evhttp_request *req)
{
	struct evbuffer *in = evhttp_request_get_input_buffer(req);
	size_t len = evbuffer_get_length(in);
	json_error_t error;
	json_t *doc = json_loadb((const char *)evbuffer_pullup(in, -1), len, 0, &error);
	const char *schema = json_string_value(json_object_get(doc, "schema"));

	if (!schema || strcmp(schema, "twstorm.server/1") != 0) {
		snprintf(s->trouble, sizeof(s->trouble),
			 "%s answered something else than "
			 "twstorm.server/1",
			 s->where);
		json_decref(doc);
		return;
	}
	s->trouble[0] = '\0';
	if (!s->first && !s->begun)
		s->first = json_incref(doc);
	json_decref(s->latest);
	s->latest = doc;
}

static void on_answer(struct evhttp_request *req, void *arg)
{
	struct server_link *s = arg;
	int code = req ? evhttp_request_get_response_code(req) : 0;

	s->asking = false;
	if (code == 200)
		take_answer(s, req);
	else if (code)
		snprintf(s->trouble, sizeof(s->trouble), "%s answered HTTP %d%s",
			 s->where, code, code == 401 ? " (--admin-token-file?)" : "");
	else
		snprintf(s->trouble, sizeof(s->trouble), "%s does not answer", s->where);
}

static int connect_to(struct server_link *s, const char *where, struct err *err)
{
	struct addr_list list;
	char host[ADDR_TEXT];
	int r = addr_parse_list(where, false, &list, err);

	if (r == 0 && list.n != 1) {
		addr_list_done(&list);
		r = err_usage(err, "it takes one ADDR:PORT");
	}
	if (r < 0) {
		err_prefix(err, "--server-stats");
		return r;
	}
	addr_print(&list.at[0], s->where, sizeof(s->where));
	addr_print_host(&list.at[0], host, sizeof(host));
	s->http = evhttp_connection_base_new(s->loop->base, NULL, host,
					     addr_port(&list.at[0]));
	addr_list_done(&list);
	if (!s->http)
		return err_run(err, "out of memory");
	evhttp_connection_set_timeout(s->http, TIMEOUT_S);
	evhttp_connection_set_max_body_size(s->http, MAX_ANSWER);
	return 0;
}

int server_link_open(struct loop *l, const char *where, const char *token_file,
		     struct server_link **out, struct err *err)
{
	struct server_link *s = calloc(1, sizeof(*s));
	char token[TOKEN_MAX];
	int r = s ? 0 : err_run(err, "out of memory");

	if (r == 0 && token_file) {
		r = token_read(token_file, token, err);
		if (r == 0)
			snprintf(s->token, sizeof(s->token), "Bearer %s", token);
	}
	if (r == 0) {
		s->loop = l;
		r = connect_to(s, where, err);
	}
	if (r < 0) {
		server_link_close(s);
		return r;
	}
	*out = s;
	return 0;
}

void server_link_close(struct server_link *s)
{
	if (!s)
		return;
	if (s->http)
		evhttp_connection_free(s->http);
	json_decref(s->first);
	json_decref(s->latest);
	free(s);
}

bool server_link_local(const struct server_link *s, struct addr *out)
{
	int fd = bufferevent_getfd(evhttp_connection_get_bufferevent(s->http));

	*out = (struct addr){ .len = sizeof(out->in6) };
	return fd != -1 && getsockname(fd, &out->sa, &out->len) == 0;
}

void server_link_ask(struct server_link *s, bool fresh)
{
	struct evhttp_request *req;
	struct evkeyvalq *headers;

	if (s->asking)
		return;
	req = evhttp_request_new(on_answer, s);
	if (!req)
		return;
	headers = evhttp_request_get_output_headers(req);
	evhttp_add_header(headers, "Host", s->where);
	if (s->token[0])
		evhttp_add_header(headers, "Authorization", s->token);
	s->asking = evhttp_make_request(s->http, req, EVHTTP_REQ_GET,
					fresh ? "/stats?fresh=1" : "/stats") == 0;
	if (!s->asking)
		snprintf(s->trouble, sizeof(s->trouble), "%s cannot be asked", s->where);
}

static bool wait_answer(struct server_link *s, uint64_t until_ns,
			const atomic_int *interrupted)
{
	uint64_t now;

	while (s->asking && (now = clock_ns()) < until_ns) {
		if (interrupted && atomic_load(interrupted))
			return false;
		loop_turn(s->loop, now, until_ns);
	}
	return !s->asking;
}

bool server_link_wait(struct server_link *s, bool fresh, uint64_t timeout_ns,
		      const atomic_int *interrupted)
{
	uint64_t until = clock_ns() + timeout_ns, now;

	wait_answer(s, until, interrupted); /* an older question's */
	while ((now = clock_ns()) < until) {
		server_link_ask(s, fresh);
		if (!wait_answer(s, until, interrupted))
			break;
		if (s->latest && s->trouble[0] == '\0')
			return true;
		loop_turn(s->loop, now, now + RETRY_NS); /* refused: it may be starting */
	}
	if (!s->trouble[0] && now >= until)
		snprintf(s->trouble, sizeof(s->trouble), "%s does not answer", s->where);
	return false;
}

void server_link_begin(struct server_link *s)
{
	if (s)
		s->begun = true;
}

json_t *server_link_first(const struct server_link *s)
{
	return s ? s->first : NULL;
}

json_t *server_link_latest(const struct server_link *s)
{
	return s ? s->latest : NULL;
}

const char *server_link_trouble(const struct server_link *s)
{
	return s->trouble;
}

bool server_link_states(const struct server_link *s, struct tcp_states *out)
{
	const json_t *states = result_at(server_link_latest(s), "states.server.end");

	if (!json_is_object(states))
		return false;
	for (unsigned i = 1; i < TCP_STATE_MAX; i++)
		out->n[i] = (uint64_t)json_integer_value(
			json_object_get(states, tcp_state_name(i)));
	return true;
}

int64_t server_link_delta(const struct server_link *s, const char *path, bool *known)
{
	const json_t *now = result_at(server_link_latest(s), path);
	const json_t *before = result_at(server_link_first(s), path);

	*known = json_is_number(now) && json_is_number(before);
	return *known ? json_integer_value(now) - json_integer_value(before) : 0;
}
