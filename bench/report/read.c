#include "bench/report/read.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "common/base/file.h"
#include "common/base/memory.h"
#include "common/base/utf8.h"
#include "common/result/result.h"
#include "common/result/story.h"

/* Twice what the longest result of ours has: six full histograms and a full series. */
#define REPORT_MAX     (16 << 20)
#define REPORT_MAX_ALL (64 << 20)

/* ---- what came from a file is printed on terminals */

/* NULL without memory; the caller that writes the document then reports it. */
static char *tame_copy(const char *text)
{
	char *copy = strdup(text);

	if (copy)
		utf8_tame(copy, false);
	else
		memory_lost();
	return copy;
}

static void tame_string(json_t *string)
{
	char *copy;

	if (utf8_is_tame(json_string_value(string), false))
		return;
	copy = tame_copy(json_string_value(string));
	json_string_set(string, copy ? copy : "");
	free(copy);
}

/* Its keys and its values. */
static void tame_object(json_t *object)
{
	json_t *all = json_object(), *value;
	const char *key;

	json_object_foreach (object, key, value) {
		char *copy = tame_copy(key);

		report_tame(value);
		if (copy)
			json_object_set(all, copy, value);
		free(copy);
	}
	json_object_clear(object);
	json_object_update(object, all);
	json_decref(all);
}

void report_tame(json_t *value)
{
	json_t *one;
	size_t i;

	if (json_is_string(value))
		tame_string(value);
	else if (json_is_object(value))
		tame_object(value);
	json_array_foreach (value, i, one)
		report_tame(one);
}

/* ---- files */

static int check_schema(const json_t *doc, const char *path, struct err *err)
{
	const char *schema = json_string_value(json_object_get(doc, "schema"));
	size_t family = strlen(RESULT_SCHEMA) - 1; /* "twstorm.result/" */

	if (!schema)
		return err_usage(err, "%s is no twstorm result: it has no \"schema\"",
				 path);
	if (strcmp(schema, RESULT_SCHEMA) == 0)
		return 0;
	if (strncmp(schema, RESULT_SCHEMA, family) == 0)
		return err_usage(err,
				 "%s is a result of another version, %.40s; this twstorm "
				 "reads %s",
				 path, schema, RESULT_SCHEMA);
	return err_usage(err, "%s is no client's result (%s) but %.40s", path,
			 RESULT_SCHEMA, schema);
}

static int parse(const char *text, size_t len, const char *path, json_t **doc,
		 struct err *err)
{
	json_error_t why;
	json_t *raw;
	int r = 0;

	memory_needed(true);
	raw = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
	memory_needed(false);
	if (!raw)
		r = err_usage(err, "%s is no JSON: line %d: %s", path, why.line,
			      why.text);
	else if (!json_is_object(raw))
		r = err_usage(err, "%s is no twstorm result: its JSON is no object",
			      path);
	if (r == 0) {
		report_tame(raw);
		r = check_schema(raw, path, err);
	}
	if (r < 0)
		json_decref(raw);
	else
		story_of_old(raw);
	*doc = r < 0 ? NULL : raw;
	return r;
}

/* A person who types a result in, or another program that writes it, may need some time. */
static int read_text(const char *path, size_t most, char **text, size_t *len,
		     struct stat *st, struct err *err)
{
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : file_open(path, err), r;

	if (fd < 0)
		return fd;
	if (fstat(fd, st) == -1)
		r = err_usage(err, "cannot read %s: %s", path, strerror(errno));
	else
		r = file_read(fd, is_stdin ? "standard input" : path, most,
			      is_stdin ? 0 : FILE_PATIENCE_S, text, len, err);
	if (!is_stdin)
		close(fd);
	return r;
}

static int read_one(const char *path, json_t **doc, struct stat *st, size_t *len,
		    struct err *err)
{
	char *text;
	int r = read_text(path, REPORT_MAX, &text, len, st, err);

	*doc = NULL;
	if (r < 0)
		return r;
	r = parse(text, *len, strcmp(path, "-") == 0 ? "standard input" : path, doc, err);
	free(text);
	return r;
}

/* A result beside itself says nothing: two patterns of a shell matched the same file. */
static int check_twice(char *const *paths, const struct stat *st, int n, struct err *err)
{
	for (int i = 0; i < n; i++)
		if (st[i].st_dev == st[n].st_dev && st[i].st_ino == st[n].st_ino)
			return err_usage(err, "%s and %s are the same file", paths[i],
					 paths[n]);
	return 0;
}

int report_read(char *const *paths, int n, json_t **results, struct err *err)
{
	struct stat *st = calloc((size_t)n, sizeof(*st));
	int r = st ? 0 : err_memory(err);
	size_t all = 0, len = 0;

	*results = json_array();
	for (int i = 0; i < n && r == 0; i++) {
		json_t *doc;

		r = read_one(paths[i], &doc, &st[i], &len, err);
		if (r == 0)
			r = check_twice(paths, st, i, err);
		all += len;
		if (r == 0 && all > REPORT_MAX_ALL)
			r = err_usage(err,
				      "the results up to %s are too long: at most %d MiB "
				      "are read",
				      paths[i], REPORT_MAX_ALL >> 20);
		json_array_append_new(*results, doc);
	}
	free(st);
	if (r < 0) {
		json_decref(*results);
		*results = NULL;
	}
	return r;
}
