/* conn_http - the server's end of HTTP/1: what a connection keeps of the request under way.
 *
 * The one rule: the response says "Connection: close" if, and only if, the server moves first.
 * Without close=STRATEGY in the query the request's version and Connection field decide. */
#ifndef TWSTORM_SERVER_CONN_HTTP_H
#define TWSTORM_SERVER_CONN_HTTP_H

#include <stdint.h>
#include "common/talk/http_parse.h"
#include "server/http_reply.h"

struct conn_http {
	struct http_parse parse;
	struct http_reply reply;
	uint64_t total;    /* bytes of the response */
	uint16_t head_len; /* of these its head */
	char target[256];
};

#endif
