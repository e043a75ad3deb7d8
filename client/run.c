#include "client/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/books_server.h"
#include "client/leak.h"
#include "client/rank.h"
#include "client/record.h"
#include "client/report.h"
#include "client/report_end.h"
#include "client/run_facts.h"
#include "client/server_link.h"
#include "client/start_at.h"
#include "client/sysctl_watch.h"
#include "client/watch_run.h"
#include "common/admin/live.h"
#include "common/base/container.h"
#include "common/base/signals.h"
#include "common/base/thread.h"
#include "common/cli/output.h"
#include "common/html/html.h"
#include "common/loop/loop.h"
#include "common/loop/watch.h"
#include "common/ports/lives.h"
#include "common/ports/taken_look.h"
#include "common/result/condition.h"
#include "common/result/result_csv.h"
#include "common/result/result_text.h"

#define LATE_NS (50 * NS_PER_MS) /* before a --start-at, when the sockets are looked at */

struct running {
	struct client_record run;
	struct loop loop;  /* the main thread's */
	struct watch told; /* embedded: on signals_fd() */
};

static void on_told(struct watch *w)
{
	struct running *r = container_of(w, struct running, told);

	r->run.signal = signals_got;
	watch_rest(w);
}

static int heed_signals(struct running *r, struct err *err)
{
	watch_init(&r->told, &r->loop, on_told);
	watch_open(&r->told, signals_fd());
	return watch_keep(&r->told, err);
}

static void on_worker_event(void *loop)
{
	loop_wake(loop);
}

/* Starts counting; the first count also tells which ports are taken. */
static void start_sampler(struct client_record *run, struct taken_look *look)
{
	const struct sampler_plan plan = {
		.targets = &run->plan.targets,
		.listens = run->shared ? &run->plan.targets : NULL,
		.port_lo = (uint16_t)run->facts.lo,
		.port_hi = (uint16_t)run->facts.hi,
		.budget = run->options->sample_budget / 100,
		.gives_way = run->plan.rate.from > 0,
		.first_row = taken_look_row,
		.arg = look,
	};
	struct err err;

	if (sampler_start(&plan, &run->first, &run->sampler, &err) == 0)
		return;
	run->sampler = NULL;
	run->facts.taken_unknown = true;
	snprintf(run->no_states, sizeof(run->no_states), "%.190s", err.text);
}

/* What is taken already, and the sampler that counts from now on. */
static int look_at_sockets(struct client_record *run, struct err *err)
{
	struct addr kept;
	struct taken_plan plan;
	struct taken_look *look;
	int r;

	run_facts_taken(run, &plan);
	plan.kept = &kept;
	plan.n_kept = run->link && server_link_local(run->link, &kept);
	r = taken_look_begin(&plan, &look, err);
	if (r < 0)
		return r;
	start_sampler(run, look);
	if (run->sampler && run->begin_ns > run->first.t_ns)
		run->facts.taken_ago_s =
			(double)(run->begin_ns - run->first.t_ns) / NS_PER_S;
	return taken_look_end(look, &run->facts.taken, err);
}

static void warn_reuse(const struct client_record *run)
{
	const struct ports_prediction *p = &run->prediction;

	fprintf(stderr,
		"twstorm client: warning: on loopback this kernel takes TIME_WAIT ports "
		"again\n"
		"after %g s (net.ipv4.tcp_tw_reuse is 2)",
		lives_kept_s(&run->facts, PORT_TIME_WAIT, false));
	if (p->max_rate >= 0)
		fprintf(stderr, ": %.0f connections a second never\nrun out",
			p->max_rate);
	fprintf(stderr,
		".  A real network sustains %.0f a second;\nsee `twstorm lab run "
		"storm`.\n",
		(double)p->budget / PORTS_TIME_WAIT_S);
}

/* What is predicted before anything is sent. */
static void predict(struct client_record *run)
{
	const struct ports_facts *f = &run->facts;

	predict_before(run);
	run->sysctls = sysctl_watch_begin();
	run->workers[0]->ask_timestamps = lives_reuse(f);
	run->reuse_warning = f->loopback && f->tw_reuse == 2 && run->prediction.reuse;
	if (run->reuse_warning && !run->options->quiet)
		warn_reuse(run);
}

