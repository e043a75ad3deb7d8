/* cmd_trace - `twstorm lab trace`: one connection of our client to our server, each segment of it and both ends'
 * states before it arrives. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "bench/lab/commands.h"
#include "bench/scenario/plan.h"
#include "bench/stage/stage.h"
#include "bench/text/text.h"
#include "bench/wire/ladder.h"
#include "bench/wire/pcapng.h"
#include "common/base/clock.h"
#include "common/base/put.h"
#include "common/base/signals.h"
#include "common/cli/command.h"
#include "common/cli/opt_rows.h"
#include "common/cli/output.h"
#include "common/html/html.h"
#include "common/talk/closing.h"

enum format { FORMAT_TEXT, FORMAT_JSON };
static const char *const format_names[] = { "text", "json", NULL };
static const char *const proto_names[] = { "raw", "http", NULL };

struct options {
	const char *close, *output, *pcap, *html;
	struct opt_texts drop, duplicate, sysctl;
	uint64_t requests, request_size, response_size, delay_ns, pace_ns;
	int proto, format;
	bool fastopen, fin_with_data, verbose;
};

static void offer_closings(const struct complete *c)
{
	for (unsigned i = 1; i < n_closings; i++)
		complete_name(c, closings[i].name, closings[i].what);
}

static const struct complete_values close_values = { offer_closings, false, NULL };

#define OPT_FIELDS struct options
#define NOT_GIVEN  UINT64_MAX

/* clang-format off */
static const struct opt rows[] = {
	{ "close", 0, TEXT(close), "client-fin", "STRATEGY", "who closes first, and how", &close_values },
	{ "requests", 0, COUNT(requests), "1", "K", "transactions; 0 = connect and close", NULL },
	{ "request-size", 0, SIZE(request_size), "1", "BYTES", "of each request", NULL },
	{ "response-size", 0, SIZE(response_size), "1", "BYTES", "of each response", NULL },
	{ "proto", 0, CHOICE(proto), "raw", NULL, "what they speak", proto_names },
	{ "fastopen", 0, FLAG(fastopen), NULL, NULL, "the SYN carries the request (TCP Fast Open)", NULL },
	{ "fin-with-data", 0, FLAG(fin_with_data), NULL, NULL, "the last data carries the FIN", NULL },
	{ "sysctl", 0, TEXTS(sysctl), NULL, "NAME=VALUE", "on both hosts: net.ipv4.tcp_rfc1337=1", NULL },
	GROUP("wire"),
	{ "drop", 0, TEXTS(drop), NULL, "SEGMENT", "lose this one: 'last ack', 'fin from client, 1st', 'data'", NULL },
	{ "duplicate", 0, TEXTS(duplicate), NULL, "SEGMENT", "carry this one twice", NULL },
	{ "delay", 0, DURATION(delay_ns), "0", "T", "carry each frame so much later", NULL },
	{ "pace", 0, DURATION(pace_ns), NULL, "T", "hold each segment so long, at most 150ms (100ms on a terminal)", NULL },
	GROUP("output"),
	{ "verbose", 'v', FLAG(verbose), NULL, NULL, "events of RFC 9293, sequence numbers, options", NULL },
	{ "format", 'f', CHOICE(format), "text", NULL, "on stdout", format_names },
	{ "pcap", 0, TEXT(pcap), NULL, "FILE", "what was carried, as pcapng, for Wireshark and tcpdump", NULL },
	{ "html", 0, TEXT(html), NULL, "FILE", "one page with the ladder and the state diagram", NULL },
	{ "output", 'o', TEXT(output), NULL, "FILE", "the trace as JSON too (- = stdout, instead)", NULL },
	{ 0 },
};
/* clang-format on */

static int check_rules(const struct opt_texts *texts, const char *option, struct err *err)
{
	struct which w;

	for (size_t i = 0; i < texts->n; i++)
		if (which_parse(texts->at[i], &w, err) < 0)
			return err_prefix(err->code, err, "--%s", option);
	return 0;
}

/* They go into a scenario's text. */
static int check_sysctls(const struct opt_texts *texts, struct err *err)
{
	for (size_t i = 0; i < texts->n; i++)
		if (!strchr(texts->at[i], '=') || strncmp(texts->at[i], "net.", 4) != 0 ||
		    strpbrk(texts->at[i], "\n{}#;"))
			return err_usage(err,
					 "--sysctl: expected net.NAME=VALUE, not '%.60s'",
					 texts->at[i]);
	return 0;
}

