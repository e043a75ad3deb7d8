#include "bench/scenario/plan_fill.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include "common/base/file.h"

/* ---- placeholders */

/* The addresses `what` stands for: "" the first, "2" the second, "all"; NULL if none. */
static char *host_text(const struct plan_host *h, const char *what)
{
	struct words all = { 0 };
	char *end, *text;
	unsigned long n = 1;

	if (strcmp(what, "all") == 0) {
		for (size_t i = 0; i < h->n_addresses; i++)
			words_add(&all, text_dup(h->addresses[i].text));
		text = words_join(&all, ",");
		words_done(&all);
		return text;
	}
	if (*what) {
		n = strtoul(what, &end, 10);
		if (*end || !n || n > h->n_addresses)
			return NULL;
	}
	return text_printf(h->addresses[n - 1].family == AF_INET6 ? "[%s]" : "%s",
			   h->addresses[n - 1].text);
}

/* What a process's set.NAME says, which is used then; NULL if it has none. */
static const struct setting *use_set(struct plan_proc *proc, const char *name, size_t len)
{
	for (size_t i = 0; proc && i < proc->n_sets; i++) {
		const char *key = proc->sets[i]->key + strlen("set.");

		if (strlen(key) != len || strncmp(key, name, len) != 0)
			continue;
		proc->sets_used |= 1u << i;
		return proc->sets[i];
	}
	return NULL;
}

static char *placeholder(const struct plan *p, const char *name, size_t len)
{
	char *copy = text_checked(strndup(name, len)), *dot, *text = NULL;
	const struct plan_host *h;

	dot = strchr(copy, '.');
	if (dot)
		*dot++ = '\0';
	h = plan_host(p, copy);
	if (strcmp(copy, "tmp") == 0 && !dot)
		text = text_dup(PLAN_TMP);
	else if (h)
		text = host_text(h, dot ? dot : "");
	free(copy);
	return text;
}

/* {WORD} is ours where WORD is made of name characters; other braces are left alone, and
 * {{WORD} stands for {WORD}. */
