/* http_start - the start line of an HTTP message, a part of the parser (http_eat.h). */
#include "common/talk/http_eat.h"

static enum http_method method_of(const struct http_parse *p)
{
	static const char *const others[] = { "POST",    "PUT",   "DELETE", "CONNECT",
					      "OPTIONS", "TRACE", "PATCH" };

	if (WORD_IS(p, "GET"))
		return HTTP_GET;
	if (WORD_IS(p, "HEAD"))
		return HTTP_HEAD;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (word_is(p, others[i], strlen(others[i])))
			return HTTP_OTHER;
	return HTTP_UNKNOWN;
}

size_t http_eat_method(struct http_parse *p, const unsigned char *b, size_t n)
{
	size_t i = 0;

	while (i < n && is_token_char(b[i]))
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
