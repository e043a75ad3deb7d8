#include "bench/states/states.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "bench/states/follow.h"
#include "bench/states/followed.h"
#include "bench/states/print.h"
#include "bench/states/screen.h"
#include "common/admin/admin.h"
#include "common/admin/live.h"
#include "common/base/clock.h"
#include "common/base/signals.h"
#include "common/cli/command.h"
#include "common/cli/opt_rows.h"
#include "common/cli/output.h"
#include "common/cli/terminal.h"
#include "common/kernel/admin_addr.h"

#define PAGE_ROUNDS 20 /* a text header again after as many lines */

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_CSV, FORMAT_NETSTAT };
static const char *const format_names[] = { "text", "json", "csv", "netstat", NULL };

struct options {
	uint64_t interval_ns, rounds, top;
	const char *ports, *states, *output, *admin,
		*admin_token_file; /* borrowed from argv */
	int by, format;
};

static void offer_states(const struct complete *c)
{
	for (unsigned state = 1; state < TCP_STATE_MAX; state++)
		complete_name(c, tcp_state_name(state), NULL);
}

static const struct complete_values state_values = { offer_states, true, NULL };

#define OPT_FIELDS struct options

/* clang-format off */
static const struct opt rows[] = {
	{ "interval", 'i', DURATION(interval_ns), NULL, "T", "count every T, until a signal", NULL },
	{ "count", 'n', COUNT(rounds), NULL, "N", "with --interval: N times; 1: once, on a terminal, too", NULL },
	{ "port", 'p', TEXT(ports), NULL, "P[-Q][,...]", "only sockets with such a port, local or remote", NULL },
	{ "state", 's', TEXT(states), NULL, "NAME[,...]", "only sockets in these states", &state_values },
	{ "by", 'b', CHOICE(by), "state", NULL, "count by; port = the server's, whosever; end = a remote one, or our port", states_by_names },
	{ "top", 't', COUNT(top), "20", "N", "peers or ports shown", NULL },
	{ "format", 'f', CHOICE(format), "text", NULL, "on stdout; netstat = state and count, as awk did", format_names },
	{ "output", 'o', TEXT(output), NULL, "FILE", "JSON too, the newest count (- = stdout, instead)", NULL },
	{ "admin", 0, TEXT(admin), NULL, ADMIN_ADDR_FORM, "HTTP: a live page, /metrics, /result.json; counts every second, or --interval", NULL },
	{ "admin-token-file", 0, TEXT(admin_token_file), NULL, "FILE", "the token that --admin asks for; required off loopback", NULL },
	{ 0 },
};
/* clang-format on */

/* Of a program all sockets are told of, as text or as JSON. */
static int check(const void *options, const struct opt_result *parsed, struct err *err)
{
	const struct options *o = options;

	if (!parsed->n_words)
		return admin_check(o->admin, o->admin_token_file, err);
	if (strcmp(parsed->words[-1], "--") != 0)
		return err_usage(err, "expected '-- COMMAND', not '%.60s'",
				 parsed->words[0]);
	if (o->interval_ns || o->rounds || o->ports || o->states || o->by ||
	    o->format > FORMAT_JSON || o->admin || o->admin_token_file)
		return err_usage(
			err, "-- COMMAND goes with --output and with --format text or "
			     "json, and with no other option: all of its sockets are "
			     "told of");
	return *parsed->words[0]
		       ? 0
		       : err_usage(err, "-- COMMAND: expected a program, not nothing");
}

static const struct opt_command command = {
	.name = "states",
	.usage = "[options] [-- COMMAND]",
	.about = "Counts this host's TCP sockets by state, without the cost of netstat.",
	.examples = "  twstorm states\n"
		    "  twstorm states --interval 1s --port 443\n"
		    "  twstorm states --by peer --state TIME_WAIT --top 5\n"
		    "  twstorm states --format netstat\n"
		    "  twstorm states --admin 127.0.0.1:9101\n"
		    "  twstorm states -- curl http://127.0.0.1/\n",
	.rows = rows,
	.positional = true,
	.check = check,
};

/* ---- waiting */

static void wait_until(uint64_t when_ns)
{
	struct pollfd woken = { .fd = signals_fd(), .events = POLLIN };
	uint64_t now;

	while (!signals_got && (now = clock_ns()) < when_ns) {
		const struct timespec left = { (time_t)((when_ns - now) / NS_PER_S),
					       (long)((when_ns - now) % NS_PER_S) };

		ppoll(&woken, 1, &left, NULL);
	}
}

/* ---- output */

static int print_json(const struct states_view *v, struct err *err)
{
	json_t *doc = states_json(v);
	size_t flags = v->rounds ? JSON_COMPACT : JSON_INDENT(2);
	int r = 0;

	if (json_dumpf(doc, stdout, flags | JSON_REAL_PRECISION(9)) == -1 &&
	    !ferror(stdout))
		r = err_run(err, "the result could not be turned into JSON");
	json_decref(doc);
	fputc('\n', stdout);
	return r;
}

static bool is_stdout(const struct options *o)
{
	return o->output && strcmp(o->output, "-") == 0;
}

static int write_json(const struct options *o, json_t *stolen, struct err *err)
{
	int r = o->output && !is_stdout(o) ? output_json(o->output, stolen, err) : 0;

	json_decref(stolen);
	return r;
}

