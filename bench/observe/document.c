#include "bench/observe/document.h"

#include <stdlib.h>
#include "common/base/clock.h"
#include "common/base/put.h"
#include "common/result/result.h"

#define FROM_KEPT 8 /* local addresses of a remote end */

static json_t *seconds(uint64_t ns, uint64_t begin_ns)
{
	return json_real(((double)ns - (double)begin_ns) / NS_PER_S);
}

static json_t *states(const struct tcp_states *peak, const struct tcp_states *end)
{
	return json_pack("{s:o, s:o}", "peak", result_states(peak), "end",
			 result_states(end));
}

/* Only those that somebody is in: a row is read by people, too. */
static json_t *states_seen(const struct tcp_states *s)
{
	json_t *o = json_object();

	for (unsigned i = 1; i < TCP_STATE_MAX; i++)
		if (s->n[i])
			put_count(o, tcp_state_name(i), s->n[i]);
	return o;
}

/* ---- ports */

static void put_full(json_t *o, const struct fullness *f, uint64_t begin_ns)
{
	json_t *null = json_null();

	put(o, "full_at_s", f->full ? seconds(f->full_ns, begin_ns) : null);
	put(o, "full_within_s",
	    f->full ? json_real((double)f->within_ns / NS_PER_S) : null);
	put(o, "held", f->full ? json_integer((json_int_t)f->held) : null);
	put(o, "held_by", f->full ? result_states(&f->held_by) : null);
	put(o, "held_by_at_s", f->full ? seconds(f->held_ns, begin_ns) : null);
}

static void put_expected(json_t *o, const struct fullness *f, uint64_t begin_ns)
{
	bool known = f->why == FULLNESS_KNOWN;

	put(o, "predicted_full_s",
	    known ? seconds(f->expected_ns, begin_ns) : json_null());
	put(o, "predicted_at_s",
	    known ? seconds(f->expected_at_ns, begin_ns) : json_null());
	put_text(o, "prediction_reason", fullness_reason(f->why));
}

static json_t *ports(const struct counted *w, const struct ends_row *row,
		     uint64_t begin_ns)
{
	json_t *o = json_object();

	put_count(o, "budget", row->full.budget);
	put_count(o, "used_peak", row->full.used_peak);
	put_count(o, "outside_peak", row->outside_peak);
	put_full(o, &row->full, begin_ns);
	put_expected(o, &row->full, begin_ns);
	if (row->key.kind == ENDS_FROM)
		return o;
	put(o, "no_port",
	    w->host->failures ? json_integer((json_int_t)row->no_port) : json_null());
	put(o, "no_port_unplaced",
	    w->host->failures ? json_integer((json_int_t)no_port_unplaced_at(
					&w->no_port, &row->key.end))
			      : json_null());
	put(o, "first_no_port_s",
	    row->no_port ? seconds(row->no_port_ns, begin_ns) : json_null());
	put(o, "exhausted", row->no_port ? json_true() : json_null());
	put_text(o, "exhausted_by", row->no_port ? "destroyed sockets" : NULL);
	return o;
}

/* ---- the ends */

static json_t *end_json(const struct counted *w, const struct ends_row *row,
			uint64_t begin_ns)
{
	json_t *o = json_object();

	put_count(o, "sockets_peak", row->sockets_peak);
	put(o, "states", states(&row->peak, &row->now));
	if (row->key.kind != ENDS_AT)
		put(o, "ports", ports(w, row, begin_ns));
	return o;
}

static void put_from(const struct counted *w, json_t *to, const struct ends_row *row,
		     const struct ends_row *from, uint64_t begin_ns)
{
	json_t *all = json_object_get(to, "from");
	char text[ADDR_TEXT];

	if (endpoint_compare(&row->key.end, &from->key.end) == 0 &&
	    json_object_size(all) < FROM_KEPT)
		put(all, ends_print(&from->key, text, sizeof(text)),
		    end_json(w, from, begin_ns));
}

/* It was asked for, and is a local end that accepted. */
static bool is_own_end(const struct counted *w, const struct ends_row *row)
{
	for (size_t i = 0; !row->sockets_peak && i < w->ends.n; i++)
		if (w->ends.at[i].key.kind == ENDS_AT &&
		    endpoint_compare(&w->ends.at[i].key.end, &row->key.end) == 0)
			return true;
	return false;
}

static json_t *ends_json(const struct counted *w, enum ends_kind kind, uint64_t begin_ns)
{
	size_t n, n_from;
	uint32_t *list = ends_largest(&w->ends, kind, &n);
	uint32_t *from = ends_largest(&w->ends, ENDS_FROM, &n_from);
	json_t *all = json_object();
	char text[ADDR_TEXT];

	for (size_t i = 0; list && from && i < n && i < OBSERVE_KEPT; i++) {
		const struct ends_row *row = &w->ends.at[list[i]];
		json_t *one;

		if (kind == ENDS_TO && is_own_end(w, row))
			continue;
		one = end_json(w, row, begin_ns);
		if (kind == ENDS_TO) {
			put(one, "from", json_object());
			for (size_t f = 0; f < n_from; f++)
				put_from(w, one, row, &w->ends.at[from[f]], begin_ns);
		}
		put(all, ends_print(&row->key, text, sizeof(text)), one);
	}
	free(list);
	free(from);
	return all;
}

