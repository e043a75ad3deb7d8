/* plan_expect - [expect]: that a mistake in a condition is found before anything runs, and whose
 * result it is of.  Whether there is such a path only the client knows. */
#include <stdlib.h>
#include <string.h>
#include "bench/scenario/plan_keys.h"
#include "common/result/condition.h"

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
	if (condition_check(s->value, &why) < 0)
		return wrong(p, s, "%s", why.text);
	p->expects = text_checked(realloc(p->expects, (p->n_expects + 1) * sizeof(e)));
	p->expects[p->n_expects++] = e;
	return 0;
}
