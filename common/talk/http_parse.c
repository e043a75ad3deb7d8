#include "common/talk/http_parse.h"

#include <string.h>

#include "common/talk/http_head.h"

static const char *const error_names[HTTP_ERRORS] = {
#define X(id, name) [HTTP_##id] = name,
	HTTP_ERROR_LIST(X)
#undef X
};

const char *http_error_name(enum http_error e)
{
	return error_names[e];
}

static void start_chunk_line(struct http_parse *p)
{
	p->left = 0;
	p->line = LINE_CHUNK;
	set_budget(p, HTTP_CHUNK_LINE_MAX);
	start_word(p, EAT_CHUNK_SIZE);
}

static void start_body(struct http_parse *p)
{
	p->left = p->length;
	p->state = p->left ? EAT_BODY : DONE;
}

static bool has_no_content(const struct http_parse *p)
{
	return p->no_body ||
	       (!p->request && (p->status < 200 || p->status == 204 || p->status == 304));
}

/* RFC 9112, 6.3: how long the content is. */
static void end_head(struct http_parse *p)
{
	p->head_done = true;
	if (p->has_coding && p->has_length)
		fail(p, HTTP_LENGTH_AND_CODING);
	else if (p->has_coding && (p->minor == 0 || (p->request && !p->chunked)))
		fail(p, HTTP_BAD_CODING);
	else if (has_no_content(p))
		p->state = DONE;
	else if (p->chunked)
		start_chunk_line(p);
	else if (p->has_length)
		start_body(p);
	else
		p->state = p->request ? DONE : EAT_UNTIL_EOF;
}

void http_line_done(struct http_parse *p)
{
	switch ((enum http_line)p->line) {
	case LINE_START:
	case LINE_FIELD:
		p->state = EAT_FIELD;
		break;
	case LINE_EMPTY:
		if (p->trailers)
			p->state = DONE;
		else
			end_head(p);
		break;
	case LINE_CHUNK:
		p->state = p->left ? EAT_CHUNK : EAT_FIELD;
		p->trailers = p->left == 0;
		if (p->trailers)
			set_budget(p, HTTP_HEAD_MAX);
		break;
	case LINE_CHUNK_END:
		start_chunk_line(p);
		break;
	}
}

/* ---- the content, by chunks or not */

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

static size_t eat_chunk_size(struct http_parse *p, const unsigned char *b, size_t n)
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

static size_t eat_chunk_pad(struct http_parse *p, const unsigned char *b, size_t n)
{
	(void)n;
	end_chunk_size(p, *b);
	return 1;
}

static size_t eat_chunk_ext(struct http_parse *p, const unsigned char *b, size_t n)
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

static size_t eat_chunk_end(struct http_parse *p, const unsigned char *b, size_t n)
{
	(void)n;
	if (*b == '\r')
		p->state = EAT_LF;
	else
		fail(p, HTTP_BAD_CHUNK);
	return 1;
}

/* Of a chunk, or of content whose length is known. */
static size_t eat_counted(struct http_parse *p, const unsigned char *b, size_t n)
{
	(void)b;
	if (n > p->left)
		n = (size_t)p->left;
	p->left -= n;
	p->body += n;
	if (p->left > 0)
		return n;
	if (p->state == EAT_CHUNK) {
		p->line = LINE_CHUNK_END;
		set_budget(p, 2);
	}
	p->state = p->state == EAT_CHUNK ? EAT_CHUNK_END : DONE;
	return n;
}

static size_t eat_until_eof(struct http_parse *p, const unsigned char *b, size_t n)
{
	(void)b;
	p->body += n;
	return n;
}

/* ---- all of it */

static size_t eat_lf(struct http_parse *p, const unsigned char *b, size_t n)
{
	(void)n;
	if (*b == '\n')
		http_line_done(p);
	else
		fail(p, p->line >= LINE_CHUNK ? HTTP_BAD_CHUNK : HTTP_BARE_CR);
	return 1;
}

