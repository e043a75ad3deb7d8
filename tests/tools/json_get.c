/* json_get PATH FILE - prints the value at a dotted path of a JSON document, "-" = stdin.
 * Keys may themselves contain dots, so every way to cut the path is tried.  "series.0.t"
 * and "series.#" (how many) reach into arrays.  Text is printed bare, anything else as
 * JSON.  Exit 0, 1 when there is no such path, 2 when the document cannot be read. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *walk(json_t *at, const char *path);

static json_t *walk_array(json_t *at, const char *path)
{
	char *end;
	unsigned long i = strtoul(path, &end, 10);

	if (end == path || (*end && *end != '.'))
		return NULL;
	return walk(json_array_get(at, i), *end ? end + 1 : end);
}

/* Borrowed from the document; NULL if there is no such path. */
static json_t *walk(json_t *at, const char *path)
{
	const char *key;
	json_t *value, *found;

	if (!at || !*path)
		return at;
	if (json_is_array(at))
		return walk_array(at, path);
	json_object_foreach (at, key, value) {
		size_t len = strlen(key);

		if (strncmp(path, key, len) != 0 || (path[len] && path[len] != '.'))
			continue;
		found = walk(value, path[len] ? path + len + 1 : path + len);
		if (found)
			return found;
	}
	return NULL;
}

/* "PATH.#": the number of members of what is at PATH. */
static int print_size(json_t *doc, const char *path)
{
	size_t len = strlen(path);
	char *parent = strndup(path, len > 2 ? len - 2 : 0);
	json_t *at = parent ? walk(doc, parent) : NULL;

	free(parent);
	if (json_is_array(at))
		printf("%zu\n", json_array_size(at));
	else if (json_is_object(at))
		printf("%zu\n", json_object_size(at));
	else
		return 1;
	return 0;
}

static int print(json_t *value)
{
	if (!value)
		return 1;
	if (json_is_string(value))
		return puts(json_string_value(value)) == EOF;
	json_dumpf(value, stdout,
		   JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15));
	return putchar('\n') == EOF;
}

int main(int argc, char **argv)
{
	json_error_t error;
	json_t *doc;
	size_t len;
	int r;

	if (argc != 3) {
		fprintf(stderr, "usage: json_get PATH FILE\n");
		return 2;
	}
	doc = strcmp(argv[2], "-") == 0
		      ? json_loadf(stdin, JSON_DECODE_ANY, &error)
		      : json_load_file(argv[2], JSON_DECODE_ANY, &error);
	if (!doc) {
		fprintf(stderr, "json_get: %s: line %d: %s\n", argv[2], error.line,
			error.text);
		return 2;
	}
	len = strlen(argv[1]);
	if (strcmp(argv[1], "#") == 0 ||
	    (len > 2 && strcmp(argv[1] + len - 2, ".#") == 0))
		r = print_size(doc, argv[1]);
	else
		r = print(walk(doc, argv[1]));
	json_decref(doc);
	return fflush(stdout) == EOF ? 2 : r;
}
