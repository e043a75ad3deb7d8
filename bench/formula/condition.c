/* condition - two formulas compared, and several of those joined by `and` and `or`. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "bench/formula/parse.h"
#include "bench/text/text.h"

enum op { OP_EQ, OP_NE, OP_LE, OP_GE, OP_LT, OP_GT, OP_NEAR, OPS };
/* The longer first: "<=" before "<". */
static const char *const ops[OPS] = { "==", "!=", "<=", ">=", "<", ">", "~" };

static enum op parse_op(struct parse *p)
{
	parse_peek(p);
	for (enum op op = 0; op < OPS; op++) {
		size_t len = strlen(ops[op]);

		if (strncmp(p->at, ops[op], len) == 0) {
			p->at += len;
			return op;
		}
	}
	parse_fail(p, "one of == != < <= > >= ~");
	return OPS;
}

static bool compare(double a, enum op op, double b, double percent)
{
	switch (op) {
	case OP_EQ:
		return a == b;
	case OP_NE:
		return a != b;
	case OP_LE:
		return a <= b;
	case OP_GE:
		return a >= b;
	case OP_LT:
		return a < b;
	case OP_GT:
		return a > b;
	default:
		return fabs(a - b) <= fabs(b) * percent / 100;
	}
}

static double parse_percent(struct parse *p)
{
	char *end;
	double n;

	parse_peek(p);
	n = strtod(p->at, &end);
	if (end == p->at || *end != '%' || n < 0)
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
		return (strcmp(a.text, b.text) == 0) == (op == OP_EQ);
	return a.kind == NUMBER && b.kind == NUMBER && compare(a.n, op, b.n, percent);
}

static void text_of(struct value v, char *buf, size_t size)
{
	if (v.kind == NUMBER)
		text_number(v.n, buf, size);
	else
		snprintf(buf, size, "%s",
			 v.kind == TEXT      ? v.text
			 : v.kind == NOTHING ? "null"
					     : "not measured");
}

struct comparison {
	const char *left; /* borrowed: its text, not ended */
	size_t left_len;
	struct value a, b;
	enum op op;
	double percent;
};

static void show(struct condition *out, const struct comparison *c, bool ok)
{
	char than[32];

	text_of(c->a, out->seen, sizeof(out->seen));
	text_of(c->b, than, sizeof(than));
	snprintf(out->wanted, sizeof(out->wanted), "%s %s", ops[c->op], than);
	if (c->op == OP_NEAR)
		snprintf(out->wanted, sizeof(out->wanted), "%s, +-%g%%", than,
			 c->percent);
	snprintf(out->left, sizeof(out->left), "%.*s", (int)c->left_len, c->left);
	snprintf(out->shown, sizeof(out->shown), "%s = %s%s %s", out->left, out->seen,
		 ok ? "" : ", not", out->wanted);
}

static void parse_comparison(struct parse *p, struct condition *out)
{
	struct comparison c = { .left = (parse_peek(p), p->at), .op = OPS };
	bool ok;

	c.a = parse_sum(p);
	c.left_len = (size_t)(p->at - c.left);
	while (c.left_len && isspace((unsigned char)c.left[c.left_len - 1]))
		c.left_len--;
	if (!p->failed)
		c.op = parse_op(p);
	if (!p->failed)
		c.b = parse_sum(p);
	if (!p->failed && c.op == OP_NEAR)
		c.percent = parse_percent(p);
	if (p->failed)
		return;
	ok = holds(c.a, c.op, c.b, c.percent);
	if (p->doc && (!*out->shown || (out->holds && !ok)))
		show(out, &c, ok);
	out->known = out->known && (asks_for_null(c.a, c.op, c.b) ||
				    (c.a.kind != UNKNOWN && c.b.kind != UNKNOWN));
	out->holds = out->holds && ok;
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
static void parse_all_of(struct parse *p, struct condition *out)
{
	*out = (struct condition){ .holds = true, .known = true };
	do
		parse_comparison(p, out);
	while (!p->failed && take_word(p, "and"));
}

/* ALL_OF { or ALL_OF }.  Shown: the first that holds, or the first. */
static void parse_condition(struct parse *p, struct condition *out)
{
	struct condition next;

	parse_all_of(p, out);
	while (!p->failed && take_word(p, "or")) {
		bool known = out->known;

		parse_all_of(p, &next);
		if (next.holds && !out->holds)
			*out = next;
		else
			out->known = out->holds || (known && next.known);
	}
	if (!p->failed && parse_peek(p))
		parse_fail(p, "'and', 'or' or the end");
}

int condition_check(const char *text, struct err *err)
{
	struct parse p = { .at = text, .err = err };
	struct condition unused;

	parse_condition(&p, &unused);
	return p.failed ? -EINVAL : 0;
}

void condition_eval(const char *text, json_t *doc, struct condition *out)
{
	struct parse p = { .at = text, .doc = doc };

	parse_condition(&p, out);
	if (p.failed)
		out->holds = out->known = false;
}

bool formula_any_path(const char *text, formula_path_fn *each, void *arg)
{
	struct parse p = { .at = text, .each = each, .arg = arg };
	struct condition unused;

	parse_condition(&p, &unused); /* a formula is the left side of one */
	return p.found;
}