/* Before the workers start: what they look at while they run. */
static void begin_port_fill(struct client_record *run)
{
	for (unsigned i = 0; run->sampler && i < run->plan.workers; i++)
		port_fill_begin(&run->workers[i]->port_fill, sampler_ports(run->sampler),
				run->prediction.budget, run->plan.workers);
}

static int check_expects(struct client_record *run, struct err *err)
{
	const struct opt_texts *texts = &run->options->expect;
	json_t *skeleton;
	int r;

	if (texts->n == 0)
		return 0;
	skeleton = report_skeleton(run);
	r = expect_check(texts, skeleton, err);
	json_decref(skeleton);
	return r;
}

static int make_workers(struct client_record *run, struct loop *loop, struct err *err)
{
	int r = 0;

	run->workers = calloc(run->plan.workers, sizeof(struct client_worker *));
	if (!run->workers)
		return err_memory(err);
	for (unsigned i = 0; i < run->plan.workers && r == 0; i++) {
		struct client_worker *w = thread_memory(1, sizeof(*w));

		if (!w)
			return err_memory(err);
		run->workers[i] = w;
		r = client_worker_init(w, &run->plan, i, err);
		w->on_event = on_worker_event;
		w->arg = loop;
	}
	return r;
}

static int prepare(struct running *running, struct err *err)
{
	struct client_record *run = &running->run;
	const struct client_options *o = run->options;
	uint64_t step = run->plan.o.duration_ns / 100;
	int r = rank_name(o, start_at_check(o->start_at, err), err);

	if (step < 100 * NS_PER_MS)
		step = 100 * NS_PER_MS;
	if (r == 0)
		r = host_read(&run->host, err);
	if (r == 0)
		r = run_facts_gather(run, err);
	if (r == 0)
		r = series_init(&run->series, step, err);
	if (r == 0)
		r = make_workers(run, &running->loop, err);
	if (r == 0)
		r = check_expects(run, err);
	if (r == 0)
		r = rank_make_dir(o, err);
	if (r == 0 && o->output)
		r = output_check(o->output, err);
	if (r == 0 && o->html)
		r = output_check(o->html, err);
	if (r == 0)
		r = loop_init(&running->loop, NULL, NULL, err);
	if (r == 0)
		r = heed_signals(running, err);
	if (r == 0)
		rank_tell(o);
	if (r == 0 && o->server_stats)
		r = server_link_open(&running->loop, o->server_stats, o->admin_token_file,
				     &run->link, err);
	if (r == 0)
		run->live_at =
			o->admin ? live_open("client", o->admin, o->admin_token_file)
				 : live_inherited();
	return r;
}

static int wait_for_begin(struct running *running, struct err *err)
{
	struct client_record *run = &running->run;

	if (run->link && !server_link_wait_first(run->link, &signals_got))
		fprintf(stderr, "twstorm client: warning: --server-stats: %s\n",
			server_link_trouble(run->link));
	return rank_name(run->options,
			 start_at_wait(run->options->start_at, &running->loop,
				       &signals_got, &run->begin_ns, err),
			 err);
}

/* What differences are taken from, and what is predicted: as things are when the run begins,
 * however long --start-at has let pass. */
static int start_watching(struct client_record *run, struct err *err)
{
	int r;

	run->shared = run_facts_all_targets(&run->plan, addr_is_local);
	if (run->options->start_at && run->link)
		server_link_wait_anew(run->link, run->begin_ns - LATE_NS, &signals_got);
	r = look_at_sockets(run, err);
	if (r < 0)
		return r;
	predict(run);
	begin_port_fill(run);
	server_link_begin(run->link);
	if (run->link)
		books_server_name_run(run);
	if (!run->options->start_at)
		run->begin_ns = clock_ns();
	run->begin_wall_ns = clock_wall_ns() - (clock_ns() - run->begin_ns);
	return 0;
}

static int start_workers(struct client_record *run, struct err *err)
{
	int r = 0;

	for (unsigned i = 0; i < run->plan.workers && r == 0; i++)
		r = client_worker_start(run->workers[i], run->begin_ns, err);
	return r;
}

static void join_workers(struct client_record *run)
{
	for (unsigned i = 0; run->workers && i < run->plan.workers; i++)
		if (run->workers[i])
			client_worker_join(run->workers[i]);
}

