#include "bench/formula/formula.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench/text/text.h"
#include "common/result.h"

enum kind { UNKNOWN, NUMBER, TEXT, NOTHING /* the word null */ };

struct value {
	enum kind kind;
	double n;
	const char *text; /* borrowed from the result */
};

/* One pass over the text; with no document it only checks. */
struct parse {
	const char *at;
	json_t *doc;
	formula_path_fn *each; /* is told of every path; or NULL */
	void *arg;
	bool found; /* by it */
	struct err *err;
	unsigned depth; /* of parentheses */
	bool failed;
};

#define DEPTH_MAX 20

static const struct value unknown;

static struct value number(double n)
{
	return isfinite(n) ? (struct value){ .kind = NUMBER, .n = n } : unknown;
}

static struct value fail(struct parse *p, const char *expected)
{
	if (!p->failed)
		err_usage(p->err,
			  *p->at ? "expected %s at '%.40s'" : "expected %s at the end%s",
			  expected, p->at);
	p->failed = true;
	return unknown;
}

static char peek(struct parse *p)
{
	while (isspace((unsigned char)*p->at))
		p->at++;
	return *p->at;
}

static bool is_path_char(const char *c)
{
	return isalnum((unsigned char)*c) || *c == '_' ||
	       (strchr(".-", *c) && *c && isalnum((unsigned char)c[1]));
}

/* Whose path it is: takes "base." and "part.NAME." off it.  NULL if there is no such result. */
static json_t *owner(json_t *doc, const char **path)
{
	char *name;

	if (strncmp(*path, "base.", 5) == 0) {
		doc = json_object_get(doc, "base");
		*path += 5;
	}
	if (strncmp(*path, "part.", 5) != 0 || !strchr(*path + 5, '.'))
		return doc;
	name = strndup(*path + 5, strcspn(*path + 5, "."));
	if (!name)
		abort();
	*path += 5 + strlen(name) + 1;
	doc = json_object_get(json_object_get(doc, "part"), name);
	free(name);
	return doc;
}

/* An error that is not listed did not happen, if errors were counted at all. */
static bool never_happened(json_t *doc, const char *path)
{
	doc = owner(doc, &path);
	return strncmp(path, "errors.", 7) == 0 &&
	       json_is_object(json_object_get(doc, "errors"));
}

static struct value look_up(struct parse *p, const char *path)
{
	json_t *v;

	if (!p->doc)
		return number(1);
	v = result_at(p->doc, path);
	if (!v && never_happened(p->doc, path))
		return number(0);
	if (json_is_number(v))
		return number(json_number_value(v));
	if (json_is_boolean(v))
		return number(json_is_true(v));
	if (json_is_string(v))
		return (struct value){ .kind = TEXT, .text = json_string_value(v) };
	return unknown;
}

static struct value parse_path(struct parse *p)
{
	const char *from = p->at;
	struct value v;
	char *path;

	while (is_path_char(p->at))
		p->at++;
	path = strndup(from, (size_t)(p->at - from));
	if (!path)
		abort();
	if (strcmp(path, "null") == 0)
		v = (struct value){ .kind = NOTHING };
	else if (strcmp(path, "true") == 0 || strcmp(path, "false") == 0)
		v = number(*path == 't');
	else {
		v = look_up(p, path);
		if (p->each && p->each(path, p->arg))
			p->found = true;
	}
	free(path);
	return v;
}

static struct value parse_sum(struct parse *p);

static struct value parse_factor(struct parse *p)
{
	char c = peek(p);
	struct value v;
	char *end;

	if (c == '(') {
		if (++p->depth > DEPTH_MAX)
			return fail(p, "fewer parentheses");
		p->at++;
		v = parse_sum(p);
		if (peek(p) != ')')
			return fail(p, "')'");
		p->at++;
		p->depth--;
		return v;
	}
	if (isalpha((unsigned char)c))
		return parse_path(p);
	if (!isdigit((unsigned char)c) && !(c == '-' && isdigit((unsigned char)p->at[1])))
		return fail(p, "a number or a path of a result");
	v = number(strtod(p->at, &end));
	p->at = end;
	return v;
}

static struct value combine(struct value a, char op, struct value b)
{
	if (a.kind != NUMBER || b.kind != NUMBER)
		return unknown;
	switch (op) {
	case '+':
		return number(a.n + b.n);
	case '-':
		return number(a.n - b.n);
	case '*':
		return number(a.n * b.n);
	default:
		return b.n != 0 ? number(a.n / b.n) : unknown;
	}
}

/* FACTOR { OP FACTOR } for operators of one rank. */
static struct value parse_chain(struct parse *p, const char *ops,
				struct value (*part)(struct parse *p))
{
	struct value v = part(p);

