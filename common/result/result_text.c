#include "common/result/result_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/units.h"
#include "common/base/wrap.h"
#include "common/kernel/tcp_state.h"
#include "common/result/figure.h"
#include "common/result/ranks_text.h"
#include "common/result/result.h"
#include "common/result/story.h"

#define LINES(to, doc, rows) figure_lines(to, doc, rows, sizeof(rows) / sizeof(*(rows)))

/* clang-format off */
static const struct figure_line totals[] = {
	{ "connections", NULL,
	  "{totals.connects_ok} established of {totals.connects_started} started in {run.duration_s} s"
	  " = {rate.connections_per_s}/s" },
	{ "transactions", NULL,
	  "{totals.transactions_ok} = {rate.transactions_per_s}/s"
	  "{totals.transactions_good < totals.transactions_ok?, good {totals.transactions_good}};"
	  " {totals.bytes_sent} bytes sent, {totals.bytes_received} received" },
	{ "fast open", "config.fastopen == true",
	  "{totals.syns_with_data} of {totals.syns} SYNs carried data;"
	  " the kernel saw {counters.TcpExt.TCPFastOpenActive|n/a} taken" },
	{ "missed", "totals.missed_starts > 0",
	  "{totals.missed_starts} arrival{totals.missed_starts != 1?s} never became a connection" },
	{ "cut off", "totals.in_flight_at_end > 0",
	  "{totals.in_flight_at_end} connection{totals.in_flight_at_end == 1? was}{totals.in_flight_at_end != 1?s were} cut off at the end" },
};

#define PEAK "{ports.peak_in_use != null?peak in use {ports.peak_in_use}; }"
static const struct figure_line ports[] = {
	{ "ports", NULL,
	  "{ports.range.0|0}-{ports.range.1|0}, {ports.per_tuple != null?{ports.per_tuple} usable x {ports.tuples}"
	  " tuple{ports.tuples != 1?s} = }budget {ports.budget}" },
	{ "", "ports.taken_at_start > 0",
	  "{ports.taken_at_start} of them were taken at the start, by earlier runs" },
	{ "", "ports.predicted_max_rate != null",
	  PEAK "they sustain {ports.predicted_max_rate|0}/s"
	  " (each is taken for {ports.prediction.port_lifetime_s|g} s)" },
	{ "", "ports.predicted_max_rate == null",
	  PEAK "no limit by ports: {ports.prediction.reason}" },
};

/* Counting was thinned out for its cost: what came and went in between is in no peak. */
static const struct figure_line thinned[] = {
	{ "", "sampler.samples < sampler.ticks and sampler.thinned > 0",
	  "(counted {sampler.samples == 1?once}{sampler.samples != 1?{sampler.samples} times} in {sampler.ticks} ticks, to keep to --sample-budget"
	  " {sampler.budget_pct|g}%: only TIME_WAIT was followed all the time)" },
};

static const struct figure_line extras[] = {
	{ "pool", "pool.connections_opened != null",
	  "{pool.connections_opened} connections opened, a perfect pool needs {pool.perfect_pool}" },
	{ "lost", "lost.to_server_bytes != 0 or lost.to_client_bytes != 0",
	  "{lost.to_server_bytes} bytes never reached the server, {lost.to_client_bytes} never the client" },
};
/* clang-format on */

static unsigned wrap_object(struct wrap *w, const char *prefix, const json_t *o)
{
	const char *key;
	json_t *value;
	unsigned n = 0;

	json_object_foreach ((json_t *)o, key, value) {
		char text[96];

		if (!json_is_integer(value) || json_integer_value(value) == 0)
			continue;
		snprintf(text, sizeof(text), "%s%s %s", prefix, key,
			 units_grouped((uint64_t)json_integer_value(value)));
		wrap_text(w, text);
		n++;
	}
	return n;
}

