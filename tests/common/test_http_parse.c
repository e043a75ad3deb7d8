/* HTTP messages: what is accepted and what is refused, by which name; the same wherever the
 * bytes are cut. */
#include "common/talk/http_known.h"

#include <stdlib.h>
#include <string.h>
#include "tests/check_main.h"
#include "tests/common/http_corpus.h"

static struct http_parse p;
static char target[32];

static size_t feed_in_parts(const char *bytes, size_t first, size_t each)
{
	size_t n = strlen(bytes), used = 0, part = first;

	while (used < n) {
		if (part > n - used)
			part = n - used;
		size_t took = http_parse_feed(&p, bytes + used, part);

		used += took;
		if (took < part)
			break;
		part = each;
	}
	return used;
}

static void check_response(unsigned i, size_t used)
{
	size_t n = strlen(responses[i].bytes);

	if (responses[i].error == HTTP_NONE) {
		ck_assert_msg(http_parse_done(&p) == !responses[i].until_eof, "%s: %s",
			      responses[i].what, http_error_name(p.error));
		ck_assert_uint_eq(n - used, responses[i].rest);
	}
	http_parse_eof(&p);
	ck_assert_msg(p.error == responses[i].error, "%s: %s, not %s", responses[i].what,
		      http_error_name(p.error), http_error_name(responses[i].error));
	ck_assert(http_parse_done(&p) == (responses[i].error == HTTP_NONE));
	if (responses[i].error == HTTP_NONE || responses[i].error == HTTP_TRUNCATED) {
		ck_assert_uint_eq(p.status, responses[i].status);
		ck_assert_uint_eq(p.body, responses[i].body);
	}
	if (responses[i].error == HTTP_NONE)
		ck_assert_msg(http_keeps_alive(&p) == responses[i].keeps, "%s",
			      responses[i].what);
}

TEST_ROWS(each_response, responses)
{
	size_t n = strlen(row->bytes);

	for (size_t first = 0; first <= n; first++) {
		http_parse_response(&p, false);
		check_response((unsigned)_i, feed_in_parts(row->bytes, first, n));
	}
	http_parse_response(&p, false);
	check_response((unsigned)_i, feed_in_parts(row->bytes, 1, 1));
}

static void check_request(unsigned i, size_t used)
{
	http_parse_eof(&p);
	ck_assert_msg(p.error == requests[i].error, "%s: %s, not %s", requests[i].what,
		      http_error_name(p.error), http_error_name(requests[i].error));
	if (requests[i].error != HTTP_NONE)
		return;
	ck_assert_uint_eq(strlen(requests[i].bytes) - used, requests[i].rest);
	ck_assert_str_eq(target, requests[i].target);
	ck_assert_int_eq(p.method, requests[i].method);
	ck_assert_uint_eq(p.body, requests[i].body);
	ck_assert_msg(http_keeps_alive(&p) == requests[i].keeps, "%s", requests[i].what);
}

/* What came before in the same bytes is what parsing them makes; in others, or later in a response, it
 * is not looked at. */
TEST_ROWS(a_known_response_is_not_parsed_again, responses)
{
	static struct http_known known;
	struct http_parse parsed;
	size_t n = strlen(row->bytes), used;
	char *other;

	http_parse_response(&p, false);
	used = http_parse_feed(&p, row->bytes, n);
	if (!http_parse_done(&p) || used < n)
		return;
	parsed = p;
	http_known_keep(&known, &p, row->bytes, n);
	http_parse_response(&p, false);
	ck_assert(!http_known_is(&known, &p, row->bytes, n - 1));
	other = strdup(row->bytes);
	other[n - 1] ^= 1;
	ck_assert(!http_known_is(&known, &p, other, n));
	free(other);
	ck_assert(http_known_is(&known, &p, row->bytes, n));
	ck_assert(http_parse_done(&p));
	ck_assert_mem_eq(&p, &parsed, offsetof(struct http_parse, word));
	http_parse_response(&p, true);
	ck_assert(!http_known_is(&known, &p, row->bytes, n));
	http_parse_response(&p, false);
	http_parse_feed(&p, row->bytes, 1);
	ck_assert(!http_known_is(&known, &p, row->bytes, n));
}

TEST_ROWS(each_request, requests)
{
	size_t n = strlen(row->bytes);

	for (size_t first = 0; first <= n; first++) {
		http_parse_request(&p, target, sizeof(target));
		check_request((unsigned)_i, feed_in_parts(row->bytes, first, n));
	}
	http_parse_request(&p, target, sizeof(target));
	check_request((unsigned)_i, feed_in_parts(row->bytes, 1, 1));
}