	while (!p->failed && peek(p) && strchr(ops, *p->at)) {
		char op = *p->at++;

		v = combine(v, op, part(p));
	}
	return v;
}

static struct value parse_product(struct parse *p)
{
	return parse_chain(p, "*/", parse_factor);
}

static struct value parse_sum(struct parse *p)
{
	return parse_chain(p, "+-", parse_product);
}

/* ---- comparisons */

enum op { OP_EQ, OP_NE, OP_LE, OP_GE, OP_LT, OP_GT, OP_NEAR, OPS };
/* The longer first: "<=" before "<". */
static const char *const ops[OPS] = { "==", "!=", "<=", ">=", "<", ">", "~" };

static enum op parse_op(struct parse *p)
{
	peek(p);
	for (enum op op = 0; op < OPS; op++) {
		size_t len = strlen(ops[op]);

		if (strncmp(p->at, ops[op], len) == 0) {
			p->at += len;
			return op;
		}
	}
	fail(p, "one of == != < <= > >= ~");
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

	peek(p);
	n = strtod(p->at, &end);
	if (end == p->at || *end != '%' || n < 0)
		fail(p, "a percentage, as in 'A ~ B 2%'");
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
	struct comparison c = { .left = (peek(p), p->at), .op = OPS };
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
	if (!*out->shown || (out->holds && !ok))
		show(out, &c, ok);
	out->known = out->known && (asks_for_null(c.a, c.op, c.b) ||
				    (c.a.kind != UNKNOWN && c.b.kind != UNKNOWN));
	out->holds = out->holds && ok;
}

static bool take_word(struct parse *p, const char *word)
{
	size_t len = strlen(word);

	peek(p);
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
	if (!p->failed && peek(p))
		fail(p, "'and', 'or' or the end");
}

/* ---- the outside */

int formula_check(const char *text, struct err *err)
{
	struct parse p = { .at = text, .err = err };

	parse_sum(&p);
	if (!p.failed && peek(&p))
		fail(&p, "+ - * / or the end");
	return p.failed ? -EINVAL : 0;
}

int condition_check(const char *text, struct err *err)
{
	struct parse p = { .at = text, .err = err };
	struct condition unused;

	parse_condition(&p, &unused);
	return p.failed ? -EINVAL : 0;
}

bool formula_any_path(const char *text, formula_path_fn *each, void *arg)
{
	struct parse p = { .at = text, .each = each, .arg = arg };
	struct condition unused;

	parse_condition(&p, &unused); /* a formula is the left side of one */
	return p.found;
}

/* What a result may leave out: reasons for what is null, what is listed only if it is there. */
static bool may_be_absent(const char *path)
{
	size_t len = strlen(path);

	return strncmp(path, "error", 5) == 0 || strncmp(path, "lab.", 4) == 0 ||
	       strstr(path, "sysctls.") ||
	       (len >= 6 && strcmp(path + len - 6, "reason") == 0);
}

/* Variants may run different probes: only what a whole section of its own lacks is misspelt. */
static bool probe_may_have(json_t *result, const char *path)
{
	const char *dot = strchr(path, '.');
	char *section, *key;
	json_t *keys;
	bool misspelt;

	if (!dot || !json_is_true(json_object_get(result, "complete")))
		return true;
	section = strndup(path, (size_t)(dot - path));
	key = strndup(dot + 1, strcspn(dot + 1, "."));
	if (!section || !key)
		abort();
	keys = strcmp(section, "counters") == 0 ? NULL : json_object_get(result, section);
	misspelt = json_is_object(keys) && !json_object_get(keys, key);
	free(section);
	free(key);
	return !misspelt;
}

bool formula_path_known(json_t *doc, const char *path)
{
	json_t *at = owner(doc, &path);
	char *head;

	if (!at || may_be_absent(path) || result_at(at, path))
		return true;
	if (json_object_get(at, "probe"))
		return probe_may_have(at, path);
	/* Below a null nothing was measured; below anything else there is no such name. */
	head = text_dup(path);
	for (char *dot = strrchr(head, '.'); dot; dot = strrchr(head, '.')) {
		*dot = '\0';
		if (result_at(at, head))
			break;
	}
	at = result_at(at, head);
	free(head);
	return json_is_null(at);
}

json_t *formula_eval(const char *text, json_t *doc)
{
	struct parse p = { .at = text, .doc = doc };
	struct value v = parse_sum(&p);

	if (v.kind == TEXT)
		return json_string(v.text);
	return v.kind == NUMBER && !p.failed ? json_real(v.n) : json_null();
}

void condition_eval(const char *text, json_t *doc, struct condition *out)
{
	struct parse p = { .at = text, .doc = doc };

	parse_condition(&p, out);
	if (p.failed)
		out->holds = out->known = false;
}