static void say_outcomes(FILE *to, const json_t *doc)
{
	struct wrap w;

	wrap_begin(&w, to, fprintf(to, FIGURE_LABEL, "outcomes"));
	if (!wrap_object(&w, "", result_at(doc, "outcomes")))
		fprintf(to, "none");
	fputc('\n', to);
	wrap_begin(&w, to, fprintf(to, FIGURE_LABEL, "errors"));
	if (wrap_object(&w, "socket ", result_at(doc, "errors.socket")) +
		    wrap_object(&w, "bind ", result_at(doc, "errors.bind")) +
		    wrap_object(&w, "connect ", result_at(doc, "errors.connect")) +
		    wrap_object(&w, "transfer ", result_at(doc, "errors.transfer")) +
		    wrap_object(&w, "timeout ", result_at(doc, "errors.timeout")) ==
	    0)
		fprintf(to, "none");
	fputc('\n', to);
}

static bool failed(const json_t *target)
{
	return json_object_size(json_object_get(target, "failed")) > 0;
}

static void say_target(FILE *to, const char *label, const json_t *target)
{
	struct wrap w;

	wrap_begin(&w, to, fprintf(to, FIGURE_LABEL, label));
	figure_item(&w, target, "{address}");
	figure_item(&w, target, "{ok} ok of {started}");
	wrap_object(&w, "", json_object_get(target, "failed"));
	if (json_integer_value(json_object_get(target, "set_aside")) > 0)
		figure_item(&w, target,
			    "set aside {set_aside} time{set_aside != 1?s}, {aside_s} s; "
			    "{probes} probe{probes != 1?s}");
	fputc('\n', to);
}

/* Where there are several, and something failed at some. */
static void say_targets(FILE *to, const json_t *doc)
{
	const json_t *list = json_object_get(doc, "targets"), *target;
	bool any = false;
	size_t i;

	json_array_foreach ((json_t *)list, i, target)
		any = any || failed(target);
	if (!any || json_array_size(list) < 2)
		return;
	json_array_foreach ((json_t *)list, i, target)
		say_target(to, i == 0 ? "targets" : "", target);
}

static uint64_t count_of(const json_t *side, const char *when, const char *state)
{
	const json_t *n = json_object_get(json_object_get(side, when), state);

	return (uint64_t)json_integer_value(n);
}

#define OWN_KNOWN "before.TIME_WAIT > 0 and own.end.TIME_WAIT != null"
#define OLDER     "end.TIME_WAIT - own.end.TIME_WAIT"
#define FROM_BEFORE                                                                      \
	"({" OLDER "} more {" OLDER                                                      \
	" < before.TIME_WAIT?left of {before.TIME_WAIT} }from before)"

/* STATE now (peak n); where sockets were there before, of the run's own if that is known. */
static void say_state(struct wrap *w, const json_t *side, const char *state)
{
	bool own = strcmp(state, "TIME_WAIT") == 0 && figure_holds(side, OWN_KNOWN);
	const json_t *of = own ? json_object_get(side, "own") : side;
	uint64_t before = count_of(side, "before", state);
	char text[96];

	if (!count_of(side, "peak", state))
		return;
	snprintf(text, sizeof(text), "%s %s (peak %s)", state,
		 units_grouped(count_of(of, "end", state)),
		 units_grouped(count_of(of, "peak", state)));
	wrap_text(w, text);
	snprintf(text, sizeof(text), "(%s before the run)", units_grouped(before));
	if (own)
		figure_item(w, side, FROM_BEFORE);
	else if (before && strcmp(state, "LISTEN") != 0)
		wrap_text(w, text);
}

static void say_side(FILE *to, const json_t *doc, const char *side, const char *label)
{
	const json_t *of = json_object_get(json_object_get(doc, "states"), side);
	char text[FIGURE_TEXT];
	struct wrap w;
	int indent = fprintf(to, FIGURE_LABEL "%-7s", label, side);

	if (!json_is_object(json_object_get(of, "end"))) {
		figure_fill(doc,
			    *side == 'c' ? "n/a ({states.client_reason})"
					 : "n/a ({states.server_reason})",
			    text);
		wrap_words(to, indent, indent, text);
		return;
	}
	wrap_begin(&w, to, indent);
	for (unsigned i = 1; i < TCP_STATE_MAX; i++)
		say_state(&w, of, tcp_state_name(i));
	fprintf(to, w.column > indent ? "\n" : "nothing\n");
}

