#include "common/talk/http_head.h"

/* ---- the start line */

static enum http_method method_of(const struct http_parse *p)
{
	static const char *const others[] = { "PUT",     "DELETE", "CONNECT",
					      "OPTIONS", "TRACE",  "PATCH" };

	if (WORD_IS(p, "GET"))
		return HTTP_GET;
	if (WORD_IS(p, "HEAD"))
		return HTTP_HEAD;
	if (WORD_IS(p, "POST"))
		return HTTP_POST;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (word_is(p, others[i], strlen(others[i])))
			return HTTP_OTHER;
	return HTTP_UNKNOWN;
}

size_t http_eat_method(struct http_parse *p, const unsigned char *b, size_t n)
{
	size_t i = 0;

	while (i < n && http_is_token_char(b[i]))
		add_to_word(p, (char)b[i++]);
	if (i > 0)
		return i;
	if (*b == ' ' && p->word_len > 0) {
		p->method = (uint8_t)method_of(p);
		p->target_len = 0;
		p->state = EAT_TARGET;
	} else if (p->word_len > 0 || !ends_line(*b)) {
		fail(p, HTTP_BAD_METHOD);
	}
	return 1; /* blank lines before a request are nothing */
}

static void end_target(struct http_parse *p)
{
	if (p->target && p->target_size)
		p->target[p->target_len < p->target_size ? p->target_len
							 : p->target_size - 1] = '\0';
	p->word_len = 0;
	p->state = EAT_VERSION;
}

size_t http_eat_target(struct http_parse *p, const unsigned char *b, size_t n)
{
	size_t i = 0;

	for (; i < n && b[i] > ' ' && b[i] != 0x7f; i++) {
		if (p->target && p->target_len + 1 < p->target_size)
			p->target[p->target_len] = (char)b[i];
		p->target_len++;
	}
	if (i > 0)
		return i;
	if (*b == ' ' && p->target_len > 0)
		end_target(p);
	else
		fail(p,
		     ends_line(*b) && p->target_len ? HTTP_BAD_VERSION : HTTP_BAD_LINE);
	return 1;
}

/* "HTTP/1." and a digit, then the line's end or, in a response, a blank. */
size_t http_eat_version(struct http_parse *p, const unsigned char *b, size_t n)
{
	static const char want[] = "HTTP/1.";
	const uint8_t digit = sizeof(want) - 1, major = 5;

	if (p->word_len == 0 && n >= digit && memcmp(b, want, digit) == 0) {
		p->word_len = digit;
		return digit;
	}
	if (p->word_len < digit) {
		if (*b != (unsigned char)want[p->word_len])
			fail(p, p->word_len >= major ? HTTP_BAD_VERSION : HTTP_BAD_LINE);
	} else if (p->word_len == digit) {
		if (*b < '0' || *b > '9')
			fail(p, HTTP_BAD_VERSION);
		p->minor = *b > '0';
	} else if (p->request && ends_line(*b)) {
		end_line(p, *b);
	} else if (!p->request && *b == ' ') {
		p->word_len = 0;
		p->state = EAT_STATUS;
		return 1;
	} else {
		fail(p, HTTP_BAD_LINE);
	}
	p->word_len++;
	return 1;
}

size_t http_eat_status(struct http_parse *p, const unsigned char *b, size_t n)
{
	size_t i = 0;

	for (; i < n && p->word_len < 3 && b[i] >= '0' && b[i] <= '9'; i++) {
		p->status = (uint16_t)(p->status * 10 + (b[i] - '0'));
		if (++p->word_len == 3 && (p->status < 100 || p->status > 599))
			fail(p, HTTP_BAD_STATUS);
	}
	if (i > 0)
		return i;
	if (p->word_len == 3 && *b == ' ') {
		p->state = EAT_TEXT;
	} else if (p->word_len == 3 && ends_line(*b)) {
		end_line(p, *b);
	} else {
		fail(p, HTTP_BAD_STATUS);
	}
	return 1;
}

/* ---- fields, and what four of them mean */

size_t http_eat_field(struct http_parse *p, const unsigned char *b, size_t n)
{
	if (ends_line(*b)) {
		p->line = LINE_EMPTY;
		end_line(p, *b);
		return 1;
	}
	if (is_blank(*b)) {
		fail(p, HTTP_FOLDED);
		return 1;
	}
	p->line = LINE_FIELD;
	start_word(p, EAT_NAME);
	return http_eat_name(p, b, n);
}

/* The names that mean something have lengths of their own, so that others are not compared. */
static bool is_named(const void *name, size_t len, const char *want, size_t want_len)
{
	return len == want_len && strncasecmp(name, want, len) == 0;
}
#define IS_NAMED(name, len, want) is_named(name, len, want, sizeof(want) - 1)

static enum http_field_kind field_of(const struct http_parse *p, const void *name,
				     size_t len)
{
	if (p->trailers)
		return FIELD_OTHER;
	if (IS_NAMED(name, len, "content-length"))
		return FIELD_LENGTH;
	if (IS_NAMED(name, len, "transfer-encoding"))
		return FIELD_CODING;
	if (IS_NAMED(name, len, "connection"))
		return FIELD_CONNECTION;
	if (p->request && IS_NAMED(name, len, "twstorm-run"))
		return FIELD_RUN;
	return FIELD_OTHER;
}

