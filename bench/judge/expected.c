#include "bench/judge/expected.h"

#include <string.h>
#include "common/base/utf8.h"
#include "common/base/put.h"
#include "common/cli/colour.h"
#include "common/result/condition.h"

#define PHRASE 40
#define SEEN   12

static json_t *find_answer(json_t *result, const char *expr)
{
	json_t *all = json_object_get(result, "expectations"), *one;
	size_t i;

	json_array_foreach (all, i, one) {
		const char *text = json_string_value(json_object_get(one, "expr"));

		if (text && strcmp(text, expr) == 0)
			return one;
	}
	return NULL;
}

static json_t *row_of(const struct setting *s, json_t *doc)
{
	struct condition c;

	condition_eval(s->value, doc, &c);
	return json_pack("{s:o, s:o, s:o, s:o, s:b, s:s*}", "phrase", utf8_json(s->key),
			 "expr", utf8_json(s->value), "value", utf8_json(c.seen),
			 "expected", utf8_json(c.wanted), "ok", c.holds, "reason",
			 c.reason);
}

/* By the word of the result itself. */
static json_t *answered_row(const struct setting *s, json_t *result)
{
	json_t *answer = find_answer(result, s->value);
	json_t *row = row_of(s, result), *reason = json_object_get(answer, "reason");

	if (answer)
		put(row, "ok", json_boolean(json_is_true(json_object_get(answer, "ok"))));
	else
		json_object_update_new(row,
				       json_pack("{s:s, s:n}", "expected", "?", "ok"));
	if (reason)
		json_object_set(row, "reason", reason);
	return row;
}

json_t *expected_rows(const struct plan *p, const struct plan_proc *client,
		      json_t *result)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < p->n_expects; i++) {
		const struct setting *s = p->expects[i].setting;

		if (p->expects[i].client == client)
			json_array_append_new(rows, p->expects[i].by_lab
							    ? row_of(s, result)
							    : answered_row(s, result));
	}
	return rows;
}

static bool is_known(const struct setting *s, json_t *doc)
{
	struct condition c;

	condition_eval(s->value, doc, &c);
	return c.known;
}

json_t *expected_compared(const struct plan *p, json_t *doc, bool failed)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < p->compares.n; i++) {
		const struct setting *s = p->compares.at[i];

		/* The baseline is not compared with itself. */
		if (plan_is_baseline(p) && plan_asks_for_base(s))
			continue;
		if (!failed || is_known(s, doc))
			json_array_append_new(rows, row_of(s, doc));
	}
	return rows;
}

struct expected expected_count(const json_t *rows)
{
	struct expected n = { 0 };
	json_t *row;
	size_t i;

	json_array_foreach ((json_t *)rows, i, row) {
		const json_t *ok = json_object_get(row, "ok");

		if (json_is_true(ok))
			n.held++;
		else if (json_is_false(ok))
			n.failed++;
		else
			n.unanswered++;
	}
	return n;
}

static void print_row(FILE *out, const json_t *row)
{
	const char *reason = utf8_at(row, "reason");
	int at = fprintf(out, "  %s", utf8_at(row, "phrase"));

	if (at > PHRASE)
		at = fprintf(out, "\n") - 1;
	fprintf(out, "%*s%*s  %-17s ", PHRASE - at, "", SEEN, utf8_at(row, "value"),
		utf8_at(row, "expected"));
	if (json_is_true(json_object_get(row, "ok")))
		fputs("yes", out);
	else
		colour_word(out, COLOUR_RED, "NO");
	putc('\n', out);
	if (*reason)
		text_say(out, 6, "(%s)", reason);
}

void expected_print(FILE *out, const json_t *rows)
{
	json_t *row;
	size_t i;

	if (json_array_size(rows))
		fprintf(out, "  %-*s%*s  %-17s %s\n", PHRASE - 2, "expected", SEEN,
			"seen", "wanted", "true?");
	json_array_foreach ((json_t *)rows, i, row)
		print_row(out, row);
}