static int check(const void *options, const struct opt_result *parsed, struct err *err)
{
	const struct options *o = options;
	struct closing_mix mix;
	int r = closing_mix_parse(o->close, &mix, err);

	(void)parsed;
	if (r < 0)
		return err_prefix(r, err, "--close");
	r = check_rules(&o->drop, "drop", err);
	r = r ? r : check_rules(&o->duplicate, "duplicate", err);
	r = r ? r : check_sysctls(&o->sysctl, err);
	if (r == 0 && o->drop.n + o->duplicate.n > WIRE_RULES)
		r = err_usage(err, "--drop and --duplicate: at most %d together",
			      WIRE_RULES);
	if (r == 0 && o->pace_ns != NOT_GIVEN &&
	    o->pace_ns > WIRE_PACE_MAX_MS * NS_PER_MS)
		r = err_usage(err,
			      "--pace: at most %dms; a segment that is held for longer "
			      "is sent again",
			      WIRE_PACE_MAX_MS);
	if (r == 0 && o->output)
		r = output_check(o->output, err);
	if (r == 0 && o->html)
		r = output_check(o->html, err);
	return r == 0 && o->pcap ? output_check(o->pcap, err) : r;
}

static const struct opt_command command = {
	.name = "lab",
	.usage = "trace [options]",
	.man = "lab-trace",
	.about = "Shows one connection, segment by segment, with both ends' states.",
	.examples = "  twstorm lab trace\n"
		    "  twstorm lab trace --close both\n"
		    "  twstorm lab trace --drop 'last ack' -v\n",
	.rows = rows,
	.check = check,
};

static char *sysctls_text(const struct opt_texts *texts)
{
	char *all = text_dup("");

	for (size_t i = 0; i < texts->n; i++) {
		size_t name = strcspn(texts->at[i], "=");
		char *more = text_printf("%ssysctl.%.*s = %s\n", all, (int)name,
					 texts->at[i], texts->at[i] + name + 1);

		free(all);
		all = more;
	}
	return all;
}

/* 0x607: without a cookie, which the first connection has not. */
static char *scenario_text(const struct options *o)
{
	char *sysctls = sysctls_text(&o->sysctl);
	bool own = strstr(sysctls, "sysctl.net.ipv4.tcp_fastopen =") != NULL;
	const char *fast =
		o->fastopen && !own ? "sysctl.net.ipv4.tcp_fastopen = 1543\n" : "";
	char *text = text_printf(
		"[scenario]\nabout = one connection\nseconds = 60\n"
		"[host client]\n%s%s[host server]\n%s%s"
		"[server main]\nhost = server\nargs = --listen {server}:9000%s\n"
		"[client main]\nhost = client\nstats = none\n"
		"args = --target {server}:9000 -n 1 -c 1 -d 30s --close %s --proto %s "
		"--requests "
		"%llu\n  --request-size %llu --response-size %llu%s%s\n",
		sysctls, fast, sysctls, fast, o->fastopen ? " --fastopen 16" : "",
		o->close, proto_names[o->proto], (unsigned long long)o->requests,
		(unsigned long long)o->request_size, (unsigned long long)o->response_size,
		o->fastopen ? " --fastopen" : "",
		o->fin_with_data ? " --fin-with-data" : "");

	free(sysctls);
	return text;
}

static void add_rules(struct wire_order *order, const struct opt_texts *texts,
		      enum fate fate)
{
	for (size_t i = 0; i < texts->n; i++) {
		struct wire_rule *rule = &order->rule[order->n_rules++];

		which_parse(texts->at[i], &rule->which, NULL);
		rule->fate = fate;
	}
}

static bool prints_ladder(const struct options *o)
{
	return o->format == FORMAT_TEXT && !(o->output && strcmp(o->output, "-") == 0);
}

static void show(const struct step *s, void *options)
{
	const struct options *o = options;

	if (s->at_ns == 0)
		ladder_head(stdout);
	ladder_step(stdout, s, o->verbose);
	fflush(stdout);
}

static void give_order(struct wire *w, struct options *o)
{
	add_rules(&w->order, &o->drop, FATE_DROPPED);
	add_rules(&w->order, &o->duplicate, FATE_DUPLICATED);
	w->order.meet = strcmp(o->close, "both") == 0;
	w->order.impair.delay_ns = o->delay_ns;
	w->order.pace_ns = o->pace_ns;
	if (o->pace_ns == NOT_GIVEN)
		w->order.pace_ns =
			prints_ladder(o) && isatty(STDOUT_FILENO) ? 100 * NS_PER_MS : 0;
	if (prints_ladder(o))
		w->order.step = show;
	w->order.arg = o;
}

