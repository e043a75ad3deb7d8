/* cmd_trace - `twstorm lab trace`: one connection between two hosts, each segment of it and both ends' states before it
 * arrives. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include "bench/lab/cast.h"
#include "bench/lab/commands.h"
#include "bench/lab/ending.h"
#include "bench/lab/trace.h"
#include "common/base/signals.h"
#include "common/cli/command.h"
#include "common/cli/opt_rows.h"
#include "common/talk/closing.h"

static const char *const format_names[] = { "text", "json", NULL };
static const char *const family_names[] = { "4", "6", NULL };
const char *const trace_proto_names[] = { "raw", "http", NULL };

static void offer_closings(const struct complete *c)
{
	for (unsigned i = 1; i < n_closings; i++)
		complete_name(c, closings[i].name, closings[i].what);
}

static const struct complete_values close_values = { offer_closings, false, NULL };
static const struct complete_values show_values = { trace_show_offer, false, NULL };

#define OPT_FIELDS struct trace_options

/* clang-format off */
static const struct opt rows[] = {
	{ "show", 0, TEXT(show_name), NULL, "NAME", "a scene, of those that --help=all lists: simultaneous-open, ...", &show_values },
	{ "close", 0, TEXT(close), "client-fin", "STRATEGY", "who closes first, and how", &close_values },
	{ "requests", 0, COUNT(requests), "1", "K", "transactions; 0 = connect and close", NULL },
	{ "request-size", 0, SIZE(request_size), "1", "BYTES", "of each request", NULL },
	{ "response-size", 0, SIZE(response_size), "1", "BYTES", "of each response", NULL },
	{ "proto", 0, CHOICE(proto), "raw", NULL, "what they speak", trace_proto_names },
	{ "fastopen", 0, FLAG(fastopen), NULL, NULL, "the SYN carries the request (TCP Fast Open)", NULL },
	{ "fin-with-data", 0, FLAG(fin_with_data), NULL, NULL, "the last data carries the FIN", NULL },
	{ "server", 0, TEXT(server), NULL, "'COMMAND'", "this program is the server; {server} is its address", NULL },
	{ "timeout", 0, DURATION(timeout_ns), NULL, "T", "the client is ended then (60s)", NULL },
	{ "family", 0, CHOICE(family), "4", NULL, "of the addresses: IPv4 or IPv6", family_names },
	{ "sysctl", 0, TEXTS(sysctl), NULL, "NAME=VALUE", "on both hosts: net.ipv4.tcp_rfc1337=1", NULL },
	GROUP("wire"),
	{ "drop", 0, TEXTS(drop), NULL, "SEGMENT", "lose this one: 'last ack', 'fin from client, 1st', 'data'", NULL },
	{ "duplicate", 0, TEXTS(duplicate), NULL, "SEGMENT", "carry this one twice", NULL },
	{ "reorder", 0, TEXTS(reorder), NULL, "SEGMENT", "carry this one after the next of its end", NULL },
	{ "late", 0, TEXTS(late), NULL, "SEGMENT", "carry a copy of this one when all is over", NULL },
	{ "delay", 0, DURATION(delay_ns), "0", "T", "carry each frame so much later", NULL },
	{ "stop-at", 0, TEXT(stop_at), NULL, "SEGMENT", "end before this one is carried", NULL },
	{ "step", 0, FLAG(step), NULL, NULL, "each segment waits for a key; q ends", NULL },
	{ "pace", 0, DURATION(pace_ns), NULL, "T", "hold each segment so long, at most 150ms (100ms on a terminal)", NULL },
	GROUP("output"),
	{ "verbose", 'v', FLAG(verbose), NULL, NULL, "events of RFC 9293, sequence numbers, options", NULL },
	{ "format", 'f', CHOICE(format), "text", NULL, "on stdout", format_names },
	{ "expect-ladder", 0, TEXT(expect), NULL, "FILE", "exit 3 unless the ladder is that of FILE, times aside", NULL },
	{ "pcap", 0, TEXT(pcap), NULL, "FILE", "what was carried, as pcapng, for Wireshark and tcpdump", NULL },
	{ "html", 0, TEXT(html), NULL, "FILE", "one page with the ladder and the state diagram", NULL },
	{ "output", 'o', TEXT(output), NULL, "FILE", "the trace as JSON too (- = stdout, instead)", NULL },
	{ 0 },
};
/* clang-format on */

/* ---- the command line */

/* Without `--` an option of the command's would be taken for one of ours. */
static int check_command(const struct trace_options *o, const struct opt_result *parsed,
			 struct err *err)
{
	if (parsed->n_words && strcmp(parsed->words[-1], "--") != 0)
		return err_usage(err, "expected '-- COMMAND', not '%.60s'",
				 parsed->words[0]);
	if (o->server && !parsed->n_words)
		return err_usage(err, "--server: who connects to it? -- COMMAND, as "
				      "'-- curl http://{server}:8080/'");
	if (parsed->n_words && o->show_name)
		return err_usage(err, "--show has programs of its own, so -- COMMAND "
				      "does not go with it");
	return 0;
}

static int check(const void *options, const struct opt_result *parsed, struct err *err)
{
	const struct trace_options *o = options;
	const struct trace_show *show;
	struct closing_mix mix;
	int r = closing_mix_parse(o->close, &mix, err);

	if (r < 0)
		return err_prefix(r, err, "--close");
	r = check_command(o, parsed, err);
	if (r == 0 && o->show_name)
		r = trace_show_find(o->show_name, &show, err);
	r = r ? r : cast_check_sysctls(&o->sysctl, err);
	r = r ? r : trace_order_check(o, err);
	return r ? r : trace_tell_check(o, err);
}

