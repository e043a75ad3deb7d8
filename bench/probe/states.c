/* states - holds a mix of TCP states on this host and watches, by sock_diag, that it
 * stays what it is.  hold.h makes them. */
#include <errno.h>
#include <stdio.h>
#include "bench/hold/hold.h"
#include "bench/hold/mix.h"
#include "bench/probe/probe_kit.h"
#include "bench/probe/result.h"
#include "bench/probe/wait.h"
#include "common/base/clock.h"
#include "common/base/units.h"
#include "common/base/wrap.h"
#include "common/cli/opt_rows.h"

#define LOOK_EVERY (200 * NS_PER_MS)
#define LINE_EVERY NS_PER_S
#define LINE_SIZE  256 /* twenty digits a state */

struct options {
	struct probe_options common;
	const char *mix, *peer_netns; /* borrowed from argv */
	uint64_t hold_ns;
};

#define OPT_FIELDS struct options

/* clang-format off */
static const struct opt rows[] = {
	GROUP("probe"),
	{ "mix", 0, TEXT(mix), NULL, "STATE=N[,...]", "how many of which (10 of each of the eleven)", &hold_mix_values },
	{ "hold", 0, DURATION(hold_ns), "10s", "T", "for how long; 0 = until SIGINT or SIGTERM", NULL },
	{ "peer-netns", 0, TEXT(peer_netns), NULL, "FILE", "network namespace of the other ends: /run/netns/NAME", NULL },
	PROBE_ROWS_AT(NULL, "ours, in 198.18.0.0/15 (the host's first but loopback)"),
};

#define EACH(group)                                                                        \
	group ".ESTABLISHED", group ".SYN_SENT", group ".SYN_RECV", group ".FIN_WAIT1",    \
	group ".FIN_WAIT2", group ".TIME_WAIT", group ".CLOSE", group ".CLOSE_WAIT",       \
	group ".LAST_ACK", group ".LISTEN", group ".CLOSING"
static const char *const figures[] = {
	EACH("wanted"), EACH("server.peak"), EACH("server.end"), "exact", "held_s", "samples",
	"ready_after_s", "helper_listeners", EACH("recipes"), NULL,
};
/* clang-format on */

/* What has been seen while they were held. */
struct watch {
	struct probe_run *run;
	struct hold *hold;
	struct tcp_states mix, now, peak;
	uint64_t samples, exact_samples;
	uint64_t since_ns; /* begin of the present run of exact samples; 0 = none */
	uint64_t longest_ns;
	char line[LINE_SIZE]; /* the counts, for progress */
};

/* ---- before */

static int check(const struct probe_run *run, struct err *err)
{
	const struct options *o = run->options;
	struct tcp_states mix;

	if (!o->peer_netns)
		return err_usage(err, "--peer-netns FILE is needed: the other ends must "
				      "not count on this host");
	if (o->hold_ns > HOLD_MAX_S * NS_PER_S)
		return err_usage(err,
				 "--hold is %dh at most: soon after the kernel sends "
				 "its last SYN",
				 HOLD_MAX_S / 3600);
	return hold_mix_parse(o->mix, &mix, err);
}

static int pause_for(void *arg, uint64_t ns, struct err *err)
{
	struct probe_run *run = arg;

	probe_sleep(run, ns);
	if (run->r < 0)
		*err = run->err;
	return run->r;
}

static int open_hold(struct watch *w)
{
	struct err *err = &w->run->err;
	const struct options *o = w->run->options;
	struct hold_plan plan = { .address = w->run->address,
				  .peer_netns = o->peer_netns,
				  .pause = pause_for,
				  .arg = w->run };
	int r = hold_mix_parse(o->mix, &plan.mix, err);

	w->mix = plan.mix;
	plan.renew = o->hold_ns == 0 || o->hold_ns > HOLD_TIME_WAIT_S * NS_PER_S;
	return r ? r : hold_open(&plan, &w->hold, err);
}

/* ---- the figures */

static void set_states(struct probe_run *run, const char *group,
		       const struct tcp_states *s)
{
	char figure[64];

	for (unsigned i = 1; i < TCP_STATE_MAX; i++) {
		snprintf(figure, sizeof(figure), "%s.%s", group, tcp_state_name(i));
		probe_set_count(run, figure, s->n[i]);
	}
}

static void set_recipes(struct probe_run *run, const struct tcp_states *mix)
{
	char figure[64];

	for (unsigned i = 1; i < TCP_STATE_MAX; i++) {
		snprintf(figure, sizeof(figure), "recipes.%s", tcp_state_name(i));
		if (mix->n[i])
			probe_set(run, figure, json_string(hold_how(i)));
	}
}

static void set_wanted(struct watch *w)
{
	const struct tcp_states *mix = &w->mix;

	set_states(w->run, "wanted", mix);
	set_recipes(w->run, mix);
	probe_set_count(w->run, "helper_listeners",
			hold_wanted(w->hold)->n[STATE_LISTEN] - mix->n[STATE_LISTEN]);
}

static void set_seen(const struct watch *w)
{
	set_states(w->run, "server.peak", &w->peak);
	set_states(w->run, "server.end", &w->now);
	probe_set_bool(w->run, "exact", w->samples && w->samples == w->exact_samples);
	probe_set_count(w->run, "samples", w->samples);
	probe_set(w->run, "held_s", json_real((double)w->longest_ns / NS_PER_S));
}

/* ---- watching */

