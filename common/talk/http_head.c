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
	(void)n;
	if (p->word_len < 3) {
		if (*b < '0' || *b > '9') {
			fail(p, HTTP_BAD_STATUS);
			return 1;
		}
		p->status = (uint16_t)(p->status * 10 + (*b - '0'));
		if (++p->word_len == 3 && (p->status < 100 || p->status > 599))
			fail(p, HTTP_BAD_STATUS);
	} else if (*b == ' ') {
		p->state = EAT_TEXT;
	} else if (ends_line(*b)) {
		end_line(p, *b);
	} else {
		fail(p, HTTP_BAD_STATUS);
	}
	return 1;
}

/* ---- fields, and what four of them mean */

size_t http_eat_field(struct http_parse *p, const unsigned char *b, size_t n)
{
	(void)n;
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
	return 0;
}

static enum http_field_kind field_of(const struct http_parse *p)
{
	if (p->trailers)
		return FIELD_OTHER;
	if (WORD_IS(p, "content-length"))
		return FIELD_LENGTH;
	if (WORD_IS(p, "transfer-encoding"))
		return FIELD_CODING;
	if (WORD_IS(p, "connection"))
		return FIELD_CONNECTION;
	if (p->request && WORD_IS(p, "twstorm-run"))
		return FIELD_RUN;
	return FIELD_OTHER;
}

/* The length in a register: this loop sees most of a head's bytes. */
size_t http_eat_name(struct http_parse *p, const unsigned char *b, size_t n)
{
	unsigned len = p->word_len;
	size_t i;

	for (i = 0; i < n && http_is_token_char(b[i]); i++) {
		if (len < HTTP_WORD - 1)
			p->word[len] = lower(b[i]);
		len += len < HTTP_WORD;
	}
	p->word_len = (uint8_t)len;
	if (i > 0)
		return i;
	if (*b != ':' || p->word_len == 0) {
		fail(p, HTTP_BAD_NAME);
		return 1;
	}
	p->field = (uint8_t)field_of(p);
	p->has_coding |= p->field == FIELD_CODING;
	start_word(p, p->field == FIELD_OTHER ? EAT_TEXT : EAT_LIST);
	return 1;
}

size_t http_eat_text(struct http_parse *p, const unsigned char *b, size_t n)
{
	size_t i = plain_run(b, n);

	if (i > 0)
		return i;
	if (ends_line(*b))
		end_line(p, *b);
	else if (*b != '\t')
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
	size_t i = 0;

	if (is_of_word(*b) && p->gap)
		add_to_word(p, ' '); /* "4 2" is not 42 */
	while (i < n && is_of_word(b[i]))
		add_to_word(p, lower(b[i++]));
	if (i > 0) {
		p->gap = false;
		return i;
	}
	if (*b == ',') {
		take_token(p);
	} else if (ends_line(*b)) {
		take_token(p);
		if (p->state != FAILED)
			end_line(p, *b);
	} else if (is_blank(*b)) {
		p->gap = p->word_len > 0;
	} else {
		fail(p, HTTP_BAD_VALUE);
	}
	return 1;
}