static void stop_workers(struct client_record *run)
{
	for (unsigned i = 0; i < run->plan.workers; i++)
		if (run->workers[i]->started)
			client_worker_stop(run->workers[i]);
	join_workers(run);
}

static void measure(struct client_record *run, struct loop *loop)
{
	struct cpu_time after;

	watch_run(run, loop);
	clock_process_cpu(&after);
	join_workers(run);
	run->over_ns = clock_ns();
	sysctl_watch_end(run->sysctls);
	run->cpu.user_ns = after.user_ns - run->cpu_first.user_ns;
	run->cpu.system_ns = after.system_ns - run->cpu_first.system_ns;
	watch_settle(run, loop);
	books_server_choose(run);
	if (run->sampler)
		sampler_report(run->sampler, &run->sampled);
	for (unsigned i = 0; i < run->plan.workers; i++)
		leaks_drop(run->workers[i]);
}

static bool is_stdout(const char *path)
{
	return path && strcmp(path, "-") == 0;
}

/* One file that cannot be written does not keep the other from being written. */
static int write_files(const struct client_options *o, const json_t *doc, struct err *err)
{
	int r = o->output ? output_json(o->output, doc, err) : 0;
	int h = o->html ? html_write_result(o->html, doc, r == 0 ? err : NULL) : 0;

	return r < 0 ? r : h;
}

static int print_result(const struct client_record *run, const json_t *doc,
			struct err *err)
{
	int r = write_files(run->options, doc, err);

	/* With JSON or a page on stdout already, the same figures as text would spoil it. */
	if (is_stdout(run->options->output) || is_stdout(run->options->html) ||
	    run->options->format == FORMAT_NONE)
		return r;
	if (run->options->format == FORMAT_JSON && r == 0)
		return output_json("-", doc, err);
	if (run->options->format == FORMAT_CSV)
		result_csv(stdout, doc);
	else
		result_text(stdout, doc);
	return r < 0 ? r : output_flush_stdout(err);
}

static int finish(struct client_record *run, int *exit_code, struct err *err)
{
	unsigned failed;
	json_t *doc = report_json(run, &failed);
	char why[REPORT_WHY] = "";
	const char *code;
	int r = print_result(run, doc, err);
	bool named = expect_names_failure(json_object_get(doc, "expectations"));

	live_publish(run->live_at, doc, true);
	if (run->signal)
		*exit_code = 128 + run->signal;
	else if (!report_complete(run, &code, why, sizeof(why)) && !named)
		*exit_code = EXIT_INCOMPLETE;
	else
		*exit_code = failed ? EXIT_EXPECTATION : EXIT_COMPLETE;
	return r;
}

static int go(struct running *running, int *exit_code, struct err *err)
{
	struct client_record *run = &running->run;
	int r = prepare(running, err);

	if (r < 0)
		return r;
	r = wait_for_begin(running, err);
	if (r == 0)
		r = start_watching(run, err);
	if (r < 0)
		return r;
	run->signal = signals_got;
	clock_process_cpu(&run->cpu_first);
	r = start_workers(run, err);
	if (r < 0) {
		stop_workers(run);
		return r;
	}
	measure(run, &running->loop);
	return finish(run, exit_code, err);
}

static void done(struct running *running)
{
	struct client_record *run = &running->run;

	join_workers(run);
	live_close(run->live_at);
	server_link_close(run->link);
	sampler_stop(run->sampler);
	for (unsigned i = 0; run->workers && i < run->plan.workers; i++)
		if (run->workers[i]) {
			client_worker_done(run->workers[i]);
			free(run->workers[i]);
		}
	free(run->workers);
	series_done(&run->series);
	loop_done(&running->loop);
	ports_facts_done(&run->facts);
	free(run->sysctls);
	client_plan_done(&run->plan);
}

int client_run(const struct client_options *o, int argc, char **argv, int *exit_code,
	       struct err *err)
{
	struct running *running = calloc(1, sizeof(*running));
	struct client_record *run;
	int r;

	if (!running)
		return err_memory(err);
	run = &running->run;
	run->options = o;
	run->argc = argc;
	run->argv = argv;
	running->loop.wake_fd = -1;
	r = client_plan_make(o, &run->plan, err);
	if (r == 0) {
		r = go(running, exit_code, err);
		done(running);
	}
	free(running);
	return r;
}
