#include "bench/report/read.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "common/base/file.h"
#include "common/result/document.h"
#include "common/result/result.h"
#include "common/result/story.h"

/* What a merge of 2,500 ranks has; a single run has a quarter of it at most. */
#define REPORT_MAX     (32 << 20)
#define REPORT_MAX_ALL (64 << 20)

/* Results can be compared, the others have a page alone. */
static const char *const schemas[] = { RESULT_SCHEMA, PROCESS_SCHEMA, PROBE_SCHEMA,
				       STATES_SCHEMA, DOCTOR_SCHEMA,  NULL };
static const struct document_kinds kinds = {
	.schemas = schemas,
	.no_json = "no JSON",
	.reads = "reads",
	.other = "no client's result (" RESULT_SCHEMA ")",
};

static bool is_compared(const json_t *doc)
{
	return document_is(doc, RESULT_SCHEMA) || document_is(doc, PROCESS_SCHEMA);
}

static int parse(const char *text, size_t len, const char *path, json_t **doc,
		 struct err *err)
{
	int r = document_parse(text, len, path, &kinds, doc, err);

	if (r == 0 && is_compared(*doc))
		story_of_old(*doc);
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

/* `twstorm states --interval --format json` prints a line for each count. */
static bool is_lines(const char *text, size_t len)
{
	static const char begin[] = "{\"schema\":\"" STATES_SCHEMA "\"";

	return len > strlen(begin) && memcmp(text, begin, strlen(begin)) == 0;
}

static int parse_lines(const char *text, size_t len, const char *path, json_t *docs,
		       struct err *err)
{
	const char *end = text + len, *stop;
	int r = 0;

	for (unsigned line = 1; r == 0 && text < end;
	     line++, text = stop < end ? stop + 1 : end) {
		char *name;
		json_t *doc;

		stop = memchr(text, '\n', (size_t)(end - text));
		stop = stop ? stop : end;
		if (asprintf(&name, "line %u of %s", line, path) == -1)
			return err_memory(err);
		r = parse(text, (size_t)(stop - text), name, &doc, err);
		free(name);
		if (r == 0 && !document_is(doc, STATES_SCHEMA))
			r = err_usage(err, "line %u of %s is no count of states", line,
				      path);
		json_array_append_new(docs, doc);
	}
	return r;
}

static int parse_all(const char *text, size_t len, const char *path, json_t *docs,
		     struct err *err)
{
	json_t *doc;
	int r;

	if (is_lines(text, len))
		return parse_lines(text, len, path, docs, err);
	r = parse(text, len, path, &doc, err);
	json_array_append_new(docs, doc);
	return r;
}

static int read_one(const char *path, json_t *docs, struct stat *st, size_t *len,
		    struct err *err)
{
	char *text;
	int r = read_text(path, REPORT_MAX, &text, len, st, err);

	if (r < 0)
		return r;
	r = parse_all(text, *len, strcmp(path, "-") == 0 ? "standard input" : path, docs,
		      err);
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

/* Counts of two files may be of two hosts; so may diagnoses. */
static int check_kinds(char *const *paths, int n, struct report_docs *docs,
		       struct err *err)
{
	json_t *doc;
	size_t i;

	json_array_foreach (docs->all, i, doc) {
		docs->are_counts = docs->are_counts || document_is(doc, STATES_SCHEMA);
		docs->is_diagnosis =
			docs->is_diagnosis || document_is(doc, DOCTOR_SCHEMA);
	}
	if ((docs->are_counts || docs->is_diagnosis) && n > 1)
		return err_usage(err,
				 "%s is not shown beside %s: a %s has a page of its own",
				 paths[1], paths[0],
				 docs->are_counts ? "count of states (" STATES_SCHEMA ")"
						  : "diagnosis (" DOCTOR_SCHEMA ")");
	if (docs->are_counts || docs->is_diagnosis)
		docs->page_alone = paths[0];
	json_array_foreach (docs->all, i, doc) {
		if (!docs->page_alone && !is_compared(doc))
			docs->page_alone = paths[i];
	}
	return 0;
}

int report_read(char *const *paths, int n, struct report_docs *docs, struct err *err)
{
	struct stat *st = calloc((size_t)n, sizeof(*st));
	int r = st ? 0 : err_memory(err);
	size_t all = 0, len = 0;

	*docs = (struct report_docs){ .all = json_array() };
	for (int i = 0; i < n && r == 0; i++) {
		r = read_one(paths[i], docs->all, &st[i], &len, err);
		if (r == 0)
			r = check_twice(paths, st, i, err);
		all += len;
		if (r == 0 && all > REPORT_MAX_ALL)
			r = err_usage(err,
				      "the results up to %s are too long: at most %d MiB "
				      "are read",
				      paths[i], REPORT_MAX_ALL >> 20);
	}
	free(st);
	if (r == 0)
		r = check_kinds(paths, n, docs, err);
	if (r < 0) {
		json_decref(docs->all);
		docs->all = NULL;
	}
	return r;
}
