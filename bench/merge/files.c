#include "bench/merge/files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/file.h"
#include "common/base/utf8.h"
#include "common/result/document.h"
#include "common/result/result.h"

struct file {
	char *path;  /* owned */
	bool listed; /* found in a directory, not named */
	bool merged; /* of an earlier merge; known when it was read */
};

struct files {
	struct file *at; /* owned */
	size_t n, room;
	const struct stat *output; /* borrowed; NULL = none is there yet */
	size_t left_out;
	bool quiet;
};

static void files_done(struct files *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->at[i].path);
	free(f->at);
}

/* ---- which */

static int make_room(struct files *f, struct err *err)
{
	size_t room = f->room ? 2 * f->room : 64;
	struct file *at;

	if (f->n < f->room)
		return 0;
	at = realloc(f->at, room * sizeof(*at));
	if (!at)
		return err_memory(err);
	f->at = at;
	f->room = room;
	return 0;
}

static int add(struct files *f, const char *path, bool listed, struct err *err)
{
	char *copy = strdup(path);
	int r = copy ? make_room(f, err) : err_memory(err);

	if (r < 0) {
		free(copy);
		return r;
	}
	f->at[f->n++] = (struct file){ .path = copy, .listed = listed };
	return 0;
}

static bool is_json(const char *name)
{
	size_t len = strlen(name);

	return name[0] != '.' && len > 5 && strcmp(name + len - 5, ".json") == 0;
}

static int add_directory(struct files *f, const char *dir, struct err *err)
{
	struct dirent **names;
	int n = scandir(dir, &names, NULL, alphasort), r = 0;
	char path[4096 + 300];
	struct stat st;

	if (n == -1)
		return err_usage(err, "cannot read the directory %s: %s", dir,
				 strerror(errno));
	for (int i = 0; i < n; i++) {
		bool dots = strcmp(names[i]->d_name, ".") == 0 ||
			    strcmp(names[i]->d_name, "..") == 0;

		snprintf(path, sizeof(path), "%.4095s/%s", dir, names[i]->d_name);
		if (r == 0 && is_json(names[i]->d_name) && stat(path, &st) == 0 &&
		    S_ISREG(st.st_mode) &&
		    !(f->output && st.st_dev == f->output->st_dev &&
		      st.st_ino == f->output->st_ino))
			r = add(f, path, true, err);
		else if (!dots)
			f->left_out++;
		free(names[i]);
	}
	free(names);
	return r;
}

static int add_all(struct files *f, char *const *paths, int n, struct err *err)
{
	struct stat st;
	int r = 0;

	for (int i = 0; i < n && r == 0; i++)
		if (stat(paths[i], &st) == 0 && S_ISDIR(st.st_mode))
			r = add_directory(f, paths[i], err);
		else
			r = add(f, paths[i], false, err);
	if (r == 0 && f->n == 0)
		r = err_usage(err, "there is no file *.json in %s", paths[0]);
	return r;
}

/* ---- what is in one */

static const char *const schemas[] = { RESULT_SCHEMA, SERVER_SCHEMA, NULL };
static const struct document_kinds kinds = {
	.schemas = schemas,
	.no_json = "damaged or cut short",
	.reads = "merges",
	.other = "no result of a client or a server",
};

int files_parse(const char *text, size_t len, const char *name, json_t **doc,
		struct err *err)
{
	return document_parse(text, len, name, &kinds, doc, err);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int read_one(struct files *f, size_t i, struct gather *g, struct err *err)
{
	char name[256], *text = NULL;
	json_t *doc = NULL;
	size_t len;
	int r;

	snprintf(name, sizeof(name), "%s", base_name(f->at[i].path));
	utf8_tame(name, false);
	r = file_read_path(f->at[i].path, FILES_MAX_MIB << 20, &text, &len, err);
	if (r < 0)
		return r;
	r = files_parse(text, len, name, &doc, err);
	free(text);
	if (r == 0) {
		f->at[i].merged = gather_is_merged(doc);
		r = err_prefix(gather_add(g, doc, err), err, "%s", name);
	}
	json_decref(doc);
	return r;
}

/* One file that cannot be used does not keep the others from being merged. */
static int take_one(struct files *f, size_t i, struct gather *g, struct err *err)
{
	struct err why = { 0 };
	int r = read_one(f, i, g, &why);

	if (r == -ENOENT && f->at[i].listed) {
		if (!f->quiet)
			fprintf(stderr, "twstorm merge: left out: %s\n", why.text);
		return 0;
	}
	if (r == -EEXIST || r == -ENOMEM || r == -ENOENT || (r < 0 && f->at[i].merged)) {
		*err = why;
		return r;
	}
	if (r < 0)
		gather_unreadable(g, base_name(f->at[i].path), why.text);
	return 0;
}

/* Earlier merges first, so that a rank that is in one as well is known when its file comes. */
static int take_all(struct files *f, bool merged_first, struct gather *g, struct err *err)
{
	int r = 0;

	for (int pass = merged_first ? 0 : 1; pass < 2 && r == 0; pass++)
		for (size_t i = 0; i < f->n && r == 0; i++)
			if (!merged_first || f->at[i].merged == (pass == 0))
				r = take_one(f, i, g, err);
	return r;
}

int files_gather(char *const *paths, int n, const char *output, bool quiet,
		 struct gather *g, struct err *err)
{
	struct files f = { .quiet = quiet };
	struct stat st;
	int r = gather_init(g, err);

	if (output && stat(output, &st) == 0)
		f.output = &st;
	r = r ? r : add_all(&f, paths, n, err);
	r = r ? r : take_all(&f, false, g, err);
	if (r == -EEXIST) {
		gather_done(g);
		r = gather_init(g, err);
		r = r ? r : take_all(&f, true, g, err);
	}
	if (r == 0 && f.left_out && !quiet)
		fprintf(stderr,
			"twstorm merge: %zu other file%s in the directory left out\n",
			f.left_out, f.left_out == 1 ? "" : "s");
	files_done(&f);
	return r;
}
