/* http_content - the content of an HTTP message, by chunks or not, a part of the parser
 * (http_eat.h). */
#include "common/talk/http_eat.h"

static int hex(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void end_chunk_size(struct http_parse *p, unsigned char c)
{
	if (c == '\r')
		p->state = EAT_LF;
	else if (c == ';')
		p->state = EAT_CHUNK_EXT;
	else if (is_blank(c))
		p->state = EAT_CHUNK_PAD;
	else
		fail(p, HTTP_BAD_CHUNK);
}

size_t http_eat_chunk_size(struct http_parse *p, const unsigned char *b, size_t n)
{
	int digit = hex(*b);

	(void)n;
	if (digit >= 0 && p->left > (uint64_t)INT64_MAX >> 4) {
		fail(p, HTTP_CHUNK_TOO_LARGE);
	} else if (digit >= 0) {
		p->left = p->left << 4 | (unsigned)digit;
		p->word_len = 1; /* there is one */
	} else if (p->word_len == 0) {
		fail(p, HTTP_BAD_CHUNK);
	} else {
		end_chunk_size(p, *b);
	}
	return 1;
}

size_t http_eat_chunk_pad(struct http_parse *p, const unsigned char *b, size_t n)
{
	(void)n;
	end_chunk_size(p, *b);
	return 1;
}

size_t http_eat_chunk_ext(struct http_parse *p, const unsigned char *b, size_t n)
{
	size_t i = plain_run(b, n);

	if (i > 0)
		return i;
	if (*b == '\r')
		p->state = EAT_LF;
	else if (*b != '\t')
		fail(p, HTTP_BAD_CHUNK);
	return 1;
}

size_t http_eat_chunk_end(struct http_parse *p, const unsigned char *b, size_t n)
{
	(void)n;
	if (*b == '\r')
		p->state = EAT_LF;
	else
		fail(p, HTTP_BAD_CHUNK);
	return 1;
}

static size_t take_content(struct http_parse *p, size_t n)
{
	if (n > p->left)
		n = (size_t)p->left;
	p->left -= n;
	p->body += n;
	return n;
}

size_t http_eat_chunk(struct http_parse *p, const unsigned char *b, size_t n)
{
	(void)b;
	n = take_content(p, n);
	if (p->left == 0) {
		p->line = LINE_CHUNK_END;
		set_budget(p, 2);
		p->state = EAT_CHUNK_END;
	}
	return n;
}

size_t http_eat_body(struct http_parse *p, const unsigned char *b, size_t n)
{
	(void)b;
	n = take_content(p, n);
	if (p->left == 0)
		p->state = DONE;
	return n;
}

size_t http_eat_until_eof(struct http_parse *p, const unsigned char *b, size_t n)
{
	(void)b;
	p->body += n;
	return n;
}
