#include "bench/lab/load.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include "bench/lab/ended.h"
#include "bench/lab/forecast.h"
#include "common/base/put.h"
#include "common/base/utf8.h"
#include "common/result/result.h"

static json_t *argv_json(const struct plan_proc *proc)
{
	json_t *argv = json_array();

	for (size_t i = 0; i < proc->argv.n; i++)
		json_array_append_new(argv, utf8_json(proc->argv.at[i]));
	return argv;
}

static json_t *run_json(const struct plan_proc *proc, uint64_t began_ns, uint64_t wall_ns)
{
	char started[40];

	clock_rfc3339(began_ns, started, sizeof(started));
	return json_pack("{s:o, s:s, s:f}", "argv", argv_json(proc), "started_at",
			 started, "duration_s", (double)wall_ns / NS_PER_S);
}

/* What should happen, where the scenario says what the load does. */
static json_t *prediction_json(const struct plan *p, const struct plan_proc *proc)
{
	struct ports_facts f;
	struct ports_prediction predicted = { 0 };
	bool known = forecast(proc, p->seconds, &f, &predicted);
	json_t *o = json_null();

	if (proc->to)
		o = json_pack("{s:s, s:o, s:o, s:o, s:o}", "to", proc->to, "rate_per_s",
			      result_real(f.load.rate.from), "budget",
			      predicted.budget
				      ? json_integer((json_int_t)predicted.budget)
				      : json_null(),
			      "exhaustion_s",
			      known ? json_real(predicted.exhaustion_s) : json_null(),
			      "max_rate",
			      predicted.budget ? result_not_negative(predicted.max_rate)
					       : json_null());
	ports_facts_done(&f);
	return o;
}

/* Why it is not complete: {code, message}; NULL if it is.  What the plan told to end is. */
static json_t *error_json(const struct stage *s, size_t proc)
{
	const struct plan_proc *load = &s->plan->procs[proc];
	const struct stage_proc *end = &s->report->procs[proc];
	const char *code = "failed";
	char text[120];

	if (end->by_itself && plan_ended_well(load, end->status))
		return NULL;
	if (!end->ended)
		snprintf(text, sizeof(text), "did not end");
	else if (end->by_itself && WIFSIGNALED(end->status))
		snprintf(text, sizeof(text), "was killed by signal %d",
			 WTERMSIG(end->status));
	else if (end->by_itself)
		snprintf(text, sizeof(text), "ended with code %d, not %u",
			 WEXITSTATUS(end->status), load->code);
	else if (s->caught)
		snprintf(text, sizeof(text), "was interrupted by signal %d", s->caught);
	else if (s->report->timed_out)
		snprintf(text, sizeof(text),
			 "had not ended after %u s, the scenario's "
			 "time limit",
			 s->plan->seconds);
	else
		return NULL;
	if (!end->by_itself)
		code = s->caught ? "interrupted" : "timed_out";
	return json_pack("{s:s, s:s}", "code", code, "message", text);
}

json_t *load_json(const struct stage *s, size_t proc)
{
	const struct plan_proc *load = &s->plan->procs[proc];
	json_t *o = json_object(), *error = error_json(s, proc), *end;

	put_text(o, "schema", PROCESS_SCHEMA);
	put(o, "complete", json_boolean(!error));
	if (error)
		put(o, "error", error);
	put(o, "tool", result_tool());
	put_text(o, "name", load->name);
	put_text(o, "host", load->host->name);
	put(o, "run",
	    run_json(load, s->report->procs[proc].began_ns,
		     s->report->procs[proc].wall_ns));
	end = ended_json(s, proc);
	json_object_update(o, end);
	json_decref(end);
	put(o, "prediction", prediction_json(s->plan, load));
	put(o, "expectations", json_array());
	return o;
}

json_t *load_running(const struct plan *p, const struct plan_proc *proc)
{
	json_t *o = load_skeleton(proc);

	put(o, "complete", json_false());
	put(o, "error",
	    json_pack("{s:s, s:s}", "code", "running", "message", "the run goes on"));
	put(o, "run", run_json(proc, clock_wall_ns(), 0));
	put(o, "prediction", prediction_json(p, proc));
	return o;
}

json_t *load_skeleton(const struct plan_proc *proc)
{
	json_t *o = ended_skeleton();

	json_object_update_new(
		o, json_pack("{s:s, s:n, s:{s:n, s:n}, s:s, s:s, s:{s:n, s:n}, s:{s:n, "
			     "s:n, s:n, s:n, s:n}}",
			     "schema", PROCESS_SCHEMA, "complete", "error", "code",
			     "message", "name", proc->name, "host", proc->host->name,
			     "run", "started_at", "duration_s", "prediction", "to",
			     "rate_per_s", "budget", "exhaustion_s", "max_rate"));
	return o;
}

bool load_is(const json_t *result)
{
	return strcmp(utf8_at(result, "schema"), PROCESS_SCHEMA) == 0;
}
