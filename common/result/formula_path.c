#include "common/result/formula_path.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "common/base/near.h"
#include "common/result/result.h"
#include "common/result/story.h"

char *path_letter(size_t i, char buf[PATH_LETTERS])
{
	char *at = buf + PATH_LETTERS - 1;

	*at = '\0';
	for (size_t n = i + 1; n && at > buf; n = (n - 1) / 26)
		*--at = (char)('a' + (n - 1) % 26);
	return at;
}

/* How long the letters of one of several results are with their dot; 0 = there are none.  No key of a result is
 * so short. */
static size_t letters_of(const char *path)
{
	size_t len = strspn(path, "abcdefghijklmnopqrstuvwxyz");

	return len && len < 3 && path[len] == '.' ? len + 1 : 0;
}

/* Whose path it is: takes "b.", "base." and "part.NAME." off it.  NULL if there is no such result. */
static json_t *owner(json_t *doc, const char **path)
{
	char name[PATH_TEXT];
	size_t len = letters_of(*path);

	if (len) {
		snprintf(name, sizeof(name), "%.*s", (int)len - 1, *path);
		if (!doc || json_object_get(doc, name)) {
			doc = json_object_get(doc, name);
			*path += len;
		}
	}
	if (strncmp(*path, "base.", 5) == 0) {
		doc = json_object_get(doc, "base");
		*path += 5;
	}
	if (strncmp(*path, "part.", 5) != 0 || !strchr(*path + 5, '.'))
		return doc;
	len = strcspn(*path + 5, ".");
	snprintf(name, sizeof(name), "%.*s", (int)len, *path + 5);
	*path += 5 + len + 1;
	return json_object_get(json_object_get(doc, "part"), name);
}

/* Where a name is listed only if it came: errnos, statuses of HTTP. */
static bool is_listed(const char *path)
{
	return (strncmp(path, "targets.", 8) == 0 && strstr(path, ".failed.")) ||
	       strncmp(path, "server.errors.", 14) == 0 ||
	       strncmp(path, "http.status.code.", 17) == 0;
}

/* What the last name of a path belongs to is there. */
static bool in_a_group(const json_t *doc, const char *path)
{
	char group[PATH_TEXT];
	const char *dot = strrchr(path, '.');

	snprintf(group, sizeof(group), "%.*s", dot ? (int)(dot - path) : 0, path);
	return json_is_object(result_at(doc, group));
}

/* hosts.NAME.to.ADDR:PORT of an observed host that had no socket to there, all of them being listed. */
static bool is_unseen_end(json_t *doc, const char *path)
{
	char name[PATH_TEXT];
	const char *to = strstr(path, ".to."), *key, *rest;
	json_t *host, *ends, *one;

	to = to ? to : strstr(path, ".at.");
	if (strncmp(path, "hosts.", 6) != 0 || !to)
		return false;
	snprintf(name, sizeof(name), "%.*s", (int)(to - path), path);
	host = result_at(doc, name);
	snprintf(name, sizeof(name), "%.2s", to + 1);
	ends = json_object_get(host, name);
	json_object_foreach (ends, key, one) {
		if (strncmp(to + 4, key, strlen(key)) == 0 && to[4 + strlen(key)] == '.')
			return false;
	}
	rest = strrchr(path, '.');
	return json_is_object(ends) &&
	       json_integer_value(result_at(host, "others.ends")) == 0 &&
	       (strstr(to, ".states.") || strcmp(rest, ".used_peak") == 0 ||
		strcmp(rest, ".sockets_peak") == 0);
}

bool path_never_happened(json_t *doc, const char *path)
{
	doc = owner(doc, &path);
	if (is_unseen_end(doc, path))
		return true;
	return (strncmp(path, "errors.", 7) == 0 &&
		json_is_object(json_object_get(doc, "errors"))) ||
	       (is_listed(path) && in_a_group(doc, path));
}

/* A claim is listed only if it is said. */
static bool is_claim(const char *path)
{
	return strncmp(path, "story.", 6) == 0 && story_is_claim(path + 6);
}

static bool is_errno(const char *name)
{
	return result_errno_by_name(name) || strcmp(name, "UNKNOWN") == 0;
}

static bool is_status(const char *name)
{
	return strlen(name) == 3 && strspn(name, "0123456789") == 3 && *name >= '1' &&
	       *name <= '5';
}

