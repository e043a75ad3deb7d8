#include "bench/lab/narrate.h"
#include "bench/probe/probe.h"
#include "bench/scenario/variants.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "common/base/clock.h"
#include "common/base/units.h"
#include "common/ports/facts.h"
#include "common/result/figure.h"
#include "common/result/story.h"

/* ---- before */

/* The value that the scenario gives net.NAME, or NULL. */
static const char *sysctl_text(const struct plan_host *h, const char *name)
{
	for (size_t i = 0; i < h->n_sysctls; i++) {
		const char *key = h->sysctls[i]->key + strlen("sysctl.");

		if (strncmp(key, "net.", 4) == 0 && strcmp(key + 4, name) == 0)
			return h->sysctls[i]->value;
	}
	return NULL;
}

static int64_t sysctl_number(const void *host, const char *name, int64_t otherwise)
{
	const char *text = sysctl_text(host, name);

	return text ? strtoll(text, NULL, 10) : otherwise;
}

/* Without memory the program ends, or a sentence would be missing. */
static int told(int r)
{
	if (r == -ENOMEM)
		text_checked(NULL);
	return r;
}

static int facts_of(const struct plan_proc *client, struct ports_facts *f)
{
	struct words argv = { 0 };
	int r;

	facts_set_sysctls(f, sysctl_number, client->host);
	words_copy(&argv, &client->argv, 1);
	r = facts_of_client((int)argv.n, argv.at, f);
	words_done(&argv);
	return told(r);
}

/* Predicts the plain case only, where a range that the scenario sets runs out towards one
 * target and everything stays in TIME_WAIT; the client predicts the others when it
 * starts. */
static bool predict(const struct plan_proc *client, struct ports_facts *f,
		    struct ports_prediction *p)
{
	const char *range = sysctl_text(client->host, "ipv4.ip_local_port_range");
	const char *reserved = sysctl_text(client->host, "ipv4.ip_local_reserved_ports");

	*f = (struct ports_facts){ 0 };
	if (client->kind != SECTION_CLIENT || !range || (reserved && *reserved) ||
	    !facts_of_client || sscanf(range, "%u %u", &f->lo, &f->hi) != 2 ||
	    f->lo > f->hi || f->hi > 65535 || facts_of(client, f) < 0 || f->early_bind ||
	    f->load.rate.from != f->load.rate.to ||
	    closing_mix_share(&f->load.pick.mix, PORT_TIME_WAIT) < 1 ||
	    told(ports_predict(f, PORTS_MOST_EVENTS, p, NULL)) < 0)
		return false;
	return p->exhaustion_s > 0 && p->tuples == 1 && !p->reuse;
}

static void print_addresses(FILE *out, const struct plan_host *h)
{
	int at = fprintf(out, "  %-10s", h->name);

	for (size_t a = 0; a < h->n_addresses; a++) {
		char *text = text_printf("%s/%u%s", h->addresses[a].text,
					 h->addresses[a].prefix,
					 a + 1 < h->n_addresses ? "," : "");

		if (at + 1 + (int)strlen(text) > 78)
			at = fprintf(out, "\n%12s", "") - 1;
		at += fprintf(out, " %s", text);
		free(text);
	}
	fputc('\n', out);
}

static void print_hosts(FILE *out, const struct plan *p)
{
	fprintf(out, "Hosts: a private network namespace each, joined by a bridge; this "
		     "machine's own\nnetwork is not touched.\n");
	for (size_t i = 0; i < p->n_hosts; i++) {
		const struct plan_host *h = &p->hosts[i];

		print_addresses(out, h);
		for (size_t s = 0; s < h->n_sysctls; s++)
			text_say(out, 15, "%s = %s",
				 h->sysctls[s]->key + strlen("sysctl."),
				 h->sysctls[s]->value);
		for (size_t s = 0; s < h->n_cable; s++)
			text_say(out, 15, "its cable: %s = %s", h->cable[s]->key,
				 h->cable[s]->value);
		if (h->observe)
			text_say(out, 15, "observed: %s", h->observe->value);
	}
}

static void print_commands(FILE *out, const struct plan *p)
{
	fprintf(out, "Commands:\n");
	for (size_t i = 0; i < p->n_procs; i++) {
		char *prompt = text_printf("  %s$ ", p->procs[i].host->name);

		text_command(out, prompt, p->procs[i].argv.at);
		free(prompt);
	}
}

static void print_prediction(FILE *out, const struct plan *p)
{
	for (size_t i = 0; i < p->n_procs; i++) {
		struct ports_facts f;
		struct ports_prediction predicted;

		if (predict(&p->procs[i], &f, &predicted))
			text_say(out, 0,
				 "Predicted: %s ports at %.4g connections a second last "
				 "%.2f s. "
				 "A port that was used stays in TIME_WAIT for 60 s, so "
				 "then "
				 "connect() must fail with EADDRNOTAVAIL, 'Cannot assign "
				 "requested address'.",
				 units_grouped(predicted.budget), f.load.rate.from,
				 predicted.exhaustion_s);
		ports_facts_done(&f);
	}
}

