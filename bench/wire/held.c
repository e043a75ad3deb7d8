#include "bench/wire/held.h"

#include <stdlib.h>
#include <string.h>

struct held *held_new(const struct step *step, const unsigned char *bytes, size_t len)
{
	struct held *h = malloc(sizeof(*h) + len);

	if (!h)
		return NULL;
	*h = (struct held){ .step = *step, .after = -1, .len = len };
	memcpy(h->bytes, bytes, len);
	return h;
}

bool held_is_again(const struct held *h, const struct step *s)
{
	return h->step.from == s->from && h->step.segment.seq == s->segment.seq &&
	       h->step.segment.len == s->segment.len &&
	       h->step.segment.flags == s->segment.flags &&
	       segment_space(&s->segment) > 0;
}
