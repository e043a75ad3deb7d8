#include "common/result/result_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/units.h"
#include "common/base/wrap.h"
#include "common/kernel/tcp_state.h"
#include "common/result/result.h"

#define LABEL "%-13s"

static uint64_t count(const json_t *doc, const char *path)
{
	return (uint64_t)json_integer_value(result_at(doc, path));
}

static double real(const json_t *doc, const char *path)
{
	return json_number_value(result_at(doc, path));
}

static bool known(const json_t *doc, const char *path)
{
	const json_t *v = result_at(doc, path);

	return v && !json_is_null(v);
}

static bool is_text(const json_t *doc, const char *path, const char *text)
{
	const char *is = json_string_value(result_at(doc, path));

	return is && strcmp(is, text) == 0;
}

static void say(FILE *to, const char *label, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* A line, or as many as it takes; label: NULL = from the left edge. */
static void say(FILE *to, const char *label, const char *fmt, ...)
{
	int column = label ? fprintf(to, LABEL, label) : 0;
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	wrap_words(to, column, column, text);
}

/* ---- what happened, in a sentence or two ---- */

static void say_exhaustion(FILE *to, const json_t *doc)
{
	double made_at = real(doc, "ports.prediction.made_at_s");
	double first = real(doc, "ports.first_exhausted_s");

	if (known(doc, "ports.predicted_exhaustion_s"))
		say(to, NULL,
		    "Cannot assign requested address: no port left after %.2f s "
		    "(predicted: %.2f s).",
		    first, real(doc, "ports.predicted_exhaustion_s"));
	else
		say(to, NULL,
		    "Cannot assign requested address: no port left after %.2f s.", first);
	if (made_at > 0)
		say(to, NULL,
		    "(A closed loop: predicted after %.2f s from the rate until then.)",
		    made_at);
	if (known(doc, "ports.recovered_at_s"))
		say(to, NULL,
		    "From %.2f s on ports came back, one by one; in all there was none "
		    "for %.2f s.",
		    real(doc, "ports.recovered_at_s"),
		    real(doc, "ports.exhausted_for_s"));
	else if (is_text(doc, "config.on_exhaustion", "stop"))
		say(to, NULL, "The run was ended then (--on-exhaustion stop).");
	else
		say(to, NULL, "That lasted %.2f s, to the end of the run.",
		    real(doc, "ports.exhausted_for_s"));
}

static void say_no_exhaustion(FILE *to, const json_t *doc)
{
	if (known(doc, "ports.peak_in_use"))
		say(to, NULL, "The ports did not run out: at most %s of %s were in use.",
		    units_grouped(count(doc, "ports.peak_in_use")),
		    units_grouped(count(doc, "ports.budget")));
	else
		say(to, NULL, "The ports did not run out.");
	if (known(doc, "ports.predicted_exhaustion_s"))
		say(to, NULL, "Predicted for %.2f s of a run that lasted %.2f s.",
		    real(doc, "ports.predicted_exhaustion_s"),
		    real(doc, "run.duration_s"));
}

static void say_what_happened(FILE *to, const json_t *doc)
{
	const char *warning =
		json_string_value(result_at(doc, "host.loopback_reuse_warning"));
	const char *error = json_string_value(result_at(doc, "error.message"));

	if (error)
		wrap_words(to, fprintf(to, "Incomplete: "), 0, error);
	if (json_is_true(result_at(doc, "ports.exhausted")))
		say_exhaustion(to, doc);
	else if (count(doc, "totals.connects_ok"))
		say_no_exhaustion(to, doc);
	if (warning && count(doc, "totals.connects_ok"))
		wrap_words(to, fprintf(to, "Careful: "), 0, warning);
	fputc('\n', to);
}

/* ---- the figures ---- */

static const char *rate(const json_t *doc, const char *path)
{
	return units_grouped((uint64_t)(real(doc, path) + 0.5));
}

static void say_totals(FILE *to, const json_t *doc)
{
	say(to, "connections", "%s established of %s started in %.2f s = %s/s",
	    units_grouped(count(doc, "totals.connects_ok")),
	    units_grouped(count(doc, "totals.connects_started")),
	    real(doc, "run.duration_s"), rate(doc, "rate.connections_per_s"));
	say(to, "transactions", "%s = %s/s; %s bytes sent, %s received",
	    units_grouped(count(doc, "totals.transactions_ok")),
	    rate(doc, "rate.transactions_per_s"),
	    units_grouped(count(doc, "totals.bytes_sent")),
	    units_grouped(count(doc, "totals.bytes_received")));
	if (json_is_true(result_at(doc, "config.fastopen")))
		say(to, "fast open",
		    "%s of %s SYNs carried data; the kernel saw %s taken",
		    units_grouped(count(doc, "totals.syns_with_data")),
		    units_grouped(count(doc, "totals.syns")),
		    known(doc, "counters.TcpExt.TCPFastOpenActive")
			    ? units_grouped(
				      count(doc, "counters.TcpExt.TCPFastOpenActive"))
			    : "n/a");
	if (count(doc, "totals.missed_starts"))
		fprintf(to, LABEL "%s arrivals never became a connection\n", "missed",
			units_grouped(count(doc, "totals.missed_starts")));
	if (count(doc, "totals.in_flight_at_end"))
		fprintf(to, LABEL "%s connections were cut off at the end\n", "cut off",
			units_grouped(count(doc, "totals.in_flight_at_end")));
}

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

	wrap_begin(&w, to, fprintf(to, LABEL, "outcomes"));
	if (!wrap_object(&w, "", result_at(doc, "outcomes")))
		fprintf(to, "none");
	fputc('\n', to);
	wrap_begin(&w, to, fprintf(to, LABEL, "errors"));
	if (wrap_object(&w, "socket ", result_at(doc, "errors.socket")) +
		    wrap_object(&w, "bind ", result_at(doc, "errors.bind")) +
		    wrap_object(&w, "connect ", result_at(doc, "errors.connect")) +
		    wrap_object(&w, "transfer ", result_at(doc, "errors.transfer")) +
		    wrap_object(&w, "timeout ", result_at(doc, "errors.timeout")) ==
	    0)
		fprintf(to, "none");
	fputc('\n', to);
}