static void say_latency(FILE *to, const json_t *doc)
{
	static const char *const quantiles[] = { "p50", "p90", "p99", "p999", "max" };
	const json_t *all = result_at(doc, "latency_us");
	const char *name;
	json_t *h;

	fprintf(to, FIGURE_LABEL "%12s %9s %9s %9s %9s %9s\n", "latency, us", "count",
		"p50", "p90", "p99", "p99.9", "max");
	json_object_foreach ((json_t *)all, name, h) {
		if (!json_integer_value(json_object_get(h, "count")))
			continue;
		fprintf(to, " %-12s%12s", name,
			units_grouped((uint64_t)json_integer_value(
				json_object_get(h, "count"))));
		for (unsigned i = 0; i < 5; i++) {
			double us = json_number_value(json_object_get(h, quantiles[i]));

			fprintf(to, " %9.*f", us < 9999999.9 ? 1 : 0, us);
		}
		fputc('\n', to);
	}
}

/* p50 by tenths of the budget in use, where it is worth a word: the slowest tenth takes more
 * than three times as long as the fastest. */
static void say_fill(FILE *to, const json_t *doc)
{
	const json_t *all = result_at(doc, "connect_by_fill");
	double least = HUGE_VAL, most = 0;
	const char *percent;
	struct wrap w;
	json_t *h;

	json_object_foreach ((json_t *)all, percent, h) {
		double p50 = json_number_value(json_object_get(h, "p50"));

		least = p50 > 0 && p50 < least ? p50 : least;
		most = p50 > most ? p50 : most;
	}
	if (most <= 3 * least)
		return;
	wrap_begin(&w, to,
		   fprintf(to, FIGURE_LABEL "p50 of %s, us: ", "by fill",
			   figure_holds(doc, "config.bind == early")
				   ? "bind() and connect()"
				   : "connect()"));
	json_object_foreach ((json_t *)all, percent, h) {
		char text[64];

		if (json_is_null(h))
			continue;
		snprintf(text, sizeof(text), "%s%% %.1f", percent,
			 json_number_value(json_object_get(h, "p50")));
		wrap_text(&w, text);
	}
	fputc('\n', to);
}

/* clang-format off */
/* A part of the client's CPU time, of one connection. */
#define SHARE(part) "cpu.client.us_per_connection * cpu.client." part \
	" / (cpu.client.user_s + cpu.client.system_s)"
#define CPU(digits) "client {cpu.client.us_per_connection|" digits "} us a connection" \
	" (user {" SHARE("user_s") "|" digits "}, system {" SHARE("system_s") "|" digits "})"
/* clang-format on */

static void say_cpu(FILE *to, const json_t *doc)
{
	bool slow = figure_holds(doc, "cpu.client.us_per_connection >= 1000000");
	struct wrap w;

	wrap_begin(&w, to, fprintf(to, FIGURE_LABEL, "cpu"));
	figure_item(&w, doc, slow ? CPU("0") : CPU("1"));
	if (json_is_object(result_at(doc, "cpu.server")))
		figure_item(&w, doc, "server {cpu.server.us_per_connection} us");
	fputc('\n', to);
}

/* The 4xx and 5xx, each by its own number. */
static void say_failed_codes(struct wrap *w, const json_t *doc)
{
	const char *code;
	json_t *n;

	json_object_foreach (result_at(doc, "http.status.code"), code, n) {
		char text[64];

		if (*code < '4')
			continue;
		snprintf(text, sizeof(text), "(%.3s: %s)", code,
			 units_grouped((uint64_t)json_integer_value(n)));
		wrap_text(w, text);
	}
}

static void say_http(FILE *to, const json_t *doc)
{
	struct wrap w;

	if (!json_is_object(result_at(doc, "http")))
		return;
	wrap_begin(&w, to, fprintf(to, FIGURE_LABEL, "http"));
	figure_item(&w, doc, "{http.responses} responses");
	wrap_object(&w, "", result_at(doc, "http.status"));
	say_failed_codes(&w, doc);
	figure_item(&w, doc, "reused {http.keep_alive_reused}");
	figure_item(&w, doc,
		    "closed by client {http.closed_by_client}, by server "
		    "{http.closed_by_server}");
	wrap_object(&w, "malformed ", result_at(doc, "http.malformed"));
	fputc('\n', to);
}

