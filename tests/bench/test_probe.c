#include <check.h>
#include <string.h>
#include "bench/probe/probe_kit.h"
#include "bench/probe/result.h"
#include "common/result/result.h"
#include "tests/check_main.h"

static const char *const paths[] = { "plain", "group.first", "group.second", NULL };
static const struct opt no_rows[] = { PROBE_ROWS };
static const struct probe made_up = {
	.name = "made-up",
	.command = { .name = "lab", .rows = no_rows },
	.options_size = sizeof(struct probe_options),
	.figures = paths,
};

TEST(every_figure_is_null_until_it_is_set)
{
	struct probe_options o = { .address = "127.0.0.1" };
	struct probe_run run = { .probe = &made_up, .options = &o };
	unsigned failed = 7;
	json_t *doc;

	run.section = probe_section(&made_up);
	doc = probe_json(&run, NULL, &failed);
	ck_assert_uint_eq(failed, 0);
	for (unsigned i = 0; paths[i]; i++) {
		char path[64];

		snprintf(path, sizeof(path), "made_up.%s", paths[i]);
		ck_assert(json_is_null(result_at(doc, path)));
	}
	ck_assert(json_is_null(result_at(doc, "counters.TcpExt.TW")));
	ck_assert(json_is_null(result_at(doc, "finding")));
	json_decref(doc);
	probe_set_count(&run, "group.second", 5);
	probe_set_errno(&run, "plain", 0);
	probe_finding(&run, "%u of %u", 1u, 2u);
	doc = probe_json(&run, NULL, &failed);
	ck_assert_int_eq(json_integer_value(result_at(doc, "made_up.group.second")), 5);
	ck_assert(json_is_null(result_at(doc, "made_up.group.first")));
	ck_assert_str_eq(json_string_value(result_at(doc, "made_up.plain")), "ok");
	ck_assert_str_eq(json_string_value(result_at(doc, "finding")), "1 of 2");
	json_decref(doc);
	json_decref(run.section);
}

static const struct {
	enum exit_code exit;
	int signal;
	const char *code;
} codes[] = {
	{ EXIT_CANNOT_RUN, 0, "failed" },
	{ EXIT_NO_SUPPORT, 0, "no_support" },
	{ EXIT_INCOMPLETE, 0, "inconclusive" },
	{ EXIT_CANNOT_RUN, 2, "interrupted" },
};

TEST_ROWS(an_incomplete_result_says_why, codes)
{
	struct probe_options o = { .address = "127.0.0.1" };
	struct probe_run run = { .probe = &made_up, .options = &o };
	struct err why = { .code = -1, .exit = row->exit, .text = "because" };
	unsigned failed;
	json_t *doc;

	run.signal = row->signal;
	run.section = probe_section(&made_up);
	doc = probe_json(&run, &why, &failed);
	ck_assert(json_is_false(result_at(doc, "complete")));
	ck_assert_str_eq(json_string_value(result_at(doc, "error.code")), row->code);
	ck_assert_str_eq(json_string_value(result_at(doc, "error.message")), "because");
	json_decref(doc);
	json_decref(run.section);
}

CHECK_MAIN("probe")
