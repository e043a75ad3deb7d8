/* What the server answers to an HTTP request, and who is said to close. */
#include "server/http_reply.h"

#include <string.h>
#include "common/talk/closing.h"
#include "tests/check_main.h"

static const struct http_limits max = { .response = 1 << 20, .hold_ms = 5000 };
static struct http_reply reply;

/* clang-format off */
#define V11  " HTTP/1.1\r\n\r\n"
#define V11C " HTTP/1.1\r\nConnection: close\r\n\r\n"
#define V10  " HTTP/1.0\r\n\r\n"
#define V10K " HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
enum says { SILENT, CLOSE, KEEP };
static const struct {
	const char *method, *target, *version;
	enum http_page page;
	const char *closing;
	enum says says;
	uint64_t length; /* of content that is no page's text */
	uint32_t hold_ms;
} cases[] = {
	{ "GET ", "/", V11, PAGE_OK, "client-fin", SILENT, 0, 0 },
	{ "GET ", "/", V11C, PAGE_OK, "server-fin", CLOSE, 0, 0 },
	{ "GET ", "/", V10, PAGE_OK, "server-fin", CLOSE, 0, 0 },
	{ "GET ", "/", V10K, PAGE_OK, "client-fin", KEEP, 0, 0 },
	{ "HEAD ", "/?size=3", V11, PAGE_OK, "client-fin", SILENT, 3, 0 },
	{ "GET ", "/?size=0", V11, PAGE_OK, "client-fin", SILENT, 0, 0 },
	{ "GET ", "/?size=1M", V11, PAGE_OK, "client-fin", SILENT, 1 << 20, 0 },
	{ "GET ", "/?close=server-rst", V11, PAGE_OK, "server-rst", CLOSE, 0, 0 },
	{ "GET ", "/?close=server-half", V11C, PAGE_OK, "server-half", CLOSE, 0, 0 },
	{ "GET ", "/?close=client-fin", V11, PAGE_OK, "client-fin", SILENT, 0, 0 },
	{ "GET ", "/?close=client-fin", V11C, PAGE_OK, "client-fin", KEEP, 0, 0 },
	{ "GET ", "/?close=server-leak", V10, PAGE_OK, "server-leak", KEEP, 0, 0 },
	{ "GET ", "/?close=client-leak&hold=1500us&size=2k", V11, PAGE_OK, "client-leak", CLOSE, 2048, 2 },
	{ "GET ", "/?hold=5s", V11C, PAGE_OK, "server-fin", CLOSE, 0, 5000 },
	{ "GET ", "/?hold=5s&close=server-leak", V11, PAGE_OK, "server-leak", SILENT, 0, 5000 },
	/* refused, and the connection goes on */
	{ "GET ", "/x", V11, PAGE_NOT_FOUND, "client-fin", SILENT, 0, 0 },
	{ "GET ", "http://h/", V11, PAGE_OK, "client-fin", SILENT, 0, 0 },
	{ "GET ", "HTTP://[::1]:9000/?size=3", V11, PAGE_OK, "client-fin", SILENT, 3, 0 },
	{ "GET ", "http://h?size=3", V11, PAGE_OK, "client-fin", SILENT, 3, 0 },
	{ "GET ", "http://h", V11, PAGE_OK, "client-fin", SILENT, 0, 0 },
	{ "GET ", "http://h/x", V11, PAGE_NOT_FOUND, "client-fin", SILENT, 0, 0 },
	{ "GET ", "http://h/?size=", V11, PAGE_BAD_QUERY, "client-fin", SILENT, 0, 0 },
	{ "GET ", "https://h/", V11, PAGE_NOT_FOUND, "client-fin", SILENT, 0, 0 },
	{ "GET ", "http:/", V11, PAGE_NOT_FOUND, "client-fin", SILENT, 0, 0 },
	{ "GET ", "*", V11C, PAGE_NOT_FOUND, "server-fin", CLOSE, 0, 0 },
	{ "GET ", "/?", V11, PAGE_BAD_QUERY, "client-fin", SILENT, 0, 0 },
	{ "GET ", "/?size=", V11, PAGE_BAD_QUERY, "client-fin", SILENT, 0, 0 },
	{ "GET ", "/?size=-1", V11, PAGE_BAD_QUERY, "client-fin", SILENT, 0, 0 },
	{ "GET ", "/?size=99999999999999999999999", V11, PAGE_BAD_QUERY, "client-fin", SILENT, 0, 0 },
	{ "GET ", "/?size=0000000000000000000000000000000001", V11, PAGE_BAD_QUERY, "client-fin", SILENT, 0, 0 },
	{ "GET ", "/?close=never", V11, PAGE_BAD_QUERY, "client-fin", SILENT, 0, 0 },
	{ "GET ", "/?close=server-rst&", V11, PAGE_BAD_QUERY, "client-fin", SILENT, 0, 0 },
	{ "GET ", "/?close=server-rst&sise=4", V11, PAGE_BAD_QUERY, "client-fin", SILENT, 0, 0 },
	{ "GET ", "/?hold=5", V11, PAGE_BAD_QUERY, "client-fin", SILENT, 0, 0 },
	{ "GET ", "/?hold=5s", V11, PAGE_NO_MOVE, "client-fin", SILENT, 0, 0 },
	{ "GET ", "/?close=client-fin&hold=5s", V11C, PAGE_NO_MOVE, "server-fin", CLOSE, 0, 0 },
	{ "GET ", "/?size=1048577", V11, PAGE_OVER_LIMIT, "client-fin", SILENT, 0, 0 },
	{ "GET ", "/?hold=5001ms", V11, PAGE_OVER_LIMIT, "client-fin", SILENT, 0, 0 },
};
/* clang-format on */

