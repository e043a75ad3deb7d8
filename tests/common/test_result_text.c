/* The text of a result keeps to 80 columns, whatever its figures. */
#include "common/result/result_text.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/kernel/tcp_state.h"
#include "common/result/story.h"
#include "tests/check_main.h"

#define A_RESULT "tests/fuzz/corpus/result_text/run" /* of a real run */
#define COLUMNS  80

/* Every number of the document, however deep, becomes these. */
static void inflate(json_t *node, json_int_t whole, double real)
{
	const char *key;
	json_t *value;
	size_t i;

	if (json_is_integer(node))
		json_integer_set(node, whole);
	else if (json_is_real(node))
		json_real_set(node, real);
	json_object_foreach (node, key, value)
		inflate(value, whole, real);
	json_array_foreach (node, i, value)
		inflate(value, whole, real);
}

static void set(json_t *doc, const char *group, const char *key, json_t *value)
{
	ck_assert_int_eq(json_object_set_new(json_object_get(doc, group), key, value), 0);
}

/* Many errnos of every call, all states on both sides, all that a line may have more. */
static void crowd(json_t *doc)
{
	static const char *const names[] = { "EADDRNOTAVAIL", "ECONNREFUSED",
					     "EHOSTUNREACH",  "ENETUNREACH",
					     "ETIMEDOUT",     "ECONNABORTED" };
	json_t *errnos = json_object();

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		json_object_set_new(errnos, names[i], json_integer(1));
	set(doc, "errors", "socket", json_deep_copy(errnos));
	set(doc, "errors", "bind", json_deep_copy(errnos));
	set(doc, "errors", "connect", json_deep_copy(errnos));
	set(doc, "errors", "transfer", errnos);
	set(doc, "ports", "predicted_exhaustion_s", json_real(1));
	set(doc, "ports", "recovered_at_s", json_real(1));
	set(doc, "lost", "to_server_bytes", json_integer(1));
	set(doc, "lost", "to_client_bytes", json_integer(1));
	json_object_set_new(
		doc, "pool",
		json_pack("{s:i, s:i}", "connections_opened", 1, "perfect_pool", 1));
	json_object_set_new(doc, "error",
			    json_pack("{s:s, s:s}", "code", "x", "message",
				      "the server stopped answering 86400.0 s before the "
				      "end, and that is a long while before it"));
	json_object_set_new(
		doc, "connect_by_fill",
		json_pack("{s:{s:f}, s:{s:f}}", "0", "p50", 1.0, "90", "p50", 100000.0));
}

/* clang-format off */
static const struct {
	const char *what;
	json_int_t whole;
	double real;
	bool exhausted, predicted, known;
} sizes[] = {
	{ "as it was", 0, 0, true, true, true },
	{ "nothing", 0, 0, false, false, true },
	{ "small", 7, 0.5, true, true, true },
	{ "a good run", 1234567, 12.34, true, true, true },
	{ "large", 1234567890123, 98765.43, true, true, true },
	{ "large, no end of ports", 1234567890123, 98765.43, false, true, true },
	{ "large, no limit", 1234567890123, 98765.43, false, false, true },
	{ "large, little known", 1234567890123, 98765.43, false, false, false },
	{ "slow", 99, 136999999.9, true, true, true },
};
/* clang-format on */

static json_t *result_of(int i)
{
	static const char long_reason[] =
		"the kernel has no inet_diag for this user, or hides it, so that sockets "
		"cannot be counted by state here";
	json_t *doc = json_load_file(A_RESULT, 0, NULL);

	ck_assert_ptr_nonnull(doc);
	crowd(doc);
	if (sizes[i].whole)
		inflate(doc, sizes[i].whole, sizes[i].real);
	set(doc, "ports", "exhausted", json_boolean(sizes[i].exhausted));
	if (!sizes[i].predicted)
		set(doc, "ports", "predicted_max_rate", json_null());
	if (!sizes[i].known) {
		set(doc, "ports", "peak_in_use", json_null());
		set(doc, "states", "client", json_null());
		set(doc, "states", "client_reason", json_string(long_reason));
		set(doc, "states", "server", json_null());
		set(doc, "states", "server_reason", json_string(long_reason));
	}
	return doc;
}

static char *text_of(json_t *doc)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(to);
	story_tell(doc);
	result_text(to, doc);
	ck_assert_int_eq(fclose(to), 0);
	return text;
}

TEST_ROWS(no_line_is_longer_than_a_terminal, sizes)
{
	json_t *doc = result_of(_i);
	char *text = text_of(doc), *rest = text, *line;
	size_t lines = 0;

	while ((line = strsep(&rest, "\n"))) {
		ck_assert_msg(strlen(line) <= COLUMNS, "%s: %zu columns: %s", row->what,
			      strlen(line), line);
		lines++;
	}
	ck_assert_uint_gt(lines, 15);
	free(text);
	json_decref(doc);
}

/* Peaks of a few counts are not passed off as peaks of all. */
TEST(it_says_when_counting_was_thinned)
{
	json_t *doc = result_of(0);
	char *text;

	set(doc, "sampler", "ticks", json_integer(40));
	set(doc, "sampler", "thinned", json_integer(38));
	set(doc, "sampler", "budget_pct", json_real(1));
	set(doc, "sampler", "samples", json_integer(40));
	text = text_of(doc);
	ck_assert_ptr_null(strstr(text, "--sample-budget"));
	free(text);
	set(doc, "sampler", "samples", json_integer(7));
	text = text_of(doc);
	ck_assert_ptr_nonnull(strstr(text, "(counted 7 times in 40 ticks, to keep to "
					   "--sample-budget 1%"));
	free(text);
	json_decref(doc);
}

