#include "client/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/report.h"
#include "client/server_link.h"
#include "client/start_at.h"
#include "client/watch_run.h"
#include "common/output.h"
#include "common/result_text.h"

static volatile sig_atomic_t got_signal;
static struct loop *_Atomic to_wake;

void client_run_interrupt(int signo)
{
	struct loop *l = to_wake;

	got_signal = signo;
	if (l)
		loop_wake(l);
}

static void on_woken(void *arg)
{
	struct client_run *run = arg;

	run->signal = got_signal;
}

static void on_worker_over(void *arg)
{
	loop_wake(&((struct client_run *)arg)->loop);
}

static void add_errnos(struct tally_errnos *into, const struct tally_errnos *from)
{
	for (int e = 0; e < TALLY_ERRNOS; e++)
		tally_add(&into->n[e], tally_get(&from->n[e]));
}

static void keep_earliest(tally_t *into, uint64_t ns)
{
	if (ns && (tally_get(into) == 0 || ns < tally_get(into)))
		tally_set(into, ns);
}

static void keep_latest(tally_t *into, uint64_t ns)
{
	if (ns > tally_get(into))
		tally_set(into, ns);
}

static void add_worker(struct client_tally *sum, const struct client_tally *t)
{
#define X(name) tally_add(&sum->name, tally_get(&t->name));
	CLIENT_TALLY_LIST(X)
#undef X
	for (int o = 0; o < OUTCOMES; o++)
		tally_add(&sum->outcome[o], tally_get(&t->outcome[o]));
	for (int c = 0; c < CLOSINGS_MAX; c++)
		tally_add(&sum->completed[c], tally_get(&t->completed[c]));
	for (int s = 0; s < STAGES; s++)
		add_errnos(&sum->failed[s], &t->failed[s]);
	tally_add(&sum->timeout_connect, tally_get(&t->timeout_connect));
	tally_add(&sum->timeout_transaction, tally_get(&t->timeout_transaction));
	tally_add(&sum->pool_busiest, tally_get(&t->pool_busiest));
	tally_add(&sum->pool_retried, tally_get(&t->pool_retried));
	tally_add(&sum->in_flight, tally_get(&t->in_flight));
	keep_earliest(&sum->first_exhausted_ns, tally_get(&t->first_exhausted_ns));
	keep_earliest(&sum->exhausted_since_ns, tally_get(&t->exhausted_since_ns));
	keep_earliest(&sum->recovered_ns, tally_get(&t->recovered_ns));
	keep_latest(&sum->exhausted_for_ns, tally_get(&t->exhausted_for_ns));
	keep_latest(&sum->last_ok_ns, tally_get(&t->last_ok_ns));
	keep_latest(&sum->last_bad_ns, tally_get(&t->last_bad_ns));
}

void client_run_sum(const struct client_run *run, struct client_tally *sum)
{
	memset(sum, 0, sizeof(*sum));
	for (unsigned i = 0; run->workers && i < run->plan.workers; i++)
		add_worker(sum, &run->workers[i]->tally);
}

static bool all_targets(const struct client_run *run, bool (*is)(const struct addr *))
{
	for (size_t i = 0; i < run->plan.targets.n; i++)
		if (!is(&run->plan.targets.at[i]))
			return false;
	return true;
}

static void read_sysctls(struct ports_facts *f)
{
	f->timestamps = host_sysctl_int("/proc", "ipv4.tcp_timestamps", 1) != 0;
	f->tw_reuse = (int)host_sysctl_int("/proc", "ipv4.tcp_tw_reuse", 0);
	/* Before Linux 6.14 the delay was a second, and no sysctl. */
	f->tw_reuse_delay_s =
		(double)host_sysctl_int("/proc", "ipv4.tcp_tw_reuse_delay", 1000) / 1000;
	f->fin_timeout_s = (double)host_sysctl_int("/proc", "ipv4.tcp_fin_timeout", 60);
	f->max_tw_buckets =
		(uint64_t)host_sysctl_int("/proc", "ipv4.tcp_max_tw_buckets", INT32_MAX);
}

/* Open loop: the rate is known.  Connections, not transactions, take ports. */
static void describe_load(const struct client_run *run, struct ports_facts *f)
{
	const struct client_plan *p = &run->plan;

	if (p->linger == LINGER_FIN_WAIT2 && p->linger_seconds >= 0)
		f->fin_timeout_s = p->linger_seconds;
	f->share_time_wait = closing_mix_share(&p->mix, PORT_TIME_WAIT);
	f->share_fin_wait2 = closing_mix_share(&p->mix, PORT_FIN_WAIT2);
	f->share_held = closing_mix_share(&p->mix, PORT_HELD);
	f->open_s = (double)p->hold_ns / NS_PER_S;
	f->run_s = (double)p->duration_ns / NS_PER_S;
	f->connections = p->arrivals_limit;
	if (!p->pool) {
		f->rate_from = p->rate.from;
		f->rate_to = p->rate.to;
	}
}

