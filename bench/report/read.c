#include "bench/report/read.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "common/memory.h"
#include "common/result.h"

/* ---- what came from a file is printed on terminals */

/* C0, DEL, and C1, which in UTF-8 is 0xc2 0x80-0x9f; in place. */
static void tame_text(char *text)
{
	for (unsigned char *c = (unsigned char *)text; *c; c++) {
		if (*c == 0xc2 && c[1] >= 0x80 && c[1] <= 0x9f)
			c[0] = c[1] = '?';
		else if (*c < 0x20 || *c == 0x7f)
			*c = '?';
	}
}

/* A copy of the text as it may be shown; NULL: it is lost, and memory_check() knows. */
static char *tame_copy(const char *text)
{
	char *copy = strdup(text);

	if (copy)
		tame_text(copy);
	else
		memory_lost();
	return copy;
}

static json_t *tame_string(const json_t *string)
{
	char *copy = tame_copy(json_string_value(string));
	json_t *tame;

	if (!copy)
		return NULL;
	tame = json_string(copy);
	free(copy);
	return tame;
}

static json_t *tame_object(const json_t *object)
{
	json_t *all = json_object(), *value;
	const char *key;

	json_object_foreach ((json_t *)object, key, value) {
		char *copy = tame_copy(key);

		if (!copy)
			break;
		json_object_set_new(all, copy, report_tame(value));
		free(copy);
	}
	return all;
}

static json_t *tame_array(const json_t *array)
{
	json_t *all = json_array(), *value;
	size_t i;

	json_array_foreach ((json_t *)array, i, value)
		json_array_append_new(all, report_tame(value));
	return all;
}

json_t *report_tame(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_STRING:
		return tame_string(value);
	case JSON_OBJECT:
		return tame_object(value);
	case JSON_ARRAY:
		return tame_array(value);
	default:
		return json_incref((json_t *)value);
	}
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

static int parse(FILE *from, const char *path, json_t **doc, struct err *err)
{
	json_error_t why;
	json_t *raw = json_loadf(from, JSON_REJECT_DUPLICATES, &why);
	int r = 0;

	if (!raw && ferror(from))
		r = err_usage(err, "cannot read %s", path);
	else if (!raw)
		r = err_usage(err, "%s is no JSON: line %d: %s", path, why.line,
			      why.text);
	else if (!json_is_object(raw))
		r = err_usage(err, "%s is no twstorm result: its JSON is no object",
			      path);
	*doc = r == 0 ? report_tame(raw) : NULL;
	json_decref(raw);
	return r < 0 ? r : check_schema(*doc, path, err);
}

static int no_file(const char *path, struct err *err)
{
	return err_usage(err, "cannot read %s: %s", path, strerror(errno));
}

static int read_one(const char *path, json_t **doc, struct stat *st, struct err *err)
{
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *from = is_stdin ? stdin : fopen(path, "re");
	int r;

	*doc = NULL;
	if (!from)
		return no_file(path, err);
	if (fstat(fileno(from), st) == -1)
		r = no_file(path, err);
	else if (S_ISDIR(st->st_mode))
		r = err_usage(err, "%s is a directory, not a result", path);
	else
		r = parse(from, is_stdin ? "standard input" : path, doc, err);
	if (!is_stdin)
		fclose(from);
	if (r < 0) {
		json_decref(*doc);
		*doc = NULL;
	}
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
	int r = st ? 0 : err_run(err, "out of memory");

	*results = json_array();
	for (int i = 0; i < n && r == 0; i++) {
		json_t *doc;

		r = read_one(paths[i], &doc, &st[i], err);
		if (r == 0)
			r = check_twice(paths, st, i, err);
		json_array_append_new(*results, doc);
	}
	free(st);
	if (r < 0) {
		json_decref(*results);
		*results = NULL;
	}
	return r;
}