static void say_ports(FILE *to, const json_t *doc)
{
	char peak[64] = "";

	say(to, "ports", "%" PRIu64 "-%" PRIu64 ", %s usable x %s tuple%s = budget %s",
	    (uint64_t)json_integer_value(
		    json_array_get(result_at(doc, "ports.range"), 0)),
	    (uint64_t)json_integer_value(
		    json_array_get(result_at(doc, "ports.range"), 1)),
	    units_grouped(count(doc, "ports.per_tuple")),
	    units_grouped(count(doc, "ports.tuples")),
	    count(doc, "ports.tuples") == 1 ? "" : "s",
	    units_grouped(count(doc, "ports.budget")));
	if (count(doc, "ports.taken_at_start"))
		say(to, "", "%s of them were taken at the start, by earlier runs",
		    units_grouped(count(doc, "ports.taken_at_start")));
	if (known(doc, "ports.peak_in_use"))
		snprintf(peak, sizeof(peak), "peak in use %s; ",
			 units_grouped(count(doc, "ports.peak_in_use")));
	if (known(doc, "ports.predicted_max_rate"))
		say(to, "", "%sthey sustain %.0f/s (each is taken for %g s)", peak,
		    real(doc, "ports.predicted_max_rate"),
		    real(doc, "ports.prediction.port_lifetime_s"));
	else
		say(to, "", "%sno limit by ports: %s", peak,
		    json_string_value(result_at(doc, "ports.prediction.reason")));
}

/* One side: STATE now (peak n). */
static void say_side(FILE *to, const json_t *doc, const char *side, const char *label)
{
	char path[64], text[256];
	const json_t *peak, *end;
	struct wrap w;
	int indent;

	snprintf(path, sizeof(path), "states.%s.peak", side);
	peak = result_at(doc, path);
	snprintf(path, sizeof(path), "states.%s.end", side);
	end = result_at(doc, path);
	indent = fprintf(to, LABEL "%-7s", label, side);
	if (!json_is_object(end)) {
		snprintf(path, sizeof(path), "states.%s_reason", side);
		snprintf(text, sizeof(text), "n/a (%s)",
			 json_string_value(result_at(doc, path)));
		wrap_words(to, indent, indent, text);
		return;
	}
	wrap_begin(&w, to, indent);
	for (unsigned i = 1; i < TCP_STATE_MAX; i++) {
		const char *name = tcp_state_name(i);
		uint64_t most = (uint64_t)json_integer_value(json_object_get(peak, name));
		uint64_t now = (uint64_t)json_integer_value(json_object_get(end, name));

		if (!most)
			continue;
		snprintf(text, sizeof(text), "%s %s (peak %s)", name, units_grouped(now),
			 units_grouped(most));
		wrap_text(&w, text);
	}
	fprintf(to, w.column > indent ? "\n" : "nothing\n");
}

/* Counting was thinned out for its cost: what came and went in between is in no peak. */
static void say_thinned(FILE *to, const json_t *doc)
{
	uint64_t samples = count(doc, "sampler.samples");
	uint64_t ticks = count(doc, "sampler.ticks");
	char text[160];

	if (samples >= ticks || !count(doc, "sampler.thinned"))
		return;
	snprintf(text, sizeof(text),
		 "(counted %s times in %s ticks, to keep to --sample-budget %g%%: only "
		 "TIME_WAIT was followed all the time)",
		 units_grouped(samples), units_grouped(ticks),
		 real(doc, "sampler.budget_pct"));
	wrap_words(to, fprintf(to, LABEL, ""), 13, text);
}

