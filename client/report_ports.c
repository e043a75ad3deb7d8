#include "client/report_ports.h"

#include "client/collision.h"
#include "client/missed.h"
#include "client/record.h"
#include "client/sysctl_watch.h"
#include "common/base/put.h"
#include "common/kernel/addr.h"
#include "common/result/result.h"

/* Moments in seconds since the run began; null = never. */
static json_t *moment(const struct client_record *run, uint64_t at_ns)
{
	return result_not_negative(record_moment_s(run, at_ns));
}

/* How long ports were out in all; an outage that never ended lasts to the end. */
static double exhausted_for_s(const struct client_record *run,
			      const struct client_tally *sum)
{
	uint64_t since = tally_get(&sum->exhausted_since_ns);
	uint64_t end = run->over_ns;

	return (double)(tally_get(&sum->exhausted_for_ns) +
			(since && end > since ? end - since : 0)) /
	       NS_PER_S;
}

static json_t *address(const struct addr_list *list, uint32_t at, bool known,
		       char *(*print)(const struct addr *a, char *buf, size_t size))
{
	char text[ADDR_TEXT];

	if (!known || at >= list->n)
		return json_null();
	return json_string(print(&list->at[at], text, sizeof(text)));
}

/* The pair that was predicted to fail first. */
static json_t *first_json(const struct client_record *run)
{
	const struct ports_prediction *p = &run->prediction;
	bool known = p->exhaustion_s >= 0;
	json_t *o = json_object();

	put(o, "source", address(&run->plan.sources, p->source, known, addr_print_host));
	put(o, "target", address(&run->plan.targets, p->target, known, addr_print));
	return o;
}

static json_t *prediction_json(const struct client_record *run)
{
	const struct ports_prediction *p = &run->prediction;
	json_t *o = json_object();

	put_text(o, "reason", p->reason);
	put(o, "before_s", result_not_negative(run->predict.before_s));
	put(o, "first", first_json(run));
	put_text(o, "missed", missed_by(run));
	put(o, "time_wait_reuse", json_boolean(p->reuse));
	put(o, "port_lifetime_s", result_real(p->lifetime_s));
	return o;
}

/* Those that decide how long ports last and changed during the run. */
static json_t *sysctls_json(const struct client_record *run)
{
	struct sysctl_change change = { .name = "", .from = "", .to = "" };
	json_t *list = json_array();

	for (unsigned i = 0;
	     sysctl_watch_change(run->sysctls, i, &change) || (run->skeleton && i == 0);
	     i++) {
		json_t *o = json_object();

		put_text(o, "name", change.name);
		put_text(o, "from", change.from);
		put_text(o, "to", change.to);
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *connect_json(const struct client_record *run)
{
	json_t *o = json_object();

	put(o, "below_half", result_not_negative(missed_connect_us(run, false)));
	put(o, "past_half", result_not_negative(missed_connect_us(run, true)));
	return o;
}

/* When the first of the ports that are taken comes free by itself. */
static double first_free_s(const struct taken *t)
{
	double least = -1;

	for (size_t i = 0; i < t->n; i++)
		if (t->at[i].expires_s > 0 && (least < 0 || t->at[i].expires_s < least))
			least = t->at[i].expires_s;
	return least;
}

/* Ports were counted inside the range that there was at the start.  No count may have come by a
 * connection that was short, but there it was. */
static void put_peak(json_t *o, const struct client_record *run,
		     const struct client_tally *sum)
{
	uint64_t peak = run->sampled.ports_peak;
	bool none = peak == 0 && tally_get(&sum->connects_ok) > 0;

	if (run->skeleton ||
	    (run->sampler && !sysctl_watch_range_changed(run->sysctls))) {
		put_count(o, "peak_in_use", none ? 1 : peak);
		return;
	}
	put(o, "peak_in_use", json_null());
	put_text(o, "peak_in_use_reason",
		 run->sampler ? "net.ipv4.ip_local_port_range changed during the run"
			      : run->no_states);
}

static void put_budget(json_t *o, const struct client_record *run,
		       const struct client_tally *sum)
{
	const struct ports_facts *f = &run->facts;
	const struct ports_prediction *p = &run->prediction;

	put(o, "range", json_pack("[i, i]", (int)f->lo, (int)f->hi));
	put_count(o, "reserved", f->reserved);
	put_count(o, "listeners", run->first.listeners_in_range);
	put_count(o, "taken_at_start", p->taken);
	put(o, "taken_estimated", json_boolean(f->taken.estimated));
	put(o, "taken_until_s", result_not_negative(first_free_s(&f->taken)));
	put_count(o, "per_tuple", p->per_tuple);
	put_count(o, "tuples", p->tuples);
	put(o, "own_sources", json_boolean(run->plan.own_sources));
	put_count(o, "budget", p->budget);
	put_peak(o, run, sum);
}

/* Which sockets have the ports when none is left. */
static void put_none_left(json_t *o, const struct client_record *run)
{
	const struct sample *s = &run->none_left;
	bool known =
		run->skeleton || (s->t_ns && !sysctl_watch_range_changed(run->sysctls));
	uint64_t held = tcp_states_total(&s->in_range);

	put(o, "held", known ? json_integer((json_int_t)held) : json_null());
	put(o, "held_by", known ? result_states(&s->in_range) : json_null());
	put(o, "held_by_at_s", known ? moment(run, s->t_ns) : json_null());
}

json_t *report_ports(const struct client_record *run, const struct client_tally *sum)
{
	uint64_t first_ns = tally_get(&sum->first_exhausted_ns);
	json_t *o = json_object();

	put_budget(o, run, sum);
	put(o, "exhausted", json_boolean(first_ns != 0));
	put_none_left(o, run);
	put(o, "first_exhausted_s", moment(run, first_ns));
	put(o, "first_exhausted_due_s",
	    moment(run, tally_get(&sum->first_exhausted_due_ns)));
	put(o, "predicted_exhaustion_s",
	    result_not_negative(run->prediction.exhaustion_s));
	put(o, "predicted_at_s", result_real(run->predict.at_s));
	put(o, "predicted_max_rate", result_not_negative(run->prediction.max_rate));
	put(o, "prediction", prediction_json(run));
	put(o, "sysctls_changed", sysctls_json(run));
	put(o, "connect_us", connect_json(run));
	put(o, "exhausted_for_s", result_real(exhausted_for_s(run, sum)));
	put(o, "recovered_at_s", moment(run, tally_get(&sum->recovered_ns)));
	collision_report(o, run);
	return o;
}
