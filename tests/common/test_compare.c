/* Figures side by side: what was measured, what never came, and ratios that mean something. */
#include "common/result/compare.h"

#include <stdio.h>
#include <stdlib.h>
#include "common/result/result.h"
#include "tests/check_main.h"

#define RESULTS                                                                          \
	"[{\"complete\": true, \"totals\": {\"connects_ok\": 200, \"missed_starts\": "   \
	"0},"                                                                            \
	"  \"rate\": {\"connections_per_s\": 0.5}, \"ports\": {\"budget\": \"many\"},"   \
	"  \"errors\": {\"connect\": {\"ECONNREFUSED\": 0, \"ETIMEDOUT\": 4}},"          \
	"  \"states\": {\"client\": {\"end\": {\"TIME_WAIT\": 200, \"LISTEN\": 1}},"     \
	"              \"server\": null}},"                                              \
	" {\"complete\": false, \"totals\": {\"connects_ok\": 50, \"missed_starts\": "   \
	"9},"                                                                            \
	"  \"rate\": {\"connections_per_s\": 2}, \"ports\": {\"budget\": 100},"          \
	"  \"errors\": {\"connect\": {}, \"bind\": {\"EADDRINUSE\": 3}},"                \
	"  \"states\": {\"client\": null,"                                               \
	"              \"server\": {\"end\": {\"FIN_WAIT2\": 7, \"CLOSING\": 0}}}},"     \
	" {}]"

static const struct {
	const char *path, *values, *ratios; /* NULL: no such figure */
} figures[] = {
	{ "complete", "[true,false,null]", "[null,null,null]" },
	{ "totals.connects_ok", "[200,50,null]", "[1.0,0.25,null]" },
	{ "totals.missed_starts", "[0,9,null]", "[null,null,null]" },
	{ "rate.connections_per_s", "[0.5,2,null]", "[1.0,4.0,null]" },
	{ "ports.budget", "[null,100,null]", "[null,null,null]" },
	{ "ports.exhausted", "[null,null,null]", "[null,null,null]" },
	{ "errors.connect.ETIMEDOUT", "[4,0,null]", "[1.0,0.0,null]" },
	{ "errors.bind.EADDRINUSE", "[null,3,null]", "[null,null,null]" },
	{ "states.client.end.TIME_WAIT", "[200,null,null]", "[1.0,null,null]" },
	{ "states.server.end.FIN_WAIT2", "[null,7,null]", "[null,null,null]" },
	{ "errors.connect.ECONNREFUSED", NULL, NULL },
	{ "states.server.end.CLOSING", NULL, NULL },
	{ "states.client.end.LISTEN", NULL, NULL },
	{ "totals", NULL, NULL },
};

static json_t *comparison(const char *text)
{
	json_t *results = json_loads(text, 0, NULL), *labels = json_pack("[s]", "x");
	json_t *doc = compare_results(results, labels);

	json_decref(labels);
	json_decref(results);
	return doc;
}

/* The list at doc.KEY.PATH as JSON. */
static void is(const json_t *doc, const char *key, const char *path, const char *wanted)
{
	const json_t *list = json_object_get(json_object_get(doc, key), path);
	char *got = json_dumps(list, JSON_COMPACT | JSON_ENCODE_ANY);

	if (wanted)
		ck_assert_str_eq(got, wanted);
	else
		ck_assert_msg(!list, "%s.%s is %s", key, path, got);
	free(got);
}

TEST_ROWS(figures_stand_side_by_side, figures)
{
	json_t *doc = comparison(RESULTS);

	is(doc, "figures", row->path, row->values);
	is(doc, "ratios", row->path, row->ratios);
	json_decref(doc);
}

/* A host with 1,000 sockets in TIME_WAIT from before, on which a run left 10, after one that left
 * 1,000; one that cannot tell; one that an older twstorm wrote. */
