/* The HTML page: every part is in it, the data comes back out of it as it went in, and nothing
 * in the data ends a script or begins an element. */
#include "common/html/html.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "common/html/html_assets.h"
#include "tests/check_main.h"

static char path[64];

/* The page of a document, in memory. */
static char *page_of(const json_t *document)
{
	char *text = calloc(1, 4 << 20);
	struct err err;
	FILE *f;

	snprintf(path, sizeof(path), "/tmp/twstorm-html.%ld", (long)getpid());
	ck_assert_msg(html_write(path, document, &err) == 0, "%s", err.text);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_gt(fread(text, 1, (4 << 20) - 1, f), 10000);
	fclose(f);
	unlink(path);
	return text;
}

/* What the page's script will read. */
static json_t *data_of(const char *page)
{
	const char *begin = strstr(page, "id=\"data\">");
	const char *end = strstr(begin, "</script>");
	json_t *data;

	begin += strlen("id=\"data\">");
	for (const char *c = begin; c < end; c++)
		ck_assert_msg(*c != '<' && (unsigned char)*c <= 0x7f &&
				      (unsigned char)*c >= 0x20,
			      "a character 0x%02x in the data", (unsigned char)*c);
	data = json_loadb(begin, (size_t)(end - begin), 0, NULL);
	ck_assert_ptr_nonnull(data);
	return data;
}

static unsigned count(const char *text, const char *what)
{
	unsigned n = 0;

	while ((text = strstr(text, what))) {
		text += strlen(what);
		n++;
	}
	return n;
}

static const char *const texts[] = {
	"plain",
	"</script><img src=x onerror=alert(1)>",
	"<!--<script>",
	"\xe2\x80\xa8 \xe2\x80\xa9",
	"{{page.css}} }} {{data}}",
	"\\u003c \" ' & \t\r\n\x7f",
	"\xf0\x9f\x8c\x80",
};

TEST_ROWS(data_stays_data, texts)
{
	json_t *doc = json_pack("{s:s, s:[{s:s, s:{s:s}}]}", "title", *row, "results",
				"schema", "twstorm.result/1", "run", "id", *row);
	char *page = page_of(doc);
	json_t *data = data_of(page), *result;

	result = json_array_get(json_object_get(data, "results"), 0);
	ck_assert(json_equal(result, json_array_get(json_object_get(doc, "results"), 0)));
	ck_assert_str_eq(json_string_value(json_object_get(data, "title")), *row);
	ck_assert_uint_eq(count(page, "<script"), 3);
	ck_assert_uint_eq(count(page, "</script>"), 3);
	ck_assert_uint_eq(count(page, "<img"), 0);
	json_decref(data);
	json_decref(doc);
	free(page);
}

TEST(the_document_is_not_changed)
{
	json_t *doc =
		json_loads("{\"results\": [{\"latency_us\": {\"connect\": {\"p50\": 3, "
			   "\"buckets\": [[1, 2]]}}}], \"lab\": {\"scenario\": \"x\"}}",
			   0, NULL);
	json_t *before = json_deep_copy(doc), *data, *h;
	char *page = page_of(doc);

	data = data_of(page);
	ck_assert(json_equal(doc, before));
	h = json_object_get(
		json_object_get(json_array_get(json_object_get(data, "results"), 0),
				"latency_us"),
		"connect");
	ck_assert_int_eq(json_integer_value(json_object_get(h, "p50")), 3);
	ck_assert_ptr_null(json_object_get(h, "buckets"));
	ck_assert(json_equal(json_object_get(data, "lab"), json_object_get(doc, "lab")));
	ck_assert_str_eq(json_string_value(json_object_get(data, "schema")), HTML_SCHEMA);
	json_decref(data);
	json_decref(before);
	json_decref(doc);
	free(page);
}

TEST(every_part_is_in_the_page)
{
	json_t *doc = json_loads("{\"results\": [{}]}", 0, NULL);
	char *page = page_of(doc);
	size_t length = strlen(page);
	const struct html_asset *a;
	size_t n = 0;

	for (a = html_assets; a->name; a++, n++) {
		ck_assert_msg(a->end > a->begin, "%s is empty", a->name);
		ck_assert_ptr_eq(html_asset(a->name, strlen(a->name)), a);
		if (strcmp(a->name, "page.html") != 0)
			ck_assert_msg(memmem(page, length, a->begin,
					     (size_t)(a->end - a->begin)),
				      "%s is not in the page", a->name);
	}
	ck_assert_uint_gt(n, 10);
	ck_assert_ptr_null(html_asset("page", 4));
	ck_assert_ptr_null(strstr(page, "sourceMappingURL"));
	ck_assert_ptr_null(strstr(page, "src=\"http"));
	json_decref(doc);
	free(page);
}

/* An embedded file that ended its element would spoil the page. */
TEST(no_part_ends_its_element)
{
	static const char *const ends[] = { "</script", "</style", "<!--" };
	const struct html_asset *a;

	for (a = html_assets; a->name; a++)
		for (unsigned e = 0; e < 3 && strcmp(a->name, "page.html") != 0; e++)
			ck_assert_msg(!memmem(a->begin, (size_t)(a->end - a->begin),
					      ends[e], strlen(ends[e])),
				      "%s has %s", a->name, ends[e]);
}

TEST(a_page_that_cannot_be_written_is_an_error)
{
	json_t *result = json_object();
	struct err err;

	ck_assert_int_lt(html_write_result("/nowhere/at/all.html", result, &err), 0);
	ck_assert_int_eq(err.exit, EXIT_NOT_WRITTEN);
	ck_assert_ptr_nonnull(strstr(err.text, "/nowhere/at/all.html"));
	ck_assert_int_lt(html_write_result("/dev/full", result, &err), 0);
	ck_assert_int_eq(err.exit, EXIT_NOT_WRITTEN);
	json_decref(result);
}

CHECK_MAIN("html")
