#include "common/ports/resting.h"

#include <stdlib.h>
#include <string.h>

int resting_init(struct resting *r, const struct load *load, uint64_t most,
		 struct err *err)
{
	*r = (struct resting){ .load = load, .next_ns = UINT64_MAX };
	r->at = calloc(most ? most : 1, sizeof(*r->at));
	return r->at ? 0 : err_memory(err);
}

void resting_done(struct resting *r)
{
	free(r->at);
	r->at = NULL;
}

static bool never_retires(const struct load *l)
{
	return !l->max_requests && !l->max_age_ns && !l->idle_timeout_ns;
}

bool resting_suffices(const struct resting *r, bool used_first)
{
	return r->load && never_retires(r->load) && r->n > 0 && used_first;
}

/* When that one retires: at once if it has served enough. */
static uint64_t retires_ns(const struct resting *r, const struct resting_one *one)
{
	const struct load *l = r->load;
	uint64_t at_ns = UINT64_MAX;

	if (l->max_requests && one->served >= l->max_requests)
		return one->since_ns;
	if (l->max_age_ns)
		at_ns = one->born_ns + l->max_age_ns;
	if (l->idle_timeout_ns && one->since_ns + l->idle_timeout_ns < at_ns)
		at_ns = one->since_ns + l->idle_timeout_ns;
	return at_ns;
}

static void append(struct resting *r, const struct resting_one *one)
{
	uint64_t at_ns = retires_ns(r, one);

	r->at[r->n++] = *one;
	if (at_ns < r->next_ns)
		r->next_ns = at_ns;
}

static struct resting_one take(struct resting *r, size_t i)
{
	struct resting_one one = r->at[i];

	r->n--;
	memmove(&r->at[i], &r->at[i + 1], (r->n - i) * sizeof(*r->at));
	return one;
}

void resting_add(struct resting *r, const struct choice *c, uint64_t now_ns)
{
	const struct resting_one one = { .choice = *c,
					 .born_ns = now_ns,
					 .since_ns = now_ns,
					 .served = r->load->requests };

	append(r, &one);
}

void resting_use(struct resting *r, uint64_t now_ns)
{
	bool paced = r->load->rate.from > 0;
	struct resting_one one = take(r, paced ? r->n - 1 : 0);

	one.since_ns = now_ns;
	one.served += r->load->requests;
	append(r, &one);
}

uint64_t resting_next_ns(const struct resting *r)
{
	return r->load ? r->next_ns : UINT64_MAX;
}

static void find_next(struct resting *r)
{
	r->next_ns = UINT64_MAX;
	for (size_t i = 0; i < r->n; i++) {
		uint64_t at_ns = retires_ns(r, &r->at[i]);

		if (at_ns < r->next_ns)
			r->next_ns = at_ns;
	}
}

bool resting_retire(struct resting *r, uint64_t now_ns, struct choice *c)
{
	if (resting_next_ns(r) > now_ns)
		return false;
	for (size_t i = 0; i < r->n; i++) {
		if (retires_ns(r, &r->at[i]) > now_ns)
			continue;
		*c = take(r, i).choice;
		return true;
	}
	find_next(r);
	return false;
}
