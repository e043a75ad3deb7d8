#include "common/http_parse.h"

#include <string.h>

/* What is expected next.  Each state has one function that eats as long a run as it can. */
enum state {
	EAT_METHOD,
	EAT_TARGET,
	EAT_VERSION,
	EAT_STATUS,
	EAT_FIELD, /* the first byte of a field's line, or of the empty line */
	EAT_NAME,
	EAT_TEXT, /* of no interest, up to the line's end */
	EAT_LIST, /* tokens that matter */
	EAT_LF,
	EAT_CHUNK_SIZE,
	EAT_CHUNK_PAD,
	EAT_CHUNK_EXT,
	EAT_CHUNK_END,
	EAT_CHUNK, /* from here on: content, not counted in the budget */
	EAT_BODY,
	EAT_UNTIL_EOF,
	DONE,
	FAILED,
};

/* Which line it is that ends. */
enum line { LINE_START, LINE_FIELD, LINE_EMPTY, LINE_CHUNK, LINE_CHUNK_END };

enum field { FIELD_OTHER, FIELD_LENGTH, FIELD_CODING, FIELD_CONNECTION };

static const char *const error_names[HTTP_ERRORS] = {
#define X(id, name) [HTTP_##id] = name,
	HTTP_ERROR_LIST(X)
#undef X
};

const char *http_error_name(enum http_error e)
{
	return error_names[e];
}

/* ---- kinds of bytes */

bool http_is_token_char(unsigned char c)
{
	static const bool is_token[256] = {
		['!'] = 1,         ['#' ... '\''] = 1, ['*'] = 1,
		['+'] = 1,         ['-'] = 1,          ['.'] = 1,
		['0' ... '9'] = 1, ['A' ... 'Z'] = 1,  ['^' ... 'z'] = 1,
		['|'] = 1,         ['~'] = 1,
	};

	return is_token[c];
}

static bool is_control(unsigned char c)
{
	return c < 0x20 || c == 0x7f;
}

static bool is_blank(unsigned char c)
{
	return c == ' ' || c == '\t';
}

