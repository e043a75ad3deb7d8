/* Our parser and libevent's evhttp read the same messages.  Ours says of each what the corpus says;
 * evhttp of libevent 2.1 agrees on what is a message, on its status and on the length of its
 * content, but for the rows listed here.  Of those nothing is asked of evhttp: its builds differ,
 * and what it learns later is no failure of ours. */
#include "common/talk/http_parse.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "common/base/rng.h"
#include "tests/check_main.h"
#include "tests/common/http_corpus.h"

struct verdict {
	bool accepted;
	int status;
	uint64_t body;
};

/* By `what` of the row: what evhttp does instead, or did, and why we do not. */
/* clang-format off */
enum kind { REQUEST, RESPONSE };
static const struct {
	enum kind kind;
	const char *what, *why;
} differ[] = {
	/* evhttp refuses these */
	{ REQUEST, "an empty line first", "RFC 9112, 2.2: a server should ignore it" },
	{ RESPONSE, "100", "evhttp waits for the response behind it; so does our client, which counts it" },
	{ RESPONSE, "chunks", "evhttp knows no chunk extensions (RFC 9112, 7.1.1)" },
	{ RESPONSE, "one length twice in one field", "RFC 9110, 8.6 allows to take it as one" },
	/* evhttp accepts these */
	{ REQUEST, "a blank in the target", "RFC 9112, 3.2: no blank is in a target" },
	{ REQUEST, "a control character in the target", "the same" },
	{ REQUEST, "a blank before the method", "evhttp takes the method to be empty" },
	{ REQUEST, "a blank after the version", "no part of the grammar" },
	{ REQUEST, "gzip without chunks", "RFC 9112, 6.3: its end cannot be found; evhttp reads no content" },
	{ REQUEST, "an empty coding", "the same" },
	{ REQUEST, "chunks in HTTP/1.0", "RFC 9112, 6.1: faulty framing" },
	{ RESPONSE, "chunks in HTTP/1.0", "the same" },
	{ RESPONSE, "chunked with a parameter", "RFC 9112, 7.1: it has none, so this is an error; evhttp reads to the end" },
	{ RESPONSE, "HTTP/1.11", "a version's parts are one digit each" },
	{ RESPONSE, "two digits", "a status has three digits, 100 to 599" },
	{ RESPONSE, "four digits", "the same" },
	{ RESPONSE, "status 099", "the same" },
	{ RESPONSE, "status 600", "the same" },
	{ RESPONSE, "a blank before the colon", "RFC 9112, 5.1: such fields hide from others" },
	{ RESPONSE, "no name", "a name has one character at least" },
	{ RESPONSE, "a folded line", "RFC 9112, 5.2: obsolete, and read differently by different programs" },
	{ RESPONSE, "a folded line by a tab", "the same" },
	{ RESPONSE, "a control character", "RFC 9110, 5.5" },
	{ RESPONSE, "a control character far in", "the same" },
	{ RESPONSE, "... in a list", "the same" },
	{ RESPONSE, "lengths that differ", "RFC 9112, 6.3: evhttp takes the first" },
	{ RESPONSE, "length of plus five", "a length is of digits" },
	{ RESPONSE, "LF alone after a chunk size", "chunks end in CRLF; whoever reads LF alone may be led astray; 2.1.13 refuses it, too" },
	{ RESPONSE, "LF alone after a chunk", "the same" },
	/* 2.1.12 without Debian's security updates looks at one coding only, and takes both lengths */
	{ REQUEST, "length and chunks", "RFC 9112, 6.3: an attempt at request smuggling" },
	{ RESPONSE, "length and chunks", "the same" },
	{ RESPONSE, "chunks and length", "the same" },
	{ RESPONSE, "gzip, chunked", "RFC 9112, 6.3: the last coding decides" },
	{ RESPONSE, "codings in two fields", "the same" },
	{ RESPONSE, "chunked twice", "RFC 9112, 6.1: chunked is applied once" },
	{ RESPONSE, "chunked not last", "the same: and last" },
};
/* clang-format on */

static struct event_base *base;
static struct event *other_ev; /* of `other`, where evhttp is the client */
static int listener, other;    /* our end of the connection */
static struct sockaddr_in at;
static struct verdict theirs;
static bool answered;
static const char *answer;

