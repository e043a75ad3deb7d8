#include "bench/formula/path.h"

#include <stdlib.h>
#include <string.h>
#include "bench/formula/formula.h"
#include "bench/text/text.h"
#include "common/result.h"

/* Whose path it is: takes "base." and "part.NAME." off it.  NULL if there is no such result. */
static json_t *owner(json_t *doc, const char **path)
{
	char *name;

	if (strncmp(*path, "base.", 5) == 0) {
		doc = json_object_get(doc, "base");
		*path += 5;
	}
	if (strncmp(*path, "part.", 5) != 0 || !strchr(*path + 5, '.'))
		return doc;
	name = text_checked(strndup(*path + 5, strcspn(*path + 5, ".")));
	*path += 5 + strlen(name) + 1;
	doc = json_object_get(json_object_get(doc, "part"), name);
	free(name);
	return doc;
}

bool path_never_happened(json_t *doc, const char *path)
{
	doc = owner(doc, &path);
	return strncmp(path, "errors.", 7) == 0 &&
	       json_is_object(json_object_get(doc, "errors"));
}

/* What a result may leave out: reasons for what is null, what is listed only if it is there. */
static bool may_be_absent(const char *path)
{
	size_t len = strlen(path);

	return strncmp(path, "error", 5) == 0 || strncmp(path, "lab.", 4) == 0 ||
	       strstr(path, "sysctls.") ||
	       (len >= 6 && strcmp(path + len - 6, "reason") == 0);
}

/* Variants may run different probes: only what a whole section of its own lacks is misspelt. */
static bool probe_may_have(json_t *result, const char *path)
{
	const char *dot = strchr(path, '.');
	char *section, *key;
	json_t *keys;
	bool misspelt;

	if (!dot || !json_is_true(json_object_get(result, "complete")))
		return true;
	section = text_checked(strndup(path, (size_t)(dot - path)));
	key = text_checked(strndup(dot + 1, strcspn(dot + 1, ".")));
	keys = strcmp(section, "counters") == 0 ? NULL : json_object_get(result, section);
	misspelt = json_is_object(keys) && !json_object_get(keys, key);
	free(section);
	free(key);
	return !misspelt;
}

bool formula_path_known(json_t *doc, const char *path)
{
	json_t *at = owner(doc, &path);
	char *head;

	if (!at || may_be_absent(path) || result_at(at, path))
		return true;
	if (json_object_get(at, "probe"))
		return probe_may_have(at, path);
	/* Below a null nothing was measured; below anything else there is no such name. */
	head = text_dup(path);
	for (char *dot = strrchr(head, '.'); dot; dot = strrchr(head, '.')) {
		*dot = '\0';
		if (result_at(at, head))
			break;
	}
	at = result_at(at, head);
	free(head);
	return json_is_null(at);
}
