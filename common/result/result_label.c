#include "common/result/result_label.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "common/result/result.h"

static const char *text_at(const json_t *result, const char *path)
{
	const char *text = json_string_value(result_at(result, path));

	return text && *text ? text : NULL;
}

static json_t *label_variant(const json_t *result, const char *path)
{
	const char *variant = text_at(result, "lab.variant");

	(void)path;
	return variant ? json_string(variant) : NULL;
}

/* Where a variant has several clients. */
static json_t *label_client(const json_t *result, const char *path)
{
	const char *variant = text_at(result, "lab.variant");
	const char *client = text_at(result, "lab.client");

	(void)path;
	return variant && client ? json_sprintf("%s/%s", variant, client) : NULL;
}

static json_t *label_scenario(const json_t *result, const char *path)
{
	const char *scenario = text_at(result, "lab.scenario");
	const char *variant = text_at(result, "lab.variant");

	(void)path;
	return scenario && variant ? json_sprintf("%s/%s", scenario, variant) : NULL;
}

static json_t *label_file(const json_t *result, const char *path)
{
	const char *name = path ? strrchr(path, '/') : NULL;
	size_t length;

	(void)result;
	name = name ? name + 1 : path;
	length = name ? strlen(name) : 0;
	if (length > 5 && strcmp(name + length - 5, ".json") == 0)
		length -= 5;
	return length ? json_stringn(name, length) : NULL;
}

static json_t *label_path(const json_t *result, const char *path)
{
	(void)result;
	return path && *path ? json_string(path) : NULL;
}

static json_t *label_run(const json_t *result, const char *path)
{
	const char *id = text_at(result, "run.id");

	(void)path;
	return json_string(id ? id : "result");
}

static json_t *(*const ways[])(const json_t *result, const char *path) = {
	label_variant, label_client, label_scenario, label_file, label_path, label_run,
};
#define WAYS     (sizeof(ways) / sizeof(ways[0]))
#define WAY_FILE 3 /* label_file */

/* The way wanted, or the next that gives a label; the last always does, but for text that is
 * no UTF-8. */
static json_t *label_by(size_t way, const json_t *result, const char *path)
{
	json_t *label = NULL;

	for (; way < WAYS && !label; way++)
		label = ways[way](result, path);
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
