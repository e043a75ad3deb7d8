/* http_request - the heads of the requests of a run, made once before it: for each target
 * one that leaves the connection open and one that says "Connection: close". */
#ifndef TWSTORM_CLIENT_HTTP_REQUEST_H
#define TWSTORM_CLIENT_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/base/err.h"

struct addr_list;
struct opt_texts;

#define HTTP_REQUEST_MAX 16384 /* bytes; what servers take is often less */

struct http_request {
	char *text; /* owned */
	size_t len;
};

struct http_requests {
	struct http_request *at; /* owned: two for each target */
	size_t n;
	uint64_t content; /* bytes behind each head: zeros */
};

/* What is asked for. */
struct http_ask {
	const char *path; /* as typed */
	bool post;        /* ... with so many bytes of content */
	uint64_t content;
	const struct opt_texts *headers; /* borrowed */
};

/* The path is as typed; headers are "Name: value".  Both are checked, for what is in them
 * must not end a line.  0, or -errno with a sentence and nothing made. */
int http_requests_make(const struct http_ask *ask, const struct addr_list *targets,
		       struct http_requests *out, struct err *err);
/* Each names the run's number at our own server, too (common/talk/http_parse.h); where memory is
 * out, or there is no room for it, they stay as they are: false. */
bool http_requests_name_run(struct http_requests *r, unsigned run);
void http_requests_done(struct http_requests *r);

static inline const struct http_request *http_requests_at(const struct http_requests *r,
							  size_t target, bool closes)
{
	return &r->at[2 * target + closes];
}

#endif
