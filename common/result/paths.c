#include "common/result/paths.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define PATH(path, type, unit, ...) { path, unit },
static const struct row {
	const char *path, *unit;
} rows[] = {
#include "common/result/paths.def"
};

/* A last word that stands for any name takes the rest: names of counters have dots. */
static bool row_has(const char *row, const char *path)
{
	while (*row && *path) {
		size_t name = strcspn(row, ".["), key = strcspn(path, ".");

		if (isupper((unsigned char)*row) || *row == '*') {
			if (!row[name])
				return true;
		} else if (name != key || memcmp(row, path, key) != 0) {
			return false;
		}
		row += name;
		path += key;
		if (*row == '[') {
			row += strlen("[]");
			path += *path == '.';
			path += strcspn(path, ".");
		}
		row += *row == '.';
		path += *path == '.';
	}
	return !*row && !*path;
}

const char *paths_unit(const char *path)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (*rows[i].unit && row_has(rows[i].path, path))
			return rows[i].unit;
	return "";
}