/* What is looked at afterwards, in the file's phrases. */
static void print_expected(FILE *out, const struct plan *p)
{
	struct words phrases = { 0 };
	char *all;

	for (size_t i = 0; i < p->n_expects; i++)
		words_add(&phrases, text_dup(p->expects[i].setting->key));
	for (size_t i = 0; i < p->compares.n; i++)
		words_add(&phrases, text_dup(p->compares.at[i]->key));
	all = words_join(&phrases, "; ");
	if (phrases.n)
		text_say(out, 0, "Expected: %s.", all);
	free(all);
	words_done(&phrases);
	if (*p->wanted && !plan_is_baseline(p))
		fprintf(out, "Expected verdict: %s\n", p->wanted);
}

/* A delay without `after` holds up the whole run, which is seldom what is wanted: it is told. */
static void print_delay(FILE *out, const struct plan *p, const struct plan_proc *proc)
{
	const char *kind = section_names[proc->kind];
	struct words waiting = { 0 };
	char *names;

	for (size_t i = 0; i < p->n_procs; i++)
		if (plan_has_result(&p->procs[i]))
			words_add(&waiting,
				  text_printf("%s %s", section_names[p->procs[i].kind],
					      p->procs[i].name));
	names = words_join(&waiting, " and ");
	text_say(out, 2,
		 "%s %s begins %g s after the hosts are there, and %s wait%s until it is "
		 "ready. With `after = CUE` it would begin so long after that cue, and "
		 "nobody would wait for it.",
		 kind, proc->name, (double)proc->delay_ns / NS_PER_S, names,
		 waiting.n > 1 ? "" : "s");
	free(names);
	words_done(&waiting);
}

static void print_delays(FILE *out, const struct plan *p)
{
	for (size_t i = 0; i < p->n_procs; i++) {
		const struct plan_proc *proc = &p->procs[i];

		if (proc->delay_ns && !plan_has_result(proc) && !proc->after.n)
			print_delay(out, p, proc);
	}
}

/* What a variant sets, in the words of its file; true if that changes a command line. */
static bool print_overrides(FILE *out, const struct plan *p)
{
	const struct settings *own = variants_overrides(p->scenario, p->variant);
	bool commands = false;

	for (size_t i = 0; own && i < own->n; i++) {
		const struct setting *s = &own->at[i];
		char *text;

		if (s->section < SECTION_HOST || s->section > SECTION_PROCESS)
			continue;
		text = text_printf("%s %s: %s%s = %s", section_names[s->section], s->name,
				   s->key, s->append ? "+" : "", s->value);
		text_wrap(out, 2, text);
		free(text);
		commands = commands || s->section != SECTION_HOST;
	}
	return commands;
}

/* The variant is about what the whole scenario is about. */
static bool says_the_same(const struct plan *p)
{
	const struct settings *own = variants_overrides(p->scenario, p->variant);

	return !own || !settings_find(own, SECTION_SCENARIO, "about");
}

void narrate_before(FILE *out, const struct plan *p, bool brief)
{
	bool named = strcmp(p->variant, p->scenario->name) != 0, commands = true;

	fprintf(out, "== %s%s%s\n", p->scenario->name, named ? ", variant " : "",
		named ? p->variant : "");
	if (*p->about && !(brief && says_the_same(p)))
		text_wrap(out, 0, p->about);
	if (*p->claim)
		text_say(out, 0, "Said of it: %s", p->claim);
	if (brief) {
		commands = print_overrides(out, p);
	} else {
		fputc('\n', out);
		print_hosts(out, p);
	}
	if (commands) {
		print_commands(out, p);
		print_delays(out, p);
	}
	if (!brief)
		print_expected(out, p);
	print_prediction(out, p);
	fputc('\n', out);
}

/* ---- after */

#define MADE                                                                             \
	"{totals.connects_ok|?} connections were made and {totals.transactions_ok|?} "   \
	"transactions done in {run.duration_s|1} s."

void narrate_heading(FILE *out, const struct plan *p, const struct plan_proc *proc)
{
	bool named = strcmp(p->variant, p->scenario->name) != 0;

	fprintf(out, "What happened%s%s", named ? " in " : "", named ? p->variant : "");
	if (plan_results(p) > 1)
		fprintf(out, "%s%s %s", named ? ", " : " to ", section_names[proc->kind],
			proc->name);
	fputs(":\n", out);
}

void narrate_after(FILE *out, json_t *result)
{
	char text[FIGURE_TEXT];

	if (json_object_get(result, "probe")) {
		probe_tell(out, 2, result);
		return;
	}
	story_print(out, result, 2);
	text_wrap(out, 2, figure_fill(result, MADE, text));
}