static int show(const struct options *o, const struct states_view *v, struct err *err)
{
	int r = write_json(o, o->output ? states_json(v) : NULL, err);

	if (r < 0)
		return r;
	if (o->format == FORMAT_JSON || is_stdout(o))
		r = print_json(v, err);
	else if (o->format == FORMAT_CSV)
		states_print_csv(v, stdout);
	else if (o->format == FORMAT_NETSTAT)
		states_print_netstat(v, stdout);
	else
		states_print_text(v, stdout);
	return r < 0 ? r : output_flush_stdout(err);
}

/* ---- the rounds */

/* 0 or -errno; a signal ends the rounds and is in signals_got. */
static int count_rounds(const struct options *o, struct states_source *source,
			const struct states_want *want, struct states_groups *groups,
			struct live *live, struct err *err)
{
	struct states_shot shot = { .groups = groups };
	struct states_view v = {
		.source = source,
		.want = want,
		.shot = &shot,
		.ports_text = o->ports,
		.states_text = o->states,
		.top = o->top,
		.rounds = o->interval_ns > 0,
	};
	uint64_t next = clock_ns(), round = 0;
	int r;

	for (;;) {
		v.header = round == 0 ||
			   (o->format == FORMAT_TEXT && round % PAGE_ROUNDS == 0);
		r = states_count(source, want, &shot, err);
		if (r == 0)
			r = show(o, &v, err);
		if (r == 0 && live)
			live_publish(live, states_json(&v), false);
		if (r < 0 || ++round == (v.rounds ? o->rounds : 1) || signals_got)
			return r;
		do /* rounds that a slow count or a stopped reader has passed over are left out */
			next += o->interval_ns;
		while (next <= clock_ns());
		wait_until(next);
		if (signals_got)
			return 0;
	}
}

static int plan(const struct options *o, struct states_want *want, struct err *err)
{
	int r;

	want->by = (enum states_by)o->by;
	if (o->rounds > 1 && !o->interval_ns)
		return err_usage(err, "--count of more than one needs an --interval");
	if (o->format == FORMAT_NETSTAT && want->by != STATES_BY_STATE)
		return err_usage(err, "--format netstat has states only, not --by %s",
				 states_by_names[o->by]);
	r = states_want_filter(want, o->ports, o->states, err);
	if (o->format == FORMAT_NETSTAT)
		want->states &= ~SOCK_DIAG_BOUND;
	return r;
}

/* ---- a program */

static int tell(const struct followed *f, const void *options, struct err *err)
{
	const struct options *o = options;
	int r = write_json(o, followed_json(f), err);

	if (r < 0)
		return r;
	if (o->format == FORMAT_JSON || is_stdout(o)) {
		json_t *doc = followed_json(f);

		r = output_json("-", doc, err);
		json_decref(doc);
		return r;
	}
	followed_text(f, stdout);
	return output_flush_stdout(err);
}

/* ---- either */

/* People who look at a terminal; for all others, and where so many counts are asked for, there are lines. */
static bool is_screen(const struct options *o)
{
	return o->format == FORMAT_TEXT && !o->output && !o->rounds &&
	       terminal_can(STDOUT_FILENO);
}

static int count_on_screen(const struct options *o, struct states_source *source,
			   struct states_want *want, struct states_groups *groups,
			   struct live *live, struct err *err)
{
	const struct screen_plan plan = {
		.source = source,
		.want = want,
		.groups = groups,
		.ports = o->ports,
		.states = o->states,
		.interval_ns = o->interval_ns,
		.top = o->top,
		.live = live,
	};

	return states_screen(&plan, err);
}

static int count(const struct options *o, struct err *err)
{
	bool screen = is_screen(o);
	struct states_groups *groups = NULL;
	struct live *live = NULL;
	struct states_source source = { 0 };
	struct states_want want;
	int r = plan(o, &want, err);

	if (r < 0)
		return r;
	if (screen && want.by == STATES_BY_STATE)
		want.by = STATES_BY_END;
	if (want.by != STATES_BY_STATE && !(groups = states_groups_new(err)))
		return -ENOMEM;
	r = states_source_open(&source, err);
	if (r == 0)
		r = signals_catch(err);
	if (r == 0 && o->admin)
		live = live_open("states", o->admin, o->admin_token_file);
	if (r == 0 && screen)
		r = count_on_screen(o, &source, &want, groups, live, err);
	else if (r == 0)
		r = count_rounds(o, &source, &want, groups, live, err);
	live_close(live);
	sock_diag_close(source.diag);
	states_groups_free(groups);
	return signals_got ? 128 + signals_got : r;
}

static int run(void *options, const struct opt_result *parsed, struct err *err)
{
	struct options *o = options;
	const struct follow_teller teller = { tell, o };
	int r = o->output ? output_check(o->output, err) : 0;

	if (r < 0)
		return r;
	if (o->admin && !o->interval_ns && !is_screen(o))
		o->interval_ns = NS_PER_S;
	return parsed->n_words ? follow(parsed->words, &teller, err) : count(o, err);
}

int states_main(int argc, char **argv)
{
	struct options o = { 0 };

	return command_main(&command, run, argc, argv, &o);
}
