/* document - a JSON document of ours, as a stranger may have written it: parsed, of a schema that its
 * reader knows, and harmless to print. */
#ifndef TWSTORM_COMMON_DOCUMENT_H
#define TWSTORM_COMMON_DOCUMENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include "common/base/err.h"

/* What a command reads, and its words for what it does not read. */
struct document_kinds {
	const char *const *schemas; /* NULL after the last */
	const char *no_json;        /* "NAME is no JSON: line 3: ..." */
	const char *reads;          /* "this twstorm reads twstorm.result/1" */
	const char *other;          /* "NAME is no client's result but twstorm.trace/1" */
};

/* 0, and *doc is a new reference to an object of one of the schemas.  Else EXIT_USAGE with a sentence
 * that begins with `name`: -EINVAL no JSON, or cut short; -ENOENT JSON, but none of these documents;
 * -ESTALE one of another version. */
int document_parse(const char *text, size_t len, const char *name,
		   const struct document_kinds *kinds, json_t **doc, struct err *err);
/* Whether it is of that schema; false where it says none. */
bool document_is(const json_t *doc, const char *schema);
/* Makes question marks of control characters, which a terminal might obey; also in keys. */
void document_tame(json_t *value);

#endif
