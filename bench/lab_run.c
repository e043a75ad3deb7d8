#include "bench/lab_run.h"

#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "bench/stage.h"
#include "bench/story.h"
#include "bench/verdict.h"
#include "common/clock.h"
#include "common/output.h"

static double ms(uint64_t from, uint64_t to)
{
	return from && to > from ? (double)(to - from) / (double)NS_PER_MS : 0;
}

static char *result_path(const struct plan *p, const struct plan_proc *client,
			 const char *dir)
{
	size_t clients = 0;

	for (size_t i = 0; i < p->n_procs; i++)
		clients += p->procs[i].kind == SECTION_CLIENT;
	return clients == 1 ? text_printf("%s/%s.json", dir, p->variant)
			    : text_printf("%s/%s-%s.json", dir, p->variant, client->name);
}

/* ---- what the lab adds to a client's result: how to repeat it */

static json_t *hosts_json(const struct plan *p)
{
	json_t *all = json_object();

	for (size_t i = 0; i < p->n_hosts; i++) {
		const struct plan_host *h = &p->hosts[i];
		json_t *addresses = json_array(), *sysctls = json_object();

		for (size_t a = 0; a < h->n_addresses; a++)
			json_array_append_new(addresses,
					      json_sprintf("%s/%u", h->addresses[a].text,
							   h->addresses[a].prefix));
		for (size_t s = 0; s < h->n_sysctls; s++)
			json_object_set_new(sysctls,
					    h->sysctls[s]->key + strlen("sysctl."),
					    json_string(h->sysctls[s]->value));
		json_object_set_new(all, h->name,
				    json_pack("{s:o, s:o}", "addresses", addresses,
					      "sysctls", sysctls));
	}
	return all;
}

static json_t *commands_json(const struct plan *p)
{
	json_t *all = json_array();

	for (size_t i = 0; i < p->n_procs; i++) {
		const struct plan_proc *proc = &p->procs[i];
		json_t *argv = json_array();

		for (size_t w = 0; w < proc->argv.n; w++)
			json_array_append_new(argv, json_string(proc->argv.at[w]));
		json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:o}", "kind",
						     section_names[proc->kind], "name",
						     proc->name, "host", proc->host->name,
						     "argv", argv));
	}
	return all;
}

static json_t *lab_json(const struct plan *p, const struct stage *s,
			const struct plan_proc *client)
{
	const struct stage_report *r = s->report;

	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:f, s:f, s:b}", "scenario",
			 p->scenario->name, "file", p->scenario->path, "variant",
			 p->variant, "client", client->name, "hosts", hosts_json(p),
			 "commands", commands_json(p), "setup_ms",
			 ms(r->start_ns, r->built_ns), "teardown_ms",
			 ms(r->finished_ns, r->gone_ns), "user_namespace", s->own_user);
}

/* ---- one client's end */

static int complain(const struct plan_proc *proc, const char *what, const char *last)
{
	fprintf(stderr, "twstorm lab: %s %s %s%s%s\n", section_names[proc->kind],
		proc->name, what, *last ? ": " : "", last);
	return EXIT_INCOMPLETE;
}

/* The exit code that a client's end means for the lab. */
static int judge_end(const struct plan_proc *proc, const struct stage_proc *end)
{
	char what[64];

	if (!end->ended)
		return complain(proc, "did not end", end->last);
	if (WIFSIGNALED(end->status)) {
		snprintf(what, sizeof(what), "was killed by signal %d",
			 WTERMSIG(end->status));
		return complain(proc, what, end->last);
	}
	switch (WEXITSTATUS(end->status)) {
	case EXIT_COMPLETE:
	case EXIT_EXPECTATION:
	case EXIT_INCOMPLETE:
		break; /* its result says why */
	case 128 + SIGINT:
	case 128 + SIGTERM:
		break; /* as it was told to */
	default:
		snprintf(what, sizeof(what), "ended with code %d",
			 WEXITSTATUS(end->status));
		complain(proc, what, end->last);
	}
	return WEXITSTATUS(end->status);
}

static json_t *read_result(int fd)
{
	lseek(fd, 0, SEEK_SET);
	return json_loadfd(fd, 0, NULL);
}

static int show_verdict(const struct plan *p, const struct plan_proc *client,
			json_t *result)
{
	struct verdict v;

	if (strcmp(p->variant, p->scenario->name) == 0)
		printf("What happened:\n");
	else
		printf("What happened in %s:\n", p->variant);
	story_after(stdout, result);
	putchar('\n');
	v = verdict_print(stdout, p, client, result);
	if (v.unanswered)
		return EXIT_INCOMPLETE;
	return v.failed ? EXIT_EXPECTATION : EXIT_COMPLETE;
}

/* Codes of one client come from its end, its verdict and the disk; the first counts. */
static int take_client(const struct plan *p, const struct stage *s, size_t i,
		       const char *dir)
{
	const struct plan_proc *client = &p->procs[i];
	char *path = result_path(p, client, dir);
	int code = judge_end(client, &s->report->procs[i]), verdict;
	json_t *result = read_result(s->json_fd[i]);
	struct err err;

	if (!json_is_object(result)) {
		if (!code)
			code = complain(client, "left no result",
					s->report->procs[i].last);
	} else {
		verdict = show_verdict(p, client, result);
		code = code ? code : verdict;
		json_object_set_new(result, "lab", lab_json(p, s, client));
		if (output_json(path, result, &err) < 0) {
			fprintf(stderr, "twstorm lab: %s\n", err.text);
			code = EXIT_NOT_WRITTEN;
		} else {
			printf("\nResult: %s\n", path);
		}
	}
	json_decref(result);
	free(path);
	return code;
}

/* ---- the whole */

static int check_servers(const struct plan *p, const struct stage *s)
{
	int code = EXIT_COMPLETE;

	for (size_t i = 0; i < p->n_procs; i++)
		if (p->procs[i].kind == SECTION_SERVER && s->report->procs[i].by_itself)
			code = complain(&p->procs[i], "ended before its time",
					s->report->procs[i].last);
	return code;
}

static int conclude(const struct plan *p, const struct stage *s, const char *dir)
{
	int code = EXIT_COMPLETE, servers = check_servers(p, s);

	for (size_t i = 0; i < p->n_procs; i++) {
		int one = 0;

		if (p->procs[i].kind == SECTION_CLIENT && s->report->procs[i].started)
			one = take_client(p, s, i, dir);
		code = code ? code : one;
	}
	if (s->caught)
		return 128 + s->caught;
	if (s->report->timed_out) {
		fprintf(stderr,
			"twstorm lab: stopped after %u s, the scenario's time limit\n",
			p->seconds);
		return EXIT_INCOMPLETE;
	}
	return code ? code : servers;
}

int lab_run(const struct plan *p, const char *dir)
{
	struct stage stage;
	struct err err;
	int code;

	if (!p->quiet)
		story_before(stderr, p);
	if (stage_run(p, &stage, &err) == 0) {
		code = conclude(p, &stage, dir);
		if (code == EXIT_COMPLETE && *p->next) {
			printf("File:   %s\n\n", p->scenario->path);
			text_wrap(stdout, 0, p->next);
		}
		putchar('\n');
	} else if (stage.caught) {
		code = 128 + stage.caught;
	} else {
		fprintf(stderr, "twstorm lab: %s\n", err.text);
		code = err.exit;
	}
	stage_done(&stage);
	return code;
}
