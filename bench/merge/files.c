#include "bench/merge/files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bench/merge/ahead.h"
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

static void name_of(const struct file *file, char *name, size_t size)
{
	snprintf(name, size, "%s", base_name(file->path));
	utf8_tame(name, false);
}

/* The files in the order in which they are merged. */
struct order {
	const struct files *files;
	size_t *at; /* owned */
	size_t n;
};

/* Earlier merges first, so that a rank that is in one as well is known when its file comes. */
static int put_in_order(const struct files *f, bool merged_first, struct order *o,
			struct err *err)
{
	*o = (struct order){ .files = f, .at = calloc(f->n, sizeof(*o->at)) };
	if (!o->at)
		return err_memory(err);
	for (int pass = merged_first ? 0 : 1; pass < 2; pass++)
		for (size_t i = 0; i < f->n; i++)
			if (!merged_first || f->at[i].merged == (pass == 0))
				o->at[o->n++] = i;
	return 0;
}

/* On the thread that reads ahead. */
static void read_one(void *arg, size_t i, struct ahead_file *out)
{
	const struct order *o = arg;
	const struct file *file = &o->files->at[o->at[i]];
	char name[256], *text = NULL;
	size_t len;

	name_of(file, name, sizeof(name));
	out->r = file_read_path(file->path, FILES_MAX_MIB << 20, &text, &len, &out->err);
	if (out->r == 0)
		out->r = files_parse(text, len, name, &out->doc, &out->err);
	free(text);
}

static void add_one(struct file *file, struct gather *g, struct ahead_file *got)
{
	char name[256];

	if (got->r == 0) {
		name_of(file, name, sizeof(name));
		file->merged = gather_is_merged(got->doc);
		got->r = err_prefix(gather_add(g, got->doc, &got->err), &got->err, "%s",
				    name);
	}
	json_decref(got->doc);
}

/* One file that cannot be used does not keep the others from being merged. */
static int take_one(const struct files *f, struct file *file, struct gather *g,
		    struct ahead_file *got, struct err *err)
{
	int r;

	add_one(file, g, got);
	r = got->r;
	if (r == -ENOENT && file->listed) {
		if (!f->quiet)
			fprintf(stderr, "twstorm merge: left out: %s\n", got->err.text);
		return 0;
	}
	if (r == -EEXIST || r == -ENOMEM || r == -ENOENT || (r < 0 && file->merged)) {
		*err = got->err;
		return r;
	}
	if (r < 0)
		gather_unreadable(g, base_name(file->path), got->err.text);
	return 0;
}

static int take_all(struct files *f, bool merged_first, struct gather *g, struct err *err)
{
	struct order order;
	struct ahead ahead;
	int r = put_in_order(f, merged_first, &order, err);

	if (r == 0)
		r = ahead_start(&ahead, order.n, read_one, &order, err);
	if (r == 0) {
		for (size_t i = 0; i < order.n && r == 0; i++) {
			struct ahead_file got;

			ahead_take(&ahead, &got);
			r = take_one(f, &f->at[order.at[i]], g, &got, err);
		}
		ahead_end(&ahead);
	}
	free(order.at);
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