static int gather_facts(struct client_run *run, struct err *err)
{
	struct ports_facts *f = &run->facts;
	struct host_ports ports;
	int r = host_ports("/proc", &ports, err);

	if (r < 0)
		return r;
	f->own_range = run->plan.port_range != 0;
	f->lo = f->own_range ? run->plan.port_range & 0xffff : ports.lo;
	f->hi = f->own_range ? run->plan.port_range >> 16 : ports.hi;
	f->reserved = host_ports_reserved(&ports, (uint16_t)f->lo, (uint16_t)f->hi);
	f->early_bind = run->plan.early_bind;
	f->targets = run->plan.targets.n;
	f->sources = run->plan.sources.n ? run->plan.sources.n : 1;
	f->loopback = all_targets(run, addr_is_loopback);
	read_sysctls(f);
	describe_load(run, f);
	return 0;
}

static void start_sampler(struct client_run *run)
{
	const struct sampler_plan plan = {
		.targets = &run->plan.targets,
		.listens = run->shared ? &run->plan.targets : NULL,
		.port_lo = (uint16_t)run->facts.lo,
		.port_hi = (uint16_t)run->facts.hi,
	};
	struct err err;

	if (sampler_start(&plan, &run->first, &run->sampler, &err) < 0) {
		run->sampler = NULL;
		snprintf(run->no_states, sizeof(run->no_states), "%.190s", err.text);
		return;
	}
	run->facts.taken = run->first.ports_in_use;
	run->facts.listeners = (unsigned)run->first.listeners_in_range;
}

static void warn_reuse(const struct client_run *run)
{
	fprintf(stderr,
		"twstorm client: warning: on loopback this kernel takes TIME_WAIT ports "
		"again\n"
		"after %g s (net.ipv4.tcp_tw_reuse is 2): %.0f connections a second "
		"never\n"
		"run out.  A real network sustains %.0f; see `twstorm lab run storm`.\n",
		run->facts.tw_reuse_delay_s, run->prediction.max_rate,
		(double)run->prediction.budget / PORTS_TIME_WAIT_S);
}

/* What is foretold before anything is sent. */
static void predict(struct client_run *run)
{
	const struct ports_facts *f = &run->facts;

	ports_predict(f, &run->prediction);
	run->late_prediction_s = -1;
	run->reuse_warning = f->loopback && f->tw_reuse == 2 && run->prediction.reuse;
	if (run->reuse_warning && !run->options->quiet)
		warn_reuse(run);
}

static int parse_expects(struct client_run *run, struct err *err)
{
	const struct opt_texts *texts = &run->options->expect;
	json_t *skeleton;
	int r = 0;

	if (texts->n == 0)
		return 0;
	run->expects = calloc(texts->n, sizeof(*run->expects));
	if (!run->expects)
		return err_run(err, "out of memory");
	for (size_t i = 0; i < texts->n && r == 0; i++)
		r = expect_parse(texts->at[i], &run->expects[i], err);
	skeleton = report_skeleton(run);
	for (size_t i = 0; i < texts->n && r == 0; i++)
		r = expect_check(&run->expects[i], skeleton, err);
	json_decref(skeleton);
	return r;
}

static int make_workers(struct client_run *run, struct err *err)
{
	int r = 0;

	run->workers = calloc(run->plan.workers, sizeof(struct client_worker *));
	if (!run->workers)
		return err_run(err, "out of memory");
	for (unsigned i = 0; i < run->plan.workers && r == 0; i++) {
		struct client_worker *w = calloc(1, sizeof(*w));

		if (!w)
			return err_run(err, "out of memory");
		run->workers[i] = w;
		r = client_worker_init(w, &run->plan, i, err);
		w->on_over = on_worker_over;
		w->arg = run;
	}
	return r;
}

static int prepare(struct client_run *run, struct err *err)
{
	const struct client_options *o = run->options;
	uint64_t step = run->plan.duration_ns / 100;
	int r = host_read(&run->host, err);

	if (step < 100 * NS_PER_MS)
		step = 100 * NS_PER_MS;
	if (r == 0)
		r = gather_facts(run, err);
	if (r == 0)
		r = series_init(&run->series, step, err);
	if (r == 0)
		r = make_workers(run, err);
	if (r == 0)
		r = parse_expects(run, err);
	if (r == 0 && o->output)
		r = output_check(o->output, err);
	if (r == 0)
		r = loop_init(&run->loop, false, on_woken, run, err);
	if (r == 0)
		to_wake = &run->loop;
	if (r == 0 && o->server_stats)
		r = server_link_open(&run->loop, o->server_stats, o->admin_token_file,
				     &run->link, err);
	return r;
}

