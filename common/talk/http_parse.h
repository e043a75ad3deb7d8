/* http_parse - HTTP/1.0 and 1.1 messages, requests and responses, from bytes that come in any
 * pieces.  Pure: no system call, no allocation, no buffer of the caller's is kept.  A head and
 * the lines of chunks are bounded; content is counted and skipped.
 *
 * Strict where framing is at stake (RFC 9112, 6): Content-Lengths that differ, a length beside
 * a transfer coding, a coding in HTTP/1.0, folded lines, blanks before a colon, control
 * characters and a CR without LF are refused, each with a name.  Tolerated: LF alone at the end
 * of a line of a head (2.2; not around chunks), blank lines before a request, no reason phrase,
 * blanks after a chunk's size. */
#ifndef TWSTORM_COMMON_TALK_HTTP_PARSE_H
#define TWSTORM_COMMON_TALK_HTTP_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_HEAD_MAX       16384 /* bytes of a head, and again of the trailers */
#define HTTP_CHUNK_LINE_MAX 256   /* bytes of a chunk's size with its extensions */
#define HTTP_WORD           24 /* longest name or token that is told from others, + 1 */

/* X(NAME, "name in the result") */
#define HTTP_ERROR_LIST(X)                                                               \
	X(NONE, "none")                                                                  \
	X(BAD_LINE, "bad_start_line")                                                    \
	X(BAD_VERSION, "bad_version")                                                    \
	X(BAD_METHOD, "bad_method")                                                      \
	X(BAD_STATUS, "bad_status")                                                      \
	X(BAD_NAME, "bad_field_name")                                                    \
	X(BAD_VALUE, "bad_field_value")                                                  \
	X(FOLDED, "folded_field")                                                        \
	X(BARE_CR, "bare_cr")                                                            \
	X(BAD_LENGTH, "bad_content_length")                                              \
	X(LENGTHS_DIFFER, "content_lengths_differ")                                      \
	X(BAD_CODING, "bad_transfer_encoding")                                           \
	X(LENGTH_AND_CODING, "length_and_transfer_encoding")                             \
	X(HEAD_TOO_LARGE, "head_too_large")                                              \
	X(BAD_CHUNK, "bad_chunk")                                                        \
	X(CHUNK_TOO_LARGE, "chunk_too_large")                                            \
	X(TRUNCATED, "truncated") /* the connection ended inside the message */          \
	X(SURPLUS, "surplus")     /* bytes after the message; the caller's to find */    \
	X(UNASKED, "unasked")     /* 101 without Upgrade; the caller's to find */

enum http_error {
#define X(id, name) HTTP_##id,
	HTTP_ERROR_LIST(X)
#undef X
		HTTP_ERRORS,
};
const char *http_error_name(enum http_error e);

enum http_method {
	HTTP_GET,
	HTTP_HEAD,
	HTTP_POST,
	HTTP_OTHER,  /* PUT, DELETE, ...: known by name */
	HTTP_UNKNOWN /* none of RFC 9110's */
};

struct http_parse {
	uint64_t body;   /* bytes of content so far */
	uint64_t left;   /* bytes of the content, or of this chunk, still to come */
	uint64_t length; /* Content-Length; valid with has_length */
	char *target; /* borrowed: where a request's target goes, NUL-ended; NULL = nowhere */
	uint32_t target_size; /* room there */
	uint32_t target_len;  /* of the whole target; >= target_size: it was cut */
	uint32_t
		budget; /* bytes the present head, chunk line or trailers may still take */
	uint16_t status;            /* of a response, 100 to 599 */
	uint8_t minor;              /* HTTP/1.minor; 2 and more count as 1 */
	uint8_t method;             /* enum http_method, of a request */
	uint8_t run;                /* Twstorm-Run of a request: 0 = none, or no number */
	uint8_t error;              /* enum http_error */
	uint8_t state, line, field; /* the parser's own (http_head.h) */
	uint8_t word_len;           /* > HTTP_WORD - 1: longer than any we know */
	bool request, no_body;
	bool begun;     /* more than blank lines has come of it */
	bool head_done; /* the head is complete: what it says is valid */
	bool has_length, has_coding, chunked, close, keep, gap, trailers;
	char word[HTTP_WORD];
};

/* A request next; its target is put into target[size], which may be NULL. */
void http_parse_request(struct http_parse *p, char *target, size_t size);
/* A response next; to_head: it answers HEAD, so it has no content whatever it says. */
void http_parse_response(struct http_parse *p, bool to_head);
/* The response after a 1xx that is done, to the same request.  The heads of all of them together
 * are bounded as one head is. */
void http_parse_after_interim(struct http_parse *p);
/* Takes bytes; how many belong to this message.  Fewer than n: it is done, or it failed. */
size_t http_parse_feed(struct http_parse *p, const void *bytes, size_t n);
/* The connection ended: completes content that lasts until then; else it is an error. */
void http_parse_eof(struct http_parse *p);

/* Is it a response that may have content, the first to its request, and nothing of it has come? */
static inline bool http_parse_waits(const struct http_parse *p)
{
	return !p->request && !p->no_body && !p->begun && p->budget == HTTP_HEAD_MAX;
}
bool http_parse_done(const struct http_parse *p);
bool http_parse_failed(const struct http_parse *p);
/* 1xx: another response follows. */
static inline bool http_is_interim(const struct http_parse *p)
{
	return p->status < 200;
}
/* May the connection serve another message after this one?  Valid once it is done. */
bool http_keeps_alive(const struct http_parse *p);
/* Bytes known to be missing of the content. */
uint64_t http_missing(const struct http_parse *p);

/* Past the scheme and authority that a request to a proxy has (RFC 9112 3.2.2: a server must
 * take it, too), or `target` itself. */
const char *http_after_authority(const char *target);

/* For the parser alone: the last byte of a line is eaten; what is next, by p->line. */
void http_line_done(struct http_parse *p);

/* Is c one of a token's characters (RFC 9110, 5.6.2), as in field names? */
static inline bool http_is_token_char(unsigned char c)
{
	static const bool is_token[256] = {
		['!'] = 1,         ['#' ... '\''] = 1, ['*'] = 1,
		['+'] = 1,         ['-'] = 1,          ['.'] = 1,
		['0' ... '9'] = 1, ['A' ... 'Z'] = 1,  ['^' ... 'z'] = 1,
		['|'] = 1,         ['~'] = 1,
	};

	return is_token[c];
}

#endif
