#include "bench/merge/fold.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/merge/combine.h"
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
	json_t *nothing;          /* owned: {} in place of an object that a rank lacks */
	const struct leaf *lead;  /* borrowed */
	int64_t began_ms;         /* the first rank */
	unsigned all;             /* ranks so far */
	/* Of the walk under way. */
	struct combine c; /* pass: enum pass; missing: owned */
	bool own_sources;
};

struct fold *fold_new(const struct leaf *lead, int64_t began_ms)
{
	struct fold *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->whole = json_object();
	f->spaces = json_object();
	f->servers = json_object();
	f->c.missing = json_object();
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
	json_decref(f->c.missing);
	json_decref(f->nothing);
	free(f);
}

/* What a rule means on this walk; MERGE_LEFT: nothing. */
static enum merge_how meaning(const struct fold *f, enum merge_how how)
{
	bool of_space = how == MERGE_ONCE || how == MERGE_PORTS;
	bool of_server = how == MERGE_ONCE_SERVER;

	switch (f->c.pass) {
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

/* ---- the walk */

static void walk(struct fold *f, json_t *into, const json_t *from,
		 const struct merge_place *at);

/* An object, or what stands in its place, becomes one of `into`. */
static void walk_object(struct fold *f, json_t *into, const char *key, const json_t *v,
			const struct merge_place *here)
{
	json_t *have = json_object_get(into, key);
	bool is_new = !json_is_object(have);

	if (json_is_null(have) && f->c.pass != PASS_SPACE && f->c.pass != PASS_SERVER)
		return; /* one rank had none */
	if (is_new) {
		have = json_object();
		json_object_set_new(into, key, have);
	}
	walk(f, have, v, here);
	if (is_new && f->c.pass != PASS_WHOLE && !json_object_size(have))
		json_object_del(into, key);
}

/* null where other ranks have an object. */
static void walk_null(struct fold *f, json_t *into, const char *key,
		      const struct merge_place *here)
{
	enum merge_how how = meaning(f, merge_rule_inside(here));

	if (how == MERGE_SUM || how == MERGE_TALLY || how == MERGE_SAME)
		json_object_set_new(into, key, combine_not_measured(&f->c, here));
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

	if (f->c.pass != PASS_WHOLE || here.n + 1 >= MERGE_DEPTH)
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
	set = combine(&f->c, &here, meaning(f, how), have, v);
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
	if (f->c.seen == 0)
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
		space = json_pack("{s:i, s:i, s:{}}", "seen", 0, "rank", (int)f->c.rank,
				  "tree");
		json_object_set_new(spaces, name, space);
	}
	seen = json_object_get(space, "seen");
	f->c.pass = pass;
	f->c.seen = (unsigned)json_integer_value(seen);
	walk(f, json_object_get(space, "tree"), result, &top);
	json_integer_set(seen, f->c.seen + 1);
}

void fold_add(struct fold *f, const struct leaf *l, const json_t *result)
{
	const struct merge_place top = { .n = 0 };
	const json_t *ports = json_object_get(result, "ports");
	unsigned before = f->c.seen;
	char alone[32];

	f->c.rank = l->rank;
	f->c.leads = l == f->lead;
	f->c.offset_s = (double)(l->began_ms - f->began_ms) / 1000;
	f->own_sources = json_is_true(json_object_get(ports, "own_sources"));
	f->c.pass = PASS_WHOLE;
	walk(f, f->whole, result, &top);
	/* Where a namespace has no name, nobody is known to share it. */
	snprintf(alone, sizeof(alone), "rank %u", l->rank);
	add_to_space(f, PASS_SPACE, f->spaces, l->space[0] ? l->space : alone, result);
	add_to_space(f, PASS_SERVER, f->servers, l->server[0] ? l->server : alone,
		     result);
	f->c.seen = f->all = before + 1;
}

static void add_spaces(struct fold *f, enum pass pass, json_t *spaces)
{
	const struct merge_place top = { .n = 0 };
	const char *name;
	json_t *space;

	f->c.pass = pass;
	f->c.seen = 0;
	json_object_foreach (spaces, name, space) {
		f->c.rank = (unsigned)json_integer_value(json_object_get(space, "rank"));
		walk(f, f->whole, json_object_get(space, "tree"), &top);
		f->c.seen++;
	}
}

static json_t *missing_list(const struct fold *f)
{
	json_t *list = json_array(), *entry;
	const char *path;

	json_object_foreach (f->c.missing, path, entry) {
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
	whole = f->c.too_large[0] ? NULL : json_incref(f->whole);
	if (!whole)
		err_usage(err, "the sum of %s over all ranks is too large",
			  f->c.too_large);
	*missing = whole ? missing_list(f) : NULL;
	fold_free(f);
	return whole;
}
