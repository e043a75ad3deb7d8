#include "bench/lab/page_report.h"

#include <string.h>

#include "bench/observe/observed.h"
#include "common/base/put.h"
#include "common/base/utf8.h"
#include "common/html/html.h"
#include "common/result/story.h"

#define ROWS_MOST 2400 /* of a series; then every second one goes */

/* ---- results, by what they are called */

static json_t *results(const struct page_report *r)
{
	return json_object_get(r->doc, "results");
}

/* Where it is, or would be. */
static size_t place_of(const struct page_report *r, const char *label)
{
	json_t *labels = json_object_get(r->doc, "labels"), *one;
	size_t i;

	json_array_foreach (labels, i, one)
		if (strcmp(json_string_value(one), label) == 0)
			return i;
	return json_array_size(labels);
}

static void set_result(struct page_report *r, const char *label, json_t *stolen)
{
	size_t i = place_of(r, label);

	if (i < json_array_size(results(r))) {
		json_array_set_new(results(r), i, stolen);
	} else {
		json_array_append_new(json_object_get(r->doc, "labels"),
				      json_string(label));
		json_array_append_new(results(r), stolen);
	}
	put_count(r->doc, "now", i);
}

static void remove_result(struct page_report *r, const char *label)
{
	size_t i = place_of(r, label);

	json_array_remove(json_object_get(r->doc, "labels"), i);
	json_array_remove(results(r), i);
	put_count(r->doc, "now", 0);
}

/* ---- what goes on */

static void thin(json_t *rows)
{
	for (size_t i = json_array_size(rows); i-- > 0;)
		if (i % 2 == 0)
			json_array_remove(rows, i);
}

/* The news have the newest row; those before are here. */
static void join_series(const json_t *before, json_t *news)
{
	json_t *rows = json_object_get(before, "series");
	json_t *more = json_object_get(news, "series");

	if (!json_is_array(rows))
		return;
	json_array_extend(rows, more);
	if (json_array_size(rows) > ROWS_MOST)
		thin(rows);
	json_object_set(news, "series", rows);
}

/* What was seen of its hosts, and what can be said with that. */
static void add_hosts(struct page_report *r, const char *label, json_t *result)
{
	const json_t *seen = json_object_get(r->seen, label);

	if (seen)
		put(result, "hosts", observed_hosts(seen, result));
	if (seen || !json_object_get(result, "story"))
		story_tell(result);
}

static bool goes_on(const json_t *result)
{
	return strcmp(utf8_at(json_object_get(result, "error"), "code"), "running") == 0;
}

static bool take_news(struct page_report *r, const char *label, json_t *news)
{
	join_series(json_array_get(results(r), place_of(r, label)), news);
	add_hosts(r, label, news);
	set_result(r, label, json_incref(news));
	return true;
}

static bool take_over(struct page_report *r, const char *label, json_t *result)
{
	add_hosts(r, label, result);
	set_result(r, label, json_incref(result));
	return true;
}

static bool take_seen(struct page_report *r, const char *label, json_t *seen)
{
	size_t i = place_of(r, label);
	json_t *result = json_array_get(results(r), i);

	json_object_set(r->seen, label, seen);
	if (!goes_on(result))
		return false;
	add_hosts(r, label, result);
	put_count(r->doc, "now", i);
	return true;
}

/* ---- what is the report's */

static bool take_final(struct page_report *r, const char *label, json_t *result)
{
	json_object_del(r->seen, label);
	set_result(r, label, json_incref(result));
	return true;
}

static bool take_gone(struct page_report *r, const char *label, json_t *none)
{
	(void)none;
	json_object_del(r->seen, label);
	remove_result(r, label);
	return true;
}

static bool take_lab(struct page_report *r, const char *label, json_t *lab)
{
	(void)label;
	json_object_set(r->doc, "lab", lab);
	return false;
}

static bool take_row(struct page_report *r, const char *label, json_t *row)
{
	(void)label;
	json_array_append(json_object_get(json_object_get(r->doc, "lab"), "rows"), row);
	return true;
}

static bool take_expectations(struct page_report *r, const char *label, json_t *answers)
{
	(void)label;
	json_object_set(r->doc, "expectations", answers);
	return false;
}

static bool take_end(struct page_report *r, const char *label, json_t *none)
{
	(void)label;
	(void)none;
	json_object_del(r->doc, "live");
	r->is_complete = true;
	return true;
}

/* ---- the whole */

bool page_report_take(struct page_report *r, json_t *stolen)
{
	static const struct {
		const char *key;
		bool (*take)(struct page_report *r, const char *label, json_t *value);
	} kinds[] = {
		{ "news", take_news }, { "over", take_over },
		{ "seen", take_seen }, { "final", take_final },
		{ "gone", take_gone }, { "lab", take_lab },
		{ "row", take_row },   { "expectations", take_expectations },
		{ "end", take_end },
	};
	bool is_new = false;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		json_t *value = json_object_get(stolen, kinds[i].key);

		if (value)
			is_new |= kinds[i].take(r, utf8_at(stolen, "about"), value);
	}
	json_decref(stolen);
	return is_new;
}

void page_report_init(struct page_report *r, const char *title)
{
	*r = (struct page_report){ .seen = json_object() };
	r->doc = json_pack("{s:s, s:o, s:s, s:[], s:[], s:i}", "schema", HTML_SCHEMA,
			   "title", utf8_json(title), "live", "lab", "results", "labels",
			   "now", 0);
}

void page_report_done(struct page_report *r)
{
	json_decref(r->doc);
	json_decref(r->seen);
}
