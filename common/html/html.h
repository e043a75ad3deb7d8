/* html - results as one HTML page that needs nothing else: no network, no other file. */
#ifndef TWSTORM_COMMON_HTML_H
#define TWSTORM_COMMON_HTML_H

#include <jansson.h>
#include "common/base/err.h"

#define HTML_SCHEMA "twstorm.report/1"

/* Writes the page, whole or not at all ("-" = stdout).  The document:
 *
 *	title      text; absent: made from the results
 *	results    array of twstorm.result/1 and twstorm.probe/1 documents, at least one
 *	labels     array of texts, one for each result; absent: made, and distinct
 *	lab        optional, the table of variants: {scenario, about, columns: [{title}],
 *	           rows: [{variant, about, verdict, figure, cost, cells: [...],
 *	           expectations: [{phrase, expr, value, expected, ok}]}]}; a verdict is "works",
 *	           "no effect", "harmful", "not on this kernel" or null
 *	trace      instead of results: a twstorm.trace/1 document
 *	live       optional: the page is served by the "run", by the "lab" that makes one after the other, by the
 *	           "server" or for the "host", whose events it follows
 *	diagnosis  instead of results: a twstorm.doctor/1 document
 *	counts     instead of results: array of twstorm.states/1 documents of one host, in order, or of
 *	           twstorm.server/1
 *
 * It is not changed.  0, or -errno with EXIT_NOT_WRITTEN. */
int html_write(const char *path, const json_t *document, struct err *err);
/* The page itself, to be freed; NULL = out of memory. */
char *html_text(const json_t *document);
/* The document as the page's script reads it, new reference. */
json_t *html_document(const json_t *document);
/* What the page needs of a result: a copy that shares what is in it, new reference. */
json_t *html_lean(const json_t *result);
/* html_write() for one result alone. */
int html_write_result(const char *path, const json_t *result, struct err *err);

#endif
