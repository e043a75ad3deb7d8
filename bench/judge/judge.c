#include "bench/judge/judge.h"

#include <stdlib.h>
#include <string.h>
#include "common/base/utf8.h"
#include "common/result/condition.h"
#include "common/result/formula.h"
#include "common/result/formula_path.h"

static json_t *cells(const struct plan *p, json_t *doc)
{
	json_t *all = json_array();

	for (size_t i = 0; i < p->columns.n; i++)
		json_array_append_new(all,
				      doc ? formula_eval(p->columns.at[i]->value, doc)
					  : json_null());
	return all;
}

json_t *judge_columns(const struct plan *p)
{
	json_t *all = json_array();

	for (size_t i = 0; i < p->columns.n; i++)
		json_array_append_new(all, json_pack("{s:s, s:s}", "title",
						     p->columns.at[i]->key, "formula",
						     p->columns.at[i]->value));
	return all;
}

struct unknown {
	json_t *doc;
	char path[128];
};

static bool is_unknown(const char *path, void *arg)
{
	struct unknown *u = arg;

	if (strcmp(path, "otherwise") == 0 || formula_path_known(u->doc, path))
		return false;
	snprintf(u->path, sizeof(u->path), "%s", path);
	return true;
}

int judge_check(const struct plan *p, json_t *doc, struct err *err)
{
	struct unknown u = { .doc = doc };
	const struct setting *s = plan_find_rule(p, is_unknown, &u);

	return s ? scenario_fault(p->scenario, s->line, err, "the result has no %s",
				  u.path)
		 : 0;
}

/* ---- the verdict: the first [verdict] whose condition holds on the figures of this run, with the
 * figure that shows it, and every [cost] that holds.  In conditions, `base.` stands before a path of
 * the baseline's result and `part.NAME.` before one of another client or probe of the same run. */

struct verdict {
	const char *word; /* borrowed; NULL = nothing is to be judged, or nothing held */
	char *figure; /* owned: "totals.connects_ok = 5,000 > 1,500"; NULL if no word */
	char *costs;  /* owned: those that hold, or "" */
};

static bool is_otherwise(const struct setting *rule)
{
	return strcmp(rule->value, "otherwise") == 0;
}

/* The figure behind a word is the rule's own; behind "otherwise", that of the rule before,
 * which did not hold. */
static void find_word(const struct plan *p, json_t *doc, struct verdict *out)
{
	char before[sizeof(((struct condition *)0)->shown)] = "";
	bool known = true;

	for (size_t i = 0; !out->word && i < p->verdicts.n; i++) {
		const struct setting *rule = p->verdicts.at[i];
		struct condition c = { .holds = known, .known = known };

		if (!is_otherwise(rule))
			condition_eval(rule->value, doc, &c);
		/* "otherwise" is no answer where an earlier question had none. */
		known = known && c.known;
		if (c.holds) {
			out->word = rule->key;
			out->figure = text_dup(is_otherwise(rule) ? before : c.shown);
		}
		memcpy(before, c.shown, sizeof(before));
	}
}

static void verdict_give(const struct plan *p, json_t *doc, struct verdict *out)
{
	*out = (struct verdict){ .costs = text_dup("") };
	if (!plan_is_baseline(p))
		find_word(p, doc, out);
	for (size_t i = 0; i < p->costs.n; i++) {
		struct condition c;
		char *before = out->costs;

		condition_eval(p->costs.at[i]->value, doc, &c);
		if (!c.holds)
			continue;
		out->costs = text_printf("%s%s%s (%s)", before, *before ? "; " : "",
					 p->costs.at[i]->key, c.shown);
		free(before);
	}
}

/* ---- the row */

void run_outcome_done(struct run_outcome *o)
{
	json_decref(o->doc);
	json_decref(o->row);
	json_decref(o->files);
	*o = (struct run_outcome){ 0 };
}

/* A remedy that this kernel has not is news, not a failure; a run that did not go on to its
 * end has failed otherwise; the baseline is not judged. */
static bool as_wanted(const struct plan *p, const struct run_outcome *out,
		      const char *word)
{
	if (!*p->wanted || !out->judged || plan_is_baseline(p))
		return true;
	return word && strcmp(word, p->wanted) == 0;
}

static void print_verdict(const struct plan *p, const char *word, const char *figure,
			  const char *cost, bool ok)
{
	if (plan_is_baseline(p) || (!p->verdicts.n && ok))
		return;
	putchar('\n');
	text_say(stdout, 2, "Verdict: %s%s%s%s",
		 word            ? word
		 : p->verdicts.n ? "none of the rules' words"
				 : "none, the file has no rules",
		 figure ? ": " : "", figure ? figure : "",
		 ok ? "" : "; another was expected");
	if (*cost)
		text_say(stdout, 2, "Price: %s", cost);
	if (!ok)
		text_say(stdout, 2, "Expected verdict: %s", p->wanted);
}

json_t *judge_row(const struct plan *p, unsigned round, struct run_outcome *out,
		  json_t *expectations)
{
	struct verdict v = { 0 };
	const char *word, *figure, *cost;
	bool ok;
	json_t *row;

	if (out->judged)
		verdict_give(p, out->doc, &v);
	word = out->not_here ? VERDICT_NOT_HERE : v.word;
	figure = out->not_here ? out->why : v.figure;
	cost = v.costs ? v.costs : "";
	ok = as_wanted(p, out, word);
	if (out->judged || out->not_here)
		print_verdict(p, word, figure, cost, ok);
	if (!ok && !out->code)
		out->code = EXIT_EXPECTATION;
	row = json_pack(
		"{s:o, s:i, s:s, s:s, s:o, s:s?, s:s?, s:o, s:o, s:i, s:b, s:o, s:O, "
		"s:O}",
		"variant", utf8_json(p->variant), "round", (int)round, "about", p->about,
		"claim", p->claim, "cells", cells(p, out->doc), "verdict", word, "wanted",
		*p->wanted && !plan_is_baseline(p) ? p->wanted : NULL, "figure",
		utf8_json(figure), "cost", utf8_json(cost), "code", out->code, "ok",
		out->code == 0 || out->not_here, "why", utf8_json(out->why),
		"expectations", expectations, "files", out->files);
	free(v.figure);
	free(v.costs);
	return row;
}
