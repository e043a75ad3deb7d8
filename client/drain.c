/* drain - see drain.h. */
#include "client/drain.h"

#include "common/result/result.h"

/* Longer than a burst is in two counts, much shorter than from one to the next. */
#define APART_S 0.5

static void fell(struct drain *d, double t)
{
	if (d->steps == 0 || t - d->ended_s >= APART_S) {
		d->steps++;
		d->last_s = t;
	}
	if (d->steps == 1 && d->last_s == t)
		d->began_s = t;
	d->ended_s = t;
}

void drain_find(const struct series *s, struct drain *out)
{
	uint64_t before = 0;

	*out = (struct drain){ 0 };
	for (unsigned i = 0; i < s->n; i++) {
		uint64_t now = s->row[i].client.n[STATE_TIME_WAIT];

		if (!s->row[i].has_client)
			continue;
		out->known = true;
		if (now < before)
			fell(out, s->row[i].t);
		before = now;
	}
}

static json_t *seconds(bool known, double s)
{
	return known ? result_real(s) : json_null();
}

json_t *drain_json(const struct drain *d)
{
	return json_pack(
		"{s:o, s:o, s:o, s:o}", "steps",
		d->known ? json_integer(d->steps) : json_null(), "began_s",
		seconds(d->steps > 0, d->began_s), "ended_s",
		seconds(d->steps > 0, d->ended_s), "step_s",
		seconds(d->steps > 1,
			(d->last_s - d->began_s) / (d->steps > 1 ? d->steps - 1 : 1)));
}