static void end_name(struct http_parse *p, enum http_field_kind field)
{
	p->field = (uint8_t)field;
	p->has_coding |= field == FIELD_CODING;
	start_word(p, field == FIELD_OTHER ? EAT_TEXT : EAT_LIST);
}

static void add_lower(struct http_parse *p, const unsigned char *b, size_t n)
{
	size_t len = p->word_len, room = len < HTTP_WORD ? HTTP_WORD - 1 - len : 0;

	for (size_t i = 0; i < n && i < room; i++)
		p->word[len + i] = lower(b[i]);
	p->word_len = (uint8_t)(n > room ? HTTP_WORD : len + n);
}

/* A name is kept only where its end has not come yet. */
size_t http_eat_name(struct http_parse *p, const unsigned char *b, size_t n)
{
	size_t i = 0;

	while (i < n && http_is_token_char(b[i]))
		i++;
	if (i > 0 && i < n && b[i] == ':' && p->word_len == 0) {
		end_name(p, field_of(p, b, i));
		return i + 1;
	}
	add_lower(p, b, i);
	if (i > 0)
		return i;
	if (*b == ':' && p->word_len > 0)
		end_name(p, field_of(p, p->word, p->word_len));
	else
		fail(p, HTTP_BAD_NAME);
	return 1;
}

/* The end of a line of text, both bytes of it where they are here. */
static size_t finish_line(struct http_parse *p, const unsigned char *b, size_t n)
{
	if (n >= 2 && b[0] == '\r' && b[1] == '\n') {
		http_line_done(p);
		return 2;
	}
	end_line(p, *b);
	return 1;
}

size_t http_eat_text(struct http_parse *p, const unsigned char *b, size_t n)
{
	size_t i = plain_run(b, n);

	if (i < n && ends_line(b[i]))
		return i + finish_line(p, b + i, n - i);
	if (i > 0)
		return i;
	if (*b != '\t')
		fail(p, HTTP_BAD_VALUE);
	return 1;
}

static void take_length(struct http_parse *p)
{
	uint64_t v = 0;

	for (uint8_t i = 0; i < p->word_len && i < HTTP_WORD - 1; i++) {
		unsigned digit = (unsigned char)p->word[i] - (unsigned)'0';

		if (digit > 9 || v > ((uint64_t)INT64_MAX - digit) / 10) {
			fail(p, HTTP_BAD_LENGTH);
			return;
		}
		v = v * 10 + digit;
	}
	if (p->word_len == 0 || p->word_len == HTTP_WORD)
		fail(p, HTTP_BAD_LENGTH);
	else if (p->has_length && v != p->length)
		fail(p, HTTP_LENGTHS_DIFFER);
	p->has_length = true;
	p->length = v;
}

/* Chunked is the last coding, once, and without parameters, or the content's end cannot be
 * found. */
static void take_coding(struct http_parse *p)
{
	static const char chunked[] = "chunked";
	const size_t n = sizeof(chunked) - 1;

	if (p->word_len == 0)
		return;
	if (p->chunked || (p->word_len > n && memcmp(p->word, chunked, n) == 0 &&
			   !http_is_token_char((unsigned char)p->word[n])))
		fail(p, HTTP_BAD_CODING);
	p->chunked = WORD_IS(p, "chunked");
}

/* What is none of our numbers is no run. */
static void take_run(struct http_parse *p)
{
	unsigned v = 0;

	for (uint8_t i = 0; i < p->word_len && v <= UINT8_MAX; i++) {
		unsigned digit = (unsigned char)p->word[i] - (unsigned)'0';

		v = digit <= 9 ? v * 10 + digit : UINT8_MAX + 1;
	}
	p->run = v <= UINT8_MAX ? (uint8_t)v : 0;
}

static void take_token(struct http_parse *p)
{
	if (p->field == FIELD_LENGTH)
		take_length(p);
	else if (p->field == FIELD_CODING)
		take_coding(p);
	else if (p->field == FIELD_RUN)
		take_run(p);
	else if (WORD_IS(p, "close"))
		p->close = true;
	else if (WORD_IS(p, "keep-alive"))
		p->keep = true;
	p->word_len = 0;
	p->gap = false;
}

static bool is_of_word(unsigned char c)
{
	return c > ' ' && c != 0x7f && c != ',';
}

size_t http_eat_list(struct http_parse *p, const unsigned char *b, size_t n)
{
	size_t i = 0, word;

	while (p->word_len == 0 && i < n && is_blank(b[i]))
		i++;
	if (i < n && is_of_word(b[i]) && p->gap)
		add_to_word(p, ' '); /* "4 2" is not 42 */
	word = i;
	while (i < n && is_of_word(b[i]))
		i++;
	add_lower(p, b + word, i - word);
	if (i > word)
		p->gap = false;
	if (i > 0)
		return i;
	if (*b == ',') {
		take_token(p);
	} else if (ends_line(*b)) {
		take_token(p);
		return p->state == FAILED ? 1 : finish_line(p, b, n);
	} else if (is_blank(*b)) {
		p->gap = p->word_len > 0;
	} else {
		fail(p, HTTP_BAD_VALUE);
	}
	return 1;
}
