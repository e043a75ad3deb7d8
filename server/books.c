#include "server/books.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/talk/proto_raw.h"
#include "server/run.h"

struct books {
	struct {
		char key[BOOKS_KEY];        /* "" = nobody has had it yet */
		uint64_t asked_ns;          /* by the run that has it */
		struct server_tally before; /* what was counted when it was given out */
	} at[RAW_RUNS];                     /* by number; 0 is none */
	unsigned next;                      /* the first to be given out */
};

/* From anywhere on: connections of a run that began at a server before this one may still
 * name a number of that one's. */
struct books *books_new(void)
{
	struct books *b = calloc(1, sizeof(*b));

	if (b)
		b->next = (unsigned)(clock_wall_ns() / NS_PER_MS % RAW_RUNS);
	return b;
}

void books_free(struct books *b)
{
	free(b);
}

static void sum_all(const struct server_run *run, unsigned number,
		    struct server_tally *sum)
{
	memset(sum, 0, sizeof(*sum));
	for (unsigned i = 0; i < run->plan.workers; i++)
		tally_add_all(sum, &run->workers[i]->of_run[number], sizeof(*sum));
}

void books_sum(const struct books *b, const struct server_run *run, unsigned number,
	       struct server_tally *sum)
{
	const tally_t *before = (const tally_t *)&b->at[number].before;
	tally_t *now = (tally_t *)sum;

	sum_all(run, number, sum);
	for (size_t i = 0; i < sizeof(*sum) / sizeof(*now); i++)
		tally_set(&now[i], tally_get(&now[i]) - tally_get(&before[i]));
}

static bool is_free(const struct books *b, const struct server_run *run, unsigned number,
		    uint64_t now_ns)
{
	struct server_tally sum;

	sum_all(run, number, &sum);
	if (b->at[number].key[0] == '\0')
		return tally_get(&sum.accepted) == 0; /* else a stranger names it */
	return now_ns > b->at[number].asked_ns + BOOKS_KEPT_S * NS_PER_S &&
	       tally_get(&sum.open) == 0;
}

static unsigned give_out(struct books *b, const struct server_run *run, const char *key,
			 uint64_t now_ns)
{
	for (unsigned i = 0; i < RAW_RUNS; i++) {
		unsigned number = (b->next + i) % RAW_RUNS;

		if (number == 0 || !is_free(b, run, number, now_ns))
			continue;
		b->next = (number + 1) % RAW_RUNS;
		strcpy(b->at[number].key, key);
		b->at[number].asked_ns = now_ns;
		sum_all(run, number, &b->at[number].before);
		return number;
	}
	return 0;
}

unsigned books_number(struct books *b, const struct server_run *run, const char *key,
		      uint64_t now_ns)
{
	for (unsigned number = 1; number < RAW_RUNS; number++)
		if (strcmp(b->at[number].key, key) == 0) {
			b->at[number].asked_ns = now_ns;
			return number;
		}
	return give_out(b, run, key, now_ns);
}