/* Eleven columns behind the time fit a terminal. */
static const struct {
	unsigned state;
	int width;
	const char *head;
} columns[] = {
	{ STATE_ESTABLISHED, 6, "estab" }, { STATE_SYN_SENT, 6, "synsn" },
	{ STATE_SYN_RECV, 6, "synrc" },    { STATE_FIN_WAIT1, 6, "finw1" },
	{ STATE_FIN_WAIT2, 6, "finw2" },   { STATE_TIME_WAIT, 8, "timewt" },
	{ STATE_CLOSE_WAIT, 6, "closw" },  { STATE_LAST_ACK, 6, "lasta" },
	{ STATE_CLOSING, 6, "closg" },     { STATE_LISTEN, 6, "listn" },
	{ STATE_CLOSE, 6, "close" },
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static void write_head(char *line)
{
	for (unsigned i = 0; i < COLUMNS; i++)
		line += sprintf(line, "%*s", columns[i].width, columns[i].head);
}

static void write_line(struct watch *w)
{
	char *at = w->line;

	for (unsigned i = 0; i < COLUMNS; i++)
		at += snprintf(at, (size_t)(w->line + LINE_SIZE - at), " %*llu",
			       columns[i].width - 1,
			       (unsigned long long)w->now.n[columns[i].state]);
}

static void look(struct watch *w)
{
	struct probe_run *run = w->run;
	uint64_t now_ns;

	if (run->r == 0)
		run->r = hold_count(w->hold, &w->now, &run->err);
	if (run->r < 0)
		return;
	now_ns = clock_ns();
	tcp_states_peak(&w->peak, &w->now);
	write_line(w);
	w->samples++;
	if (!hold_is_exact(w->hold, &w->now)) {
		w->since_ns = 0;
		return;
	}
	w->exact_samples++;
	if (!w->since_ns)
		w->since_ns = now_ns;
	if (now_ns - w->since_ns > w->longest_ns)
		w->longest_ns = now_ns - w->since_ns;
}

/* Until the time is over or a signal comes. */
static void watch_them(struct watch *w)
{
	struct probe_run *run = w->run;
	const struct options *o = run->options;
	uint64_t over, now_ns;

	write_head(w->line);
	probe_step(run, w->line);
	look(w);
	over = o->hold_ns ? clock_ns() + o->hold_ns : UINT64_MAX;
	probe_step(run, w->line);
	while (run->r == 0 && (now_ns = clock_ns()) < over) {
		probe_sleep(run, over - now_ns < LOOK_EVERY ? over - now_ns : LOOK_EVERY);
		look(w);
	}
	run->until_signal = run->r == -EINTR && o->hold_ns == 0;
	if (run->until_signal)
		run->r = 0;
}

static void conclude(const struct watch *w)
{
	struct probe_run *run = w->run;
	uint64_t wanted = tcp_states_total(&w->mix) + w->mix.n[STATE_LISTEN];

	if (w->samples != w->exact_samples) {
		run->r = err_run(&run->err,
				 "the kernel's counts were exact in %llu of %llu samples "
				 "only",
				 (unsigned long long)w->exact_samples,
				 (unsigned long long)w->samples);
		run->err.exit = EXIT_INCOMPLETE;
		return;
	}
	probe_finding(
		run,
		"%s sockets were in the states wanted, exactly, for %.1f s: in each of "
		"%llu counts.",
		units_grouped(wanted), (double)w->longest_ns / NS_PER_S,
		(unsigned long long)w->samples);
}

/* Makes them and watches them. */
static void hold_them(struct watch *w)
{
	struct probe_run *run = w->run;

	set_wanted(w);
	probe_step(run, "making them");
	run->r = hold_build(w->hold, &run->err);
	if (run->r < 0)
		return;
	probe_set(run, "ready_after_s",
		  json_real((double)(clock_ns() - run->begin_ns) / NS_PER_S));
	watch_them(w);
	set_seen(w);
	if (run->r == 0)
		conclude(w);
}

static void measure(struct probe_run *run)
{
	struct options *o = run->options;
	struct watch w = { .run = run };

	if (!o->common.interval_ns)
		o->common.interval_ns = LINE_EVERY;
	run->r = open_hold(&w);
	if (run->r == 0)
		hold_them(&w);
	run->step = NULL; /* it was w.line */
	hold_close(w.hold);
}

/* ---- the text */

static json_int_t count_of(const json_t *section, const char *a, const char *b,
			   const char *state)
{
	const json_t *o = json_object_get(section, a);

	return json_integer_value(json_object_get(b ? json_object_get(o, b) : o, state));
}

static void say_state(FILE *to, const json_t *section, const char *state)
{
	const json_t *how = json_object_get(json_object_get(section, "recipes"), state);
	int column;

	if (!json_is_string(how))
		return;
	column = fprintf(to, "%-11s %8lld %8lld  ", state,
			 (long long)count_of(section, "wanted", NULL, state),
			 (long long)count_of(section, "server", "end", state));
	wrap_words(to, column, column, json_string_value(how));
}

static void text(FILE *to, const json_t *section)
{
	json_int_t helpers =
		json_integer_value(json_object_get(section, "helper_listeners"));

	fprintf(to, "%-11s %8s %8s  %s\n", "STATE", "WANTED", "HELD", "HOW");
	for (unsigned i = 1; i < TCP_STATE_MAX; i++)
		say_state(to, section, tcp_state_name(i));
	if (helpers)
		fprintf(to, "and %lld LISTEN, without which there is no SYN_RECV\n",
			(long long)helpers);
	fprintf(to, "ready after %.2f s\n\n",
		json_real_value(json_object_get(section, "ready_after_s")));
}

const struct probe probe_hold_states = {
	PROBE_PARTS("states", "--peer-netns FILE [options]",
		    "Holds so many sockets in each TCP state, all at once.",
		    "  twstorm lab probe states --peer-netns /run/netns/peer\n"
		    "  twstorm lab probe states --peer-netns /run/netns/peer \\\n"
		    "      --mix TIME_WAIT=20k,CLOSE_WAIT=7 --hold 30s\n"),
	.text = text,
};