/* errors.STAGE.ENAME */
static bool is_error(const char *path)
{
	static const char *const stages[] = { "errors.socket.", "errors.bind.",
					      "errors.connect.", "errors.transfer." };
	bool is = false;

	for (unsigned i = 0; i < sizeof(stages) / sizeof(stages[0]); i++)
		is = is || strncmp(path, stages[i], strlen(stages[i])) == 0;
	return is;
}

/* error_times.STAGE.ENAME.first_s */
static bool is_error_time(const json_t *skeleton, const char *path)
{
	char name[32], stage[32], which[32];

	if (strncmp(path, "error_times.", 12) != 0 ||
	    sscanf(path + 12, "%31[a-z].%31[A-Z0-9].%31s", stage, name, which) != 3)
		return false;
	return json_is_object(
		       result_at(json_object_get(skeleton, "error_times"), stage)) &&
	       is_errno(name) &&
	       (strcmp(which, "first_s") == 0 || strcmp(which, "last_s") == 0);
}

/* server.workers.N.accepted: how many workers a server has, the client comes to know. */
static bool is_of_worker(const json_t *skeleton, const char *path)
{
	int end = 0;

	sscanf(path, "server.workers.%*4[0-9].accepted%n", &end);
	return end > 0 && !path[end] && result_at(skeleton, "server.workers");
}

/* What never happened is absent from its group. */
static bool may_happen(const json_t *skeleton, const char *path)
{
	const char *name = strrchr(path, '.');

	if (is_of_worker(skeleton, path))
		return true;
	if (is_error_time(skeleton, path) || is_claim(path))
		return true;
	if (!(is_error(path) || is_listed(path)) || !in_a_group(skeleton, path))
		return false;
	return *path == 'h' ? is_status(name + 1) : is_errno(name + 1);
}

/* ---- what was meant */

struct nearest {
	const char *typed;
	unsigned least;
	char path[PATH_TEXT]; /* the nearest so far */
	char now[PATH_TEXT];  /* where the walk is */
};

/* The end of a path is as good as all of it: connects_ok, totals.connects_ok. */
static void compare_path(struct nearest *n)
{
	size_t typed = strlen(n->typed), len = strlen(n->now);
	unsigned far = near_distance(n->typed, n->now);

	if (len > typed && n->now[len - typed - 1] == '.' &&
	    strcmp(n->now + len - typed, n->typed) == 0)
		far = 1;
	if (far >= n->least)
		return;
	n->least = far;
	memcpy(n->path, n->now, sizeof(n->path));
}

static void walk(json_t *group, size_t len, struct nearest *n)
{
	const char *key;
	json_t *value;

	json_object_foreach (group, key, value) {
		size_t more = (size_t)snprintf(n->now + len, sizeof(n->now) - len, "%s%s",
					       len ? "." : "", key);

		if (len + more >= sizeof(n->now))
			continue;
		if (json_is_object(value))
			walk(value, len + more, n);
		else if (!json_is_array(value))
			compare_path(n);
	}
}

static bool is_address(const char *key)
{
	return !key[strspn(key, "0123456789abcdefABCDEF.:[]")];
}

/* As result_at(), but the key `*` of a skeleton stands for any address. */
static const json_t *at_any(const json_t *doc, const char *path)
{
	char key[PATH_TEXT];

	for (const char *dot = strchr(path, '.'); dot; dot = strchr(dot + 1, '.')) {
		const json_t *inner, *found;

		snprintf(key, sizeof(key), "%.*s", (int)(dot - path), path);
		inner = json_object_get(doc, key);
		if (!inner && is_address(key))
			inner = json_object_get(doc, "*");
		found = inner ? at_any(inner, dot + 1) : NULL;
		if (found)
			return found;
	}
	return json_object_get(doc, path);
}

int path_check(json_t *skeleton, const char *path, struct err *err)
{
	struct nearest near = { .typed = path, .least = 2 + (unsigned)strlen(path) / 8 };
	const json_t *at = result_at(skeleton, path);
	const json_t *found = at ? at : at_any(skeleton, path);
	bool group = json_is_object(found) || json_is_array(found);
	const char *rest = path;
	const json_t *of = owner(skeleton, &rest);

	if ((found && !group) || may_happen(of, rest))
		return 0;
	if (group)
		return err_usage(err, "'%s' is a group of figures", path);
	walk(skeleton, 0, &near);
	return err_usage(err, "'%s' is no figure of the result%s%s%s", path,
			 *near.path ? "; did you mean " : "", near.path,
			 *near.path ? "?" : "");
}

