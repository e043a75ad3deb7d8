#include "common/talk/http_known.h"

#include <string.h>

bool http_known_is(const struct http_known *k, struct http_parse *p, const void *bytes,
		   size_t n)
{
	if (n != k->n || !http_parse_waits(p) || memcmp(bytes, k->bytes, n) != 0)
		return false;
	*p = k->after;
	return true;
}

void http_known_keep(struct http_known *k, const struct http_parse *p, const void *bytes,
		     size_t n)
{
	if (n > sizeof(k->bytes))
		return;
	memcpy(k->bytes, bytes, n);
	k->after = *p;
	k->n = n;
}
