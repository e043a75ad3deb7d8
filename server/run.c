#include "server/run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/signals.h"
#include "common/base/thread.h"
#include "common/cli/command.h"
#include "common/cli/output.h"
#include "common/kernel/admin_addr.h"
#include "server/answers.h"
#include "server/books.h"
#include "server/stats.h"

#define PUBLISH_NS NS_PER_S /* the page moves once a second */

static int open_workers(struct server_run *run, struct err *err)
{
	int r = 0;

	run->workers = calloc(run->plan.workers, sizeof(struct server_worker *));
	if (!run->workers)
		return err_memory(err);
	for (unsigned i = 0; i < run->plan.workers && r == 0; i++) {
		run->workers[i] = thread_memory(1, sizeof(**run->workers));
		r = run->workers[i]
			    ? server_worker_init(run->workers[i], &run->plan, i, err)
			    : err_memory(err);
	}
	return r;
}

/* Of a quiet server nobody will see what it counts. */
static bool somebody_may_look(const struct server_options *o)
{
	return o->admin || o->output || !o->quiet;
}

static void open_sampler(struct server_run *run)
{
	const struct sampler_plan plan = {
		.listens = &run->plan.listens,
		.budget = run->options->sample_budget / 100,
	};
	struct err err;

	if (sampler_start(&plan, &run->first, &run->sampler, &err) < 0) {
		run->sampler = NULL;
		snprintf(run->sampler_missing, sizeof(run->sampler_missing), "%.190s",
			 err.text);
	}
}

/* "127.0.0.1:9000", "127.0.0.1:9000-9007, [::1]:9000": neighbours in a row are one range. */
static void print_listening(FILE *to, const struct addr_list *l)
{
	char text[ADDR_TEXT];
	size_t from = 0, i;

	fprintf(to, "listening on ");
	for (i = 1; i <= l->n; i++) {
		if (i < l->n && addr_same_host(&l->at[i], &l->at[from]) &&
		    addr_port(&l->at[i]) == addr_port(&l->at[i - 1]) + 1)
			continue;
		fprintf(to, "%s%s", from ? ", " : "",
			addr_print(&l->at[from], text, sizeof(text)));
		if (i - from > 1)
			fprintf(to, "-%u", addr_port(&l->at[i - 1]));
		from = i;
	}
	fprintf(to, "\n");
	fflush(to);
}

static FILE *people_file(const struct server_options *o)
{
	return o->output && strcmp(o->output, "-") == 0 ? stderr : stdout;
}

static int open_admin(struct server_run *run, struct err *err)
{
	const struct admin_plan plan = {
		.base = run->loop.base,
		.where = run->options->admin,
		.token_file = run->options->admin_token_file,
		.places = server_places,
		.arg = run,
	};

	return admin_open(&plan, &run->admin, err);
}

static void print_admin(FILE *to, const struct admin *a)
{
	char where[ADMIN_ADDR_TEXT + 16];

	admin_where(a, "/stats", where, sizeof(where));
	fprintf(to, "admin on %s\n", where);
}

static int start(struct server_run *run, struct err *err)
{
	const struct server_options *o = run->options;
	FILE *to = people_file(o);
	int r = open_workers(run, err);

	if (r == 0 && run->plan.books && !(run->books = books_new()))
		r = err_memory(err);
	if (r == 0 && o->admin)
		r = open_admin(run, err);
	if (r < 0)
		return r;
	if (somebody_may_look(o))
		open_sampler(run);
	run->started_ns = clock_ns();
	run->started_wall_ns = clock_wall_ns();
	clock_process_cpu(&run->cpu_first);
	for (unsigned i = 0; i < run->plan.workers && r == 0; i++)
		r = server_worker_start(run->workers[i], err);
	if (r < 0)
		return r;
	if (run->admin)
		print_admin(to, run->admin);
	if (run->plan.tls)
		fprintf(to, "certificate for the client's --pin %s\n",
			tls_fingerprint(run->plan.tls));
	print_listening(to, &run->plan.listens);
	return 0;
}

static void print_progress(const struct server_run *run, uint64_t now_ns)
{
	struct sample s = { 0 };
	struct server_tally sum;

	server_tally_sum(run, &sum);
	if (run->sampler)
		sampler_latest(run->sampler, &s);
	fprintf(stderr,
		"%7.1fs  accepted %" PRIu64 "  open %" PRIu64 "  TIME_WAIT %" PRIu64
		"  CLOSE_WAIT %" PRIu64 "  FIN_WAIT2 %" PRIu64 "\n",
		(double)(now_ns - run->started_ns) / NS_PER_S, tally_get(&sum.accepted),
		tally_get(&sum.open), s.server.n[STATE_TIME_WAIT],
		s.server.n[STATE_CLOSE_WAIT], s.server.n[STATE_FIN_WAIT2]);
}

