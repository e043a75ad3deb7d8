#include "bench/scenario/catalog.h"

#include <dirent.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "bench/scenario/scenario.h"

#ifndef TWSTORM_DATADIR
#define TWSTORM_DATADIR "/usr/local/share/twstorm"
#endif

/* Below the directory of the executable: build/twstorm, build/SANITIZER/twstorm, and an
 * installed tree that was moved. */
static const char *const beside[] = { "../bench/scenarios", "../../bench/scenarios",
				      "../share/twstorm/scenarios" };

char *catalog_dir(void)
{
	char exe[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	exe[len > 0 ? len : 0] = '\0';
	for (size_t i = 0; len > 0 && i < sizeof(beside) / sizeof(*beside); i++) {
		char *copy = text_dup(exe);
		char *dir = text_printf("%s/%s", dirname(copy), beside[i]);
		char *real = realpath(dir, NULL);

		free(copy);
		free(dir);
		if (real)
			return real;
	}
	return access(TWSTORM_DATADIR "/scenarios", R_OK) == 0
		       ? text_dup(TWSTORM_DATADIR "/scenarios")
		       : NULL;
}

/* The scenarios of a folder below catalog_dir().  `lab run` knows them by FOLDER/NAME, those of the
 * directory itself by NAME. */
static const struct group {
	const char *folder; /* "" = the directory itself */
	const char *title;  /* what `lab list` prints above them; NULL = nothing */
	int width;          /* of the names in `lab list`, in characters */
} groups[] = {
	{ "", NULL, 18 },
	{ "cases", "Problems that people meet: symptom, cause, cure (docs/cases.md)",
	  25 },
};
#define GROUPS (sizeof(groups) / sizeof(groups[0]))

/* The group that a name belongs to: the first, if to no other. */
static const struct group *group_of(const char *name)
{
	for (size_t i = 1; i < GROUPS; i++)
		if (strncmp(name, groups[i].folder, strlen(groups[i].folder)) == 0 &&
		    name[strlen(groups[i].folder)] == '/')
			return &groups[i];
	return &groups[0];
}

/* What may be the name of a shipped scenario.  Any other word is a path. */
static bool is_name(const char *word)
{
	const char *slash = strchr(word, '/');
	size_t len = strlen(word);

	if (slash)
		return group_of(word) != &groups[0] && text_is_name(slash + 1);
	return len <= 4 || strcmp(word + len - 4, ".ini") != 0;
}

static int no_dir(struct err *err)
{
	return err_run(err, "the scenarios are neither beside the program nor in %s",
		       TWSTORM_DATADIR "/scenarios");
}

int catalog_find(const char *word, char **path, struct err *err)
{
	char *dir;

	if (!is_name(word)) {
		*path = text_dup(word);
		return 0;
	}
	dir = catalog_dir();
	if (!dir)
		return no_dir(err);
	*path = text_printf("%s/%s.ini", dir, word);
	free(dir);
	if (access(*path, F_OK) == 0)
		return 0;
	free(*path);
	*path = NULL;
	return err_usage(
		err,
		"there is no scenario '%s': see `twstorm lab list`, or give a path "
		"that begins with ./ or ends in .ini",
		word);
}

static int is_scenario(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 4 && strcmp(entry->d_name + len - 4, ".ini") == 0;
}

static const char *scenario_text(const struct scenario *sc, const char *key)
{
	const struct setting *s = settings_find(&sc->settings, SECTION_SCENARIO, "", key);

	return s ? s->value : "";
}

const char *catalog_about(const struct scenario *sc)
{
	return scenario_text(sc, "about");
}

/* catalog_each() of one group. */
static int for_group(const struct group *group, const char *root,
		     void (*each)(const char *name, const struct scenario *sc, void *arg),
		     void *arg, struct err *err)
{
	const char *slash = *group->folder ? "/" : "";
	char *dir = text_printf("%s%s%s", root, slash, group->folder);
	struct dirent **entries;
	int n = scandir(dir, &entries, is_scenario, alphasort), r = 0;

	if (n == -1)
		r = err_sys(err, "%s", dir);
	for (int i = 0; i < n; i++) {
		char *path = text_printf("%s/%s", dir, entries[i]->d_name);
		struct scenario sc;
		int one = scenario_load(path, &sc, r ? NULL : err);

		if (one == 0) {
			char *name = text_printf("%s%s%s", group->folder, slash, sc.name);

			each(name, &sc, arg);
			free(name);
			scenario_done(&sc);
		}
		r = r ? r : one;
		free(path);
		free(entries[i]);
	}
	if (n != -1)
		free(entries);
	free(dir);
	return r;
}

int catalog_each(void (*each)(const char *name, const struct scenario *sc, void *arg),
		 void *arg, struct err *err)
{
	char *root = catalog_dir();
	int r = root ? 0 : no_dir(err);

	for (size_t i = 0; root && i < GROUPS; i++) {
		int one = for_group(&groups[i], root, each, arg, r ? NULL : err);

		r = r ? r : one;
	}
	free(root);
	return r;
}

struct listing {
	FILE *out;
	const struct group *group; /* whose title was printed last */
};

static void print_one(const char *name, const struct scenario *sc, void *arg)
{
	struct listing *l = arg;
	const struct group *group = group_of(name);

	if (group != l->group && group->title)
		fprintf(l->out, "\n%s:\n", group->title);
	l->group = group;
	fprintf(l->out, "%-*s %s\n", group->width, name, catalog_about(sc));
}

int catalog_print(FILE *out, struct err *err)
{
	struct listing l = { .out = out };

	return catalog_each(print_one, &l, err);
}

static void add_name(const char *name, const struct scenario *sc, void *arg)
{
	if (!*scenario_text(sc, "apart"))
		words_add(arg, text_dup(name));
}

int catalog_names(struct words *out, struct err *err)
{
	int r = catalog_each(add_name, out, err);

	if (r < 0)
		words_done(out);
	return r;
}
