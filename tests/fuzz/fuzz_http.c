/* HTTP messages: the first byte says which kind and where the bytes are cut.  However they are
 * cut, the answer is the same; no more is taken than there is, and no more than a head's worth of
 * 1xx; a complete message that is fed again alone is complete again. */
#include "common/talk/http_parse.h"
#include "tests/fuzz/fuzz.h"

static void begin(struct http_parse *p, unsigned kind, char *target, size_t size)
{
	if (kind & 1)
		http_parse_request(p, target, size);
	else
		http_parse_response(p, kind & 2);
}

static size_t feed(struct http_parse *p, const uint8_t *data, size_t size, size_t part)
{
	size_t used = 0;

	while (used < size && !http_parse_done(p) && !http_parse_failed(p)) {
		size_t n = size - used < part ? size - used : part;
		size_t took = http_parse_feed(p, data + used, n);

		if (took > n ||
		    (took < n && !http_parse_done(p) && !http_parse_failed(p)))
			abort();
		used += took;
		if (http_parse_done(p) && !p->request && http_is_interim(p)) {
			if (used > HTTP_HEAD_MAX)
				abort();
			http_parse_after_interim(p);
		}
	}
	return used;
}

static void same(const struct http_parse *a, const struct http_parse *b)
{
	if (a->error != b->error || a->state != b->state || a->status != b->status ||
	    a->body != b->body || a->left != b->left || a->budget != b->budget ||
	    a->target_len != b->target_len || http_keeps_alive(a) != http_keeps_alive(b))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char target_a[16] = "", target_b[16] = "";
	struct http_parse a, b;
	size_t used, part;

	if (size < 1)
		return 0;
	part = (size_t)(data[0] >> 2) + 1;
	begin(&a, data[0], target_a, sizeof(target_a));
	begin(&b, data[0], target_b, sizeof(target_b));
	used = feed(&a, data + 1, size - 1, size);
	if (feed(&b, data + 1, size - 1, part) != used)
		abort();
	same(&a, &b);
	if (strcmp(target_a, target_b) != 0 && a.head_done)
		abort();
	if (http_parse_done(&a)) {
		begin(&b, data[0], target_b, sizeof(target_b));
		if (feed(&b, data + 1, used, size) != used || !http_parse_done(&b))
			abort();
	}
	http_parse_eof(&a);
	if (http_parse_done(&a) == http_parse_failed(&a))
		abort();
	if (http_parse_failed(&a) != (a.error != HTTP_NONE) || a.error >= HTTP_ERRORS)
		abort();
	return 0;
}
