/* plan_expect - [expect]: the syntax of PATH OP VALUE, so that a mistake is found before
 * anything runs.  Whether there is such a path only the client knows. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "bench/scenario/plan_keys.h"

static const char *const operators[] = { "==", "!=", "<", "<=", ">", ">=", "~" };

static bool is_operator(const char *word)
{
	for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++)
		if (strcmp(operators[i], word) == 0)
			return true;
	return false;
}

static bool is_path(const char *word)
{
	if (!isalpha((unsigned char)*word))
		return false;
	for (; *word; word++)
		if (!isalnum((unsigned char)*word) && !strchr("_.-", *word))
			return false;
	return true;
}

static bool is_percent(const char *word)
{
	char *end;
	double n = strtod(word, &end);

	return end != word && strcmp(end, "%") == 0 && n >= 0;
}

static int check_words(const struct words *w, struct err *err)
{
	bool within = w->n > 1 && strcmp(w->at[1], "~") == 0;

	if (w->n < 3)
		return err_usage(
			err, "expected PATH OP VALUE, as in 'ports.exhausted == true'");
	if (!is_path(w->at[0]))
		return err_usage(err,
				 "'%s' is no path of a result, as in states.client.peak."
				 "TIME_WAIT",
				 w->at[0]);
	if (!is_operator(w->at[1]))
		return err_usage(err,
				 "expected one of == != < <= > >= ~ after %s, not '%s'",
				 w->at[0], w->at[1]);
	if (within && (w->n != 4 || !is_percent(w->at[3])))
		return err_usage(err,
				 "expected PATH ~ VALUE PERCENT%%, as in 'A ~ B 2%%'");
	if (!within && w->n != 3)
		return err_usage(err, "expected one VALUE after %s %s", w->at[0],
				 w->at[1]);
	return 0;
}

/* PATH OP VALUE with == != < <= > >=, or PATH ~ VALUE PERCENT%. */
static int check_expr(const char *expr, struct err *err)
{
	struct words w = { 0 };
	int r = words_split(&w, expr, err);

	r = r ? r : check_words(&w, err);
	words_done(&w);
	return r;
}

/* ---- whose it is */

static struct plan_proc *only_result(struct plan *p)
{
	return plan_results(p) == 1 ? (struct plan_proc *)plan_main(p) : NULL;
}

/* [expect NAME]: of a client or a probe. */
static struct plan_proc *named_result(struct plan *p, const char *name)
{
	struct plan_proc *client = plan_proc(p, SECTION_CLIENT, name);

	return client ? client : plan_proc(p, SECTION_PROBE, name);
}

int plan_take_expect(struct plan *p, const struct setting *s, struct err *err)
{
	struct plan_expect e = { .setting = s };
	struct err why;

	if (!*s->value)
		return 0; /* a variant takes one back: "expect.PHRASE =" */
	e.client = *s->name ? named_result(p, s->name) : only_result(p);
	if (!e.client && *s->name)
		return wrong(p, s, "there is no [client %s] or [probe %s]", s->name,
			     s->name);
	if (!e.client)
		return wrong(p, s,
			     "expected [expect CLIENT]: there is not just one client");
	if (check_expr(s->value, &why) < 0)
		return wrong(p, s, "%s", why.text);
	p->expects = text_checked(realloc(p->expects, (p->n_expects + 1) * sizeof(e)));
	p->expects[p->n_expects++] = e;
	return 0;
}
