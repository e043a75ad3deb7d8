#include "bench/lab/record.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include "common/base/clock.h"
#include "common/base/utf8.h"

static double ms(uint64_t from, uint64_t to)
{
	return from && to > from ? (double)(to - from) / (double)NS_PER_MS : 0;
}

static json_t *hosts_json(const struct plan *p)
{
	json_t *all = json_object();

	for (size_t i = 0; i < p->n_hosts; i++) {
		const struct plan_host *h = &p->hosts[i];
		json_t *addresses = json_array(), *sysctls = json_object();

		for (size_t a = 0; a < h->n_addresses; a++)
			json_array_append_new(addresses,
					      json_sprintf("%s/%u", h->addresses[a].text,
							   h->addresses[a].prefix));
		for (size_t s = 0; s < h->n_sysctls; s++)
			json_object_set_new(sysctls,
					    h->sysctls[s]->key + strlen("sysctl."),
					    json_string(h->sysctls[s]->value));
		json_object_set_new(all, h->name,
				    json_pack("{s:o, s:o}", "addresses", addresses,
					      "sysctls", sysctls));
	}
	return all;
}

static json_t *commands_json(const struct plan *p)
{
	json_t *all = json_array();

	for (size_t i = 0; i < p->n_procs; i++) {
		const struct plan_proc *proc = &p->procs[i];
		json_t *argv = json_array();

		for (size_t w = 0; w < proc->argv.n; w++)
			json_array_append_new(argv, utf8_json(proc->argv.at[w]));
		json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:o}", "kind",
						     section_names[proc->kind], "name",
						     proc->name, "host", proc->host->name,
						     "argv", argv));
	}
	return all;
}

/* A process may end well by itself, a server may not. */
bool record_ended_early(const struct plan *p, const struct stage *s, size_t proc,
			char how[RECORD_HOW])
{
	const struct stage_proc *end = &s->report->procs[proc];
	int code = WEXITSTATUS(end->status);

	if (plan_has_result(&p->procs[proc]) || !end->by_itself)
		return false;
	if (!WIFEXITED(end->status))
		snprintf(how, RECORD_HOW, "was killed by signal %d",
			 WTERMSIG(end->status));
	else
		snprintf(how, RECORD_HOW, "ended with code %d", code);
	return p->procs[proc].kind == SECTION_SERVER || !WIFEXITED(end->status) ||
	       code != 0;
}

static json_t *ended_early_json(const struct plan *p, const struct stage *s)
{
	json_t *all = json_array();
	char how[RECORD_HOW];

	for (size_t i = 0; i < p->n_procs; i++) {
		const char *last = s->report->procs[i].last;

		if (record_ended_early(p, s, i, how))
			json_array_append_new(
				all, json_pack("{s:s, s:s, s:s, s:o?}", "kind",
					       section_names[p->procs[i].kind], "name",
					       p->procs[i].name, "how", how, "last",
					       *last ? utf8_json(last) : NULL));
	}
	return all;
}

static json_t *cable_json(const struct wire_stats *w)
{
	json_t *late_us =
		w->delayed
			? json_real((double)w->late_ns / (double)w->delayed / NS_PER_US)
			: json_null();

	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:o, s:f}", "frames",
			 (json_int_t)w->frames, "lost", (json_int_t)w->lost, "duplicated",
			 (json_int_t)w->duplicated, "reordered", (json_int_t)w->reordered,
			 "refused", (json_int_t)w->refused, "late_us", late_us,
			 "latest_us", (double)w->latest_ns / NS_PER_US);
}

/* What the cables did that frames were impaired on; null = none. */
static json_t *wire_json(const struct plan *p, const struct stage_report *r)
{
	json_t *hosts = json_object();
	uint64_t refused = 0;

	for (size_t i = 0; i < p->n_hosts; i++) {
		if (!impair_is_set(&p->hosts[i].impair))
			continue;
		json_object_set_new(hosts, p->hosts[i].name, cable_json(&r->wire[i]));
		refused += r->wire[i].refused;
	}
	if (json_object_size(hosts))
		return json_pack("{s:o, s:I}", "hosts", hosts, "refused",
				 (json_int_t)refused);
	json_decref(hosts);
	return json_null();
}

void record_ends(const struct plan *p, const struct stage *s, json_t *parts)
{
	for (size_t i = 0; i < p->n_procs; i++) {
		const struct stage_proc *end = &s->report->procs[i];
		bool known = end->by_itself && WIFEXITED(end->status);

		if (plan_part(p, p->procs[i].name) != &p->procs[i] ||
		    json_object_get(parts, p->procs[i].name))
			continue;
		json_object_set_new(
			parts, p->procs[i].name,
			json_pack("{s:o, s:o}", "exit_code",
				  known ? json_integer(WEXITSTATUS(end->status))
					: json_null(),
				  "last",
				  *end->last ? utf8_json(end->last) : json_null()));
	}
}

json_t *record_json(const struct plan *p, const struct stage *s,
		    const struct plan_proc *client)
{
	const struct stage_report *r = s->report;

	return json_pack("{s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:f, s:f, s:b}",
			 "scenario", utf8_json(p->scenario->name), "file",
			 utf8_json(p->scenario->path), "variant", utf8_json(p->variant),
			 "client", client->name, "hosts", hosts_json(p), "commands",
			 commands_json(p), "wire", wire_json(p, r), "ended_early",
			 ended_early_json(p, s), "setup_ms", ms(r->start_ns, r->built_ns),
			 "teardown_ms", ms(r->finished_ns, r->gone_ns), "user_namespace",
			 s->own_user);
}