/* Until a signal, or --duration. */
static void wait_for_end(struct server_run *run)
{
	const struct server_options *o = run->options;
	uint64_t every = o->interval_ns && !o->quiet ? o->interval_ns : 0;
	uint64_t end = o->run_for_ns ? run->started_ns + o->run_for_ns : UINT64_MAX;
	uint64_t next = every ? run->started_ns + every : UINT64_MAX, now;
	uint64_t publish = run->admin ? run->started_ns : UINT64_MAX;

	while (!signals_got && (now = clock_ns()) < end) {
		if (now >= next) {
			print_progress(run, now);
			next += every;
		}
		if (now >= publish) {
			server_publish(run);
			publish = now + PUBLISH_NS;
		}
		loop_turn(&run->loop, now,
			  clock_sooner(clock_sooner(next, publish), end));
	}
}

static void stop_workers(struct server_run *run)
{
	for (unsigned i = 0; run->workers && i < run->plan.workers; i++)
		if (run->workers[i] && run->workers[i]->started)
			server_worker_stop(run->workers[i]);
	for (unsigned i = 0; run->workers && i < run->plan.workers; i++)
		if (run->workers[i])
			server_worker_join(run->workers[i]);
}

static int write_result(struct server_run *run, struct err *err)
{
	json_t *stats;
	int r = 0;

	memory_forget(); /* of an answer of the admin port */
	stats = server_stats(run, true, NULL);

	if (run->options->output)
		r = output_json(run->options->output, stats, err);
	if (r == 0 && !run->options->quiet && people_file(run->options) == stdout) {
		server_summary(stats);
		r = output_flush_stdout(err);
	}
	json_decref(stats);
	return r;
}

static void done(struct server_run *run)
{
	stop_workers(run);
	admin_close(run->admin);
	sampler_stop(run->sampler);
	for (unsigned i = 0; run->workers && i < run->plan.workers; i++)
		if (run->workers[i]) {
			server_worker_done(run->workers[i]);
			free(run->workers[i]);
		}
	free(run->workers);
	books_free(run->books);
	tls_free(run->plan.tls);
	addr_list_done(&run->plan.listens);
	loop_done(&run->loop);
}

static int heed_signals(struct server_run *run, struct err *err)
{
	watch_init(&run->told, &run->loop, watch_rest);
	watch_open(&run->told, signals_fd());
	return watch_keep(&run->told, err);
}

static int run_all(struct server_run *run, struct err *err)
{
	int r = host_read(&run->host, err);

	if (r == 0)
		r = loop_init(&run->loop, NULL, NULL, err);
	if (r == 0)
		r = heed_signals(run, err);
	if (r == 0)
		r = start(run, err);
	if (r < 0)
		return r;
	wait_for_end(run);
	stop_workers(run);
	return write_result(run, err);
}

/* A signal is how a server ends, so its result is complete then and the exit code 0. */
static int run(void *options, const struct opt_result *parsed, struct err *err)
{
	const struct server_options *o = options;
	struct server_run run = { .options = o,
				  .argc = parsed->argc,
				  .argv = parsed->argv,
				  .loop = { .wake_fd = -1 } };
	int r = signals_catch(err);

	if (r == 0)
		r = server_plan_make(o, &run.plan, err);
	if (r == 0 && o->output)
		r = output_check(o->output, err);
	if (r == 0)
		r = run_all(&run, err);
	done(&run);
	return r;
}

int server_main(int argc, char **argv)
{
	struct server_options options = { 0 };

	return command_main(&server_command, run, argc, argv, &options);
}

int server_check(int argc, char **argv, struct err *err)
{
	struct server_options o = { 0 };
	struct addr_list listens = { 0 };
	struct opt_result parsed;
	int r = opt_parse(&server_command, argc, argv, &o, &parsed, err);

	if (r == 0 && !parsed.help_shown && !addr_list_has_name(o.listen))
		r = err_prefix(addr_parse_list(o.listen, true, &listens, err), err,
			       "--listen");
	addr_list_done(&listens);
	opt_done(&server_command, &o);
	return r < 0 && err->exit == EXIT_USAGE ? err_prefix(r, err, "twstorm server")
						: 0;
}
