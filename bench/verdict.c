#include "bench/verdict.h"

#include <stdlib.h>
#include <string.h>
#include "bench/formula.h"

static bool is_otherwise(const struct setting *rule)
{
	return strcmp(rule->value, "otherwise") == 0;
}

/* The figure behind a word is the rule's own; behind "otherwise", the first rule's that did
 * not hold. */
static void find_word(const struct plan *p, json_t *doc, struct verdict *out)
{
	char first[sizeof(((struct condition *)0)->shown)] = "";
	bool known = true;

	for (size_t i = 0; !out->word && i < p->verdicts.n; i++) {
		const struct setting *rule = p->verdicts.at[i];
		struct condition c = { .holds = known, .known = known };

		if (!is_otherwise(rule))
			condition_eval(rule->value, doc, &c);
		/* "otherwise" is no answer where an earlier question had none. */
		known = known && c.known;
		if (!*first)
			memcpy(first, c.shown, sizeof(first));
		if (!c.holds)
			continue;
		out->word = rule->key;
		out->figure = text_dup(is_otherwise(rule) ? first : c.shown);
	}
}

void verdict_give(const struct plan *p, json_t *doc, struct verdict *out)
{
	*out = (struct verdict){ .costs = json_array() };
	if (strcmp(p->variant, p->baseline) != 0)
		find_word(p, doc, out);
	for (size_t i = 0; i < p->costs.n; i++) {
		struct condition c;

		condition_eval(p->costs.at[i]->value, doc, &c);
		if (c.holds)
			json_array_append_new(
				out->costs,
				json_sprintf("%s (%s)", p->costs.at[i]->key, c.shown));
	}
}

void verdict_done(struct verdict *v)
{
	free(v->figure);
	json_decref(v->costs);
	*v = (struct verdict){ 0 };
}
