/* http_head - the head of an HTTP message, start line and fields, a part of the parser; and what
 * that shares with http_parse.c, and with nobody else: its states, for each of which a function
 * eats as long a run of bytes as it can. */
#ifndef TWSTORM_COMMON_TALK_HTTP_HEAD_H
#define TWSTORM_COMMON_TALK_HTTP_HEAD_H

#include <endian.h>
#include <string.h>
#include "common/talk/http_parse.h"

/* What is expected next.  Each state has one function that eats as long a run as it can. */
enum http_state {
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
enum http_line { LINE_START, LINE_FIELD, LINE_EMPTY, LINE_CHUNK, LINE_CHUNK_END };

enum http_field_kind {
	FIELD_OTHER,
	FIELD_LENGTH,
	FIELD_CODING,
	FIELD_CONNECTION,
	FIELD_RUN
};

/* Each takes some of the n > 0 bytes at b, by p->state; 0 only where that has changed. */
size_t http_eat_method(struct http_parse *p, const unsigned char *b, size_t n);
size_t http_eat_target(struct http_parse *p, const unsigned char *b, size_t n);
size_t http_eat_version(struct http_parse *p, const unsigned char *b, size_t n);
size_t http_eat_status(struct http_parse *p, const unsigned char *b, size_t n);
size_t http_eat_field(struct http_parse *p, const unsigned char *b, size_t n);
size_t http_eat_name(struct http_parse *p, const unsigned char *b, size_t n);
size_t http_eat_text(struct http_parse *p, const unsigned char *b, size_t n);
size_t http_eat_list(struct http_parse *p, const unsigned char *b, size_t n);

static inline bool is_control(unsigned char c)
{
	return c < 0x20 || c == 0x7f;
}

static inline bool is_blank(unsigned char c)
{
	return c == ' ' || c == '\t';
}

static inline char lower(unsigned char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

#define EACH(byte) (0x0101010101010101ull * (byte))
/* Not 0 if one of the eight bytes is below limit. */
static inline uint64_t has_byte_below(uint64_t word, unsigned char limit)
{
	return (word - EACH(limit)) & ~word & EACH(0x80);
}

/* How many bytes at the start are no control characters: eight at a time.  The lowest bit that is
 * set is of the first that is one, those above may not be. */
static inline size_t plain_run(const unsigned char *b, size_t n)
{
	size_t i = 0;
	uint64_t word, control;

	for (; i + 8 <= n; i += 8) {
		memcpy(&word, b + i, 8);
		word = le64toh(word);
		control =
			has_byte_below(word, 0x20) | has_byte_below(word ^ EACH(0x7f), 1);
		if (control)
			return i + (unsigned)__builtin_ctzll(control) / 8;
	}
	while (i < n && !is_control(b[i]))
		i++;
	return i;
}

static inline void fail(struct http_parse *p, enum http_error e)
{
	p->error = (uint8_t)e;
	p->state = FAILED;
}

/* The line's last byte, which set it, is charged to the new budget. */
static inline void set_budget(struct http_parse *p, uint32_t bytes)
{
	p->budget = bytes + 1;
}

static inline void start_word(struct http_parse *p, enum http_state next)
{
	p->word_len = 0;
	p->gap = false;
	p->state = (uint8_t)next;
}

static inline void add_to_word(struct http_parse *p, char c)
{
	if (p->word_len < HTTP_WORD - 1)
		p->word[p->word_len++] = c;
	else
		p->word_len = HTTP_WORD;
}

static inline bool word_is(const struct http_parse *p, const char *text, size_t len)
{
	return p->word_len == len && memcmp(p->word, text, len) == 0;
}
#define WORD_IS(p, text) word_is(p, text, sizeof(text) - 1)

/* CR, or LF alone. */
static inline void end_line(struct http_parse *p, unsigned char c)
{
	if (c == '\r')
		p->state = EAT_LF;
	else
		http_line_done(p);
}

static inline bool ends_line(unsigned char c)
{
	return c == '\r' || c == '\n';
}

#endif
