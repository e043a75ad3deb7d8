#include "common/expect.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/result.h"

/* clang-format off */
static const struct {
	const char *sign;
	enum expect_op op;
} signs[] = { /* the longer ones first */
	{ "==", OP_EQ }, { "!=", OP_NE }, { "<=", OP_LE }, { ">=", OP_GE },
	{ "<", OP_LT }, { ">", OP_GT }, { "~", OP_NEAR },
};
/* clang-format on */
#define N_SIGNS (sizeof(signs) / sizeof(signs[0]))

static int bad(const char *text, const char *why, struct err *err)
{
	return err_usage(
		err,
		"'%s' is no expectation: %s; write 'PATH OP VALUE', as in "
		"'totals.connects_ok >= 100' or 'ports.peak_in_use ~ ports.budget 5%%'",
		text, why);
}

static bool is_number(const char *text, double *out)
{
	char *end;

	errno = 0;
	*out = strtod(text, &end);
	return end != text && *end == '\0' && errno == 0 && isfinite(*out);
}

static int parse_percent(const char *text, const char *word, double *out, struct err *err)
{
	char *end;

	*out = strtod(word, &end);
	if (end == word || strcmp(end, "%") != 0 || !(*out >= 0) || !isfinite(*out))
		return bad(text, "after ~ comes a value and then a percentage", err);
	return 0;
}

int expect_parse(const char *text, struct expect *out, struct err *err)
{
	char sign[8], percent[32], more[2];
	int n;

	memset(out, 0, sizeof(*out));
	if (strlen(text) >= sizeof(out->text))
		return bad(text, "it is too long", err);
	strcpy(out->text, text);
	n = sscanf(text, "%127s %7s %127s %31s %1s", out->path, sign, out->value, percent,
		   more);
	if (n < 3)
		return bad(text, "three words are needed", err);
	for (size_t i = 0; i < N_SIGNS; i++) {
		if (strcmp(sign, signs[i].sign) != 0)
			continue;
		out->op = signs[i].op;
		if (n != (out->op == OP_NEAR ? 4 : 3))
			return bad(text,
				   out->op == OP_NEAR
					   ? "after ~ comes a value and then a percentage"
					   : "there are words too many",
				   err);
		return out->op == OP_NEAR
			       ? parse_percent(text, percent, &out->percent, err)
			       : 0;
	}
	return bad(text, "OP is one of == != < <= > >= ~", err);
}

/* errors.STAGE.ENAME: what never happened is absent there. */
static bool is_error_path(const char *path)
{
	static const char *const stages[] = { "errors.socket.", "errors.bind.",
					      "errors.connect.", "errors.transfer." };

	for (unsigned i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
		size_t len = strlen(stages[i]);

		if (strncmp(path, stages[i], len) == 0)
			return result_errno_by_name(path + len) ||
			       strcmp(path + len, "UNKNOWN") == 0;
	}
	return false;
}

static bool is_literal(const char *value)
{
	double number;

	return is_number(value, &number) || strcmp(value, "true") == 0 ||
	       strcmp(value, "false") == 0 || strcmp(value, "null") == 0 ||
	       !strchr(value, '.');
}

static int check_path(const struct expect *e, const char *path, json_t *skeleton,
		      struct err *err)
{
	char parent[128];
	char *dot;
	const json_t *found = result_at(skeleton, path);

	if (found && !json_is_object(found) && !json_is_array(found))
		return 0;
	snprintf(parent, sizeof(parent), "%s", path);
	dot = strrchr(parent, '.');
	if (dot)
		*dot = '\0';
	if (is_error_path(path) && dot && json_is_object(result_at(skeleton, parent)))
		return 0;
	return err_usage(
		err, "the expectation '%s' names no figure of the result: '%s' %s",
		e->text, path, found ? "is a group of figures" : "does not exist");
}

int expect_check(const struct expect *e, json_t *skeleton, struct err *err)
{
	int r = check_path(e, e->path, skeleton, err);

	if (r == 0 && !is_literal(e->value))
		r = check_path(e, e->value, skeleton, err);
	return r;
}

/* A path's value or a literal's, new reference. */
static json_t *look_up(const char *text, json_t *result, bool literal)
{
	double number;
	json_t *found;

	if (!literal) {
		found = result_at(result, text);
		return found ? json_incref(found)
			     : (is_error_path(text) ? json_integer(0) : json_null());
	}
	if (is_number(text, &number))
		return fabs(number) < 1e15 && number == (double)(json_int_t)number
			       ? json_integer((json_int_t)number)
			       : json_real(number);
	if (strcmp(text, "null") == 0)
		return json_null();
	if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
		return json_boolean(text[0] == 't');
	return json_string(text);
}

static bool compare_numbers(const struct expect *e, double a, double b)
{
	switch (e->op) {
	case OP_EQ:
		return a == b;
	case OP_NE:
		return a != b;
	case OP_LT:
		return a < b;
	case OP_LE:
		return a <= b;
	case OP_GT:
		return a > b;
	case OP_GE:
		return a >= b;
	case OP_NEAR:
		return fabs(a - b) <= fabs(b) * e->percent / 100;
	}
	return false;
}

/* True, false, or why the two cannot be compared. */
static bool compare(const struct expect *e, const json_t *a, const json_t *b,
		    const char **why)
{
	bool same;

	if (json_is_number(a) && json_is_number(b))
		return compare_numbers(e, json_number_value(a), json_number_value(b));
	if (e->op != OP_EQ && e->op != OP_NE) {
		*why = json_is_null(a)   ? "n/a: this run did not measure it"
		       : json_is_null(b) ? "n/a: this run has nothing to compare it with"
					 : "not a number";
		return false;
	}
	same = json_equal(a, b);
	if (json_is_null(a) && !same && e->op == OP_EQ)
		*why = "n/a: this run did not measure it";
	return e->op == OP_EQ ? same : !same;
}

json_t *expect_eval(const struct expect *e, json_t *result, bool *ok)
{
	json_t *a = look_up(e->path, result, false);
	json_t *b = look_up(e->value, result, is_literal(e->value));
	json_t *o = json_object();
	const char *why = NULL;

	*ok = compare(e, a, b, &why);
	json_object_set_new(o, "expr", json_string(e->text));
	json_object_set_new(o, "ok", json_boolean(*ok));
	json_object_set_new(o, "value", a);
	json_object_set_new(o, "expected", b);
	if (why)
		json_object_set_new(o, "reason", json_string(why));
	return o;
}
