#include "common/result/document.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/utf8.h"

/* NULL without memory; the caller that writes the document then reports it. */
static char *tame_copy(const char *text)
{
	char *copy = strdup(text);

	if (copy)
		utf8_tame(copy, false);
	else
		memory_lost();
	return copy;
}

static void tame_string(json_t *string)
{
	char *copy;

	if (utf8_is_tame(json_string_value(string), false))
		return;
	copy = tame_copy(json_string_value(string));
	json_string_set(string, copy ? copy : "");
	free(copy);
}

static void tame_keys(json_t *object)
{
	json_t *all = json_object(), *value;
	const char *key;

	json_object_foreach (object, key, value) {
		char *copy = tame_copy(key);

		if (copy)
			json_object_set(all, copy, value);
		free(copy);
	}
	json_object_clear(object);
	json_object_update(object, all);
	json_decref(all);
}

static void tame_object(json_t *object)
{
	bool tame = true;
	const char *key;
	json_t *one;

	json_object_foreach (object, key, one) {
		tame = tame && utf8_is_tame(key, false);
		document_tame(one);
	}
	if (!tame)
		tame_keys(object);
}

void document_tame(json_t *value)
{
	json_t *one;
	size_t i;

	if (json_is_string(value))
		tame_string(value);
	else if (json_is_object(value))
		tame_object(value);
	else if (json_is_array(value))
		json_array_foreach (value, i, one)
			if (!json_is_number(one)) /* there are thousands in a result */
				document_tame(one);
}

static const char *schema_of(const json_t *doc)
{
	return json_string_value(json_object_get(doc, "schema"));
}

bool document_is(const json_t *doc, const char *schema)
{
	const char *own = schema_of(doc);

	return own && strcmp(own, schema) == 0;
}

static int check_schema(const json_t *doc, const char *name,
			const struct document_kinds *kinds, struct err *err)
{
	const char *schema = schema_of(doc);

	if (!schema)
		return err_fill(err, -ENOENT, EXIT_USAGE,
				"%s is no twstorm result: it has no \"schema\"", name);
	for (const char *const *ours = kinds->schemas; *ours; ours++) {
		size_t family = strcspn(*ours, "/") + 1; /* "twstorm.result/" */

		if (strcmp(schema, *ours) == 0)
			return 0;
		if (strncmp(schema, *ours, family) == 0)
			return err_fill(err, -ESTALE, EXIT_USAGE,
					"%s is of another version, %.40s; this twstorm "
					"%s %s",
					name, schema, kinds->reads, *ours);
	}
	return err_fill(err, -ENOENT, EXIT_USAGE, "%s is %s but %.40s", name,
			kinds->other, schema);
}

int document_parse(const char *text, size_t len, const char *name,
		   const struct document_kinds *kinds, json_t **doc, struct err *err)
{
	json_error_t why;
	json_t *raw;
	int r = 0;

	*doc = NULL;
	memory_needed(true);
	raw = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
	memory_needed(false);
	if (!raw)
		r = err_usage(err, "%s is %s: line %d: %s", name, kinds->no_json,
			      why.line, why.text);
	else if (!json_is_object(raw))
		r = err_fill(err, -ENOENT, EXIT_USAGE,
			     "%s is no twstorm result: its JSON is no object", name);
	if (r == 0) {
		document_tame(raw);
		r = check_schema(raw, name, kinds, err);
	}
	if (r < 0)
		json_decref(raw);
	else
		*doc = raw;
	return r;
}