/* clang-format off */
static const struct {
	const char *what, *targets, *says; /* NULL = not a word of targets */
} told[] = {
	{ "one", "[{'address': '10.0.0.1:80', 'started': 3, 'ok': 0, 'failed': {'ECONNREFUSED': 3}}]", NULL },
	{ "all is well", "[{'address': '10.0.0.1:80', 'started': 3, 'ok': 3, 'failed': {}},"
	  " {'address': '10.0.0.2:80', 'started': 3, 'ok': 3, 'failed': {}}]", NULL },
	{ "one of two", "[{'address': '10.0.0.1:80', 'started': 3, 'ok': 3, 'failed': {}},"
	  " {'address': '10.0.0.2:80', 'started': 4000, 'ok': 1, 'failed': {'ECONNREFUSED': 3998, 'EPIPE': 1}}]",
	  "\ntargets      10.0.0.1:80  3 ok of 3\n"
	  "             10.0.0.2:80  1 ok of 4,000  ECONNREFUSED 3,998  EPIPE 1\n" },
	{ "an older result", NULL, NULL },
};
/* clang-format on */

/* With ' for ". */
static json_t *json_of(const char *text)
{
	char json[512];

	snprintf(json, sizeof(json), "%s", text);
	for (char *quote = json; (quote = strchr(quote, '\'')); quote++)
		*quote = '"';
	return json_loads(json, JSON_DECODE_ANY, NULL);
}

TEST_ROWS(targets_are_told_where_some_failed, told)
{
	json_t *doc = result_of(0);
	char *text;

	json_object_set_new(doc, "targets",
			    json_of(row->targets ? row->targets : "null"));
	text = text_of(doc);
	if (row->says)
		ck_assert_msg(strstr(text, row->says) != NULL, "%s: %s", row->what, text);
	else
		ck_assert_msg(!strstr(text, "\ntargets"), "%s: %s", row->what, text);
	free(text);
	json_decref(doc);
}

#define SIDE(before, peak, end)                                                          \
	"{'before': {" before "}, 'peak': {" peak "}, 'end': {" end "}"
#define OWN(peak, end)                                                                   \
	", 'own': {'peak': {'TIME_WAIT': " peak "}, 'end': {'TIME_WAIT': " end "}}}"

/* clang-format off */
static const struct {
	const char *client, *says;
} earlier[] = {
	{ SIDE("'TIME_WAIT': 0", "'TIME_WAIT': 12", "'TIME_WAIT': 9") OWN("12", "9"), "TIME_WAIT 9 (peak 12)\n" },
	{ SIDE("'TIME_WAIT': 1000", "'TIME_WAIT': 1010", "'TIME_WAIT': 1010") OWN("10", "10"),
	  "TIME_WAIT 10 (peak 10)  (1,000 more from before)\n" },
	{ SIDE("'TIME_WAIT': 1000", "'TIME_WAIT': 1010", "'TIME_WAIT': 409") OWN("10", "9"),
	  "TIME_WAIT 9 (peak 10)  (400 more left of 1,000 from before)\n" },
	{ SIDE("'TIME_WAIT': 1000", "'TIME_WAIT': 1000", "'TIME_WAIT': 0") OWN("0", "0"),
	  "TIME_WAIT 0 (peak 0)  (0 more left of 1,000 from before)\n" },
	{ SIDE("'TIME_WAIT': 1000", "'TIME_WAIT': 1010", "'TIME_WAIT': 1010") ", 'own': null}",
	  "TIME_WAIT 1,010 (peak 1,010)  (1,000 before the run)\n" },
	{ SIDE("'CLOSE_WAIT': 3, 'LISTEN': 1", "'CLOSE_WAIT': 5, 'LISTEN': 1", "'CLOSE_WAIT': 4, 'LISTEN': 1") "}",
	  "CLOSE_WAIT 4 (peak 5)  (3 before the run)\n                    LISTEN 1 (peak 1)\n" },
	{ "{'peak': {'TIME_WAIT': 40}, 'end': {'TIME_WAIT': 40}}", "TIME_WAIT 40 (peak 40)\n" },
};
/* clang-format on */

TEST_ROWS(what_was_there_before_is_told_apart, earlier)
{
	json_t *doc = result_of(0);
	char *text, line[128];

	set(doc, "states", "client", json_of(row->client));
	text = text_of(doc);
	snprintf(line, sizeof(line), "\nstates       client %s", row->says);
	ck_assert_msg(strstr(text, line) != NULL, "no %s in %s", line, text);
	free(text);
	json_decref(doc);
}

/* A difference of what was just divided and multiplied can be a little below 0. */
TEST(no_time_is_below_zero)
{
	json_t *doc = result_of(0);

	for (int i = 1; i < 200; i++) {
		char *text;

		set(doc, "cpu", "client",
		    json_pack("{s:f, s:f, s:f}", "user_s", i * 0.001, "system_s", 0.0,
			      "us_per_connection", i * 0.37));
		text = text_of(doc);
		ck_assert_ptr_null(strstr(text, "-0"));
		free(text);
	}
	json_decref(doc);
}

CHECK_MAIN("result_text")