static void say_latency(FILE *to, const json_t *doc)
{
	static const char *const quantiles[] = { "p50", "p90", "p99", "p999", "max" };
	const json_t *all = result_at(doc, "latency_us");
	const char *name;
	json_t *h;

	fprintf(to, LABEL "%12s %9s %9s %9s %9s %9s\n", "latency, us", "count", "p50",
		"p90", "p99", "p99.9", "max");
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
	wrap_begin(&w, to, fprintf(to, LABEL "p50 of connect_call, us: ", "by fill"));
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

static void say_cpu(FILE *to, const json_t *doc)
{
	double all = real(doc, "cpu.client.user_s") + real(doc, "cpu.client.system_s");
	double each = real(doc, "cpu.client.us_per_connection");
	double each_s = all > 0 ? each / all : 0;
	int digits = each < 1e6 ? 1 : 0;
	char text[80];
	struct wrap w;

	wrap_begin(&w, to, fprintf(to, LABEL, "cpu"));
	snprintf(text, sizeof(text),
		 "client %.*f us a connection (user %.*f, system %.*f)", digits, each,
		 digits, each_s * real(doc, "cpu.client.user_s"), digits,
		 each_s * real(doc, "cpu.client.system_s"));
	wrap_text(&w, text);
	if (known(doc, "cpu.server")) {
		snprintf(text, sizeof(text), "server %.1f us",
			 real(doc, "cpu.server.us_per_connection"));
		wrap_text(&w, text);
	}
	fputc('\n', to);
}

static void say_http(FILE *to, const json_t *doc)
{
	char text[96];
	struct wrap w;

	if (!known(doc, "http"))
		return;
	wrap_begin(&w, to, fprintf(to, LABEL, "http"));
	snprintf(text, sizeof(text), "%s responses",
		 units_grouped(count(doc, "http.responses")));
	wrap_text(&w, text);
	wrap_object(&w, "", result_at(doc, "http.status"));
	snprintf(text, sizeof(text), "reused %s",
		 units_grouped(count(doc, "http.keep_alive_reused")));
	wrap_text(&w, text);
	snprintf(text, sizeof(text), "closed by client %s, by server %s",
		 units_grouped(count(doc, "http.closed_by_client")),
		 units_grouped(count(doc, "http.closed_by_server")));
	wrap_text(&w, text);
	wrap_object(&w, "malformed ", result_at(doc, "http.malformed"));
	fputc('\n', to);
}

static void say_extras(FILE *to, const json_t *doc)
{
	say_http(to, doc);
	if (known(doc, "pool"))
		say(to, "pool", "%s connections opened, a perfect pool needs %s",
		    units_grouped(count(doc, "pool.connections_opened")),
		    units_grouped(count(doc, "pool.perfect_pool")));
	if (count(doc, "lost.to_server_bytes") || count(doc, "lost.to_client_bytes"))
		say(to, "lost", "%s bytes never reached the server, %s never the client",
		    units_grouped(count(doc, "lost.to_server_bytes")),
		    units_grouped(count(doc, "lost.to_client_bytes")));
}

static void say_ledger(FILE *to, const json_t *doc)
{
	const json_t *list = result_at(doc, "ledger.explanation"),
		     *checks = result_at(doc, "ledger.checks");
	size_t i;
	json_t *item;

	fprintf(to, LABEL "%s\n", "ledger",
		json_is_true(result_at(doc, "ledger.balanced"))
			? "balanced: every connection accounted for, by us and by the "
			  "kernel"
			: "NOT balanced:");
	json_array_foreach ((json_t *)checks, i, item)
		if (!json_is_true(json_object_get(item, "ok")))
			fprintf(to, LABEL "! %s\n", "",
				json_string_value(json_object_get(item, "what")));
	json_array_foreach ((json_t *)list, i, item)
		wrap_words(to, fprintf(to, LABEL "- ", ""), 15, json_string_value(item));
}

static void say_expectation(FILE *to, const json_t *e)
{
	const char *reason = json_string_value(json_object_get(e, "reason"));
	char *value = json_dumps(json_object_get(e, "value"),
				 JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
	char text[128];
	struct wrap w;

	wrap_begin(&w, to,
		   fprintf(to, LABEL,
			   json_is_true(json_object_get(e, "ok")) ? "true" : "FALSE"));
	wrap_text(&w, json_string_value(json_object_get(e, "expr")));
	snprintf(text, sizeof(text), "(it is %.60s)", value ? value : "?");
	wrap_text(&w, text);
	if (reason)
		wrap_text(&w, reason);
	fputc('\n', to);
	free(value);
}

static void say_expectations(FILE *to, const json_t *doc)
{
	size_t i;
	json_t *e;

	json_array_foreach (result_at(doc, "expectations"), i, e)
		say_expectation(to, e);
}

void result_text(FILE *to, const json_t *doc)
{
	say_what_happened(to, doc);
	say_totals(to, doc);
	say_outcomes(to, doc);
	say_ports(to, doc);
	say_side(to, doc, "client", "states");
	say_side(to, doc, "server", "");
	say_thinned(to, doc);
	say_latency(to, doc);
	say_fill(to, doc);
	say_cpu(to, doc);
	say_extras(to, doc);
	say_ledger(to, doc);
	say_expectations(to, doc);
}
