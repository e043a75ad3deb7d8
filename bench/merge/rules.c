#include "bench/merge/rules.h"

#include <stdbool.h>
#include <string.h>

static const struct row {
	const char *path;
	enum merge_how how;
} rows[] = {
#define RULE(path, how) { path, MERGE_##how },
#include "bench/merge/rules.def"
#undef RULE
};

/* "targets[]" of the pattern and of the document are one key; so is "*". */
static bool key_matches(const char *pattern, size_t len, const char *key)
{
	size_t room = strlen(key);

	if (len == 1 && *pattern == '*')
		return room < 2 || strcmp(key + room - 2, "[]") != 0;
	return len == room && memcmp(pattern, key, len) == 0;
}

static bool matches(const char *pattern, const struct merge_place *at)
{
	const char *p = pattern;

	for (unsigned i = 0; i < at->n; i++) {
		size_t len = strcspn(p, ".");

		if (strcmp(p, "**") == 0)
			return true;
		if (!key_matches(p, len, at->key[i]))
			return false;
		p += len;
		if (*p == '.')
			p++;
		else if (i + 1 < at->n)
			return false;
	}
	return *p == '\0' || strcmp(p, "**") == 0;
}

enum merge_how merge_rule(const struct merge_place *at)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].path[0] == at->key[0][0] && matches(rows[i].path, at))
			return rows[i].how;
	return MERGE_NONE;
}

/* Whether the pattern goes on after the place. */
static bool is_inside(const char *pattern, const struct merge_place *at)
{
	const char *p = pattern;

	for (unsigned i = 0; i < at->n; i++) {
		size_t len = strcspn(p, ".");

		if (p[len] == '\0' || !key_matches(p, len, at->key[i]))
			return false;
		p += len + 1;
	}
	return true;
}

enum merge_how merge_rule_inside(const struct merge_place *at)
{
	enum merge_how how = MERGE_NONE;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (is_inside(rows[i].path, at) &&
		    (how == MERGE_NONE || how == MERGE_MADE))
			how = rows[i].how;
	return how;
}

bool merge_is_of_numbers(enum merge_how how)
{
	switch (how) {
	case MERGE_NONE:
	case MERGE_SAME:
	case MERGE_SOME:
	case MERGE_LEAD:
	case MERGE_SPAN:
	case MERGE_MADE:
	case MERGE_LEFT:
		return false;
	default:
		return true;
	}
}