static void start_watching(struct client_run *run)
{
	if (run->link && !server_link_wait(run->link, true, 3 * NS_PER_S))
		fprintf(stderr, "twstorm client: warning: --server-stats: %s\n",
			server_link_trouble(run->link));
	run->shared = all_targets(run, addr_is_local);
	start_sampler(run);
	predict(run);
}

static int start_workers(struct client_run *run, struct err *err)
{
	int r = 0;

	for (unsigned i = 0; i < run->plan.workers && r == 0; i++)
		r = client_worker_start(run->workers[i], run->begin_ns, err);
	return r;
}

static void join_workers(struct client_run *run)
{
	for (unsigned i = 0; run->workers && i < run->plan.workers; i++)
		if (run->workers[i])
			client_worker_join(run->workers[i]);
}

static void measure(struct client_run *run)
{
	struct cpu_time before, after;

	clock_process_cpu(&before);
	watch_run(run);
	clock_process_cpu(&after);
	join_workers(run);
	run->over_ns = clock_ns();
	run->cpu.user_ns = after.user_ns - before.user_ns;
	run->cpu.system_ns = after.system_ns - before.system_ns;
	watch_settle(run);
	if (run->sampler)
		sampler_report(run->sampler, &run->sampled);
	for (unsigned i = 0; i < run->plan.workers; i++)
		client_worker_drop_leaks(run->workers[i]);
}

static int print_result(const struct client_run *run, const json_t *doc, struct err *err)
{
	int r = 0;

	if (run->options->output)
		r = output_json(run->options->output, doc, err);
	/* With the JSON on stdout already, the same figures as text would spoil it. */
	if (run->options->output && strcmp(run->options->output, "-") == 0)
		return r;
	if (run->options->format == FORMAT_JSON && r == 0)
		return output_json("-", doc, err);
	if (run->options->format == FORMAT_CSV)
		result_csv(stdout, doc);
	else
		result_text(stdout, doc);
	return r < 0 ? r : output_flush_stdout(err);
}

static int finish(struct client_run *run, int *exit_code, struct err *err)
{
	unsigned failed;
	json_t *doc = report_json(run, &failed);
	char why[256] = "";
	const char *code;
	int r = print_result(run, doc, err);

	json_decref(doc);
	if (run->signal)
		*exit_code = 128 + run->signal;
	else if (!report_complete(run, &code, why, sizeof(why)))
		*exit_code = EXIT_INCOMPLETE;
	else
		*exit_code = failed ? EXIT_EXPECTATION : EXIT_COMPLETE;
	return r;
}

static int go(struct client_run *run, int *exit_code, struct err *err)
{
	int r = prepare(run, err);

	if (r < 0)
		return r;
	start_watching(run);
	r = start_at_wait(run->options->start_at, &run->loop, &got_signal, &run->begin_ns,
			  err);
	if (r < 0)
		return r;
	run->begin_wall_ns = clock_wall_ns() - (clock_ns() - run->begin_ns);
	run->signal = got_signal;
	r = start_workers(run, err);
	measure(run);
	return r < 0 ? r : finish(run, exit_code, err);
}

static void done(struct client_run *run)
{
	join_workers(run);
	to_wake = NULL;
	server_link_close(run->link);
	sampler_stop(run->sampler);
	for (unsigned i = 0; run->workers && i < run->plan.workers; i++)
		if (run->workers[i]) {
			client_worker_done(run->workers[i]);
			free(run->workers[i]);
		}
	free(run->workers);
	free(run->expects);
	series_done(&run->series);
	loop_done(&run->loop);
	client_plan_done(&run->plan);
}

int client_run(const struct client_options *o, int argc, char **argv, int *exit_code,
	       struct err *err)
{
	struct client_run *run = calloc(1, sizeof(*run));
	int r;

	if (!run)
		return err_run(err, "out of memory");
	run->options = o;
	run->argc = argc;
	run->argv = argv;
	run->loop.wake_fd = -1;
	run->late_prediction_s = -1;
	r = client_plan_make(o, &run->plan, err);
	if (r == 0) {
		r = go(run, exit_code, err);
		done(run);
	}
	free(run);
	return r;
}