static const struct opt_command command = {
	.name = "lab",
	.usage = "trace [options] [-- COMMAND]",
	.man = "lab-trace",
	.about = "Shows one connection, segment by segment, with both ends' states.",
	.examples = "  twstorm lab trace\n"
		    "  twstorm lab trace --close both\n"
		    "  twstorm lab trace --drop 'last ack' -v\n"
		    "  twstorm lab trace --show rst-into-time-wait\n",
	.rows = rows,
	.more = trace_show_list,
	.positional = true,
	.check = check,
};

/* ---- the run */

static const char *colon(const char *text)
{
	return *text ? ": " : "";
}

static int code_of(const struct stage_proc *proc)
{
	return proc->ended && WIFEXITED(proc->status) ? WEXITSTATUS(proc->status) : -1;
}

/* The first client that did not end well, or else the first. */
static const struct stage_proc *worst_client(const struct plan *p, const struct stage *s)
{
	const struct stage_proc *procs = s->report->procs;

	for (size_t i = 0; i < p->n_procs; i++)
		if (plan_has_result(&p->procs[i]) && code_of(&procs[i]) != EXIT_COMPLETE)
			return &procs[i];
	return &procs[plan_main(p) - p->procs];
}

/* What the client said when it did not end well: the trace is there all the same, unless its options were wrong. */
static int judge_end(const struct plan *p, const struct stage *s, struct err *err)
{
	const struct stage_proc *client = worst_client(p, s);
	int code = code_of(client);

	if (s->caught)
		return 128 + s->caught;
	if (code == EXIT_USAGE && !plan_main(p)->foreign)
		return EXIT_USAGE; /* it has said what is wrong */
	if (p->wire->trace->stopped)
		return EXIT_COMPLETE;
	if (p->wire->trace->n == 0) {
		err_run(err, "no connection was made%s%s", colon(client->last),
			client->last);
		err->exit = EXIT_INCOMPLETE;
		return -EINVAL;
	}
	if (s->report->timed_out)
		fprintf(stderr, "twstorm lab: stopped after %u s\n", p->seconds);
	else if (code != EXIT_COMPLETE)
		fprintf(stderr, "twstorm lab: the client did not end well%s%s\n",
			colon(client->last), client->last);
	return code == EXIT_COMPLETE && !s->report->timed_out ? EXIT_COMPLETE
							      : EXIT_INCOMPLETE;
}

static int tell_all(const struct trace_options *o, const struct wire *w,
		    const struct words *expected, int code, struct err *err)
{
	int r = trace_tell(o, w, err);

	if (r < 0 || code != EXIT_COMPLETE || !o->expect)
		return r < 0 ? r : code;
	return trace_expect_same(expected, w->trace, o->expect) ? code : EXIT_EXPECTATION;
}

/* Of a server that did not get ready: also the last that it said. */
static int say_failed_start(const struct stage *s, const struct err *err)
{
	fprintf(stderr, "twstorm lab: %s", err->text);
	ending_tell(stderr, s, &s->report->procs[s->report->failed_start - 1]);
	return (int)err->exit;
}

static int trace(const struct plan *p, struct trace_options *o,
		 const struct words *expected, struct err *err)
{
	struct stage stage;
	int r, code;

	trace_order_give(o, p->wire);
	r = trace_tell_begin(o, p->wire, err);
	r = r || !o->step ? r : trace_keys_begin(err);
	if (r < 0)
		return r;
	r = stage_run(p, NULL, &stage, err);
	trace_keys_end();
	code = r == 0 ? judge_end(p, &stage, err) : stage.caught ? 128 + stage.caught : r;
	if (code < 0 && r < 0 && stage.report && stage.report->failed_start)
		code = say_failed_start(&stage, err);
	stage_done(&stage);
	if (code < 0 || p->wire->trace->n == 0)
		return code;
	return tell_all(o, p->wire, expected, code, err);
}

static int with_wire(struct plan *plan, struct wire *wire, struct trace_options *o,
		     const struct words *expected, struct err *err)
{
	int r = signals_catch(err);

	r = r ? r : wire_init(wire, err);
	if (r < 0)
		return r;
	r = trace(plan, o, expected, err);
	wire_done(wire);
	return r;
}

static int run(void *options, const struct opt_result *parsed, struct err *err)
{
	struct trace_options *o = options;
	struct words expected = { 0 };
	struct scenario sc;
	struct plan plan;
	struct wire wire;
	int r = 0;

	o->command = parsed->n_words ? parsed->words : NULL;
	if (o->show_name)
		r = trace_show_find(o->show_name, &o->show, err);
	if (r == 0 && o->expect)
		r = trace_expect_read(o->expect, &expected, err);
	r = r ? r : trace_scene(o, &sc, &plan, err);
	if (r == 0) {
		plan.wire = &wire;
		r = with_wire(&plan, &wire, o, &expected, err);
		plan_done(&plan);
		scenario_done(&sc);
	}
	words_done(&expected);
	return r;
}

int lab_trace_main(int argc, char **argv)
{
	struct trace_options o = { .pace_ns = TRACE_NOT_GIVEN,
				   .timeout_ns = TRACE_NOT_GIVEN };

	return command_main(&command, run, argc, argv, &o);
}
