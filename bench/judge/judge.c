#include "bench/judge/judge.h"

#include <stdlib.h>
#include <string.h>
#include "bench/judge/applied.h"
#include "bench/text/next.h"
#include "common/base/utf8.h"
#include "common/result/condition.h"
#include "common/result/figure.h"
#include "common/result/formula.h"
#include "common/result/formula_path.h"
#include "common/result/result.h"

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

struct stranger {
	json_t *skeleton;
	struct err why; /* the sentence about it */
};

static bool is_stranger(const char *path, void *arg)
{
	struct stranger *s = arg;

	return strcmp(path, "otherwise") != 0 &&
	       path_check_run(s->skeleton, path, &s->why) < 0;
}

int judge_check(const struct plan *p, json_t *skeleton, struct err *err)
{
	struct stranger s = { .skeleton = skeleton };
	const struct setting *rule = plan_find_rule(p, is_stranger, &s);

	return rule ? scenario_fault(p->scenario, rule->line, err, "%s", s.why.text) : 0;
}

int judge_check_condition(const struct plan *p, const struct setting *s, json_t *skeleton,
			  struct err *err)
{
	struct stranger st = { .skeleton = skeleton };

	return condition_any_path(s->value, is_stranger, &st)
		       ? scenario_fault(p->scenario, s->line, err, "%s", st.why.text)
		       : 0;
}

/* ---- the verdict: the first [verdict] whose condition holds on the figures of this run, with the
 * figure that shows it, and every [cost] that holds.  In conditions, `base.` stands before a path of
 * the baseline's result and `part.NAME.` before one of another client or probe of the same run. */

struct verdict {
	const char *word; /* borrowed; NULL = nothing is to be judged, or nothing held */
	char *figure;  /* owned: "totals.connects_ok = 5,000 > 1,500"; NULL if no word */
	char *seen;    /* owned: the same in the scenario's words, or "" */
	char *costs;   /* owned: those that hold, each with its condition, or "" */
	char *price;   /* owned: the same in words, "bytes lost: 220", or "" */
	char *applied; /* owned: what the variant changes, as it was in force, or "" */
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

	for (size_t i = 0; !out->word && i < p->verdicts.n; i++) {
		const struct setting *rule = p->verdicts.at[i];
		struct condition c = { .holds = true };

		if (!is_otherwise(rule))
			condition_eval(rule->value, doc, &c);
		if (c.holds) {
			out->word = rule->key;
			out->figure = text_dup(is_otherwise(rule) ? before : c.shown);
		}
		memcpy(before, c.shown, sizeof(before));
	}
}

/* Takes `cost`. */
static void add_cost(char **all, char *cost)
{
	char *before = *all;

	*all = text_printf("%s%s%s", before, *before ? "; " : "", cost);
	free(before);
	free(cost);
}

static void verdict_give(const struct plan *p, json_t *doc, struct verdict *out)
{
	if (!plan_is_baseline(p))
		find_word(p, doc, out);
	for (size_t i = 0; i < p->costs.n; i++) {
		struct condition c;

		condition_eval(p->costs.at[i]->value, doc, &c);
		if (!c.holds)
			continue;
		add_cost(&out->costs,
			 text_printf("%s (%s)", p->costs.at[i]->key, c.shown));
		add_cost(&out->price, text_printf("%s: %s", p->costs.at[i]->key, c.seen));
	}
}

/* ---- void */

static bool asks_for_base(const struct plan *p)
{
	bool asks = false;

	for (size_t i = 0; i < p->verdicts.n; i++)
		asks = asks || plan_asks_for_base(p->verdicts.at[i]);
	return asks && !plan_is_baseline(p);
}

static bool nothing_connected(json_t *doc)
{
	struct condition c;

	condition_eval("totals.connects_ok == 0", doc, &c);
	return c.holds;
}

/* Why the run shows nothing, heap string; NULL if it does. */
static char *void_reason(const struct plan *p, const struct run_outcome *out)
{
	json_t *message = result_at(out->doc, "error.message");

	if (out->interrupted || out->not_here)
		return NULL;
	if (out->failed)
		return text_dup(out->why);
	if (out->judged && nothing_connected(out->doc))
		return text_dup(message ? json_string_value(message)
					: "nothing connected");
	if (out->judged && asks_for_base(p) && !json_object_get(out->doc, "base"))
		return text_printf(
			"there is nothing to compare it with: %s showed nothing",
			p->baseline);
	return NULL;
}

