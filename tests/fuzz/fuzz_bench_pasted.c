/* Any text can be read: the readers keep their bounds, and what is concluded of it adds up; with other addresses it
 * has as many lines.  fuzz_bench_doctor goes on from there, and is much slower. */
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include "bench/doctor/anonymize.h"
#include "bench/doctor/facts.h"
#include "tests/fuzz/fuzz.h"

static void each_line(struct reading *r, struct anonymizer *a, FILE *other,
		      const char *text, size_t size)
{
	while (size) {
		const char *end = memchr(text, '\n', size);
		size_t len = end ? (size_t)(end - text) : size;
		char line[4097];

		reading_line(r, text, len, end != NULL, len + (end != NULL) == size);
		if (len < sizeof(line)) {
			memcpy(line, text, len);
			line[len] = '\0';
			if (anonymize_line(a, line, len, other, NULL) < 0)
				abort();
		}
		text += len + (end != NULL);
		size -= len + (end != NULL);
	}
}

static void check_sums(const struct facts *f)
{
	const struct reading *r = f->read;
	uint64_t born = f->expired;

	for (unsigned i = 0; i < FACTS_SECONDS; i++)
		born += f->born[i];
	if (born != f->timed || r->seen.n > r->sockets_listed)
		abort();
	for (unsigned i = 0; i < f->n_remotes; i++)
		if (f->remote[i].ports_used > f->remote[i].sockets)
			abort();
}

/* The memory of one input's tables serves the next, so that the readers take the time, not malloc(). */
static void begin(struct reading *r)
{
	struct noted seen = r->seen;

	names_done(&r->names);
	memset(r, 0, sizeof(*r));
	r->seen = seen;
	noted_clear(&r->seen);
	reading_begin(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct reading r;
	static struct facts f;
	static FILE *other;
	struct anonymizer *a = anonymizer_new(NULL);

	if (!other) {
		other = fopen("/dev/null", "w");
		if (other)
			__fsetlocking(other, FSETLOCKING_BYCALLER);
	}
	if (!a || !other)
		abort();
	begin(&r);
	each_line(&r, a, other, (const char *)data, size);
	if (facts_of(&r, &f, NULL) < 0)
		abort();
	check_sums(&f);
	anonymizer_free(a);
	return 0;
}