static char lower(unsigned char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

#define EACH(byte) (0x0101010101010101ull * (byte))
/* The high bit of each byte that is below `limit`, or a byte after such a one. */
#define BELOW(word, limit) (((word)-EACH(limit)) & ~(word)&EACH(0x80))

/* How many bytes at the start are no control characters: eight at a time. */
static size_t plain_run(const unsigned char *b, size_t n)
{
	size_t i = 0;
	uint64_t word;

	for (; i + 8 <= n; i += 8) {
		memcpy(&word, b + i, 8);
		if (BELOW(word, 0x20) | BELOW(word ^ EACH(0x7f), 1))
			break;
	}
	while (i < n && !is_control(b[i]))
		i++;
	return i;
}

/* ---- where a message goes */

static void fail(struct http_parse *p, enum http_error e)
{
	p->error = (uint8_t)e;
	p->state = FAILED;
}

/* The line's last byte, which set it, is charged to the new budget. */
static void set_budget(struct http_parse *p, uint32_t bytes)
{
	p->budget = bytes + 1;
}

static void start_word(struct http_parse *p, enum state next)
{
	p->word_len = 0;
	p->gap = false;
	p->state = (uint8_t)next;
}

static void add_to_word(struct http_parse *p, char c)
{
	if (p->word_len < HTTP_WORD - 1)
		p->word[p->word_len++] = c;
	else
		p->word_len = HTTP_WORD;
}

static bool word_is(const struct http_parse *p, const char *text, size_t len)
{
	return p->word_len == len && memcmp(p->word, text, len) == 0;
}
#define WORD_IS(p, text) word_is(p, text, sizeof(text) - 1)

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

static void line_done(struct http_parse *p)
{
	switch ((enum line)p->line) {
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

/* CR, or LF alone. */
static void end_line(struct http_parse *p, unsigned char c)
{
	if (c == '\r')
		p->state = EAT_LF;
	else
		line_done(p);
}

static bool ends_line(unsigned char c)
{
	return c == '\r' || c == '\n';
}

static size_t eat_lf(struct http_parse *p, const unsigned char *b, size_t n)
{
	(void)n;
	if (*b == '\n')
		line_done(p);
	else
		fail(p, p->line >= LINE_CHUNK ? HTTP_BAD_CHUNK : HTTP_BARE_CR);
	return 1;
}

/* ---- the start line */

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

static size_t eat_method(struct http_parse *p, const unsigned char *b, size_t n)
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

static size_t eat_target(struct http_parse *p, const unsigned char *b, size_t n)
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
static size_t eat_version(struct http_parse *p, const unsigned char *b, size_t n)
{
	static const char want[] = "HTTP/1.";
	const uint8_t digit = sizeof(want) - 1, major = 5;

	(void)n;
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

static size_t eat_status(struct http_parse *p, const unsigned char *b, size_t n)
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

/* ---- fields */

static size_t eat_field(struct http_parse *p, const unsigned char *b, size_t n)
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

static enum field field_of(const struct http_parse *p)
{
	if (p->trailers)
		return FIELD_OTHER;
	if (WORD_IS(p, "content-length"))
		return FIELD_LENGTH;
	if (WORD_IS(p, "transfer-encoding"))
		return FIELD_CODING;
	if (WORD_IS(p, "connection"))
		return FIELD_CONNECTION;
	return FIELD_OTHER;
}

static size_t eat_name(struct http_parse *p, const unsigned char *b, size_t n)
{
	size_t i = 0;

	while (i < n && http_is_token_char(b[i]))
		add_to_word(p, lower(b[i++]));
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

static size_t eat_text(struct http_parse *p, const unsigned char *b, size_t n)
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

static void take_token(struct http_parse *p)
{
	if (p->field == FIELD_LENGTH)
		take_length(p);
	else if (p->field == FIELD_CODING)
		take_coding(p);
	else if (WORD_IS(p, "close"))
		p->close = true;
	else if (WORD_IS(p, "keep-alive"))
		p->keep = true;
	p->word_len = 0;
	p->gap = false;
}

static size_t eat_list(struct http_parse *p, const unsigned char *b, size_t n)
{
	(void)n;
	if (*b == ',') {
		take_token(p);
	} else if (ends_line(*b)) {
		take_token(p);
		if (p->state != FAILED)
			end_line(p, *b);
	} else if (is_blank(*b)) {
		p->gap = p->word_len > 0;
	} else if (is_control(*b)) {
		fail(p, HTTP_BAD_VALUE);
	} else {
		if (p->gap)
			add_to_word(p, ' '); /* "4 2" is not 42 */
		p->gap = false;
		add_to_word(p, lower(*b));
	}
	return 1;
}

/* ---- content */

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

static size_t take_content(struct http_parse *p, size_t n)
{
	if (n > p->left)
		n = (size_t)p->left;
	p->left -= n;
	p->body += n;
	return n;
}

static size_t eat_chunk(struct http_parse *p, const unsigned char *b, size_t n)
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

static size_t eat_body(struct http_parse *p, const unsigned char *b, size_t n)
{
	(void)b;
	n = take_content(p, n);
	if (p->left == 0)
		p->state = DONE;
	return n;
}

static size_t eat_until_eof(struct http_parse *p, const unsigned char *b, size_t n)
{
	(void)b;
	p->body += n;
	return n;
}

/* ---- the whole */

static size_t (*const eat[DONE])(struct http_parse *, const unsigned char *, size_t) = {
	[EAT_METHOD] = eat_method,
	[EAT_TARGET] = eat_target,
	[EAT_VERSION] = eat_version,
	[EAT_STATUS] = eat_status,
	[EAT_FIELD] = eat_field,
	[EAT_NAME] = eat_name,
	[EAT_TEXT] = eat_text,
	[EAT_LIST] = eat_list,
	[EAT_LF] = eat_lf,
	[EAT_CHUNK_SIZE] = eat_chunk_size,
	[EAT_CHUNK_PAD] = eat_chunk_pad,
	[EAT_CHUNK_EXT] = eat_chunk_ext,
	[EAT_CHUNK_END] = eat_chunk_end,
	[EAT_CHUNK] = eat_chunk,
	[EAT_BODY] = eat_body,
	[EAT_UNTIL_EOF] = eat_until_eof,
};

static void begin(struct http_parse *p, enum state first)
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
