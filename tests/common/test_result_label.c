/* Names for results: the shortest kind under which they differ. */
#include "common/result/result_label.h"

#include <string.h>
#include "tests/check_main.h"

#define LAB(scenario, variant)                                                           \
	"{\"lab\": {\"scenario\": \"" scenario "\", \"variant\": \"" variant "\"}}"
#define LAB_OF(variant, client)                                                          \
	"{\"lab\": {\"variant\": \"" variant "\", \"client\": \"" client "\"}}"
#define RUN(id) "{\"run\": {\"id\": \"" id "\"}}"

/* clang-format off */
static const struct {
	const char *results[3], *paths[3]; /* a NULL path: there are none */
	const char *labels;
} rows[] = {
	{ { LAB("s", "a"), LAB("s", "b") }, { "x.json", "y.json" }, "a b" },
	{ { LAB_OF("a", "x"), LAB_OF("a", "y"), LAB("s", "b") }, { "f", "f", "f" }, "a/x a/y s/b" },
	{ { LAB("s", "a"), LAB("t", "a") }, { "x.json", "y.json" }, "s/a t/a" },
	{ { LAB("s", "a"), LAB("s", "a") }, { "d/x.json", "d/y.json" }, "x y" },
	{ { LAB("s", "a"), "{}" }, { "d/x.json", "d/y.json" }, "a y" },
	{ { LAB("s", "x"), "{}" }, { "d/x.json", "d/x.json" }, "s/x x" },
	{ { "{}", "{}" }, { "d/x.json", "e/x.json" }, "d/x.json e/x.json" },
	{ { "{}", "{}", "{}" }, { "x", "x", "x" }, "x x|(2) x|(3)" },
	{ { RUN("1"), RUN("2") }, { "x", "x" }, "1 2" },
	{ { RUN("1"), RUN("2") }, { NULL }, "1 2" },
	{ { RUN("1"), RUN("1") }, { NULL }, "1 1|(2)" },
	{ { LAB("s", "a"), LAB("s", "a") }, { NULL }, "a a|(2)" },
	{ { "{}", "{}" }, { NULL }, "result result|(2)" },
	{ { LAB("", ""), "{\"lab\": 7}" }, { "-", ".json" }, "- .json" },
	{ { "{}", LAB("s", "b") }, { "a/", "c" }, "a/ b" },
	{ { "{}", "{}", "{}" }, { "x (2)", "x", "x" }, "x|(2) x x|(3)" },
	{ { "{}" }, { "\xff.json" }, "result" },
	{ { "{}", "{}" }, { "\xff", "\xfe" }, "result result|(2)" },
};
/* clang-format on */

/* Blanks between labels, '|' for a blank in one. */
static void join(const json_t *labels, char *to)
{
	json_t *label;
	size_t i;

	*to = '\0';
	json_array_foreach ((json_t *)labels, i, label) {
		char *at = to + strlen(to);

		sprintf(at, "%s%s", i ? " " : "", json_string_value(label));
		for (at += i > 0; *at; at++)
			if (*at == ' ')
				*at = '|';
	}
}

TEST_ROWS(labels_differ, rows)
{
	json_t *results = json_array(), *labels;
	char got[200];

	for (int i = 0; i < 3 && row->results[i]; i++)
		json_array_append_new(results, json_loads(row->results[i], 0, NULL));
	labels = result_labels(results, row->paths[0] ? row->paths : NULL);
	join(labels, got);
	ck_assert_str_eq(got, row->labels);
	json_decref(labels);
	json_decref(results);
}

TEST(nothing_has_no_label)
{
	json_t *results = json_array(), *labels = result_labels(results, NULL);

	ck_assert_uint_eq(json_array_size(labels), 0);
	json_decref(labels);
	json_decref(results);
}

CHECK_MAIN("result_label")