static int write_html(const char *path, json_t *doc, struct err *err)
{
	json_t *page = json_pack("{s:[], s:O}", "results", "trace", doc);
	int r = html_write(path, page, err);

	json_decref(page);
	return r;
}

static int tell(const struct options *o, const struct wire_trace *t, struct err *err)
{
	json_t *doc = ladder_json(t);
	int r = 0;

	put_text(doc, "close", o->close);
	if (o->output)
		r = output_json(o->output, doc, err);
	else if (o->format == FORMAT_JSON)
		r = output_json("-", doc, err);
	if (r == 0 && o->html)
		r = write_html(o->html, doc, err);
	if (prints_ladder(o))
		ladder_end(stdout, t);
	json_decref(doc);
	return r < 0 ? r : output_flush_stdout(err);
}

/* What the client said when it did not end well: the trace is there all the same, unless its options were wrong. */
static int judge_end(const struct plan *p, const struct stage *s, struct err *err)
{
	const struct stage_proc *client = &s->report->procs[plan_main(p) - p->procs];
	int code = client->ended && WIFEXITED(client->status)
			   ? WEXITSTATUS(client->status)
			   : -1;

	if (s->caught)
		return 128 + s->caught;
	if (code == EXIT_USAGE)
		return EXIT_USAGE; /* it has said what is wrong */
	if (p->wire->trace->n == 0) {
		err_run(err, "no connection was made%s%s", *client->last ? ": " : "",
			client->last);
		err->exit = EXIT_INCOMPLETE;
		return -EINVAL;
	}
	if (s->report->timed_out)
		fprintf(stderr, "twstorm lab: stopped after %u s\n", p->seconds);
	else if (code != EXIT_COMPLETE)
		fprintf(stderr, "twstorm lab: the client did not end well%s%s\n",
			*client->last ? ": " : "", client->last);
	return code == EXIT_COMPLETE && !s->report->timed_out ? EXIT_COMPLETE
							      : EXIT_INCOMPLETE;
}

/* The wire's process writes into it; only what is whole gets a name. */
static int open_pcap(struct wire *w, struct err *err)
{
	int fd = memfd_create("twstorm-pcap", MFD_CLOEXEC);

	w->order.pcap = fd == -1 ? NULL : fdopen(fd, "w+");
	if (!w->order.pcap)
		return err_sys(err, "memfd_create");
	pcapng_begin(w->order.pcap);
	fflush(w->order.pcap);
	return 0;
}

static int write_pcap(const char *path, FILE *from, struct err *err)
{
	long size = fseek(from, 0, SEEK_END) == 0 ? ftell(from) : -1;
	char *bytes = size < 0 ? MAP_FAILED
			       : mmap(NULL, (size_t)size, PROT_READ, MAP_SHARED,
				      fileno(from), 0);
	int r;

	if (bytes == MAP_FAILED)
		return err_sys(err, "read what was carried");
	r = output_bytes(path, bytes, (size_t)size, err);
	munmap(bytes, (size_t)size);
	return r;
}

static int trace(const struct plan *p, struct options *o, struct err *err)
{
	struct stage stage;
	int r, code;

	give_order(p->wire, o);
	r = o->pcap ? open_pcap(p->wire, err) : 0;
	if (r < 0)
		return r;
	r = stage_run(p, NULL, &stage, err);
	code = r == 0 ? judge_end(p, &stage, err) : stage.caught ? 128 + stage.caught : r;
	stage_done(&stage);
	if (code < 0 || p->wire->trace->n == 0)
		return code;
	r = tell(o, p->wire->trace, err);
	if (r == 0 && o->pcap)
		r = write_pcap(o->pcap, p->wire->order.pcap, err);
	return r < 0 ? r : code;
}

static int run(void *options, const struct opt_result *parsed, struct err *err)
{
	char *text = scenario_text(options);
	struct scenario sc;
	struct plan plan;
	struct wire wire;
	int r = scenario_read(text, strlen(text), "trace", &sc, err);

	(void)parsed;
	free(text);
	if (r < 0)
		return r;
	r = plan_build(&sc, sc.variants[0], true, &plan, err);
	r = r ? r : signals_catch(err);
	if (r == 0) {
		r = wire_init(&wire, err);
		plan.wire = &wire;
		r = r ? r : trace(&plan, options, err);
		wire_done(&wire);
		plan_done(&plan);
	}
	scenario_done(&sc);
	return r;
}

int lab_trace_main(int argc, char **argv)
{
	struct options o = { .pace_ns = NOT_GIVEN };

	return command_main(&command, run, argc, argv, &o);
}
