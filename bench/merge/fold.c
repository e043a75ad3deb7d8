#include "bench/merge/fold.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/merge/rules.h"
#include "common/base/put.h"

/* What is looked for on a walk through a rank's result. */
enum pass {
	PASS_WHOLE,   /* what each rank has of its own */
	PASS_SPACE,   /* what ranks of one network namespace see alike */
	PASS_SERVER,  /* the same of the server's */
	PASS_SPACES,  /* all namespaces added */
	PASS_SERVERS, /* all servers' added */
};

struct fold {
	json_t *whole;            /* owned, as are the next three */
	json_t *spaces, *servers; /* name: {seen, tree} */
	json_t *missing;          /* path: [first rank, ranks] */
	json_t *nothing;          /* owned: {} in place of an object that a rank lacks */
	const struct leaf *lead;  /* borrowed */
	int64_t began_ms;         /* the first rank */
	/* of the walk under way */
	enum pass pass;
	unsigned seen; /* results before this one */
	unsigned all;  /* ranks so far */
	unsigned rank;
	bool leads, own_sources;
	double offset_s;
	char too_large[200]; /* the path of a sum that has no place; "" = all have */
};

struct fold *fold_new(const struct leaf *lead, int64_t began_ms)
{
	struct fold *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->whole = json_object();
	f->spaces = json_object();
	f->servers = json_object();
	f->missing = json_object();
	f->nothing = json_object();
	f->lead = lead;
	f->began_ms = began_ms;
	return f;
}

void fold_free(struct fold *f)
{
	if (!f)
		return;
	json_decref(f->whole);
	json_decref(f->spaces);
	json_decref(f->servers);
	json_decref(f->missing);
	json_decref(f->nothing);
	free(f);
}

/* What a rule means on this walk; MERGE_LEFT: nothing. */
static enum merge_how meaning(const struct fold *f, enum merge_how how)
{
	bool of_space = how == MERGE_ONCE || how == MERGE_PORTS;
	bool of_server = how == MERGE_ONCE_SERVER;

	switch (f->pass) {
	case PASS_WHOLE:
		return of_space || of_server ? MERGE_LEFT : how;
	case PASS_SPACE:
		if (how == MERGE_PORTS && f->own_sources)
			return MERGE_SUM;
		return of_space ? MERGE_MAX : MERGE_LEFT;
	case PASS_SERVER:
		return of_server ? MERGE_MAX : MERGE_LEFT;
	case PASS_SPACES:
		return of_space ? MERGE_SUM : MERGE_LEFT;
	default:
		return of_server ? MERGE_SUM : MERGE_LEFT;
	}
}

static void name_path(const struct merge_place *at, char path[200])
{
	size_t len = 0;

	for (unsigned i = 0; i < at->n && len < 200; i++)
		len += (size_t)snprintf(path + len, 200 - len, "%s%.60s", i ? "." : "",
					at->key[i]);
}