static size_t placeholder_len(const char *open)
{
	size_t len =
		strspn(open + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789-_.");

	return len && open[len + 1] == '}' ? len : 0;
}

/* The text for {NAME}, heap; NULL, with the sentence, if there is none.  In a set's own value
 * there is no other set: proc is NULL. */
static char *piece_of(const struct plan *p, struct plan_proc *proc,
		      const struct setting *s, const char *name, size_t len,
		      struct err *err)
{
	const struct setting *set = use_set(proc, name, len);
	char *text = set ? NULL : placeholder(p, name, len);

	if (set)
		plan_fill(p, NULL, set, set->value, &text, err);
	else if (!text)
		scenario_fault(p->scenario, s->line, err,
			       "{%.*s} is no host's address; expected {HOST}, {HOST.N}, "
			       "{HOST.all}, {tmp} or the {NAME} of a set.NAME, or "
			       "{{%.*s} for the "
			       "text itself",
			       (int)len, name, (int)len, name);
	return text;
}

int plan_fill(const struct plan *p, struct plan_proc *proc, const struct setting *s,
	      const char *word, char **out, struct err *err)
{
	struct words pieces = { 0 };

	while (*word) {
		size_t plain = strcspn(word + 1, "{") + 1, len;
		char *piece;

		if (word[0] == '{' && word[1] == '{' && placeholder_len(word + 1)) {
			word++;
			plain = strcspn(word + 1, "{") + 1;
			len = 0;
		} else {
			len = *word == '{' ? placeholder_len(word) : 0;
		}
		piece = len ? piece_of(p, proc, s, word + 1, len, err)
			    : text_checked(strndup(word, plain));
		if (!piece) {
			words_done(&pieces);
			return -EINVAL;
		}
		words_add(&pieces, piece);
		word += len ? len + 2 : plain;
	}
	*out = words_join(&pieces, "");
	words_done(&pieces);
	return 0;
}

/* ---- files */

/* Its path, as the scenario's folder has it; heap. */
static char *path_of(const struct plan *p, const struct setting *s)
{
	const char *path = p->scenario->path, *slash = strrchr(path, '/');
	int name = (int)strcspn(s->value, "\n");

	if (*s->value == '/' || !slash)
		return text_printf("%.*s", name, s->value);
	return text_printf("%.*s%.*s", (int)(slash + 1 - path), path, name, s->value);
}

static void append(struct plan_file *file, const char *bytes, size_t n)
{
	file->text = text_checked(realloc(file->text, file->len + n + 1));
	memcpy(file->text + file->len, bytes, n);
	file->len += n;
	file->text[file->len] = '\0';
}

/* Byte for byte, except for {KEY} of a set. */
static int append_bytes(const struct plan *p, struct plan_proc *proc,
			struct plan_file *file, const char *bytes, size_t n,
			struct err *err)
{
	const char *end = bytes + n, *open;
	char *text;

	while ((open = memchr(bytes, '{', (size_t)(end - bytes)))) {
		size_t len = placeholder_len(open);
		const struct setting *set = use_set(proc, open + 1, len);

		append(file, bytes, (size_t)(open - bytes) + !set);
		bytes = open + 1;
		if (!set)
			continue;
		if (plan_fill(p, NULL, set, set->value, &text, err) < 0)
			return -EINVAL;
		append(file, text, strlen(text));
		free(text);
		bytes += len + 1;
	}
	append(file, bytes, (size_t)(end - bytes));
	return 0;
}

/* {HOST} that there is; other braces are the file's own. */
static void append_rules(const struct plan *p, struct plan_file *file, const char *bytes,
			 size_t n)
{
	const char *end = bytes + n, *open;

	while ((open = memchr(bytes, '{', (size_t)(end - bytes)))) {
		size_t len = placeholder_len(open);
		char *text = len ? placeholder(p, open + 1, len) : NULL;

		append(file, bytes, (size_t)(open - bytes) + !text);
		bytes = open + 1;
		if (!text)
			continue;
		append(file, text, strlen(text));
		free(text);
		bytes += len + 1;
	}
	append(file, bytes, (size_t)(end - bytes));
}

static int read_rules(const struct plan *p, const struct setting *s, char **out,
		      struct err *err)
{
	struct plan_file file = { .setting = s };
	char *path = path_of(p, s), *bytes;
	struct err why;
	size_t n;
	int r = file_read_path(path, SCENARIO_BYTES, &bytes, &n, &why);

	free(path);
	if (r < 0)
		return scenario_fault(p->scenario, s->line, err, "%s: %s", s->key,
				      why.text);
	append_rules(p, &file, bytes, n);
	free(bytes);
	*out = file.text;
	return 0;
}

int plan_text(const struct plan *p, const struct setting *s, char **out, struct err *err)
{
	char *text;
	int r;

	if (s->is_path)
		return read_rules(p, s, out, err);
	r = plan_fill(p, NULL, s, s->value, &text, err);

	if (r < 0)
		return r;
	*out = text_printf("%s%s", text, *text ? "\n" : "");
	free(text);
	return 0;
}

static int append_file(const struct plan *p, struct plan_proc *proc,
		       struct plan_file *file, struct err *err)
{
	const struct setting *s = file->setting;
	char *path = path_of(p, s), *bytes;
	struct stat st;
	struct err why;
	size_t n;
	int r = file_read_path(path, SCENARIO_BYTES, &bytes, &n, &why);

	if (r < 0) {
		r = scenario_fault(p->scenario, s->line, err, "%s: %s", s->key, why.text);
	} else {
		file->runs = stat(path, &st) == 0 && (st.st_mode & S_IXUSR);
		r = append_bytes(p, proc, file, bytes, n, err);
		free(bytes);
	}
	free(path);
	return r;
}

/* Lines of the scenario: the last of them ends as well. */
static int append_lines(const struct plan *p, struct plan_proc *proc,
			struct plan_file *file, const char *lines, struct err *err)
{
	char *text;
	int r = plan_fill(p, proc, file->setting, lines, &text, err);

	if (r < 0)
		return r;
	append(file, text, strlen(text));
	append(file, "\n", *text != '\0');
	free(text);
	return 0;
}

static int fill_file(const struct plan *p, struct plan_proc *proc, struct plan_file *file,
		     struct err *err)
{
	const char *lines = file->setting->value;
	int r = 0;

	if (file->setting->is_path) {
		lines += strcspn(lines, "\n");
		lines += *lines == '\n';
		r = append_file(p, proc, file, err);
		if (r == 0 && *lines && file->len && file->text[file->len - 1] != '\n')
			append(file, "\n", 1);
	}
	return r ? r : append_lines(p, proc, file, lines, err);
}

int plan_fill_files(const struct plan *p, struct plan_proc *proc, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < proc->n_files; i++)
		r = fill_file(p, proc, &proc->files[i], err);
	return r;
}

/* A misspelt name must not go unnoticed; what the base has may be of other variants. */
int plan_check_sets(const struct plan *p, const struct plan_proc *proc, struct err *err)
{
	const struct settings *base = &p->scenario->settings;

	for (size_t i = 0; i < proc->n_sets; i++) {
		bool in_base = false;

		for (size_t j = 0; j < base->n && p->scenario->has_variants; j++)
			in_base = in_base || setting_same(&base->at[j], proc->sets[i]);
		if (!in_base && !(proc->sets_used >> i & 1))
			return scenario_fault(p->scenario, proc->sets[i]->line, err,
					      "%s: process %s has no {%s} in its command "
					      "or files",
					      proc->sets[i]->key, proc->name,
					      proc->sets[i]->key + strlen("set."));
	}
	return 0;
}
