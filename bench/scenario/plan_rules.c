#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "bench/scenario/plan_keys.h"
#include "bench/scenario/variants.h"
#include "common/result/condition.h"
#include "common/result/formula.h"

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

	rules->at = text_checked(realloc(rules->at, (rules->n + 1) * sizeof(*rules->at)));
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

static bool has_result_part(const struct plan *p, const char *name, size_t len)
{
	for (size_t i = 0; i < p->settings.n; i++) {
		const struct setting *s = &p->settings.at[i];

		if ((s->section == SECTION_CLIENT || s->section == SECTION_PROBE) &&
		    strlen(s->name) == len && strncmp(s->name, name, len) == 0)
			return true;
	}
	return false;
}

/* One rule being looked at. */
struct looked_at {
	struct plan *p;
	const struct setting *s;
	struct err *err;
};

/* True, with the fault, if a path speaks of a result that this file cannot have. */
static bool speaks_of_nobody(const char *path, void *arg)
{
	const struct looked_at *l = arg;
	struct err *err = l->err;
	size_t len;

	if (strncmp(path, "base.", 5) == 0) {
		if (!*l->p->baseline)
			return wrong(l->p, l->s,
				     "%s needs baseline = VARIANT in [scenario]",
				     path) < 0;
		path += 5;
	}
	if (strncmp(path, "part.", 5) != 0)
		return false;
	len = strcspn(path + 5, ".");
	return !has_result_part(l->p, path + 5, len) &&
	       wrong(l->p, l->s, "there is no [client %.*s] or [probe %.*s]", (int)len,
		     path + 5, (int)len, path + 5) < 0;
}

static int check_paths(struct plan *p, struct err *err)
{
	const struct plan_rules *all[] = { &p->compares, &p->columns, &p->verdicts,
					   &p->costs };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		for (size_t j = 0; j < all[i]->n; j++) {
			struct looked_at l = { .p = p, .s = all[i]->at[j], .err = err };

			if (condition_any_path(l.s->value, speaks_of_nobody, &l))
				return -EINVAL;
		}
	return 0;
}

static int check_otherwise(struct plan *p, struct err *err)
{
	for (size_t i = 0; i + 1 < p->verdicts.n; i++)
		if (strcmp(p->verdicts.at[i]->value, "otherwise") == 0)
			return wrong(p, p->verdicts.at[i],
				     "otherwise always holds: it must be the last of "
				     "[verdict]");
	return 0;
}

int plan_check_rules(struct plan *p, struct err *err)
{
	const struct setting *wanted = scenario_key(p, "verdict");

	if (*p->baseline && !variants_have(p->scenario, p->baseline))
		return wrong(p, scenario_key(p, "baseline"), "there is no [variant %s]",
			     p->baseline);
	if (*p->wanted && !verdict_exists(p, p->wanted))
		return wrong(p, wanted,
			     "verdict: [verdict] has no '%s' (and '" VERDICT_NOT_HERE
			     "' needs none)",
			     p->wanted);
	return check_otherwise(p, err) < 0 ? -EINVAL : check_paths(p, err);
}
