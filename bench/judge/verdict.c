#include "bench/judge/verdict.h"

#include <stdlib.h>
#include <string.h>
#include "common/result/condition.h"

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

void verdict_give(const struct plan *p, json_t *doc, struct verdict *out)
{
	*out = (struct verdict){ 0 };
	if (!plan_is_baseline(p))
		find_word(p, doc, out);
	for (size_t i = 0; i < p->costs.n; i++) {
		struct condition c;

		condition_eval(p->costs.at[i]->value, doc, &c);
		if (c.holds)
			words_add(&out->costs,
				  text_printf("%s (%s)", p->costs.at[i]->key, c.shown));
	}
}

void verdict_done(struct verdict *v)
{
	free(v->figure);
	words_done(&v->costs);
	*v = (struct verdict){ 0 };
}
