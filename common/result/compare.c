#include "common/base/put.h"
#include "common/result/compare.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "common/result/formula_path.h"
#include "common/result/result.h"

/* A path that ends in `.*` is an object of counts: each key that is not 0 in some result is a figure. */
static const struct figure {
	const char *path;
} figures[] = {
#define FIGURE(path, title) { path },
#include "common/result/paths.def"
};

#define N(rows) (sizeof(rows) / sizeof((rows)[0]))

static json_t *value_of(const json_t *v)
{
	if (json_is_real(v))
		return result_real(json_real_value(v));
	if (json_is_integer(v) || json_is_boolean(v))
		return json_deep_copy(v);
	return json_null();
}

/* Sockets from before a run are in the counts of their state: those compare hosts, not runs. */
static bool has_older(const json_t *result, const char *path)
{
	char side[8], state[32], before[64];

	if (sscanf(path, "states.%7[a-z].%*[a-z].%31s", side, state) != 2)
		return false;
	snprintf(before, sizeof(before), "states.%s.before.%s", side, state);
	return json_number_value(result_at(result, before)) > 0;
}

static json_t *ratios_of(const json_t *values, const json_t *results, const char *path)
{
	const json_t *first = json_array_get(values, 0);
	bool older = has_older(json_array_get(results, 0), path);
	json_t *all = json_array(), *v;
	size_t i;

	json_array_foreach ((json_t *)values, i, v) {
		bool has = json_is_number(v) && json_is_number(first) &&
			   json_number_value(first) != 0 && !older &&
			   !has_older(json_array_get(results, i), path);

		json_array_append_new(all, has ? result_real(json_number_value(v) /
							     json_number_value(first))
					       : json_null());
	}
	return all;
}

static json_t *group_in(const json_t *result, const struct figure *f)
{
	char path[64];

	snprintf(path, sizeof(path), "%.*s", (int)strcspn(f->path, "*") - 1, f->path);
	return result_at(result, path);
}

/* An errno or state that never came has no key and is 0, if its group was measured. */
static json_t *value_in(const json_t *result, const struct figure *f, const char *key)
{
	const json_t *group = key ? group_in(result, f) : NULL;
	const json_t *v = key ? json_object_get(group, key) : result_at(result, f->path);

	return v || !json_is_object(group) ? value_of(v) : json_integer(0);
}

/* One value a result, taken. */
static void add_row(json_t *doc, const json_t *results, const char *at, const char *title,
		    json_t *values)
{
	put_text(json_object_get(doc, "titles"), at, title);
	put_text(json_object_get(doc, "units"), at, paths_unit(at));
	put(json_object_get(doc, "ratios"), at, ratios_of(values, results, at));
	put(json_object_get(doc, "figures"), at, values);
}

static void add_figure(json_t *doc, const json_t *results, const struct figure *f,
		       const char *key)
{
	json_t *values = json_array(), *result;
	char at[PATH_TEXT], title[PATH_TEXT];
	size_t i;

	snprintf(at, sizeof(at), "%.*s%s", (int)strcspn(f->path, "*"), f->path,
		 key ? key : "");

	json_array_foreach ((json_t *)results, i, result)
		json_array_append_new(values, value_in(result, f, key));
	add_row(doc, results, at, path_words(at, title, sizeof(title)), values);
}

/* LISTEN is no connection's.  What is the run's own is told where it is not all that there is. */
static bool is_worth_a_row(const json_t *result, const struct figure *f, const char *key,
			   const json_t *value)
{
	const char *own = strstr(f->path, ".own.");
	char all[80];

	if (!own)
		return json_number_value(value) != 0 && strcmp(key, "LISTEN") != 0;
	snprintf(all, sizeof(all), "%.*s%.*s%s", (int)(own - f->path), f->path,
		 (int)strcspn(own + 4, "*"), own + 4, key);
	return !json_equal(value, result_at(result, all));
}

static void add_group(json_t *doc, const json_t *results, const struct figure *f)
{
	json_t *seen = json_object(), *result, *value;
	const char *key;
	size_t i;

	json_array_foreach ((json_t *)results, i, result)
		json_object_foreach (group_in(result, f), key, value) {
			if (is_worth_a_row(result, f, key, value))
				put(seen, key, json_true());
		}
	json_object_foreach (seen, key, value)
		add_figure(doc, results, f, key);
	json_decref(seen);
}

/* ---- of observed hosts */

static const struct host_figure {
	const char *path, *title;
} of_hosts[] = {
#define HOST_FIGURE(path, title) { path, title },
#include "common/result/paths.def"
}, of_ends[] = {
#define END_FIGURE(path, title) { path, title },
#include "common/result/paths.def"
};

/* The keys that the object at a path has in any result, in their order; new reference. */
static json_t *keys_of(const json_t *results, const char *path)
{
	json_t *seen = json_object(), *result, *one;
	const char *key;
	size_t i;

	json_array_foreach ((json_t *)results, i, result)
		json_object_foreach (result_at(result, path), key, one)
			put(seen, key, json_true());
	return seen;
}

/* `whose` is what the title begins with. */
static void add_below(json_t *doc, const json_t *results, const char *path,
		      const char *whose, const struct host_figure *f, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		json_t *values = json_array(), *result;
		char at[PATH_TEXT], title[PATH_TEXT];
		size_t j;

		snprintf(at, sizeof(at), "%s.%s", path, f[i].path);
		snprintf(title, sizeof(title), "%s %s", whose, f[i].title);
		json_array_foreach ((json_t *)results, j, result)
			json_array_append_new(values, value_of(result_at(result, at)));
		add_row(doc, results, at, title, values);
	}
}

static void add_host(json_t *doc, const json_t *results, const char *name)
{
	char path[60], end[PATH_TEXT], whose[60];
	const char *address;
	json_t *ends, *one;

	snprintf(path, sizeof(path), "hosts.%.40s", name);
	add_below(doc, results, path, name, of_hosts, N(of_hosts));
	snprintf(path, sizeof(path), "hosts.%.40s.to", name);
	ends = keys_of(results, path);
	json_object_foreach (ends, address, one) {
		const char *port = strrchr(address, ':');

		snprintf(end, sizeof(end), "%s.%.60s", path, address);
		snprintf(whose, sizeof(whose), "%.40s to %.10s", name,
			 port ? port : address);
		add_below(doc, results, end, whose, of_ends, N(of_ends));
	}
	json_decref(ends);
}

json_t *compare_results(const json_t *results, const json_t *labels)
{
	json_t *doc = json_pack("{s:s, s:o, s:O, s:{}, s:{}, s:{}, s:{}}", "schema",
				COMPARE_SCHEMA, "tool", result_tool(), "labels", labels,
				"titles", "units", "figures", "ratios");
	json_t *hosts, *one;
	const char *name;

	for (size_t i = 0; i < N(figures); i++)
		if (strchr(figures[i].path, '*'))
			add_group(doc, results, &figures[i]);
		else
			add_figure(doc, results, &figures[i], NULL);
	hosts = keys_of(results, "hosts");
	json_object_foreach (hosts, name, one)
		add_host(doc, results, name);
	json_decref(hosts);
	return doc;
}
