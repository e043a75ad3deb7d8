/* What is written is what was given, and numbers stand in a line. */
#include <stdlib.h>
#include <string.h>
#include "common/base/json_lines.h"
#include "tests/check_main.h"

static const struct {
	const char *json, *text;
} texts[] = {
	{ "[]", "[]" },
	{ "{\"a\":[[8000,3],[8001,-2.5]]}",
	  "{\n  \"a\": [\n    [8000, 3],\n    [8001, -2.5]\n  ]\n}" },
	{ "[\"[\\n1,\\\" 2]\",[1,\"x\"]]",
	  "[\n  \"[\\n1,\\\" 2]\",\n  [\n    1,\n    \"x\"\n  ]\n]" },
	{ "{\"x[1,\":\"[1, 2\",\"y\":[true,1]}",
	  "{\n  \"x[1,\": \"[1, 2\",\n  \"y\": [\n    true,\n    1\n  ]\n}" },
	{ "[\"\\\\\",[1,2]]", "[\n  \"\\\\\",\n  [1, 2]\n]" },
};

TEST_ROWS(numbers_are_a_line, texts)
{
	json_t *doc = json_loads(row->json, 0, NULL);
	char *text = json_lines(doc);
	json_t *again = json_loads(text, 0, NULL);

	ck_assert_str_eq(text, row->text);
	ck_assert(json_equal(doc, again));
	free(text);
	json_decref(again);
	json_decref(doc);
}

/* Many of them are lines: nobody reads a line of thousands. */
TEST(a_long_array_stays)
{
	for (int n = 1; n < 200; n++) {
		json_t *doc = json_array();
		char *text;

		for (int i = 0; i < n; i++)
			json_array_append_new(doc, json_integer(1));
		text = json_lines(doc);
		ck_assert_int_eq(strchr(text, '\n') == NULL, 2 * n - 1 <= 100);
		free(text);
		json_decref(doc);
	}
}

CHECK_MAIN("json_lines")