#define SIDE(before, peak, own)                                                          \
	"{\"states\": {\"client\": {\"before\": {\"TIME_WAIT\": " before                 \
	", \"CLOSE\": 0}, \"peak\": {\"TIME_WAIT\": " peak                               \
	", \"CLOSE\": 4}, \"own\": " own "}}}"
#define OWN(n) "{\"peak\": {\"TIME_WAIT\": " n "}}"
#define OLD    "{\"states\": {\"client\": {\"peak\": {\"TIME_WAIT\": 500, \"CLOSE\": 2}}}}"

static const struct {
	const char *results, *path, *values, *ratios; /* NULL: no such figure */
} earlier[] = {
	{ SIDE("0", "1000", OWN("1000")) "," SIDE("1000", "1010", OWN("10")),
	  "states.client.own.peak.TIME_WAIT", "[1000,10]", "[1.0,0.01]" },
	{ SIDE("0", "1000", OWN("1000")) "," SIDE("1000", "1010", OWN("10")),
	  "states.client.peak.TIME_WAIT", "[1000,1010]", "[1.0,null]" },
	{ SIDE("0", "1000", OWN("1000")) "," SIDE("1000", "1010", OWN("10")),
	  "states.client.peak.CLOSE", "[4,4]", "[1.0,1.0]" },
	{ SIDE("1000", "1010", OWN("10")) "," SIDE("0", "1000", OWN("1000")),
	  "states.client.peak.TIME_WAIT", "[1010,1000]", "[null,null]" },
	{ SIDE("0", "1000", OWN("1000")) "," SIDE("0", "10", OWN("10")),
	  "states.client.peak.TIME_WAIT", "[1000,10]", "[1.0,0.01]" },
	{ SIDE("0", "1000", OWN("1000")) "," SIDE("0", "10", OWN("10")),
	  "states.client.own.peak.TIME_WAIT", NULL, NULL },
	{ SIDE("0", "1000", OWN("1000")) "," SIDE("1000", "1000", OWN("0")),
	  "states.client.own.peak.TIME_WAIT", "[1000,0]", "[1.0,0.0]" },
	{ SIDE("5", "1000", OWN("995")) "," SIDE("9", "90", "null"),
	  "states.client.own.peak.TIME_WAIT", "[995,null]", "[1.0,null]" },
	{ OLD "," SIDE("0", "1000", OWN("1000")), "states.client.peak.TIME_WAIT",
	  "[500,1000]", "[1.0,2.0]" },
	{ OLD "," SIDE("0", "1000", OWN("1000")), "states.client.own.peak.TIME_WAIT",
	  NULL, NULL },
};

TEST_ROWS(sockets_from_before_are_no_runs, earlier)
{
	char text[1024];
	json_t *doc;

	snprintf(text, sizeof(text), "[%s]", row->results);
	doc = comparison(text);
	is(doc, "figures", row->path, row->values);
	is(doc, "ratios", row->path, row->ratios);
	json_decref(doc);
}

static const char *const odd[] = {
	"[]",
	"[{}]",
	"[7, null, []]",
	"[{\"errors\": 3, \"states\": {\"client\": []}}]",
	"[{\"totals\": {\"connects_ok\": {\"a\": 1}}}]",
	"[{\"errors\": {\"connect\": {\"a\": \"b\"}}}]",
};

TEST_ROWS(every_figure_has_title_unit_and_ratios, odd)
{
	json_t *doc = comparison(*row), *values;
	const char *path;

	ck_assert_uint_gt(json_object_size(json_object_get(doc, "figures")), 20);
	json_object_foreach (json_object_get(doc, "figures"), path, values) {
		ck_assert(json_is_string(
			json_object_get(json_object_get(doc, "titles"), path)));
		ck_assert(json_is_string(
			json_object_get(json_object_get(doc, "units"), path)));
		ck_assert_uint_eq(json_array_size(json_object_get(
					  json_object_get(doc, "ratios"), path)),
				  json_array_size(values));
	}
	json_decref(doc);
}

CHECK_MAIN("compare")