static void listen_somewhere(void)
{
	socklen_t len = sizeof(at);

	at = (struct sockaddr_in){ .sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&at, len), 0);
	ck_assert_int_eq(listen(listener, 8), 0);
	ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&at, &len), 0);
}

/* Says the whole of `bytes`, then FIN. */
static void say(int fd, const char *bytes)
{
	size_t n = strlen(bytes);

	ck_assert(n == 0 || send(fd, bytes, n, MSG_NOSIGNAL) == (ssize_t)n);
	ck_assert_int_eq(shutdown(fd, SHUT_WR), 0);
}

/* The other end has nothing more to say: the comparison is over. */
static void on_other(evutil_socket_t fd, short what, void *arg)
{
	char buf[4096];
	ssize_t n = recv(fd, buf, sizeof(buf), 0);

	(void)what;
	if (n == 0 || (n == -1 && errno != EAGAIN))
		event_base_loopbreak(base);
	else if (n > 0 && arg && !answered) {
		answered = true; /* the request is here */
		say(fd, answer);
	}
}

static void watch_other(void *arg)
{
	struct event *ev;

	fcntl(other, F_SETFL, O_NONBLOCK);
	ev = event_new(base, other, EV_READ | EV_PERSIST, on_other, arg);
	event_add(ev, NULL);
	event_base_dispatch(base);
	event_free(ev);
	close(other);
}

/* ---- requests: evhttp is the server */

static void on_request(struct evhttp_request *req, void *arg)
{
	(void)arg;
	if (!theirs.accepted)
		theirs = (struct verdict){
			.accepted = true,
			.body = evbuffer_get_length(evhttp_request_get_input_buffer(req))
		};
	evhttp_send_reply(req, 200, "OK", NULL);
}

static void ask_their_server(const char *bytes)
{
	struct evhttp *http;

	base = event_base_new();
	http = evhttp_new(base);
	listen_somewhere();
	evhttp_accept_socket(http, listener);
	evhttp_set_allowed_methods(http, 0xffff);
	evhttp_set_gencb(http, on_request, NULL);
	other = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(connect(other, (struct sockaddr *)&at, sizeof(at)), 0);
	say(other, bytes);
	watch_other(NULL);
	evhttp_free(http);
	event_base_free(base);
}

/* ---- responses: evhttp is the client */

static void on_response(struct evhttp_request *req, void *arg)
{
	(void)arg;
	if (req && evhttp_request_get_response_code(req))
		theirs = (struct verdict){
			.accepted = true,
			.status = evhttp_request_get_response_code(req),
			.body = evbuffer_get_length(evhttp_request_get_input_buffer(req))
		};
	event_base_loopbreak(base);
}

static void on_accept(evutil_socket_t fd, short what, void *arg)
{
	(void)what;
	(void)arg;
	other = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	ck_assert_int_ge(other, 0);
	other_ev = event_new(base, other, EV_READ | EV_PERSIST, on_other, "answer");
	event_add(other_ev, NULL);
}

static void answer_their_client(const char *bytes)
{
	struct evhttp_connection *conn;
	struct event *accept_ev;

	answer = bytes;
	base = event_base_new();
	listen_somewhere();
	accept_ev = event_new(base, listener, EV_READ, on_accept, NULL);
	event_add(accept_ev, NULL);
	conn = evhttp_connection_base_new(base, NULL, "127.0.0.1", ntohs(at.sin_port));
	evhttp_make_request(conn, evhttp_request_new(on_response, NULL), EVHTTP_REQ_GET,
			    "/");
	event_base_dispatch(base);
	evhttp_connection_free(conn);
	event_free(accept_ev);
	if (other_ev)
		event_free(other_ev);
	other_ev = NULL;
	/* A bufferevent is freed in the loop's next round. */
	event_base_loop(base, EVLOOP_NONBLOCK);
	event_base_free(base);
	close(listener);
	close(other);
}

/* ---- the comparison */

static struct verdict our_verdict(struct http_parse *p, const char *bytes)
{
	http_parse_feed(p, bytes, strlen(bytes));
	http_parse_eof(p);
	return (struct verdict){ http_parse_done(p), p->status, p->body };
}

static bool same(const struct verdict *ours)
{
	if (ours->accepted != theirs.accepted)
		return false;
	return !ours->accepted ||
	       (ours->status == theirs.status && ours->body == theirs.body);
}