/* Variants may run different probes: what a probe has no section of may be another's. */
static bool may_be_another_probes(const json_t *result, const char *path)
{
	char section[PATH_TEXT];

	snprintf(section, sizeof(section), "%.*s", (int)strcspn(path, "."), path);
	return json_object_get(result, "probe") && !json_object_get(result, section);
}

int path_check_run(json_t *skeleton, const char *path, struct err *err)
{
	json_t *result = owner(skeleton, &path);

	if (!json_object_get(result, "schema") || strncmp(path, "lab.", 4) == 0 ||
	    may_be_another_probes(result, path))
		return 0;
	return path_check(result, path, err);
}

/* ---- units */

#define PATH(path, type, unit, ...) { path, unit },
static const struct row {
	const char *path, *unit;
} rows[] = {
#include "common/result/paths.def"
};

/* The rest of a path after its first names, tried from one name on: addresses and names of counters
 * have dots. */
static bool row_has(const char *row, const char *path);

static bool row_has_after(const char *row, const char *path)
{
	for (path = strchr(path, '.'); path; path = strchr(path + 1, '.'))
		if (row_has(row, path + 1))
			return true;
	return false;
}

/* A last word that stands for any name takes the rest. */
static bool row_has(const char *row, const char *path)
{
	size_t name = strcspn(row, ".["), key = strcspn(path, ".");
	bool any = isupper((unsigned char)*row) || *row == '*';
	bool list = row[name] == '[';
	const char *rest = row + name + (list ? strlen("[]") : 0);

	if (!*path || (!any && (name != key || memcmp(row, path, key) != 0)))
		return false;
	if (!*rest)
		return any || list || !path[key];
	if (list && !path[key])
		return false;
	return any || list ? row_has_after(rest + 1, path + (any ? 0 : key + 1))
			   : path[key] && row_has(rest + 1, path + key + 1);
}

const char *paths_unit(const char *path)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (*rows[i].unit && row_has(rows[i].path, path))
			return rows[i].unit;
	return "";
}

static const struct {
	const char *name;
	double seconds;
} durations[] = { { "s", 1 }, { "ms", 1e-3 }, { "us", 1e-6 }, { "ns", 1e-9 } };

#define N(rows) (sizeof(rows) / sizeof((rows)[0]))

double path_unit(const char *path)
{
	const char *unit;

	owner(NULL, &path);
	unit = paths_unit(path);
	for (size_t i = 0; i < N(durations); i++)
		if (strcmp(unit, durations[i].name) == 0)
			return durations[i].seconds;
	return 0;
}

const char *path_unit_name(double seconds)
{
	for (size_t i = 0; i < N(durations); i++)
		if (durations[i].seconds == seconds)
			return durations[i].name;
	return "";
}

/* ---- words */

static const struct {
	const char *path, *title;
} titles[] = {
#define FIGURE(path, title) { path, title },
#include "common/result/paths.def"
};

/* `*` is any name, and the same in the title. */
static bool title_of(const char *path, char *buf, size_t size)
{
	for (size_t i = 0; i < N(titles); i++) {
		size_t same = strcspn(titles[i].path, "*");
		int before = (int)strcspn(titles[i].title, "*");
		bool any = titles[i].path[same];

		if (strncmp(path, titles[i].path, same) != 0 || (!any && path[same]))
			continue;
		snprintf(buf, size, "%.*s%s%s", before, titles[i].title,
			 any ? path + same : "", any ? titles[i].title + before + 1 : "");
		return true;
	}
	return false;
}

/* The kernel's counters keep their names; the unit is told behind the figure. */
static void names_of(const char *path, char *buf, size_t size)
{
	const char *unit = paths_unit(path), *counter = strstr(path, "counters.");
	char suffix[16];
	char *at;

	snprintf(buf, size, "%s", counter ? counter + strlen("counters.") : path);
	snprintf(suffix, sizeof(suffix), "_%s", *unit ? unit : "_");
	for (at = buf; (at = strstr(at, suffix)); at++)
		if (strchr(".", at[strlen(suffix)]))
			memmove(at, at + strlen(suffix), strlen(at + strlen(suffix)) + 1);
	for (at = buf; *at && !counter; at++)
		if (strchr("_.", *at))
			*at = ' ';
}

char *path_words(const char *path, char *buf, size_t size)
{
	const char *whole = path;
	size_t len = 0;

	owner(NULL, &path);
	if (strncmp(whole, "base.", 5) == 0)
		len = (size_t)snprintf(buf, size, "the baseline's ");
	if (len < size && !title_of(path, buf + len, size - len))
		names_of(path, buf + len, size - len);
	return buf;
}
