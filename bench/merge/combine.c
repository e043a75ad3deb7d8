#include "bench/merge/combine.h"

#include <stdio.h>

#include "common/base/utf8.h"

static void name_path(const struct merge_place *at, char path[200])
{
	size_t len = 0;

	for (unsigned i = 0; i < at->n && len < 200; i++)
		len += (size_t)snprintf(path + len, 200 - len, "%s%.60s", i ? "." : "",
					at->key[i]);
	utf8_tame(path, false); /* a key may be cut within a character */
}

json_t *combine_not_measured(struct combine *c, const struct merge_place *at)
{
	json_t *entry;
	char path[200];

	name_path(at, path);
	entry = json_object_get(c->missing, path);
	if (!entry) {
		entry = json_pack("[i, i, i]", (int)c->rank, 0, (int)c->pass);
		json_object_set_new(c->missing, path, entry);
	}
	json_integer_set(json_array_get(entry, 1),
			 json_integer_value(json_array_get(entry, 1)) + 1);
	return json_null();
}

/* ---- two figures become one; have: NULL = there is none yet.  Each returns a new reference. */

static bool is_null(const json_t *v)
{
	return !v || json_is_null(v);
}

static json_t *as_it_is(const json_t *v)
{
	return v ? json_incref((json_t *)v) : json_null();
}

static json_t *add(struct combine *c, const struct merge_place *at, const json_t *a,
		   const json_t *b)
{
	json_int_t sum;

	if (!json_is_integer(a) || !json_is_integer(b))
		return json_real(json_number_value(a) + json_number_value(b));
	if (__builtin_add_overflow(json_integer_value(a), json_integer_value(b), &sum)) {
		name_path(at, c->too_large);
		return json_null();
	}
	return json_integer(sum);
}

static json_t *sum_of(struct combine *c, const struct merge_place *at, const json_t *have,
		      const json_t *v)
{
	if (is_null(v) || (!have && c->seen))
		return combine_not_measured(c, at);
	if (!have)
		return as_it_is(v);
	return json_is_null(have) ? json_null() : add(c, at, have, v);
}

static json_t *tally_of(struct combine *c, const struct merge_place *at,
			const json_t *have, const json_t *v)
{
	if (!v)
		return as_it_is(have);
	if (json_is_null(v))
		return combine_not_measured(c, at);
	if (!have)
		return as_it_is(v);
	return json_is_null(have) ? json_null() : add(c, at, have, v);
}

static json_t *extreme(const json_t *have, const json_t *v, double sign)
{
	if (is_null(have) || is_null(v))
		return as_it_is(is_null(have) ? v : have);
	return as_it_is(
		sign * json_number_value(v) > sign * json_number_value(have) ? v : have);
}

/* Seconds since this rank's start as seconds since the first rank's. */
static json_t *moment(const struct combine *c, const json_t *v)
{
	if (!json_is_number(v) || c->offset_s == 0)
		return as_it_is(v);
	return json_real(json_number_value(v) + c->offset_s);
}

static json_t *extreme_moment(const struct combine *c, const json_t *have,
			      const json_t *v, double sign)
{
	json_t *shifted = moment(c, v), *found = extreme(have, shifted, sign);

	json_decref(shifted);
	return found;
}

static json_t *same_or_null(const struct combine *c, const json_t *have, const json_t *v)
{
	if (!c->seen)
		return as_it_is(v);
	return have && v && json_equal((json_t *)have, (json_t *)v) ? as_it_is(have)
								    : json_null();
}

static json_t *truth(const json_t *have, const json_t *v, bool every)
{
	if (is_null(have) || is_null(v))
		return as_it_is(is_null(have) ? v : have);
	return json_boolean(every ? json_is_true(have) && json_is_true(v)
				  : json_is_true(have) || json_is_true(v));
}

static json_int_t bound(const json_t *span, size_t i)
{
	return json_integer_value(json_is_array(span) ? json_array_get(span, i) : span);
}

static json_t *span_of(struct combine *c, const struct merge_place *at,
		       const json_t *have, const json_t *v)
{
	if (is_null(v) || is_null(have) || (json_is_integer(have) && json_is_integer(v)))
		return sum_of(c, at, have, v);
	return json_pack("[I, I]", bound(have, 0) + bound(v, 0),
			 bound(have, 1) + bound(v, 1));
}

json_t *combine(struct combine *c, const struct merge_place *at, enum merge_how how,
		const json_t *have, const json_t *v)
{
	switch (how) {
	case MERGE_SUM:
		return sum_of(c, at, have, v);
	case MERGE_TALLY:
		return tally_of(c, at, have, v);
	case MERGE_SPAN:
		return span_of(c, at, have, v);
	case MERGE_MIN:
		return extreme(have, v, -1);
	case MERGE_MAX:
		return extreme(have, v, 1);
	case MERGE_FIRST:
		return extreme_moment(c, have, v, -1);
	case MERGE_LAST:
		return extreme_moment(c, have, v, 1);
	case MERGE_SAME:
		return same_or_null(c, have, v);
	case MERGE_SOME:
	case MERGE_KEY:
		return as_it_is(is_null(have) ? v : have);
	case MERGE_EVERY:
		return truth(have, v, true);
	case MERGE_ANY:
		return truth(have, v, false);
	case MERGE_LEAD:
		return c->leads && v ? json_incref((json_t *)v) : NULL;
	case MERGE_LEAD_AT:
		return c->leads && v ? moment(c, v) : NULL;
	default:
		return NULL;
	}
}
