#include "bench/lab/narrate.h"
#include "bench/lab/forecast.h"
#include "bench/lab/load.h"
#include "bench/probe/probe.h"
#include "bench/scenario/variants.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "common/base/clock.h"
#include "common/base/units.h"
#include "common/result/figure.h"
#include "common/result/process_text.h"
#include "common/result/story.h"

/* ---- before */

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

		if (forecast(&p->procs[i], p->seconds, &f, &predicted))
			text_say(out, 0,
				 "Predicted: %s ports at %.4g connections a second last "
				 "%.2f s%s. "
				 "A port that was used stays in TIME_WAIT for 60 s, so "
				 "then "
				 "connect() must fail with EADDRNOTAVAIL, 'Cannot assign "
				 "requested address'.",
				 units_grouped(predicted.budget), f.load.rate.from,
				 predicted.exhaustion_s,
				 p->procs[i].kind == SECTION_PROCESS
					 ? ", if the load closes first"
					 : "");
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

	return !own || !settings_find(own, SECTION_SCENARIO, "", "about");
}

void narrate_before(FILE *out, const struct plan *p, bool brief)
{
	bool named = strcmp(p->variant, p->scenario->name) != 0, commands = true;

	fprintf(out, "== %s%s%s\n", p->scenario->name, named ? ", variant " : "",
		named ? p->variant : "");
	if (*p->about && !(brief && says_the_same(p)))
		text_wrap(out, 0, p->about);
	if (*p->claim)
		text_say(out, 0, "Commonly said: %s", p->claim);
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
	"transactions done{totals.transactions_good < totals.transactions_ok?, of "      \
	"which "                                                                         \
	"{totals.transactions_good} were good (status below 400)} in "                   \
	"{run.duration_s|1} s."

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
	if (load_is(result))
		process_text_lines(out, result, 2);
	else
		text_wrap(out, 2, figure_fill(result, MADE, text));
}
