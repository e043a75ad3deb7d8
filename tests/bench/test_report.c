/* `twstorm report`: what is printed fits, can be read back, and obeys nobody's file. */
#include <stdlib.h>
#include <string.h>
#include "common/result/document.h"
#include "common/result/compare_text.h"
#include "common/result/compare.h"
#include "tests/check_main.h"

static const struct {
	const char *json, *tame;
} strings[] = {
	{ "\"plain \\u00e4 \\u2028\"", "\"plain \\u00E4 \\u2028\"" },
	{ "\"a\\u001b[31mb\\u0007\\n\"", "\"a?[31mb??\"" },
	{ "\"\\u007f\\u009b1m\\u00a0\"", "\"???1m\\u00A0\"" },
	{ "{\"k\\u001b\": [\"\\t\", {\"\\r\": 1}]}", "{\"k?\":[\"?\",{\"?\":1}]}" },
	{ "[1, 2.5, true, null, \"\"]", "[1,2.5,true,null,\"\"]" },
};

TEST_ROWS(control_characters_are_taken_out, strings)
{
	json_t *value = json_loads(row->json, JSON_DECODE_ANY, NULL);
	char *got;

	document_tame(value);
	got = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_ENSURE_ASCII);

	ck_assert_str_eq(got, row->tame);
	free(got);
	json_decref(value);
}

/* n results: 0, 1, 2, ... connections, and so on. */
static json_t *comparison(int n)
{
	json_t *results = json_array(), *labels = json_array(), *doc;

	for (int i = 0; i < n; i++) {
		json_array_append_new(
			results,
			json_pack("{s:b, s:{s:I}, s:{s:f, s:f}, s:{s:{s:f}}}", "complete",
				  i % 2, "totals", "connects_ok",
				  (json_int_t)i * 1000000000000, "rate",
				  "connections_per_s", 1e-9 * i, "transactions_per_s",
				  1e300 * i, "latency_us", "connect", "p50", -1.5e10));
		json_array_append_new(labels, json_sprintf("label, \"%d\"", i));
	}
	doc = compare_results(results, labels);
	json_decref(results);
	json_decref(labels);
	return doc;
}

static char *printed(void (*print)(FILE *to, const json_t *cmp), int n)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);
	json_t *doc = comparison(n);

	print(to, doc);
	fclose(to);
	json_decref(doc);
	return text;
}

static const int sizes[] = { 2, 3, 4, 5, 30 };

TEST_ROWS(a_table_fits_eighty_columns, sizes)
{
	char *text = printed(compare_text, *row);

	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		ck_assert_msg(strlen(line) <= 80, "%zu columns: %s", strlen(line), line);
		ck_assert_msg(line[strlen(line) - 1] != ' ', "blanks at the end: '%s'",
			      line);
	}
	free(text);
}

TEST(every_result_has_a_letter)
{
	char *text = printed(compare_text, 30);

	ck_assert_ptr_nonnull(strstr(text, "\nZ   label, \"25\"\nAA  label, \"26\"\n"));
	ck_assert_ptr_nonnull(strstr(text, " AD    AD/A\n"));
	free(text);
}

TEST(csv_can_be_read_back)
{
	char *text = printed(compare_csv, 2);

	ck_assert_ptr_eq(strstr(text, "figure,unit,\"label, \"\"0\"\"\",\"label, "
				      "\"\"1\"\"\",\"label, \"\"1\"\" / label, "
				      "\"\"0\"\"\"\n"),
			 text);
	ck_assert_ptr_nonnull(strstr(text, "\ncomplete,,false,true,\n"));
	ck_assert_ptr_nonnull(strstr(text, "\ntotals.connects_ok,,0,1000000000000,\n"));
	ck_assert_ptr_nonnull(
		strstr(text, "\nlatency_us.connect.p50,us,-1.5e+10,-1.5e+10,1\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nports.budget,,,,\n"));
	free(text);
}

CHECK_MAIN("report")
