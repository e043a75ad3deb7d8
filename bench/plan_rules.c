#include <stdlib.h>
#include <string.h>
#include "bench/expected.h"
#include "bench/formula.h"
#include "bench/plan_keys.h"

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
	if (expected_check(s->value, &why) < 0)
		return wrong(p, s, "%s", why.text);
	p->expects = realloc(p->expects, (p->n_expects + 1) * sizeof(e));
	if (!p->expects)
		abort();
	p->expects[p->n_expects++] = e;
	return 0;
}

static struct plan_rules *rules_of(struct plan *p, enum section section)
{
	switch (section) {
	case SECTION_COMPARE:
		return &p->compares;
	case SECTION_COLUMNS:
		return &p->columns;
	case SECTION_VERDICT:
		return &p->verdicts;
	default:
		return &p->costs;
	}
}

static void add_rule(struct plan *p, const struct setting *s)
{
	struct plan_rules *rules = rules_of(p, s->section);

	rules->at = realloc(rules->at, (rules->n + 1) * sizeof(*rules->at));
	if (!rules->at)
		abort();
	rules->at[rules->n++] = s;
}

int plan_take_condition(struct plan *p, const struct setting *s, struct err *err)
{
	struct err why;
	bool last_word =
		s->section == SECTION_VERDICT && strcmp(s->value, "otherwise") == 0;

	if (!*s->value)
		return 0;
	if (!last_word && condition_check(s->value, &why) < 0)
		return wrong(p, s, "%s", why.text);
	add_rule(p, s);
	return 0;
}

int plan_take_column(struct plan *p, const struct setting *s, struct err *err)
{
	struct err why;

	if (!*s->value)
		return 0;
	if (formula_check(s->value, &why) < 0)
		return wrong(p, s, "%s", why.text);
	add_rule(p, s);
	return 0;
}

static const struct setting *scenario_key(const struct plan *p, const char *key)
{
	for (size_t i = 0; i < p->settings.n; i++)
		if (p->settings.at[i].section == SECTION_SCENARIO &&
		    strcmp(p->settings.at[i].key, key) == 0)
			return &p->settings.at[i];
	return NULL;
}

static bool verdict_exists(const struct plan *p, const char *word)
{
	if (strcmp(word, VERDICT_NOT_HERE) == 0)
		return true;
	for (size_t i = 0; i < p->verdicts.n; i++)
		if (strcmp(p->verdicts.at[i]->key, word) == 0)
			return true;
	return false;
}

int plan_check_rules(struct plan *p, struct err *err)
{
	const struct setting *wanted = scenario_key(p, "verdict");

	if (*p->baseline && !scenario_has_variant(p->scenario, p->baseline))
		return wrong(p, scenario_key(p, "baseline"), "there is no [variant %s]",
			     p->baseline);
	if (*p->wanted && !verdict_exists(p, p->wanted))
		return wrong(p, wanted,
			     "verdict: [verdict] has no '%s' (and '" VERDICT_NOT_HERE
			     "' needs none)",
			     p->wanted);
	return 0;
}
