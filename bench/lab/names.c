#include "bench/lab/names.h"

#include <stdlib.h>

static int take(const struct plan *p, unsigned line, char *owned, const char *suffix,
		json_t *names, struct err *err)
{
	int r = 0;

	if (owned && json_object_get(names, owned))
		r = scenario_fault(p->scenario, line, err,
				   "in variant %s the %s would be %s%s, which there is "
				   "already",
				   p->variant, *suffix ? "result" : "output", owned,
				   suffix);
	else if (owned)
		json_object_set_new_nocheck(names, owned, json_true());
	free(owned);
	return r;
}

/* Results are known without their .json, which no output's name ends in. */
int names_check(const struct plan *p, json_t *names, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < p->n_procs; i++) {
		const struct plan_proc *proc = &p->procs[i];

		if (plan_has_result(proc))
			r = take(p, proc->line, plan_result_name(p, proc), ".json", names,
				 err);
		if (r == 0 && proc->output)
			r = take(p, proc->output->line, plan_output_name(p, proc), "",
				 names, err);
	}
	return r;
}
