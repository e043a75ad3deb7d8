#include "bench/judge/applied.h"

#include <stdlib.h>
#include <string.h>
#include "bench/scenario/variants.h"
#include "common/base/utf8.h"
#include "common/result/result.h"

/* As the host's own client or server read it; NULL where neither did. */
static const char *read_back(const struct plan *p, json_t *doc, const char *host,
			     const char *name)
{
	const struct plan_proc *main = plan_main(p);
	json_t *sysctls = NULL;

	if (strcmp(main->host->name, host) == 0)
		sysctls = result_at(doc, "host.sysctls");
	else if (main->stats && strcmp(main->stats->host->name, host) == 0)
		sysctls = result_at(doc, "server.host.sysctls");
	return json_string_value(json_object_get(sysctls, name));
}

static void add_sysctl(struct words *all, const struct plan *p, const struct setting *s,
		       json_t *doc)
{
	const char *name = s->key + strlen("sysctl.");
	const char *is = read_back(p, doc, s->name, name);

	if (!is)
		words_add(all, text_printf("%s %s = %s (not read back)", s->name, name,
					   s->value));
	else if (strcmp(is, s->value) == 0)
		words_add(all, text_printf("%s %s = %s", s->name, name, is));
	else
		words_add(all,
			  text_printf("%s %s = %s, not %s", s->name, name, is, s->value));
}

/* An option's value in force; NULL: it is none that the client knows, or is a switch. */
static char *value_of(json_t *doc, const char *option)
{
	char *key = text_dup(option), *dash, *text = NULL;
	const json_t *value;

	while ((dash = strchr(key, '-')))
		*dash = '_';
	value = json_object_get(result_at(doc, "config"), key);
	if (json_is_string(value))
		text = text_dup(json_string_value(value));
	else if (json_is_number(value))
		text = text_printf("%g", json_number_value(value));
	free(key);
	return text;
}

static void add_options(struct words *all, const struct setting *s, json_t *doc)
{
	struct words given = { 0 }, shown = { 0 };
	char *line;

	words_split(&given, s->value, NULL);
	for (size_t i = 0; i < given.n; i++) {
		char *value;

		if (strncmp(given.at[i], "--", 2) != 0)
			continue;
		value = value_of(doc, given.at[i] + 2);
		words_add(&shown, text_printf("%s%s%s", given.at[i], value ? " " : "",
					      value ? value : ""));
		free(value);
	}
	line = words_join(&shown, " ");
	if (shown.n)
		words_add(all, text_printf("client %s", line));
	free(line);
	words_done(&given);
	words_done(&shown);
}

/* What nobody reads back: a server's options are in no result, but a process that did not run makes the run
 * void. */
static bool is_started_with(const struct setting *s)
{
	bool server = s->section == SECTION_SERVER && strcmp(s->key, "args") == 0;
	bool process = s->section == SECTION_PROCESS && strcmp(s->key, "command") == 0;

	return (server || process) && strcmp(s->value, "none") != 0;
}

/* The words of the process's command line that this setting gave, placeholders filled in: the last words before those that the
 * lab adds to a server's. */
static struct words given_words(const struct plan_proc *proc, const struct setting *s)
{
	struct words typed = { 0 }, given = proc->argv;
	size_t end = 0;

	words_split(&typed, s->value, NULL);
	while (end < given.n &&
	       (proc->kind != SECTION_SERVER || strcmp(given.at[end], "--admin") != 0))
		end++;
	given.n = typed.n < end ? typed.n : end;
	given.at += end - given.n;
	words_done(&typed);
	return given;
}

static void add_command(struct words *all, const struct plan *p, const struct setting *s)
{
	const char *read = s->section == SECTION_SERVER ? " (not read back)" : "";

	for (size_t i = 0; i < p->n_procs; i++) {
		const struct plan_proc *proc = &p->procs[i];
		struct words given;
		char *line;

		if (proc->kind != s->section || strcmp(proc->name, s->name) != 0)
			continue;
		given = given_words(proc, s);
		line = words_join(&given, " ");
		words_add(all, text_printf("%s %s: %s%s", section_names[s->section],
					   s->name, line, read));
		free(line);
	}
}

char *applied_text(const struct plan *p, json_t *doc)
{
	const struct settings *own = variants_overrides(p->scenario, p->variant);
	struct words all = { 0 };
	char *text;

	for (size_t i = 0; own && i < own->n; i++) {
		const struct setting *s = &own->at[i];

		if (s->section == SECTION_HOST && strncmp(s->key, "sysctl.", 7) == 0)
			add_sysctl(&all, p, s, doc);
		else if (s->section == SECTION_CLIENT && strcmp(s->key, "args") == 0 &&
			 strcmp(s->name, plan_main(p)->name) == 0)
			add_options(&all, s, doc);
		else if (is_started_with(s))
			add_command(&all, p, s);
	}
	text = words_join(&all, "; ");
	words_done(&all);
	return text;
}
