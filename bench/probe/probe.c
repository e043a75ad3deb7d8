#include "bench/probe/probe.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench/probe/probe_kit.h"
#include "bench/probe/result.h"
#include "bench/probe/sock.h"
#include "bench/probe/wait.h"
#include "common/base/clock.h"
#include "common/base/memory.h"
#include "common/cli/command.h"
#include "common/cli/output.h"
#include "common/kernel/addr_list.h"
#include "common/result/condition.h"

#define X(name) &probe_##name,
static const struct probe *const probes[] = { PROBES(X) };
#undef X
#define N_PROBES (sizeof(probes) / sizeof(probes[0]))

enum format { FORMAT_TEXT, FORMAT_JSON };
const char *const probe_formats[] = { "text", "json", NULL };

static const struct probe *find(const char *name)
{
	for (size_t i = 0; i < N_PROBES; i++)
		if (strcmp(probes[i]->name, name) == 0)
			return probes[i];
	return NULL;
}

static int no_such(const char *name, struct err *err)
{
	return err_usage(err, "there is no probe '%.60s': see `twstorm lab probe`", name);
}

static int list(void)
{
	struct err err;

	printf("Usage: twstorm lab probe NAME [options]\n"
	       "Experiments in the network namespace they are started in.\n\n");
	for (size_t i = 0; i < N_PROBES; i++)
		printf("  %-15s%s\n", probes[i]->name, probes[i]->command.about);
	printf("\n`twstorm lab probe NAME --help` lists a probe's options.\n");
	return output_flush_stdout(&err) < 0 ? command_failed("lab probe", &err)
					     : EXIT_COMPLETE;
}

/* ---- before the run */

/* Nobody else's address, whatever the namespace can reach. */
static bool is_safe(const struct addr *a)
{
	uint32_t host = a->sa.sa_family == AF_INET ? ntohl(a->in.sin_addr.s_addr) : 0;

	return addr_is_loopback(a) || host >> 17 == (198u << 8 | 18) >> 1;
}

static int parse_address(const char *text, struct addr *out, struct err *err)
{
	struct addr_list list;
	int r = addr_parse_sources(text, &list, err);

	if (r < 0)
		return err_prefix(r, err, "--address");
	if (list.n == 1)
		*out = list.at[0];
	else
		r = err_usage(err, "--address '%s' is more than one", text);
	addr_list_done(&list);
	return r;
}

static bool is_candidate(const struct ifaddrs *i)
{
	return i->ifa_addr && i->ifa_addr->sa_family == AF_INET &&
	       !(i->ifa_flags & IFF_LOOPBACK);
}

/* The host's first IPv4 address that is not loopback; port 0. */
static int first_address(struct addr *out, struct err *err)
{
	struct ifaddrs *list, *i;
	int r = 0;

	if (getifaddrs(&list) == -1)
		return err_sys(err, "this host's addresses");
	for (i = list; i && !is_candidate(i);)
		i = i->ifa_next;
	*out = (struct addr){ .len = sizeof(out->in) };
	if (i)
		memcpy(&out->in, i->ifa_addr, sizeof(out->in));
	else
		r = err_run(err, "this host has no IPv4 address but loopback");
	freeifaddrs(list);
	return r;
}

static int read_address(struct probe_run *run, struct err *err)
{
	const struct probe_options *o = run->options;
	char text[ADDR_TEXT];
	int r = o->address ? parse_address(o->address, &run->address, err)
			   : first_address(&run->address, err);

	addr_print_host(&run->address, text, sizeof(text));
	if (r == 0 && !is_safe(&run->address))
		r = err_usage(err,
			      "--address %s is neither loopback nor in 198.18.0.0/15: "
			      "a probe sends nowhere else",
			      text);
	if (r == 0 && !addr_is_local(&run->address))
		r = err_run(err, "--address %s is not an address of this host", text);
	return r;
}

/* Against a result in which nothing was measured yet. */
static int read_expectations(struct probe_run *run, struct err *err)
{
	const struct probe_options *o = run->options;
	unsigned n_failed;
	json_t *skeleton = probe_json(run, NULL, &n_failed);
	int r = expect_check(&o->expect, skeleton, err);

	json_decref(skeleton);
	return r;
}

static int prepare(struct probe_run *run, struct err *err)
{
	const struct probe_options *o = run->options;
	int r;

	if (o->interval_ns && o->interval_ns < 100 * NS_PER_MS)
		return err_usage(err, "--interval must be at least 100ms");
	r = read_address(run, err);
	if (r == 0)
		r = run->probe->check(run, err);
	if (r == 0)
		r = host_read(&run->host, err);
	if (r == 0)
		r = read_expectations(run, err);
	if (r == 0)
		r = output_check(o->output, err);
	return r;
}

/* ---- the run */