/* An incomplete result ends with 0 only if an expectation names its failure, or any failure is wanted. */
static bool was_foreseen(const struct plan *p, const struct run_outcome *out)
{
	return out->foreseen ||
	       (!out->failed && !out->code && out->judged &&
		nothing_connected(out->doc) && !plan_wants(p, VERDICT_VOID));
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

static void print_verdict(const struct plan *p, const struct verdict *v, bool ok,
			  FILE *to)
{
	bool judged = p->verdicts.n && !plan_is_baseline(p);

	if (!judged && ok && !v->word)
		return;
	putc('\n', to);
	text_say(to, 2, "Verdict: %s%s%s%s",
		 v->word         ? v->word
		 : p->verdicts.n ? "none of the rules' words"
				 : "none, the file has no rules",
		 v->figure ? ": " : "", v->figure ? v->figure : "",
		 ok ? "" : "; another was expected");
	if (*v->seen)
		text_say(to, 2, "That is: %s", v->seen);
	if (*v->applied)
		text_say(to, 2, "In force: %s", v->applied);
	if (*v->price)
		text_say(to, 2, "Price: %s", v->price);
	if (!ok)
		text_say(to, 2, "Expected verdict: %s", p->wanted);
	else if (*p->cure && v->word && plan_wants(p, v->word)) {
		putc('\n', to);
		next_print(to, p->cure);
	}
}

/* Of the baseline, too: it is what the others are compared with. */
static char *what_is_seen(const struct plan *p, const struct run_outcome *out)
{
	char text[FIGURE_TEXT];

	if (!p->shows || !out->judged || out->is_void)
		return text_dup("");
	return text_dup(figure_fill(out->doc, p->shows->value, text));
}

static void decide(const struct plan *p, struct run_outcome *out, struct verdict *v)
{
	char *reason = void_reason(p, out);

	*v = (struct verdict){
		.costs = text_dup(""),
		.price = text_dup(""),
		.applied = out->judged ? applied_text(p, out->doc) : text_dup(""),
	};
	out->is_void = reason != NULL;
	if (reason) {
		v->word = was_foreseen(p, out) ? VERDICT_FAILED : VERDICT_VOID;
		v->figure = reason;
	} else if (out->not_here) {
		v->word = VERDICT_NOT_HERE;
		v->figure = text_dup(out->why);
	} else if (out->judged) {
		verdict_give(p, out->doc, v);
	}
	v->seen = what_is_seen(p, out);
}

json_t *judge_row(const struct plan *p, unsigned round, struct run_outcome *out,
		  json_t *expectations, FILE *to)
{
	struct verdict v;
	bool ok;
	json_t *row;

	decide(p, out, &v);
	ok = as_wanted(p, out, v.word);
	if (out->judged || v.word)
		print_verdict(p, &v, ok, to);
	if (!ok && !out->code)
		out->code = EXIT_EXPECTATION;
	row = json_pack("{s:o, s:i, s:s, s:s, s:s, s:o, s:s?, s:s?, s:o, s:o, s:o, s:o, "
			"s:o, s:i, "
			"s:b, s:o, "
			"s:O, s:O}",
			"variant", utf8_json(p->variant), "round", (int)round, "about",
			p->about, "claim", p->claim, "cure", p->cure, "cells",
			cells(p, out->doc), "verdict", v.word, "wanted",
			*p->wanted && !plan_is_baseline(p) ? p->wanted : NULL, "figure",
			utf8_json(v.figure), "seen", utf8_json(v.seen), "cost",
			utf8_json(v.costs), "price", utf8_json(v.price), "applied",
			utf8_json(v.applied), "code", out->code, "ok",
			out->code == 0 || out->not_here, "why", utf8_json(out->why),
			"expectations", expectations, "files", out->files);
	free(v.figure);
	free(v.seen);
	free(v.costs);
	free(v.price);
	free(v.applied);
	return row;
}
