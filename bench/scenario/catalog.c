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

static int is_path(const char *word)
{
	size_t len = strlen(word);

	return strchr(word, '/') || (len > 4 && strcmp(word + len - 4, ".ini") == 0);
}

static int no_dir(struct err *err)
{
	return err_run(err, "the scenarios are neither beside the program nor in %s",
		       TWSTORM_DATADIR "/scenarios");
}

int catalog_find(const char *word, char **path, struct err *err)
{
	char *dir;

	if (is_path(word)) {
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
		"with a '/' or ending in .ini",
		word);
}

static int is_scenario(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 4 && strcmp(entry->d_name + len - 4, ".ini") == 0;
}

static const char *scenario_text(const struct scenario *sc, const char *key)
{
	const struct setting *s = settings_find(&sc->settings, SECTION_SCENARIO, key);

	return s ? s->value : "";
}

const char *catalog_about(const struct scenario *sc)
{
	return scenario_text(sc, "about");
}

int catalog_each(void (*each)(const struct scenario *sc, void *arg), void *arg,
		 struct err *err)
{
	char *dir = catalog_dir();
	struct dirent **entries;
	int n, r = 0;

	if (!dir)
		return no_dir(err);
	n = scandir(dir, &entries, is_scenario, alphasort);
	if (n == -1)
		r = err_sys(err, "%s", dir);
	for (int i = 0; i < n; i++) {
		char *path = text_printf("%s/%s", dir, entries[i]->d_name);
		struct scenario sc;
		int one = scenario_load(path, &sc, r ? NULL : err);

		if (one == 0) {
			each(&sc, arg);
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

static void print_one(const struct scenario *sc, void *arg)
{
	fprintf(arg, "%-18s %s\n", sc->name, catalog_about(sc));
}

int catalog_print(FILE *out, struct err *err)
{
	return catalog_each(print_one, out, err);
}

static void add_name(const struct scenario *sc, void *arg)
{
	if (!*scenario_text(sc, "apart"))
		words_add(arg, text_dup(sc->name));
}

int catalog_names(struct words *out, struct err *err)
{
	int r = catalog_each(add_name, out, err);

	if (r < 0)
		words_done(out);
	return r;
}