static json_t *not_measured(struct fold *f, const struct merge_place *at)
{
	json_t *entry;
	char path[200];

	name_path(at, path);
	entry = json_object_get(f->missing, path);
	if (!entry) {
		entry = json_pack("[i, i, i]", (int)f->rank, 0, (int)f->pass);
		json_object_set_new(f->missing, path, entry);
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

static json_t *add(struct fold *f, const struct merge_place *at, const json_t *a,
		   const json_t *b)
{
	json_int_t sum;

	if (!json_is_integer(a) || !json_is_integer(b))
		return json_real(json_number_value(a) + json_number_value(b));
	if (__builtin_add_overflow(json_integer_value(a), json_integer_value(b), &sum)) {
		name_path(at, f->too_large);
		return json_null();
	}
	return json_integer(sum);
}

static json_t *sum_of(struct fold *f, const struct merge_place *at, const json_t *have,
		      const json_t *v)
{
	if (is_null(v) || (!have && f->seen))
		return not_measured(f, at);
	if (!have)
		return as_it_is(v);
	return json_is_null(have) ? json_null() : add(f, at, have, v);
}

static json_t *tally_of(struct fold *f, const struct merge_place *at, const json_t *have,
			const json_t *v)
{
	if (!v)
		return as_it_is(have);
	if (json_is_null(v))
		return not_measured(f, at);
	if (!have)
		return as_it_is(v);
	return json_is_null(have) ? json_null() : add(f, at, have, v);
}

static json_t *extreme(const json_t *have, const json_t *v, double sign)
{
	if (is_null(have) || is_null(v))
		return as_it_is(is_null(have) ? v : have);
	return as_it_is(
		sign * json_number_value(v) > sign * json_number_value(have) ? v : have);
}

/* Seconds since this rank's start as seconds since the first rank's. */
static json_t *moment(const struct fold *f, const json_t *v)
{
	if (!json_is_number(v) || f->offset_s == 0)
		return as_it_is(v);
	return json_real(json_number_value(v) + f->offset_s);
}

static json_t *extreme_moment(const struct fold *f, const json_t *have, const json_t *v,
			      double sign)
{
	json_t *shifted = moment(f, v), *found = extreme(have, shifted, sign);

	json_decref(shifted);
	return found;
}

static json_t *same_or_null(const struct fold *f, const json_t *have, const json_t *v)
{
	if (!f->seen)
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

static json_t *span_of(struct fold *f, const struct merge_place *at, const json_t *have,
		       const json_t *v)
{
	if (is_null(v) || is_null(have) || (json_is_integer(have) && json_is_integer(v)))
		return sum_of(f, at, have, v);
	return json_pack("[I, I]", bound(have, 0) + bound(v, 0),
			 bound(have, 1) + bound(v, 1));
}

/* NULL: nothing is to be set. */
static json_t *combine(struct fold *f, const struct merge_place *at, enum merge_how how,
		       const json_t *have, const json_t *v)
{
	switch (how) {
	case MERGE_SUM:
		return sum_of(f, at, have, v);
	case MERGE_TALLY:
		return tally_of(f, at, have, v);
	case MERGE_SPAN:
		return span_of(f, at, have, v);
	case MERGE_MIN:
		return extreme(have, v, -1);
	case MERGE_MAX:
		return extreme(have, v, 1);
	case MERGE_FIRST:
		return extreme_moment(f, have, v, -1);
	case MERGE_LAST:
		return extreme_moment(f, have, v, 1);
	case MERGE_SAME:
		return same_or_null(f, have, v);
	case MERGE_SOME:
	case MERGE_KEY:
		return as_it_is(is_null(have) ? v : have);
	case MERGE_EVERY:
		return truth(have, v, true);
	case MERGE_ANY:
		return truth(have, v, false);
	case MERGE_LEAD:
		return f->leads && v ? json_incref((json_t *)v) : NULL;
	case MERGE_LEAD_AT:
		return f->leads && v ? moment(f, v) : NULL;
	default:
		return NULL;
	}
}

/* ---- the walk */

static void walk(struct fold *f, json_t *into, const json_t *from,
		 const struct merge_place *at);

/* An object, or what stands in its place, becomes one of `into`. */
static void walk_object(struct fold *f, json_t *into, const char *key, const json_t *v,
			const struct merge_place *here)
{
	json_t *have = json_object_get(into, key);
	bool is_new = !json_is_object(have);

	if (json_is_null(have) && f->pass != PASS_SPACE && f->pass != PASS_SERVER)
		return; /* one rank had none */
	if (is_new) {
		have = json_object();
		json_object_set_new(into, key, have);
	}
	walk(f, have, v, here);
	if (is_new && f->pass != PASS_WHOLE && !json_object_size(have))
		json_object_del(into, key);
}

/* null where other ranks have an object. */
static void walk_null(struct fold *f, json_t *into, const char *key,
		      const struct merge_place *here)
{
	enum merge_how how = meaning(f, merge_rule_inside(here));

	if (how == MERGE_SUM || how == MERGE_TALLY || how == MERGE_SAME)
		json_object_set_new(into, key, not_measured(f, here));
	else if (how != MERGE_LEFT && how != MERGE_MADE && how != MERGE_NONE &&
		 !json_object_get(into, key))
		json_object_set_new(into, key, json_null());
}

static json_t *find_by(const json_t *list, const char *key, const json_t *name)
{
	json_t *one;
	size_t i;

	json_array_foreach ((json_t *)list, i, one)
		if (json_equal(json_object_get(one, key), (json_t *)name))
			return one;
	return NULL;
}

/* The key by which elements are told apart; NULL = there is none. */
static const char *key_of(const json_t *element, const struct merge_place *here)
{
	struct merge_place inside = *here;
	const char *key;
	json_t *v;

	inside.n++;
	json_object_foreach ((json_t *)element, key, v) {
		inside.key[here->n] = key;
		if (merge_rule(&inside) == MERGE_KEY)
			return key;
	}
	return NULL;
}

static void walk_array(struct fold *f, json_t *into, const char *key, const json_t *v,
		       const struct merge_place *at)
{
	json_t *list = json_object_get(into, key), *one, *have;
	struct merge_place here = *at;
	const char *name = NULL;
	char brackets[64];
	size_t i;

	if (f->pass != PASS_WHOLE || here.n + 1 >= MERGE_DEPTH)
		return;
	snprintf(brackets, sizeof(brackets), "%.60s[]", key);
	here.key[here.n++] = brackets;
	if (!json_is_array(list)) {
		list = json_array();
		json_object_set_new(into, key, list);
	}
	json_array_foreach ((json_t *)v, i, one) {
		name = key_of(one, &here);
		if (!name)
			continue;
		have = find_by(list, name, json_object_get(one, name));
		if (!have) {
			have = json_object();
			json_array_append_new(list, have);
		}
		walk(f, have, one, &here);
	}
	json_array_foreach (list, i, have) {
		name = key_of(have, &here);
		if (name && !find_by(v, name, json_object_get(have, name)))
			walk(f, have, f->nothing, &here);
	}
}

/* v: NULL = this rank lacks it. */
static void walk_member(struct fold *f, json_t *into, const char *key, const json_t *v,
			const struct merge_place *at)
{
	const json_t *have = json_object_get(into, key);
	struct merge_place here = *at;
	enum merge_how how;
	json_t *set;

	if (here.n == MERGE_DEPTH)
		return;
	here.key[here.n++] = key;
	how = merge_rule(&here);
	if (merge_is_of_numbers(how) && (json_is_object(v) || json_is_array(v)))
		how = MERGE_NONE; /* "http.*" is not meant for http.status */
	if (json_is_object(v) && (how == MERGE_NONE || how == MERGE_SAME)) {
		walk_object(f, into, key, v, &here);
		return;
	}
	if (!v && json_is_object(have) && how != MERGE_LEAD) {
		walk_object(f, into, key, f->nothing, &here);
		return;
	}
	if (how == MERGE_NONE) {
		if (json_is_array(v))
			walk_array(f, into, key, v, at);
		else if (json_is_null(v))
			walk_null(f, into, key, &here);
		return;
	}
	set = combine(f, &here, meaning(f, how), have, v);
	if (set)
		json_object_set_new(into, key, set);
}

static void walk(struct fold *f, json_t *into, const json_t *from,
		 const struct merge_place *at)
{
	const char *key;
	json_t *v;

	json_object_foreach ((json_t *)from, key, v)
		walk_member(f, into, key, v, at);
	if (f->seen == 0)
		return;
	json_object_foreach (into, key, v)
		if (!json_object_get(from, key))
			walk_member(f, into, key, NULL, at);
}

/* ---- all ranks */

static void add_to_space(struct fold *f, enum pass pass, json_t *spaces, const char *name,
			 const json_t *result)
{
	const struct merge_place top = { .n = 0 };
	json_t *space = json_object_get(spaces, name), *seen;

	if (!space) {
		space = json_pack("{s:i, s:i, s:{}}", "seen", 0, "rank", (int)f->rank,
				  "tree");
		json_object_set_new(spaces, name, space);
	}
	seen = json_object_get(space, "seen");
	f->pass = pass;
	f->seen = (unsigned)json_integer_value(seen);
	walk(f, json_object_get(space, "tree"), result, &top);
	json_integer_set(seen, f->seen + 1);
}

void fold_add(struct fold *f, const struct leaf *l, const json_t *result)
{
	const struct merge_place top = { .n = 0 };
	const json_t *ports = json_object_get(result, "ports");
	unsigned before = f->seen;
	char alone[32];

	f->rank = l->rank;
	f->leads = l == f->lead;
	f->offset_s = (double)(l->began_ms - f->began_ms) / 1000;
	f->own_sources = json_is_true(json_object_get(ports, "own_sources"));
	f->pass = PASS_WHOLE;
	walk(f, f->whole, result, &top);
	/* Where a namespace has no name, nobody is known to share it. */
	snprintf(alone, sizeof(alone), "rank %u", l->rank);
	add_to_space(f, PASS_SPACE, f->spaces, l->space[0] ? l->space : alone, result);
	add_to_space(f, PASS_SERVER, f->servers, l->server[0] ? l->server : alone,
		     result);
	f->seen = f->all = before + 1;
}

static void add_spaces(struct fold *f, enum pass pass, json_t *spaces)
{
	const struct merge_place top = { .n = 0 };
	const char *name;
	json_t *space;

	f->pass = pass;
	f->seen = 0;
	json_object_foreach (spaces, name, space) {
		f->rank = (unsigned)json_integer_value(json_object_get(space, "rank"));
		walk(f, f->whole, json_object_get(space, "tree"), &top);
		f->seen++;
	}
}

static json_t *missing_list(const struct fold *f)
{
	json_t *list = json_array(), *entry;
	const char *path;

	json_object_foreach (f->missing, path, entry) {
		json_int_t n = json_integer_value(json_array_get(entry, 1));
		json_int_t pass = json_integer_value(json_array_get(entry, 2));

		/* What no rank has, the whole does not lack. */
		if (n >= (json_int_t)(pass == PASS_SPACES ? json_object_size(f->spaces)
				      : pass == PASS_SERVERS
					      ? json_object_size(f->servers)
					      : f->all))
			continue;
		json_array_append_new(list, json_pack("{s:s, s:O, s:O}", "path", path,
						      "rank", json_array_get(entry, 0),
						      "ranks", json_array_get(entry, 1)));
	}
	return list;
}

json_t *fold_end(struct fold *f, json_t **missing, unsigned *spaces, struct err *err)
{
	json_t *whole;

	add_spaces(f, PASS_SPACES, f->spaces);
	add_spaces(f, PASS_SERVERS, f->servers);
	*spaces = (unsigned)json_object_size(f->spaces);
	whole = f->too_large[0] ? NULL : json_incref(f->whole);
	if (!whole)
		err_usage(err, "the sum of %s over all ranks is too large", f->too_large);
	*missing = whole ? missing_list(f) : NULL;
	fold_free(f);
	return whole;
}