/* libevent 2.2 has learnt more than we can know. */
static bool is_known_evhttp(void)
{
	return event_get_version_number() >> 16 == 0x0201;
}

static void compare(enum kind kind, const char *what, const struct verdict *ours)
{
	bool listed = false;

	for (int i = 0; i < ROWS(differ); i++)
		listed |= differ[i].kind == kind && strcmp(differ[i].what, what) == 0;
	ck_assert_msg(same(ours) || listed || !is_known_evhttp(),
		      "%s: we %s (%d, %llu bytes), evhttp %s (%d, %llu bytes)", what,
		      ours->accepted ? "accept" : "refuse", ours->status,
		      (unsigned long long)ours->body,
		      theirs.accepted ? "accepts" : "refuses", theirs.status,
		      (unsigned long long)theirs.body);
}

/* As the corpus says. */
static void check_ours(const char *what, const struct verdict *ours,
		       enum http_error error, uint64_t body)
{
	ck_assert_msg(ours->accepted == (error == HTTP_NONE), "%s: we %s it", what,
		      ours->accepted ? "accept" : "refuse");
	ck_assert_msg(ours->body == body, "%s: %llu bytes", what,
		      (unsigned long long)ours->body);
}

TEST_ROWS(each_request_is_read_alike, requests)
{
	struct verdict ours;
	struct http_parse p;

	http_parse_request(&p, NULL, 0);
	ours = our_verdict(&p, row->bytes);
	check_ours(row->what, &ours, row->error, row->body);
	ours.status = 0;
	ask_their_server(row->bytes);
	compare(REQUEST, row->what, &ours);
}

TEST_ROWS(each_response_is_read_alike, responses)
{
	struct verdict ours;
	struct http_parse p;

	http_parse_response(&p, false);
	ours = our_verdict(&p, row->bytes);
	check_ours(row->what, &ours, row->error, row->body);
	answer_their_client(row->bytes);
	compare(RESPONSE, row->what, &ours);
}

/* Where what we accept is read differently by an evhttp: what the list above has, and a response
 * without a length that has a Connection field, which evhttp takes to be empty. */
static bool known_to_differ(const struct http_parse *p, const char *bytes)
{
	static const char te[] = "\nTransfer-Encoding:";
	const char *length = strcasestr(bytes, "\nContent-Length:");
	const char *coding = strcasestr(bytes, te);

	if (p->chunked)
		return strpbrk(bytes, ";,\t") || (coding && strcasestr(coding + 1, te));
	if (p->has_length)
		return length && strchr(length, ',');
	return strcasestr(bytes, "\nConnection:");
}

/* One to three bytes are changed, taken away or put in. */
static void mutate(char *bytes, size_t n, struct rng *rng)
{
	static const char with[] = " \r\n:;,0159afCc\tHx";

	for (uint64_t k = 1 + rng_below(rng, 3); k-- > 0;) {
		size_t at_byte = (size_t)rng_below(rng, n);
		char *to = bytes + at_byte;

		switch (rng_below(rng, 3)) {
		case 0:
			memmove(to, to + 1, n-- - at_byte);
			continue;
		case 1:
			memmove(to + 1, to, n++ - at_byte + 1);
		}
		*to = with[rng_below(rng, sizeof(with) - 1)];
	}
}

/* Whatever we accept of a damaged response, evhttp accepts and reads the same. */
TEST_ROWS(damaged_responses_are_read_alike, responses)
{
	const char *bytes = row->bytes;
	struct verdict ours;
	struct http_parse p;
	struct rng rng;
	char damaged[512];

	rng_seed(&rng, (uint64_t)_i + 1);
	for (int i = 0; i < 40 && strlen(bytes) > 10; i++) {
		strcpy(damaged, bytes);
		mutate(damaged, strlen(damaged), &rng);
		http_parse_response(&p, false);
		ours = our_verdict(&p, damaged);
		if (!ours.accepted || ours.status < 200 || known_to_differ(&p, damaged))
			continue;
		theirs = (struct verdict){ 0 };
		answered = false;
		answer_their_client(damaged);
		ck_assert_msg(same(&ours) || !is_known_evhttp(),
			      "we: %d, %llu bytes; evhttp: %d, %d, %llu bytes: %s",
			      ours.status, (unsigned long long)ours.body, theirs.accepted,
			      theirs.status, (unsigned long long)theirs.body, damaged);
	}
}

CHECK_MAIN("http_evhttp")
