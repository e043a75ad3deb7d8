/* condition - two formulas compared, and several of those joined by `and` and `or`. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "common/base/put.h"
#include "common/base/units.h"
#include "common/result/condition.h"
#include "common/result/formula.h"
#include "common/result/formula_parse.h"
#include "common/result/formula_path.h"

enum op { OP_EQ, OP_NE, OP_LE, OP_GE, OP_LT, OP_GT, OP_NEAR, OPS };
/* Which of a < b, a == b, a > b satisfy it.  The longer first: "<=" before "<". */
static const struct {
	const char *text;
	bool less, equal, more;
} ops[OPS] = {
	[OP_EQ] = { "==", .equal = true },
	[OP_NE] = { "!=", .less = true, .more = true },
	[OP_LE] = { "<=", .less = true, .equal = true },
	[OP_GE] = { ">=", .equal = true, .more = true },
	[OP_LT] = { "<", .less = true },
	[OP_GT] = { ">", .more = true },
	[OP_NEAR] = { .text = "~" },
};

static enum op parse_op(struct parse *p)
{
	parse_peek(p);
	for (enum op op = 0; op < OPS; op++) {
		size_t len = strlen(ops[op].text);

		if (strncmp(p->at, ops[op].text, len) == 0) {
			p->at += len;
			return op;
		}
	}
	parse_fail(p, "one of == != < <= > >= ~");
	return OPS;
}

static bool compare(double a, enum op op, double b, double percent)
{
	if (op == OP_NEAR)
		return fabs(a - b) <= fabs(b) * percent / 100;
	return a < b ? ops[op].less : a > b ? ops[op].more : ops[op].equal;
}

static double parse_percent(struct parse *p)
{
	char *end;
	double n;

	parse_peek(p);
	n = strtod(p->at, &end);
	if (end == p->at || *end != '%' || !(n >= 0) || !isfinite(n))
		parse_fail(p, "a percentage, as in 'A ~ B 2%'");
	else
		p->at = end + 1;
	return n;
}

/* "A == null", "A != null": was it measured? */
static bool asks_for_null(struct value a, enum op op, struct value b)
{
	return b.kind == NOTHING && a.kind != NOTHING && op <= OP_NE;
}

static bool holds(struct value a, enum op op, struct value b, double percent)
{
	if (asks_for_null(a, op, b))
		return (a.kind == UNKNOWN) == (op == OP_EQ);
	if (a.kind == TEXT && b.kind == TEXT && op <= OP_NE)
		return (a.text_len == b.text_len &&
			memcmp(a.text, b.text, a.text_len) == 0) == (op == OP_EQ);
	return a.kind == NUMBER && b.kind == NUMBER && compare(a.n, op, b.n, percent);
}

static const char *why_not(struct value a, enum op op, struct value b)
{
	if (asks_for_null(a, op, b))
		return NULL;
	if (a.kind == UNKNOWN)
		return "n/a: this run did not measure it";
	if (b.kind == UNKNOWN || b.kind == NOTHING)
		return "n/a: this run has nothing to compare it with";
	if (a.kind == b.kind && (a.kind == NUMBER || op <= OP_NE))
		return NULL;
	return a.kind == b.kind ? "not a number" : "a number and a word";
}

static void text_of(struct value v, double other_unit, char *buf, size_t size)
{
	const char *unit = path_unit_name(v.unit != 0 ? v.unit : other_unit);
	char n[60];

	if (v.kind == NUMBER && v.truth)
		snprintf(buf, size, "%s", v.n != 0 ? "true" : "false");
	else if (v.kind == NUMBER)
		snprintf(buf, size, "%s%s%s", units_figure(v.n, n, sizeof(n)),
			 *unit ? " " : "", unit);
	else if (v.kind == TEXT)
		snprintf(buf, size, "%.*s", (int)v.text_len, v.text);
	else
		snprintf(buf, size, "%s", v.kind == NOTHING ? "null" : "not measured");
}

