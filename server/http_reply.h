/* http_reply - what the server answers to an HTTP request: which status, how many bytes, who
 * closes.  Pure: the target and the limits in, a reply and the bytes of its head out. */
#ifndef TWSTORM_SERVER_HTTP_REPLY_H
#define TWSTORM_SERVER_HTTP_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/talk/http_parse.h"

struct closing;

/* X(NAME, status, "reason", "the page") */
#define HTTP_PAGE_LIST(X)                                                                \
	X(OK, 200, "OK", "twstorm server\n")                                             \
	X(BAD_REQUEST, 400, "Bad Request", "this is no HTTP/1 request\n")                \
	X(BAD_QUERY, 400, "Bad Request",                                                 \
	  "a query says size=SIZE, close=STRATEGY, hold=TIME, delay=TIME, or some of "   \
	  "these\n")                                                                     \
	X(OVER_LIMIT, 400, "Bad Request",                                                \
	  "the size, or the hold or the delay, is over this server's --max-response or " \
	  "--max-hold\n")                                                                \
	X(NO_MOVE, 400, "Bad Request",                                                   \
	  "hold= is before a closing move of the server, and here the client closes\n")  \
	X(NOT_FOUND, 404, "Not Found", "there is nothing here but /\n")                  \
	X(NOT_ALLOWED, 405, "Method Not Allowed\r\nAllow: GET, HEAD, POST",              \
	  "only GET, HEAD and POST are answered\n")                                      \
	X(BODY_TOO_LARGE, 413, "Content Too Large",                                      \
	  "the request's content is over --max-request\n")                               \
	X(TARGET_TOO_LONG, 414, "URI Too Long", "the target is too long\n")              \
	X(HEAD_TOO_LARGE, 431, "Request Header Fields Too Large",                        \
	  "the request's head is too large\n")                                           \
	X(NOT_IMPLEMENTED, 501, "Not Implemented", "there is no such method\n")          \
	X(VERSION, 505, "HTTP Version Not Supported", "only HTTP/1 is spoken here\n")

enum http_page {
#define X(id, status, reason, text) PAGE_##id,
	HTTP_PAGE_LIST(X)
#undef X
		HTTP_PAGES,
};

struct http_limits {
	uint64_t response; /* bytes */
	uint64_t hold_ms;
};

struct http_reply {
	const struct closing *closing; /* never NULL once it is made */
	const char *text;              /* the content; NULL = `length` zeros */
	uint64_t length;               /* of the content, as announced */
	uint32_t hold_ms;
	uint32_t delay_ms; /* the answer waits so long */
	uint8_t page;      /* enum http_page */
	bool last;         /* the server moves first after it, and says so */
	bool say_keep; /* says "Connection: keep-alive", which was not to be expected */
	bool to_head;  /* it answers HEAD: the content is not sent */
};

/* The answer to a request that is whole, or whose head is and shows that it is refused. */
void http_reply_make(const struct http_parse *request, const char *target,
		     const struct http_limits *max, struct http_reply *out);
/* Refuses with that page. */
void http_reply_refuse(enum http_page page, struct http_reply *out);
/* Which page refuses a request that could not be parsed. */
enum http_page http_page_of(enum http_error e);
/* Is this request refused by its head alone? *page says with which answer. */
bool http_refused_by_head(const struct http_parse *request, uint64_t max_request,
			  enum http_page *page);
int http_page_status(enum http_page page);

#define HTTP_REPLY_HEAD 256 /* a head fits in it */
/* Writes the head; its length. */
size_t http_reply_head(const struct http_reply *r, char out[HTTP_REPLY_HEAD]);

/* A head that was made, for as long as replies are alike; zeroed = none. */
struct http_head {
	uint64_t length;
	uint16_t len; /* of the text; 0 = there is none */
	uint8_t page;
	bool last, say_keep;
	char text[HTTP_REPLY_HEAD];
};
/* Makes it the head of that reply. */
void http_head_make(struct http_head *h, const struct http_reply *r);

#endif