TEST(an_answer_to_head_has_no_content)
{
	static const char bytes[] = R200 "Content-Length: 5\r\n\r\nHTTP";

	http_parse_response(&p, true);
	ck_assert_uint_eq(http_parse_feed(&p, bytes, sizeof(bytes) - 1),
			  sizeof(bytes) - 5);
	ck_assert(http_parse_done(&p) && http_keeps_alive(&p));
}

TEST(what_is_missing_is_known)
{
	static const char bytes[] = R200 "Content-Length: 500\r\n\r\nabc";

	http_parse_response(&p, false);
	ck_assert_uint_eq(http_missing(&p), 0);
	http_parse_feed(&p, bytes, sizeof(bytes) - 1);
	ck_assert_uint_eq(http_missing(&p), 497);
}

/* A head of exactly the size that is allowed, and of one byte more. */
static void feed_head(size_t size, size_t part)
{
	static const char start[] = R200 "A: ", end[] = "\r\nContent-Length: 0\r\n\r\n";
	char *head = malloc(size + 1);
	size_t n = 0;

	memset(head, 'x', size);
	memcpy(head, start, sizeof(start) - 1);
	memcpy(head + size - (sizeof(end) - 1), end, sizeof(end));
	http_parse_response(&p, false);
	while (n < size && !http_parse_failed(&p))
		n += http_parse_feed(&p, head + n, size - n < part ? size - n : part);
	free(head);
}

static const size_t parts[] = { 1, 7, 100, 1 << 20 };

TEST_ROWS(a_head_is_bounded, parts)
{
	feed_head(HTTP_HEAD_MAX, *row);
	ck_assert_msg(http_parse_done(&p), "%s", http_error_name(p.error));
	feed_head(HTTP_HEAD_MAX + 1, *row);
	ck_assert_int_eq(p.error, HTTP_HEAD_TOO_LARGE);
	feed_head(1 << 20, *row);
	ck_assert_int_eq(p.error, HTTP_HEAD_TOO_LARGE);
}

TEST_ROWS(a_chunk_line_is_bounded, parts)
{
	char line[HTTP_CHUNK_LINE_MAX + 2];

	for (size_t size = HTTP_CHUNK_LINE_MAX; size <= HTTP_CHUNK_LINE_MAX + 1; size++) {
		http_parse_response(&p, false);
		http_parse_feed(&p, DEEP, strlen(DEEP));
		memset(line, 'x', size);
		memcpy(line, "1;", 2);
		memcpy(line + size - 2, "\r\n", 2);
		for (size_t i = 0; i < size && !http_parse_failed(&p);)
			i += http_parse_feed(&p, line + i,
					     size - i < *row ? size - i : *row);
		ck_assert_int_eq(p.error,
				 size > HTTP_CHUNK_LINE_MAX ? HTTP_BAD_CHUNK : HTTP_NONE);
	}
}

TEST(trailers_are_bounded)
{
	static const char field[] = "Name: of a trailer\r\n";

	http_parse_response(&p, false);
	http_parse_feed(&p, DEEP "0\r\n", strlen(DEEP) + 3);
	for (int i = 0; i < 1000000 && !http_parse_failed(&p); i++)
		http_parse_feed(&p, field, sizeof(field) - 1);
	ck_assert_int_eq(p.error, HTTP_HEAD_TOO_LARGE);
}

/* Every byte in every place of a name and a value: what is let through. */
TEST(each_byte_has_its_class)
{
	for (int c = 0; c < 256; c++) {
		char name[] = R200 "A?: b\r\n", value[] = R200 "A: 01234567?9\r\n";
		bool control = (c < 0x20 && c != '\t') || c == 0x7f;

		name[strlen(R200) + 1] = (char)c;
		http_parse_response(&p, false);
		http_parse_feed(&p, name, sizeof(name) - 1);
		ck_assert_msg(http_parse_failed(&p) ==
				      !(http_is_token_char((unsigned char)c) || c == ':'),
			      "0x%02x in a name: %s", c, http_error_name(p.error));
		value[strlen(R200) + 11] = (char)c;
		http_parse_response(&p, false);
		http_parse_feed(&p, value, sizeof(value) - 1);
		if (c == '\n')
			ck_assert_int_eq(p.error, HTTP_BAD_NAME); /* a line "9" */
		else
			ck_assert_msg(http_parse_failed(&p) == control,
				      "0x%02x in a value: %s", c,
				      http_error_name(p.error));
	}
}

TEST(errors_have_names_of_their_own)
{
	for (int a = 0; a < HTTP_ERRORS; a++)
		for (int b = 0; b < a; b++)
			ck_assert_str_ne(http_error_name((enum http_error)a),
					 http_error_name((enum http_error)b));
}

CHECK_MAIN("http_parse")
