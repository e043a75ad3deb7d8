/* http_known - a response that came whole, byte for byte, and what the parser made of it.  A server
 * gives the same answer again and again: the same bytes need not be parsed again. */
#ifndef TWSTORM_COMMON_TALK_HTTP_KNOWN_H
#define TWSTORM_COMMON_TALK_HTTP_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include "common/talk/http_parse.h"

#define HTTP_KNOWN_MAX 1024 /* a longer one is parsed each time */

struct http_known { /* zeroed = none */
	size_t n;
	struct http_parse after; /* done */
	unsigned char bytes[HTTP_KNOWN_MAX];
};

/* If these are its bytes, and p waits for a response of which nothing has come: p is what feeding
 * them would make it, and true. */
bool http_known_is(const struct http_known *k, struct http_parse *p, const void *bytes,
		   size_t n);
/* These n bytes, and no others, have made p what it is: done.  It waited for a response of which
 * nothing had come. */
void http_known_keep(struct http_known *k, const struct http_parse *p, const void *bytes,
		     size_t n);

#endif
