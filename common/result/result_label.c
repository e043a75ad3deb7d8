#include "common/result/result_label.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "common/result/result.h"

/* The file's name without .json; or NULL. */
static json_t *file_name(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	size_t length = strlen(name);

	if (length > 5 && strcmp(name + length - 5, ".json") == 0)
		length -= 5;
	return length ? json_stringn(name, length) : NULL;
}

/* What a label can be, the shortest first: a text of the result, or two of them, or of its file. */
static const struct way {
	const char *first, *second;
} ways[] = {
	{ "lab.variant", NULL },
	{ "lab.variant", "lab.client" }, /* where a variant has several clients */
	{ "lab.scenario", "lab.variant" },
	{ NULL, NULL }, /* the file's name */
	{ NULL, NULL }, /* its path */
	{ "run.id", NULL },
};
#define WAYS     (sizeof(ways) / sizeof(ways[0]))
#define WAY_FILE 3

static const char *text_at(const json_t *result, const char *path)
{
	const char *text = json_string_value(result_at(result, path));

	return text && *text ? text : NULL;
}

/* NULL where there is no such text. */
static json_t *label_of(size_t way, const json_t *result, const char *path)
{
	const struct way *w = &ways[way];
	const char *first = w->first ? text_at(result, w->first) : path, *second;

	if (!first || !*first)
		return NULL;
	if (way == WAY_FILE)
		return file_name(path);
	if (!w->second)
		return json_string(first);
	second = text_at(result, w->second);
	return second ? json_sprintf("%s/%s", first, second) : NULL;
}

/* The way wanted, or the next that gives a label. */
static json_t *label_by(size_t way, const json_t *result, const char *path)
{
	json_t *label = NULL;

	for (; way < WAYS && !label; way++)
		label = label_of(way, result, path);
	return label ? label : json_string("result");
}

static json_t *labels_by(size_t way, const json_t *results, const char *const *paths)
{
	json_t *all = json_array(), *result;
	size_t i;

	json_array_foreach ((json_t *)results, i, result)
		json_array_append_new(all,
				      label_by(way, result, paths ? paths[i] : NULL));
	return all;
}

static bool is_among_first(const json_t *labels, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(json_string_value(json_array_get(labels, i)), text) == 0)
			return true;
	return false;
}

static bool all_differ(const json_t *labels)
{
	for (size_t i = 1; i < json_array_size(labels); i++)
		if (is_among_first(labels, i,
				   json_string_value(json_array_get(labels, i))))
			return false;
	return true;
}

static void number(json_t *labels)
{
	for (size_t i = 1; i < json_array_size(labels); i++) {
		json_t *first = json_incref(json_array_get(labels, i));
		unsigned n = 2;

		while (is_among_first(labels, i,
				      json_string_value(json_array_get(labels, i))))
			json_array_set_new(
				labels, i,
				json_sprintf("%s (%u)", json_string_value(first), n++));
		json_decref(first);
	}
}

json_t *result_labels(const json_t *results, const char *const *paths)
{
	json_t *labels = NULL;

	for (size_t way = 0; way < WAYS; way++) {
		json_decref(labels);
		labels = labels_by(way, results, paths);
		if (all_differ(labels))
			return labels;
	}
	json_decref(labels);
	labels = labels_by(paths ? WAY_FILE : 0, results, paths);
	number(labels);
	return labels;
}