static size_t (*const eat[DONE])(struct http_parse *, const unsigned char *, size_t) = {
	[EAT_METHOD] = http_eat_method,
	[EAT_TARGET] = http_eat_target,
	[EAT_VERSION] = http_eat_version,
	[EAT_STATUS] = http_eat_status,
	[EAT_FIELD] = http_eat_field,
	[EAT_NAME] = http_eat_name,
	[EAT_TEXT] = http_eat_text,
	[EAT_LIST] = http_eat_list,
	[EAT_LF] = eat_lf,
	[EAT_CHUNK_SIZE] = eat_chunk_size,
	[EAT_CHUNK_PAD] = eat_chunk_pad,
	[EAT_CHUNK_EXT] = eat_chunk_ext,
	[EAT_CHUNK_END] = eat_chunk_end,
	[EAT_CHUNK] = eat_counted,
	[EAT_BODY] = eat_counted,
	[EAT_UNTIL_EOF] = eat_until_eof,
};

static void begin(struct http_parse *p, enum http_state first)
{
	memset(p, 0, offsetof(struct http_parse, word));
	p->budget = HTTP_HEAD_MAX;
	p->line = LINE_START;
	p->state = (uint8_t)first;
}

void http_parse_request(struct http_parse *p, char *target, size_t size)
{
	begin(p, EAT_METHOD);
	p->request = true;
	p->target = target;
	p->target_size = (uint32_t)size;
}

void http_parse_response(struct http_parse *p, bool to_head)
{
	begin(p, EAT_VERSION);
	p->no_body = to_head;
}

void http_parse_after_interim(struct http_parse *p)
{
	uint32_t left = p->budget;
	bool to_head = p->no_body;

	http_parse_response(p, to_head);
	p->budget = left;
	if (left == 0)
		fail(p, HTTP_HEAD_TOO_LARGE);
}

/* A run within the budget, and what is left of that. */
static size_t eat_bounded(struct http_parse *p, const unsigned char *b, size_t n)
{
	size_t used = eat[p->state](p, b, n < p->budget ? n : p->budget);

	p->budget -= (uint32_t)used;
	if (p->budget == 0 && p->state < EAT_CHUNK)
		fail(p, p->line >= LINE_CHUNK ? HTTP_BAD_CHUNK : HTTP_HEAD_TOO_LARGE);
	return used;
}

size_t http_parse_feed(struct http_parse *p, const void *bytes, size_t n)
{
	const unsigned char *b = bytes;
	size_t used = 0;

	while (used < n && p->state < DONE)
		used += p->state < EAT_CHUNK ? eat_bounded(p, b + used, n - used)
					     : eat[p->state](p, b + used, n - used);
	p->begun |= used > 0 && (p->state != EAT_METHOD || p->word_len > 0);
	return used;
}

void http_parse_eof(struct http_parse *p)
{
	if (p->state == EAT_UNTIL_EOF)
		p->state = DONE;
	else if (p->state < DONE)
		fail(p, HTTP_TRUNCATED);
}

bool http_parse_done(const struct http_parse *p)
{
	return p->state == DONE;
}

bool http_parse_failed(const struct http_parse *p)
{
	return p->state == FAILED;
}

bool http_keeps_alive(const struct http_parse *p)
{
	bool until_eof =
		!p->request && !p->chunked && !p->has_length && !has_no_content(p);

	return !until_eof && !p->close && (p->minor >= 1 || p->keep);
}

uint64_t http_missing(const struct http_parse *p)
{
	return p->state >= EAT_CHUNK && p->state < DONE ? p->left : 0;
}

const char *http_after_authority(const char *at)
{
	const size_t scheme = strlen("http://");

	if (strncasecmp(at, "http://", scheme) != 0)
		return at;
	at += scheme;
	return at + strcspn(at, "/?");
}