static json_t *json_of(struct value v)
{
	if (v.kind == NUMBER && v.truth)
		return json_boolean(v.n != 0);
	if (v.kind == NUMBER)
		return fabs(v.n) < 1e15 && v.n == floor(v.n)
			       ? json_integer((json_int_t)v.n)
			       : json_real(v.n);
	return v.kind == TEXT ? json_stringn(v.text, v.text_len) : json_null();
}

struct comparison {
	const char *left; /* borrowed: its text, not ended */
	size_t left_len;
	struct value a, b;
	enum op op;
	double percent;
};

/* A condition, and the comparison that is shown of it. */
struct judged {
	struct condition c;
	struct comparison shown;
	bool any;
};

static void show(struct judged *j)
{
	const struct comparison *c = &j->shown;
	struct condition *out = &j->c;
	char than[80];

	/* A plain number is in the unit of what it is compared with. */
	text_of(c->a, c->b.unit, out->seen, sizeof(out->seen));
	text_of(c->b, c->a.unit, than, sizeof(than));
	snprintf(out->wanted, sizeof(out->wanted), "%s %s", ops[c->op].text, than);
	if (c->op == OP_NEAR)
		snprintf(out->wanted, sizeof(out->wanted), "%.70s, +-%.8g%%", than,
			 c->percent);
	formula_words(c->left, c->left_len, out->left, sizeof(out->left));
	snprintf(out->shown, sizeof(out->shown), "%.119s = %.79s%s %.99s", out->left,
		 out->seen, holds(c->a, c->op, c->b, c->percent) ? "" : ", not",
		 out->wanted);
	out->reason = why_not(c->a, c->op, c->b);
}

/* Of == and !=, which may have a word on their right side. */
static struct value parse_right(struct parse *p, enum op op)
{
	struct value v;

	p->word = op <= OP_NE;
	v = parse_sum(p);
	p->word = false;
	return v;
}

static void parse_comparison(struct parse *p, struct judged *out)
{
	struct comparison c = { .left = (parse_peek(p), p->at), .op = OPS };
	unsigned paths_before = p->n_paths;
	bool ok;

	c.a = parse_sum(p);
	c.left_len = (size_t)(p->at - c.left);
	while (c.left_len && isspace((unsigned char)c.left[c.left_len - 1]))
		c.left_len--;
	if (!p->failed)
		c.op = parse_op(p);
	if (!p->failed)
		c.b = parse_right(p, c.op);
	if (!p->failed && c.op == OP_NEAR)
		c.percent = parse_percent(p);
	if (!p->failed && !parse_same_unit(&c.a, &c.b))
		parse_fail(p, "a duration on both sides, or on none,");
	if (!p->failed && p->n_paths == paths_before)
		parse_fail(p, "a path of a result in each comparison");
	if (p->failed)
		return;
	ok = holds(c.a, c.op, c.b, c.percent);
	if (!out->any || (out->c.holds && !ok))
		out->shown = c;
	out->any = true;
	out->c.known = out->c.known && (asks_for_null(c.a, c.op, c.b) ||
					(c.a.kind != UNKNOWN && c.b.kind != UNKNOWN));
	out->c.holds = out->c.holds && ok;
}

static bool take_word(struct parse *p, const char *word)
{
	size_t len = strlen(word);

	parse_peek(p);
	if (strncmp(p->at, word, len) != 0 || !isspace((unsigned char)p->at[len]))
		return false;
	p->at += len;
	return true;
}

/* COMPARISON { and COMPARISON } */
static void parse_all_of(struct parse *p, struct judged *out)
{
	*out = (struct judged){ .c = { .holds = true, .known = true } };
	do
		parse_comparison(p, out);
	while (!p->failed && take_word(p, "and"));
}

/* ALL_OF { or ALL_OF }.  Shown to people: the first alternative that holds; if none does, the
 * first. */
