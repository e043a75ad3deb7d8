/* html - fills page.html: {{FILE}} stands for an embedded file, {{data}} for the document as
 * JSON.  The data is never part of the markup: a script reads it and builds the page. */
#include "common/html/html.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/base/clock.h"
#include "common/result/compare.h"
#include "common/html/html_assets.h"
#include "common/base/memory.h"
#include "common/cli/output.h"
#include "common/result/result.h"
#include "common/result/result_label.h"
#include "common/talk/closing.h"

/* ---- the document as the page's script reads it */

/* The page draws no histogram, and of the ranks of a merge the table alone. */
json_t *html_lean(const json_t *result)
{
	static const char *const heavy[] = { "ranks", "others", "servers" };
	json_t *light = json_copy((json_t *)result), *timers, *h;
	const char *name;

	for (size_t i = 0; i < sizeof(heavy) / sizeof(heavy[0]); i++)
		json_object_del(light, heavy[i]);
	timers = json_copy(json_object_get(light, "latency_us"));
	json_object_foreach (timers, name, h) {
		json_t *without = json_copy(h);

		json_object_del(without, "buckets");
		json_object_set_new(timers, name, without);
	}
	if (timers)
		json_object_set_new(light, "latency_us", timers);
	return light;
}

static json_t *lean_results(const json_t *results)
{
	json_t *all = json_array(), *result;
	size_t i;

	json_array_foreach ((json_t *)results, i, result)
		json_array_append_new(all, html_lean(result));
	return all;
}

static json_t *labels_of(const json_t *document, const json_t *results)
{
	json_t *labels = json_object_get(document, "labels");

	return labels ? json_incref(labels) : result_labels(results, NULL);
}

/* What the state diagram shows of each close strategy. */
static json_t *ways_of_strategies(void)
{
	json_t *ways = json_object();

	for (unsigned i = 1; i < n_closings; i++) {
		const struct closing *c = &closings[i];

		json_object_set_new(ways, c->name,
				    json_pack("{s:s, s:s}", "client",
					      closing_way(c, &c->client), "server",
					      closing_way(c, &c->server)));
	}
	return ways;
}

json_t *html_document(const json_t *document)
{
	const json_t *results = json_object_get(document, "results");
	json_t *labels = labels_of(document, results), *all;
	char now[40];

	clock_rfc3339(clock_wall_ns(), now, sizeof(now));
	all = json_pack("{s:s, s:O?, s:s, s:o, s:o, s:o, s:O?, s:o, s:o, s:O?, s:O?, "
			"s:O?, s:O?, s:O?}",
			"schema", HTML_SCHEMA, "title",
			json_object_get(document, "title"), "generated_at", now,
			"comparison", compare_results(results, labels), "labels", labels,
			"results", lean_results(results), "lab",
			json_object_get(document, "lab"), "tool", result_tool(), "ways",
			ways_of_strategies(), "trace", json_object_get(document, "trace"),
			"counts", json_object_get(document, "counts"), "diagnosis",
			json_object_get(document, "diagnosis"), "expectations",
			json_object_get(document, "expectations"), "live",
			json_object_get(document, "live"));
	return all;
}

/* ---- the page */

/* In a script element "</script" would end it and "<!--" begin something else, so no '<' is
 * left; being ASCII, the text has no U+2028 or U+2029 either. */
static int put_data(FILE *to, const json_t *document)
{
	json_t *all = html_document(document);
	char *text = all ? json_dumps(all, JSON_COMPACT | JSON_ENSURE_ASCII |
						   JSON_REAL_PRECISION(9))
			 : NULL;

	for (const char *c = text; c && *c; c++) {
		if (*c == '<')
			fputs("\\u003c", to);
		else
			putc(*c, to);
	}
	free(text);
	json_decref(all);
	return text ? 0 : -1;
}

static int put_part(FILE *to, const char *name, size_t length, const json_t *document)
{
	const struct html_asset *part;

	if (length == 4 && memcmp(name, "data", 4) == 0)
		return put_data(to, document);
	part = html_asset(name, length);
	if (!part)
		return -1;
	fwrite(part->begin, 1, (size_t)(part->end - part->begin), to);
	return 0;
}

static int put_page(FILE *to, const json_t *document)
{
	const struct html_asset *page = html_asset("page.html", 9);
	const char *at = page->begin, *end = page->end;

	while (at < end) {
		const char *open = memmem(at, (size_t)(end - at), "{{", 2);
		const char *close =
			open ? memmem(open, (size_t)(end - open), "}}", 2) : NULL;

		if (!close)
			open = end;
		fwrite(at, 1, (size_t)(open - at), to);
		if (!close)
			break;
		if (put_part(to, open + 2, (size_t)(close - open) - 2, document) == -1)
			return -1;
		at = close + 2;
	}
	return 0;
}

/* out: owned by the caller.  size: without the NUL. */
static int page_text(const json_t *document, char **out, size_t *size, struct err *err)
{
	FILE *page = open_memstream(out, size);
	int r;

	if (!page)
		return err_memory(err);
	r = put_page(page, document);
	if (fclose(page) == EOF || r == -1)
		r = err_run(err, "the report could not be turned into a page");
	else
		r = memory_check(err);
	return r;
}

char *html_text(const json_t *document)
{
	char *bytes = NULL;
	size_t size;

	if (page_text(document, &bytes, &size, NULL) == 0)
		return bytes;
	free(bytes);
	return NULL;
}

int html_write(const char *path, const json_t *document, struct err *err)
{
	char *bytes = NULL;
	size_t size = 0;
	int r = page_text(document, &bytes, &size, err);

	if (r == 0)
		r = output_bytes(path, bytes, size, err);
	free(bytes);
	return r;
}

int html_write_result(const char *path, const json_t *result, struct err *err)
{
	json_t *document = json_pack("{s:[O]}", "results", result);
	int r = html_write(path, document, err);

	json_decref(document);
	return r;
}