static void make(const char *method, const char *target, const char *version)
{
	char bytes[200] = "", room[128];
	struct http_parse p;

	strcat(strcat(strcat(bytes, method), target), version);
	http_parse_request(&p, room, sizeof(room));
	ck_assert_uint_eq(http_parse_feed(&p, bytes, strlen(bytes)), strlen(bytes));
	ck_assert(http_parse_done(&p));
	http_reply_make(&p, room, &max, &reply);
}

/* What the head says, read by our own parser. */
static void parse_head(struct http_parse *p)
{
	char head[HTTP_REPLY_HEAD];
	size_t n = http_reply_head(&reply, head);

	ck_assert_uint_lt(n, sizeof(head));
	http_parse_response(p, true);
	ck_assert_uint_eq(http_parse_feed(p, head, n), n);
	ck_assert_msg(http_parse_done(p), "%s", http_error_name(p->error));
}

/* A head that is kept is that of the reply before it only where both are alike. */
TEST(a_head_is_kept_while_replies_are_alike)
{
	struct http_head kept = { 0 };
	char fresh[HTTP_REPLY_HEAD];

	for (size_t i = 0; i < 2 * ROWS(cases); i++) {
		make(cases[i / 2].method, cases[i / 2].target, cases[i / 2].version);
		http_head_make(&kept, &reply);
		ck_assert_uint_eq(kept.len, http_reply_head(&reply, fresh));
		ck_assert_mem_eq(kept.text, fresh, kept.len);
	}
}

/* A slow answer, whoever closes; no longer than a hold may be. */
TEST(an_answer_may_come_late)
{
	make("POST ", "/?delay=50ms&size=3", V11);
	ck_assert_int_eq(reply.page, PAGE_OK);
	ck_assert_uint_eq(reply.delay_ms, 50);
	make("GET ", "/?hold=1s&delay=5s", V11C);
	ck_assert_uint_eq(reply.delay_ms, 5000);
	ck_assert_uint_eq(reply.hold_ms, 1000);
	make("GET ", "/?delay=5001ms", V11);
	ck_assert_int_eq(reply.page, PAGE_OVER_LIMIT);
	ck_assert_uint_eq(reply.delay_ms, 0);
}

TEST_ROWS(each_request_has_its_reply, cases)
{
	struct http_parse p;

	make(row->method, row->target, row->version);
	ck_assert_msg(reply.page == row->page, "%s: page %d", row->target, reply.page);
	ck_assert_str_eq(reply.closing->name, row->closing);
	ck_assert_uint_eq(reply.hold_ms, row->hold_ms);
	if (!reply.text)
		ck_assert_uint_eq(reply.length, row->length);
	else
		ck_assert_uint_eq(reply.length, strlen(reply.text));
	parse_head(&p);
	ck_assert_int_eq(p.status, http_page_status(reply.page));
	ck_assert_uint_eq(p.length, reply.length);
	ck_assert_msg(p.close == (row->says == CLOSE), "%s %s", row->target,
		      row->version);
	ck_assert_msg(p.keep == (row->says == KEEP), "%s %s", row->target, row->version);
	/* the rule: it says close if and only if the server moves first */
	ck_assert(p.close == closing_moves_first(&reply.closing->server));
	ck_assert(p.close == reply.last);
}

TEST_TIMES(each_refusal_closes, HTTP_PAGES)
{
	struct http_parse p;

	http_reply_refuse((enum http_page)_i, &reply);
	ck_assert(reply.last && reply.closing->server.half);
	parse_head(&p);
	ck_assert(p.close);
	ck_assert_int_eq(p.status, http_page_status((enum http_page)_i));
	ck_assert_uint_eq(p.length, strlen(reply.text));
}

/* clang-format off */
static const struct {
	const char *bytes;
	enum http_page page;
	bool refused;
} heads[] = {
	{ "GET / HTTP/1.1\r\n\r\n", PAGE_OK, false },
	{ "GET / HTTP/1.1\r\nContent-Length: 100\r\n\r\n", PAGE_OK, false },
	{ "GET / HTTP/1.1\r\nContent-Length: 101\r\n\r\n", PAGE_BODY_TOO_LARGE, true },
	{ "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n", PAGE_BODY_TOO_LARGE, true },
	{ "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n", PAGE_OK, false },
	{ "HEAD /0123456789abcde HTTP/1.1\r\n\r\n", PAGE_TARGET_TOO_LONG, true },
	{ "HEAD /0123456789abcd HTTP/1.1\r\n\r\n", PAGE_OK, false },
	{ "PUT / HTTP/1.1\r\nContent-Length: 1\r\n\r\n", PAGE_NOT_ALLOWED, true },
	{ "BREW / HTTP/1.1\r\n\r\n", PAGE_NOT_IMPLEMENTED, true },
};
/* clang-format on */

TEST_ROWS(a_head_may_be_enough_to_refuse, heads)
{
	enum http_page page = PAGE_OK;
	struct http_parse p;
	char room[16];

	http_parse_request(&p, room, sizeof(room));
	http_parse_feed(&p, row->bytes, strlen(row->bytes));
	ck_assert(p.head_done);
	ck_assert_msg(http_refused_by_head(&p, 100, &page) == row->refused, "%s",
		      row->bytes);
	ck_assert_int_eq(page, row->page);
}

CHECK_MAIN("http_reply")
