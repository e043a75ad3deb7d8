#include "bench/lab/record.h"
#include "bench/lab/ended.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include "common/base/clock.h"
#include "common/base/put.h"
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
		json_t *cable = json_object();

		for (size_t a = 0; a < h->n_addresses; a++)
			json_array_append_new(addresses,
					      json_sprintf("%s/%u", h->addresses[a].text,
							   h->addresses[a].prefix));
		for (size_t s = 0; s < h->n_sysctls; s++)
			json_object_set_new(sysctls,
					    h->sysctls[s]->key + strlen("sysctl."),
					    json_string(h->sysctls[s]->value));
		for (size_t s = 0; s < h->n_cable; s++)
			json_object_set_new(cable, h->cable[s]->key,
					    json_string(h->cable[s]->value));
		json_object_set_new(all, h->name,
				    json_pack("{s:o, s:o, s:o}", "addresses", addresses,
					      "sysctls", sysctls, "cable", cable));
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
	return p->procs[proc].kind == SECTION_SERVER ||
	       !plan_ended_well(&p->procs[proc], end->status);
}

static json_t *ended_early_json(const struct plan *p, const struct stage *s)
{
	json_t *all = json_array();
	char how[RECORD_HOW];

	for (size_t i = 0; i < p->n_procs; i++) {
		json_t *end;

		if (!record_ended_early(p, s, i, how))
			continue;
		end = ended_json(s, i);
		json_array_append_new(
			all, json_pack("{s:s, s:s, s:s, s:s, s:O, s:O, s:O}", "kind",
				       section_names[p->procs[i].kind], "name",
				       p->procs[i].name, "host", p->procs[i].host->name,
				       "how", how, "last", json_object_get(end, "last"),
				       "errno", json_object_get(end, "errno"), "held_by",
				       json_object_get(end, "held_by")));
		json_decref(end);
	}
	return all;
}

static json_t *us(uint64_t ns, bool known)
{
	return known ? json_real((double)ns / NS_PER_US) : json_null();
}

/* Of each rule how many segments it meant. */
static json_t *drops_json(const struct impair *asked, const struct drops_stats *met)
{
	json_t *all = json_object();

	for (unsigned i = 0; i < asked->drop.n; i++)
		json_object_set_new(all, asked->drop.at[i].text,
				    json_integer((json_int_t)met->met[i]));
	return all;
}

static json_t *cable_json(const struct impair *asked, const struct wire_stats *w)
{
	bool any = w->carried;
	json_t *cable = json_object();

	put_count(cable, "frames", w->frames);
	put_count(cable, "lost", w->lost);
	put_count(cable, "duplicated", w->duplicated);
	put_count(cable, "reordered", w->reordered);
	put_count(cable, "dropped", w->drops.dropped);
	json_object_set_new(cable, "drops", drops_json(asked, &w->drops));
	put_count(cable, "beyond", w->drops.beyond);
	put_count(cable, "refused", w->refused);
	put_count(cable, "most_waiting", w->most_waiting);
	json_object_set_new(cable, "late_us", us(w->late_mean_ns, any));
	json_object_set_new(cable, "late_p50_us", us(w->late_p50_ns, any));
	json_object_set_new(cable, "late_p99_us", us(w->late_p99_ns, any));
	json_object_set_new(cable, "latest_us", us(w->latest_ns, true));
	return cable;
}

/* What all cables come to. */
struct wire_sum {
	uint64_t refused, beyond, most_waiting, late_p99_ns;
	const char *unmet, *unmet_host; /* a rule that meant no segment */
};

static void add_cable(struct wire_sum *sum, const struct plan_host *h,
		      const struct wire_stats *w)
{
	sum->refused += w->refused;
	sum->beyond += w->drops.beyond;
	if (w->most_waiting > sum->most_waiting)
		sum->most_waiting = w->most_waiting;
	if (w->late_p99_ns > sum->late_p99_ns)
		sum->late_p99_ns = w->late_p99_ns;
	for (unsigned i = 0; !sum->unmet && i < h->impair.drop.n; i++)
		if (w->drops.met[i] == 0) {
			sum->unmet = h->impair.drop.at[i].text;
			sum->unmet_host = h->name;
		}
}

static json_t *wire_sum_json(const struct wire_sum *sum, const struct wire_load *load)
{
	double cpu_us = (double)load->cpu_ns / NS_PER_US;
	json_t *all = json_object();

	put_count(all, "frames", load->frames);
	put_count(all, "refused", sum->refused);
	put_count(all, "beyond", sum->beyond);
	json_object_set_new(all, "cpu_us_per_frame",
			    load->frames ? json_real(cpu_us / (double)load->frames)
					 : json_null());
	json_object_set_new(all, "busiest", json_real(load->busiest));
	json_object_set_new(all, "most_per_s", json_real(load->most_per_s));
	json_object_set_new(all, "fullest",
			    json_real((double)sum->most_waiting / WIRE_WAITING_MAX));
	json_object_set_new(all, "late_p99_us", us(sum->late_p99_ns, load->frames));
	json_object_set_new(all, "unmet",
			    sum->unmet ? json_sprintf("drop = %s of host %s", sum->unmet,
						      sum->unmet_host)
				       : json_null());
	return all;
}

/* What the cables did that frames were impaired on; null = none. */
static json_t *wire_json(const struct plan *p, const struct stage_report *r)
{
	json_t *hosts = json_object(), *all;
	struct wire_sum sum = { 0 };

	for (size_t i = 0; i < p->n_hosts; i++) {
		const struct plan_host *h = &p->hosts[i];

		if (!impair_is_set(&h->impair))
			continue;
		json_object_set_new(hosts, h->name, cable_json(&h->impair, &r->wire[i]));
		add_cable(&sum, h, &r->wire[i]);
	}
	if (json_object_size(hosts)) {
		all = wire_sum_json(&sum, &r->wire_load);
		json_object_set_new(all, "hosts", hosts);
		return all;
	}
	json_decref(hosts);
	return json_null();
}

void record_ends(const struct plan *p, const struct stage *s, json_t *parts)
{
	for (size_t i = 0; i < p->n_procs; i++)
		if (plan_part(p, p->procs[i].name) == &p->procs[i] &&
		    !json_object_get(parts, p->procs[i].name))
			json_object_set_new(parts, p->procs[i].name, ended_json(s, i));
}

json_t *record_json(const struct plan *p, const struct stage *s,
		    const struct plan_proc *client)
{
	const struct stage_report *r = s->report;
	json_int_t observed = 0;

	for (size_t i = 0; i < p->n_hosts; i++)
		observed += p->hosts[i].observe != NULL;
	return json_pack("{s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:I, s:o, s:f, s:f, s:b}",
			 "scenario", utf8_json(p->scenario->name), "file",
			 utf8_json(p->scenario->path), "variant", utf8_json(p->variant),
			 "client", client->name, "hosts", hosts_json(p), "commands",
			 commands_json(p), "wire", wire_json(p, r), "observed", observed,
			 "ended_early", ended_early_json(p, s), "setup_ms",
			 ms(r->start_ns, r->built_ns), "teardown_ms",
			 ms(r->finished_ns, r->gone_ns), "user_namespace", s->own_user);
}