static void say_tls(FILE *to, const json_t *doc)
{
	struct wrap w;

	if (!json_is_object(result_at(doc, "tls")))
		return;
	wrap_begin(&w, to, fprintf(to, FIGURE_LABEL, "tls"));
	figure_item(&w, doc,
		    "handshakes: {tls.handshakes.full} full, {tls.handshakes.resumed} "
		    "resumed, {tls.handshakes.failed} failed");
	wrap_object(&w, "", result_at(doc, "tls.version"));
	wrap_object(&w, "", result_at(doc, "tls.cipher"));
	wrap_object(&w, "close_notify: ", result_at(doc, "tls.close_notify"));
	wrap_object(&w, "", result_at(doc, "tls.reasons"));
	fputc('\n', to);
}

static void say_ledger(FILE *to, const json_t *doc)
{
	const json_t *list = result_at(doc, "ledger.explanation"),
		     *checks = result_at(doc, "ledger.checks"),
		     *not_compared = result_at(doc, "ledger.not_compared");
	size_t i;
	json_t *item;

	fprintf(to, FIGURE_LABEL "%s\n", "ledger",
		!json_is_true(result_at(doc, "ledger.balanced")) ? "NOT balanced:"
		: json_array_size(not_compared)
			? "balanced, as far as it could be compared"
			: "balanced: every connection accounted for, by us and by the "
			  "kernel");
	json_array_foreach ((json_t *)checks, i, item)
		if (!json_is_true(json_object_get(item, "ok")))
			fprintf(to, FIGURE_LABEL "! %s\n", "",
				json_string_value(json_object_get(item, "what")));
	json_array_foreach ((json_t *)not_compared, i, item) {
		char text[400];

		snprintf(text, sizeof(text), "n/a: %s: %s",
			 json_string_value(json_object_get(item, "what")),
			 json_string_value(json_object_get(item, "reason")));
		wrap_words(to, fprintf(to, FIGURE_LABEL "? ", ""), 15, text);
	}
	json_array_foreach ((json_t *)list, i, item)
		wrap_words(to, fprintf(to, FIGURE_LABEL "- ", ""), 15,
			   json_string_value(item));
}

#define SIDE (JSON_ENCODE_ANY | JSON_REAL_PRECISION(6))

static void say_expectation(FILE *to, const json_t *e)
{
	const char *reason = json_string_value(json_object_get(e, "reason"));
	const char *expr = json_string_value(json_object_get(e, "expr"));
	char *value = json_dumps(json_object_get(e, "value"), SIDE);
	char *other = json_dumps(json_object_get(e, "expected"), SIDE);
	char text[200];
	struct wrap w;

	wrap_begin(&w, to,
		   fprintf(to, FIGURE_LABEL,
			   json_is_true(json_object_get(e, "ok")) ? "true" : "FALSE"));
	wrap_text(&w, expr);
	/* The other side is a figure, too, unless the condition has it as it is. */
	if (other && expr && !strstr(expr, other))
		snprintf(text, sizeof(text), "(it is %.60s, the other side %.60s)",
			 value ? value : "?", other);
	else
		snprintf(text, sizeof(text), "(it is %.60s)", value ? value : "?");
	wrap_text(&w, text);
	if (reason)
		wrap_text(&w, reason);
	fputc('\n', to);
	free(value);
	free(other);
}

void result_text_expectations(FILE *to, const json_t *doc)
{
	size_t i;
	json_t *e;

	json_array_foreach (result_at(doc, "expectations"), i, e)
		say_expectation(to, e);
}

void result_text(FILE *to, const json_t *doc)
{
	story_print(to, doc, 0);
	fputc('\n', to);
	LINES(to, doc, totals);
	say_outcomes(to, doc);
	ranks_text(to, doc);
	say_targets(to, doc);
	LINES(to, doc, ports);
	say_side(to, doc, "client", "states");
	say_side(to, doc, "server", "");
	LINES(to, doc, thinned);
	say_latency(to, doc);
	say_fill(to, doc);
	say_cpu(to, doc);
	say_tls(to, doc);
	say_http(to, doc);
	LINES(to, doc, extras);
	say_ledger(to, doc);
	result_text_expectations(to, doc);
}
