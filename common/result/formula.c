#include "common/result/formula.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/base/clock.h"
#include "common/base/units.h"
#include "common/result/formula_parse.h"
#include "common/result/formula_path.h"
#include "common/result/result.h"

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

/* Of an address as a key, too: targets.[::1]:9000.ok. */
static bool is_path_char(const char *c)
{
	return isalnum((unsigned char)*c) || *c == '_' ||
	       (*c && strchr(".-:[]", *c) && c[1] &&
		(isalnum((unsigned char)c[1]) || strchr(":[].", c[1])));
}

static struct value text_value(const char *text, size_t len)
{
	return (struct value){ .kind = TEXT, .text = text, .text_len = len };
}

static struct value truth(bool is)
{
	return (struct value){ .kind = NUMBER, .truth = true, .n = is };
}

static struct value figure(json_t *v, const char *path)
{
	struct value n = number(json_number_value(v));

	n.unit = path_unit(path);
	return n;
}

static struct value look_up(struct parse *p, const char *path)
{
	static const struct value zero = { .kind = NUMBER };
	json_t *v;

	if (!p->doc)
		return figure(NULL, path);
	v = result_at(p->doc, path);
	if (!v && path_never_happened(p->doc, path))
		return zero;
	if (json_is_number(v))
		return figure(v, path);
	if (json_is_boolean(v))
		return truth(json_is_true(v));
	if (json_is_string(v))
		return text_value(json_string_value(v), json_string_length(v));
	return unknown;
}

/* A name is a path if it has a dot, if no word may stand here, or if the result has it. */
static bool is_word(const struct parse *p, const char *name)
{
	return p->word && !strchr(name, '.') && !result_at(p->doc, name);
}

static struct value parse_path(struct parse *p)
{
	const char *from = p->at;
	char path[PATH_TEXT];
	size_t len;

	while (is_path_char(p->at))
		p->at++;
	len = (size_t)(p->at - from);
	if (len >= sizeof(path)) {
		p->at = from;
		return parse_fail(p, "a shorter path");
	}
	memcpy(path, from, len);
	path[len] = '\0';
	if (strcmp(path, "null") == 0)
		return (struct value){ .kind = NOTHING };
	if (strcmp(path, "true") == 0 || strcmp(path, "false") == 0)
		return truth(*path == 't');
	if (is_word(p, path))
		return text_value(from, len);
	p->n_paths++;
	if (p->each && p->each(path, p->arg))
		p->found = true;
	return look_up(p, path);
}

/* "5" or "5ms". */
static struct value parse_number(struct parse *p)
{
	char *end, word[24];
	struct value v = number(strtod(p->at, &end));
	size_t len;
	uint64_t ns;

	if (isalpha((unsigned char)*end)) {
		for (len = (size_t)(end - p->at); isalnum((unsigned char)p->at[len]);)
			len++;
		snprintf(word, sizeof(word), "%.*s", (int)len, p->at);
		if (len >= sizeof(word) || units_parse_duration(word, &ns, NULL) < 0)
			return parse_fail(p, "a number or a duration, as in 5ms,");
		v = number((double)ns / NS_PER_S);
		v.unit = 1;
		v.typed = true;
		end = (char *)p->at + len;
	}
	p->at = end;
	return v;
}

static struct value parse_factor(struct parse *p)
{
	char c = parse_peek(p);
	struct value v;

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
	return parse_number(p);
}

bool parse_same_unit(struct value *a, struct value *b)
{
	if (a->kind != NUMBER || b->kind != NUMBER)
		return true;
	if ((a->typed && b->unit == 0) || (b->typed && a->unit == 0))
		return false;
	if (a->unit != 0 && b->unit != 0 && a->unit != b->unit) {
		b->n *= b->unit / a->unit;
		b->unit = a->unit;
	}
	return true;
}

/* The sum of two durations is a duration.  Of products only what was written as a duration stays
 * one, by a factor: 2 * 5ms. */
static struct value with_unit(struct value sum, char op, struct value a, struct value b)
{
	bool add = op == '+' || op == '-';

	if (sum.kind != NUMBER)
		return sum;
	if (add)
		sum.unit = a.unit != 0 ? a.unit : b.unit;
	else if (a.typed && b.unit == 0)
		sum.unit = a.unit;
	else if (op == '*' && b.typed && a.unit == 0)
		sum.unit = b.unit;
	sum.typed = sum.unit != 0 && (add ? a.typed && b.typed : true);
	return sum;
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

		struct value next = part(p);

		if ((op == '+' || op == '-') && !parse_same_unit(&v, &next))
			return parse_fail(p, "a duration and not a number");
		v = with_unit(combine(v, op, next), op, v, next);
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
		return json_stringn(v.text, v.text_len);
	return v.kind == NUMBER && !p.failed ? json_real(v.n) : json_null();
}

void formula_words(const char *text, size_t len, char *buf, size_t size)
{
	const char *at = text, *end = text + len;
	size_t n = 0;

	buf[0] = '\0';
	while (at < end && n < size - 1) {
		const char *from = at;
		char path[PATH_TEXT], words[PATH_TEXT];

		while (at < end && (isalnum((unsigned char)*at) || is_path_char(at)))
			at++;
		at += at == from;
		snprintf(path, sizeof(path), "%.*s", (int)(at - from), from);
		n += (size_t)snprintf(buf + n, size - n, "%s",
				      isalpha((unsigned char)*from)
					      ? path_words(path, words, sizeof(words))
					      : path);
	}
}
