#include "bench/formula/formula.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench/formula/parse.h"
#include "bench/formula/path.h"
#include "bench/text/text.h"
#include "common/result.h"

#define DEPTH_MAX 20

static const struct value unknown;

static struct value number(double n)
{
	return isfinite(n) ? (struct value){ .kind = NUMBER, .n = n } : unknown;
}

struct value parse_fail(struct parse *p, const char *expected)
{
	if (!p->failed)
		err_usage(p->err,
			  *p->at ? "expected %s at '%.40s'" : "expected %s at the end%s",
			  expected, p->at);
	p->failed = true;
	return unknown;
}

char parse_peek(struct parse *p)
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

static struct value look_up(struct parse *p, const char *path)
{
	json_t *v;

	if (!p->doc)
		return number(1);
	v = result_at(p->doc, path);
	if (!v && path_never_happened(p->doc, path))
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
	path = text_checked(strndup(from, (size_t)(p->at - from)));
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

static struct value parse_factor(struct parse *p)
{
	char c = parse_peek(p);
	struct value v;
	char *end;

	if (c == '(') {
		if (++p->depth > DEPTH_MAX)
			return parse_fail(p, "fewer parentheses");
		p->at++;
		v = parse_sum(p);
		if (parse_peek(p) != ')')
			return parse_fail(p, "')'");
		p->at++;
		p->depth--;
		return v;
	}
	if (isalpha((unsigned char)c))
		return parse_path(p);
	if (!isdigit((unsigned char)c) && !(c == '-' && isdigit((unsigned char)p->at[1])))
		return parse_fail(p, "a number or a path of a result");
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

	while (!p->failed && parse_peek(p) && strchr(ops, *p->at)) {
		char op = *p->at++;

		v = combine(v, op, part(p));
	}
	return v;
}

static struct value parse_product(struct parse *p)
{
	return parse_chain(p, "*/", parse_factor);
}

struct value parse_sum(struct parse *p)
{
	return parse_chain(p, "+-", parse_product);
}

int formula_check(const char *text, struct err *err)
{
	struct parse p = { .at = text, .err = err };

	parse_sum(&p);
	if (!p.failed && parse_peek(&p))
		parse_fail(&p, "+ - * / or the end");
	return p.failed ? -EINVAL : 0;
}

json_t *formula_eval(const char *text, json_t *doc)
{
	struct parse p = { .at = text, .doc = doc };
	struct value v = parse_sum(&p);

	if (v.kind == TEXT)
		return json_string(v.text);
	return v.kind == NUMBER && !p.failed ? json_real(v.n) : json_null();
}
