#include "common/result/result_figures.h"

#include <inttypes.h>
#include <math.h>

#include "common/base/units.h"
#include "common/base/wrap.h"
#include "common/kernel/tcp_state.h"
#include "common/result/figure.h"
#include "common/result/result.h"

static const char *rate(const json_t *doc, const char *path)
{
	return units_grouped((uint64_t)(figure_real(doc, path) + 0.5));
}

static void say_totals(FILE *to, const json_t *doc)
{
	figure_say(to, "connections", "%s established of %s started in %.2f s = %s/s",
		   units_grouped(figure_count(doc, "totals.connects_ok")),
		   units_grouped(figure_count(doc, "totals.connects_started")),
		   figure_real(doc, "run.duration_s"),
		   rate(doc, "rate.connections_per_s"));
	figure_say(to, "transactions", "%s = %s/s; %s bytes sent, %s received",
		   units_grouped(figure_count(doc, "totals.transactions_ok")),
		   rate(doc, "rate.transactions_per_s"),
		   units_grouped(figure_count(doc, "totals.bytes_sent")),
		   units_grouped(figure_count(doc, "totals.bytes_received")));
	if (json_is_true(result_at(doc, "config.fastopen")))
		figure_say(to, "fast open",
			   "%s of %s SYNs carried data; the kernel saw %s taken",
			   units_grouped(figure_count(doc, "totals.syns_with_data")),
			   units_grouped(figure_count(doc, "totals.syns")),
			   figure_known(doc, "counters.TcpExt.TCPFastOpenActive")
				   ? units_grouped(figure_count(
					     doc, "counters.TcpExt.TCPFastOpenActive"))
				   : "n/a");
	if (figure_count(doc, "totals.missed_starts"))
		fprintf(to, FIGURE_LABEL "%s arrivals never became a connection\n",
			"missed",
			units_grouped(figure_count(doc, "totals.missed_starts")));
	if (figure_count(doc, "totals.in_flight_at_end"))
		fprintf(to, FIGURE_LABEL "%s connections were cut off at the end\n",
			"cut off",
			units_grouped(figure_count(doc, "totals.in_flight_at_end")));
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

static void say_ports(FILE *to, const json_t *doc)
{
	char peak[64] = "";

	figure_say(to, "ports",
		   "%" PRIu64 "-%" PRIu64 ", %s usable x %s tuple%s = budget %s",
		   (uint64_t)json_integer_value(
			   json_array_get(result_at(doc, "ports.range"), 0)),
		   (uint64_t)json_integer_value(
			   json_array_get(result_at(doc, "ports.range"), 1)),
		   units_grouped(figure_count(doc, "ports.per_tuple")),
		   units_grouped(figure_count(doc, "ports.tuples")),
		   figure_count(doc, "ports.tuples") == 1 ? "" : "s",
		   units_grouped(figure_count(doc, "ports.budget")));
	if (figure_count(doc, "ports.taken_at_start"))
		figure_say(to, "", "%s of them were taken at the start, by earlier runs",
			   units_grouped(figure_count(doc, "ports.taken_at_start")));
	if (figure_known(doc, "ports.peak_in_use"))
		snprintf(peak, sizeof(peak), "peak in use %s; ",
			 units_grouped(figure_count(doc, "ports.peak_in_use")));
	if (figure_known(doc, "ports.predicted_max_rate"))
		figure_say(to, "", "%sthey sustain %.0f/s (each is taken for %g s)", peak,
			   figure_real(doc, "ports.predicted_max_rate"),
			   figure_real(doc, "ports.prediction.port_lifetime_s"));
	else
		figure_say(to, "", "%sno limit by ports: %s", peak,
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
	indent = fprintf(to, FIGURE_LABEL "%-7s", label, side);
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
	uint64_t samples = figure_count(doc, "sampler.samples");
	uint64_t ticks = figure_count(doc, "sampler.ticks");
	char text[160];

	if (samples >= ticks || !figure_count(doc, "sampler.thinned"))
		return;
	snprintf(text, sizeof(text),
		 "(counted %s times in %s ticks, to keep to --sample-budget %g%%: only "
		 "TIME_WAIT was followed all the time)",
		 units_grouped(samples), units_grouped(ticks),
		 figure_real(doc, "sampler.budget_pct"));
	wrap_words(to, fprintf(to, FIGURE_LABEL, ""), 13, text);
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
		   fprintf(to, FIGURE_LABEL "p50 of connect_call, us: ", "by fill"));
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
	double all = figure_real(doc, "cpu.client.user_s") +
		     figure_real(doc, "cpu.client.system_s");
	double each = figure_real(doc, "cpu.client.us_per_connection");
	double each_s = all > 0 ? each / all : 0;
	int digits = each < 1e6 ? 1 : 0;
	char text[80];
	struct wrap w;

	wrap_begin(&w, to, fprintf(to, FIGURE_LABEL, "cpu"));
	snprintf(text, sizeof(text),
		 "client %.*f us a connection (user %.*f, system %.*f)", digits, each,
		 digits, each_s * figure_real(doc, "cpu.client.user_s"), digits,
		 each_s * figure_real(doc, "cpu.client.system_s"));
	wrap_text(&w, text);
	if (figure_known(doc, "cpu.server")) {
		snprintf(text, sizeof(text), "server %.1f us",
			 figure_real(doc, "cpu.server.us_per_connection"));
		wrap_text(&w, text);
	}
	fputc('\n', to);
}

static void say_http(FILE *to, const json_t *doc)
{
	char text[96];
	struct wrap w;

	if (!figure_known(doc, "http"))
		return;
	wrap_begin(&w, to, fprintf(to, FIGURE_LABEL, "http"));
	snprintf(text, sizeof(text), "%s responses",
		 units_grouped(figure_count(doc, "http.responses")));
	wrap_text(&w, text);
	wrap_object(&w, "", result_at(doc, "http.status"));
	snprintf(text, sizeof(text), "reused %s",
		 units_grouped(figure_count(doc, "http.keep_alive_reused")));
	wrap_text(&w, text);
	snprintf(text, sizeof(text), "closed by client %s, by server %s",
		 units_grouped(figure_count(doc, "http.closed_by_client")),
		 units_grouped(figure_count(doc, "http.closed_by_server")));
	wrap_text(&w, text);
	wrap_object(&w, "malformed ", result_at(doc, "http.malformed"));
	fputc('\n', to);
}

static void say_extras(FILE *to, const json_t *doc)
{
	say_http(to, doc);
	if (figure_known(doc, "pool"))
		figure_say(to, "pool", "%s connections opened, a perfect pool needs %s",
			   units_grouped(figure_count(doc, "pool.connections_opened")),
			   units_grouped(figure_count(doc, "pool.perfect_pool")));
	if (figure_count(doc, "lost.to_server_bytes") ||
	    figure_count(doc, "lost.to_client_bytes"))
		figure_say(to, "lost",
			   "%s bytes never reached the server, %s never the client",
			   units_grouped(figure_count(doc, "lost.to_server_bytes")),
			   units_grouped(figure_count(doc, "lost.to_client_bytes")));
}

void result_figures(FILE *to, const json_t *doc)
{
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
}