static void add_up(struct tcp_states *to, const struct tcp_states *more)
{
	for (unsigned i = 0; i < TCP_STATE_MAX; i++)
		to->n[i] += more->n[i];
}

/* What is in neither list: the smaller ends, and what had no row or was not asked for. */
static json_t *others_json(const struct counted *w)
{
	struct tcp_states peak = w->ends.beyond_peak, end = w->ends.beyond;
	uint64_t ends = 0, sockets;

	for (enum ends_kind kind = ENDS_TO; kind <= ENDS_AT; kind++) {
		size_t n = 0;
		uint32_t *list =
			kind == ENDS_FROM ? NULL : ends_largest(&w->ends, kind, &n);

		for (size_t i = OBSERVE_KEPT; list && i < n; i++, ends++) {
			add_up(&peak, &w->ends.at[list[i]].peak);
			add_up(&end, &w->ends.at[list[i]].now);
		}
		free(list);
	}
	sockets = tcp_states_total(&peak);
	if (sockets > w->sockets_peak)
		sockets = w->sockets_peak; /* each had its most at another time */
	return json_pack("{s:I, s:I, s:o}", "ends", (json_int_t)ends, "sockets_peak",
			 (json_int_t)sockets, "states", states(&peak, &end));
}

/* ---- connection tracking */

static json_t *last_s(uint64_t ns, uint64_t begin_ns)
{
	return ns ? seconds(ns, begin_ns) : json_null();
}

static void put_conntrack(json_t *o, const struct conntrack *c, uint64_t begin_ns)
{
	bool there = c->now.max > 0;
	json_t *to = json_object();

	put_text(o, "conntrack_reason",
		 there ? NULL
		       : "this kernel has no connection tracking, or had not loaded it "
			 "when the run began");
	if (!there) {
		json_decref(to);
		put(o, "conntrack", json_null());
		return;
	}
	put_count(to, "count", c->now.count);
	put_count(to, "count_peak", c->count_peak);
	put_count(to, "max", c->now.max);
	put_count(to, "found", c->now.stat.found - c->first.stat.found);
	put_count(to, "insert_failed",
		  c->now.stat.insert_failed - c->first.stat.insert_failed);
	put_count(to, "drop", c->now.stat.drop - c->first.stat.drop);
	put_count(to, "early_drop", c->now.stat.early_drop - c->first.stat.early_drop);
	put(to, "last_s", last_s(c->last_ns, begin_ns));
	put(o, "conntrack", to);
}

/* ---- the series */

static json_t *use_json(const struct counted *w, const struct counted_moment *m)
{
	json_t *o = json_object();
	char text[ADDR_TEXT];

	for (unsigned i = 0; i < m->n_use; i++)
		put_count(o,
			  ends_print(&w->ends.at[m->use[i].end].key, text, sizeof(text)),
			  m->use[i].ports);
	return o;
}

static json_t *series_json(const struct counted *w, uint64_t begin_ns)
{
	json_t *all = json_array();

	for (unsigned i = 0; i < w->n_moments; i++) {
		const struct counted_moment *m = &w->moment[i];
		json_t *o = json_object();

		put(o, "t", seconds(m->t_ns, begin_ns));
		put_count(o, "time_wait", m->time_wait);
		put(o, "states",
		    m->kind != SAMPLE_TOTAL ? states_seen(&m->states) : json_null());
		put(o, "to", m->kind == SAMPLE_FULL ? use_json(w, m) : json_null());
		put(o, "conntrack",
		    w->conntrack.now.max
			    ? json_pack("{s:I, s:I}", "count", (json_int_t)m->tracked,
					"drop", (json_int_t)m->track_dropped)
			    : json_null());
		json_array_append_new(all, o);
	}
	return all;
}

/* ---- the host */

static json_t *failures_json(const struct counted *w)
{
	const struct no_port *p = &w->no_port;

	if (!w->host->failures)
		return json_null();
	return json_pack("{s:I, s:I, s:I, s:I, s:I}", "events", (json_int_t)p->events,
			 "lost", (json_int_t)p->lost, "no_port", (json_int_t)p->found,
			 "unplaced", (json_int_t)no_port_unplaced(p), "others",
			 (json_int_t)p->others);
}

json_t *document_host(const struct counted *w, uint64_t begin_ns)
{
	struct kernel_counters moved = { 0 };
	json_t *o = json_object();

	kernel_counters_diff(&w->counters, &w->first, &moved);
	put(o, "states", states(&w->peak, &w->now));
	put(o, "time_wait_last_s", last_s(w->time_wait_ns, begin_ns));
	put(o, "counters", result_counters(&moved));
	put_conntrack(o, &w->conntrack, begin_ns);
	put(o, "ports",
	    json_pack("{s:[i, i], s:I, s:i}", "range", w->ports.lo, w->ports.hi,
		      "per_address", (json_int_t)w->per_address, "listeners_in_range",
		      (int)w->listeners_in_range));
	put(o, "to", ends_json(w, ENDS_TO, begin_ns));
	put(o, "at", ends_json(w, ENDS_AT, begin_ns));
	put(o, "others", others_json(w));
	put(o, "failures", failures_json(w));
	put(o, "sampler", result_sampler(&w->report));
	put(o, "series", series_json(w, begin_ns));
	return o;
}