static void measure(struct probe_run *run)
{
	struct kernel_counters after;

	run->r = proc_net_counters(PROC_ROOT, &run->before, &run->err);
	run->r = run->r ? run->r : probe_signals_catch(&run->err);
	if (run->r < 0)
		return;
	run->begin_ns = clock_ns();
	run->begin_wall_ns = clock_wall_ns();
	run->server = run->address;
	run->pair = probe_pair(run, true);
	run->probe->run(run);
	probe_pair_close(&run->pair);
	probe_close(&run->listener);
	run->over_ns = clock_ns();
	run->signal = probe_signals_end();
	if (run->r == 0 && run->until_signal)
		run->signal = 0;
	if (proc_net_counters(PROC_ROOT, &after, NULL) == 0)
		kernel_counters_diff(&after, &run->before, &run->delta);
	if (run->signal && run->r == 0)
		run->r = err_run(&run->err, "interrupted by SIG%s",
				 sigabbrev_np(run->signal));
}

/* A run that failed has its sentence on stderr; the text would have nothing to add. */
static int show(const struct probe_run *run, const json_t *doc, bool complete,
		struct err *err)
{
	const struct probe_options *o = run->options;
	bool to_stdout = o->output && strcmp(o->output, "-") == 0;
	int r = 0;

	if (o->output)
		r = output_json(o->output, doc, err);
	if (r < 0 || to_stdout)
		return r;
	if (o->format == FORMAT_JSON)
		return output_json("-", doc, err);
	if (complete)
		probe_text(stdout, run->probe, doc);
	return output_flush_stdout(err);
}

static int run_probe(void *options, const struct opt_result *parsed, struct err *err)
{
	struct probe_run *run = ((struct probe_options *)options)->run;
	struct err write_err;
	unsigned n_failed;
	int r = prepare(run, err), code = EXIT_COMPLETE;
	json_t *doc;

	(void)parsed;
	if (r < 0)
		return r;
	measure(run);
	if (run->r < 0)
		code = command_failed("lab probe", &run->err);
	if (run->signal)
		code = 128 + run->signal;
	doc = probe_json(run, run->r < 0 ? &run->err : NULL, &n_failed);
	if (show(run, doc, run->r == 0, &write_err) < 0) {
		command_failed("lab probe", &write_err);
		code = code ? code : EXIT_NOT_WRITTEN;
	}
	json_decref(doc);
	return code || n_failed == 0 ? code : EXIT_EXPECTATION;
}

static int start(const struct probe *probe, int argc, char **argv)
{
	struct probe_run run = {
		.probe = probe, .argc = argc, .argv = argv, .listener = -1
	};
	struct probe_options *o = run.options = calloc(1, probe->options_size);
	struct err err;
	int code;

	run.section = probe_section(probe);
	if (!o || !run.section)
		err_memory(&err);
	if (!o || !run.section || memory_check(&err) < 0) {
		code = command_failed("lab probe", &err);
	} else {
		o->run = &run;
		code = command_main(&probe->command, run_probe, argc - 1, argv + 1, o);
	}
	free(o);
	json_decref(run.section);
	return code;
}

int probe_main(int argc, char **argv)
{
	const struct probe *probe;
	struct complete at;
	struct err err;

	if (complete_first(argc, argv, &at)) {
		for (size_t i = 0; i < N_PROBES; i++)
			complete_name(&at, probes[i]->name, probes[i]->command.about);
		complete_name(&at, "--help", "the probes");
		return EXIT_COMPLETE;
	}
	if (argc < 2 || strncmp(argv[1], "--help", 6) == 0 || strcmp(argv[1], "-?") == 0)
		return list();
	probe = find(argv[1]);
	if (probe)
		return start(probe, argc, argv);
	no_such(argv[1], &err);
	return command_failed("lab probe", &err);
}

int probe_check(int argc, char **argv, struct err *err)
{
	const struct probe *probe = argc > 1 ? find(argv[1]) : NULL;
	struct probe_options *o = probe ? calloc(1, probe->options_size) : NULL;
	struct opt_result parsed;
	int r;

	if (!probe)
		r = no_such(argc > 1 ? argv[1] : "", err);
	else
		r = o ? opt_parse(&probe->command, argc - 1, argv + 1, o, &parsed, err)
		      : err_memory(err);
	if (o)
		opt_done(&probe->command, o);
	free(o);
	return err_prefix(r, err, "twstorm lab probe");
}

json_t *probe_skeleton(int argc, char **argv)
{
	const struct probe *probe = argc > 1 ? find(argv[1]) : NULL;
	struct probe_run run = { .probe = probe, .argc = argc, .argv = argv };
	struct probe_options *o = probe ? calloc(1, probe->options_size) : NULL;
	struct opt_result parsed;
	json_t *doc = NULL;
	unsigned failed;

	if (!o)
		return NULL;
	run.options = o;
	o->run = &run;
	run.section = probe_section(probe);
	if (opt_parse(&probe->command, argc - 1, argv + 1, o, &parsed, NULL) == 0)
		doc = probe_json(&run, NULL, &failed);
	opt_done(&probe->command, o);
	json_decref(run.section);
	free(o);
	return doc;
}

void probe_tell(FILE *to, int indent, const json_t *result)
{
	const struct probe *probe =
		find(json_string_value(json_object_get(result, "probe")));

	probe_figures(to, indent, result, probe && !probe->text);
}