static void parse_condition(struct parse *p, struct judged *out)
{
	struct judged next;

	parse_all_of(p, out);
	while (!p->failed && take_word(p, "or")) {
		bool known = out->c.known;

		parse_all_of(p, &next);
		if (next.c.holds && !out->c.holds)
			*out = next;
		else
			out->c.known = out->c.holds || (known && next.c.known);
	}
	if (!p->failed && parse_peek(p))
		parse_fail(p, "'and', 'or' or the end");
}

int condition_check(const char *text, struct err *err)
{
	struct parse p = { .at = text, .err = err };
	struct judged unused;

	parse_condition(&p, &unused);
	return p.failed ? -EINVAL : 0;
}

struct skeleton {
	json_t *doc;
	struct err *err;
};

static bool is_no_figure(const char *path, void *arg)
{
	const struct skeleton *s = arg;

	return path_check(s->doc, path, s->err) < 0;
}

int condition_check_paths(const char *text, json_t *skeleton, struct err *err)
{
	struct skeleton s = { .doc = skeleton, .err = err };
	struct parse p = { .at = text, .doc = skeleton, .each = is_no_figure, .arg = &s };
	struct judged unused;
	int r = condition_check(text, err);

	if (r == 0)
		parse_condition(&p, &unused);
	return p.found ? -EINVAL : r;
}

static void judge(const char *text, json_t *doc, struct judged *out)
{
	struct parse p = { .at = text, .doc = doc };

	parse_condition(&p, out);
	if (p.failed)
		*out = (struct judged){ 0 };
	else
		show(out);
}

void condition_eval(const char *text, json_t *doc, struct condition *out)
{
	struct judged j;

	judge(text, doc, &j);
	*out = j.c;
}

json_t *condition_answer(const char *text, json_t *doc, bool *ok)
{
	json_t *o = json_object();
	struct judged j;

	judge(text, doc, &j);
	*ok = j.c.holds;
	put_text(o, "expr", text);
	put(o, "ok", json_boolean(*ok));
	put(o, "value", json_of(j.shown.a));
	put(o, "expected", json_of(j.shown.b));
	if (j.c.reason)
		put_text(o, "reason", j.c.reason);
	return o;
}

bool condition_any_path(const char *text, formula_path_fn *each, void *arg)
{
	struct parse p = { .at = text, .each = each, .arg = arg };
	struct judged unused;

	parse_condition(&p, &unused); /* a formula is the left side of one */
	return p.found;
}

/* ---- --expect */

int expect_check(const struct opt_texts *conditions, json_t *skeleton, struct err *err)
{
	for (size_t i = 0; i < conditions->n; i++) {
		int r = condition_check_paths(conditions->at[i], skeleton, err);

		if (r < 0)
			return err_prefix(r, err, "--expect '%.160s'", conditions->at[i]);
	}
	return 0;
}

json_t *expect_answer(const struct opt_texts *conditions, json_t *result,
		      unsigned *failed)
{
	json_t *list = json_array();

	*failed = 0;
	for (size_t i = 0; i < conditions->n; i++) {
		bool ok;

		json_array_append_new(list,
				      condition_answer(conditions->at[i], result, &ok));
		*failed += !ok;
	}
	return list;
}

bool expect_holds_of(const json_t *answers, formula_path_fn *is, void *arg)
{
	json_t *one;
	size_t i;

	json_array_foreach ((json_t *)answers, i, one) {
		const char *expr = json_string_value(json_object_get(one, "expr"));

		if (expr && json_is_true(json_object_get(one, "ok")) &&
		    condition_any_path(expr, is, arg))
			return true;
	}
	return false;
}

bool condition_is_of_failure(const char *path)
{
	return strcmp(path, "complete") == 0 || strncmp(path, "error.", 6) == 0;
}

static bool is_of_failure(const char *path, void *arg)
{
	(void)arg;
	return condition_is_of_failure(path);
}

bool expect_names_failure(const json_t *answers)
{
	return expect_holds_of(answers, is_of_failure, NULL);
}
