#include "bench/lab/story.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "common/base/clock.h"
#include "common/result/result.h"
#include "common/base/units.h"

#define CLIENT_DURATION_NS (10 * NS_PER_S) /* of a client without --duration */

/* ---- before */

static const char *option(const struct plan_proc *proc, const char *name,
			  const char *letter)
{
	const char *found = NULL;
	size_t len = strlen(name);

	for (size_t i = 1; i < proc->argv.n; i++) {
		const char *word = proc->argv.at[i];

		if (strncmp(word, name, len) == 0 && word[len] == '=')
			found = word + len + 1; /* the last one counts */
		else if (strcmp(word, name) == 0 || (letter && strcmp(word, letter) == 0))
			found = proc->argv.at[i + 1];
	}
	return found;
}

static const char *sysctl_of(const struct plan_host *h, const char *name)
{
	for (size_t i = 0; i < h->n_sysctls; i++)
		if (strcmp(h->sysctls[i]->key + strlen("sysctl."), name) == 0)
			return h->sysctls[i]->value;
	return NULL;
}

/* Sysctls by which the range is not what runs out. */
static bool spares_ports(const struct plan_host *h, unsigned ports)
{
	const char *reuse = sysctl_of(h, "net.ipv4.tcp_tw_reuse");
	const char *reserved = sysctl_of(h, "net.ipv4.ip_local_reserved_ports");
	const char *buckets = sysctl_of(h, "net.ipv4.tcp_max_tw_buckets");

	return (reuse && strcmp(reuse, "1") == 0) || (reserved && *reserved) ||
	       (buckets && strtoul(buckets, NULL, 10) < ports);
}

/* Whether it goes on long enough to use that many ports. */
static bool uses_up(const struct plan_proc *client, unsigned ports, double rate)
{
	const char *text = option(client, "--duration", "-d");
	const char *many = option(client, "--connections", "-n");
	uint64_t ns = CLIENT_DURATION_NS, count = 0;

	if (many && units_parse_count(many, &count, NULL) == 0 && count)
		return count > ports &&
		       (!text || units_parse_duration(text, &ns, NULL) == 0) &&
		       (!text || (double)ns / NS_PER_S > ports / rate);
	return (!text || units_parse_duration(text, &ns, NULL) == 0) &&
	       (double)ns / NS_PER_S > ports / rate;
}

/* Only the plain case is foretold here, a range set by the scenario and one target; the
 * client foretells the others (ports.predicted_exhaustion_s). */
static double prediction(const struct plan_proc *client, unsigned *ports, double *rate)
{
	static const char *const others[] = { "--pool", "--source", "--source-ports",
					      "--proto" };
	const char *range = sysctl_of(client->host, "net.ipv4.ip_local_port_range");
	const char *target = option(client, "--target", "-t"),
		   *close = option(client, "--close", NULL);
	const char *rate_text = option(client, "--rate", "-r");
	struct rate r = { 0 };
	unsigned lo, hi;

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (option(client, others[i], NULL))
			return 0;
	if (!range || !target || !rate_text ||
	    (close && strcmp(close, "client-fin") != 0) || strchr(target, ',') ||
	    strchr(strrchr(target, ':') ? strrchr(target, ':') : target, '-'))
		return 0;
	if (sscanf(range, "%u %u", &lo, &hi) != 2 || lo > hi || hi > 65535 ||
	    units_parse_rate(rate_text, &r, NULL) < 0 || r.from != r.to)
		return 0;
	*ports = hi - lo + 1;
	*rate = r.from;
	if (spares_ports(client->host, *ports) || !uses_up(client, *ports, *rate))
		return 0;
	return *ports / r.from;
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
			text_say(out, 15,
				 text_printf("%s = %s",
					     h->sysctls[s]->key + strlen("sysctl."),
					     h->sysctls[s]->value));
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
		unsigned ports;
		double rate, at;
		char many[32], *text;

		at = p->procs[i].kind == SECTION_CLIENT
			     ? prediction(&p->procs[i], &ports, &rate)
			     : 0;
		if (at <= 0)
			continue;
		units_grouped(ports, many, sizeof(many));
		text = text_printf(
			"Foretold: %s ports at %.4g connections a second last %.2f s. "
			"A port that was used stays in TIME_WAIT for 60 s, so then "
			"connect() must fail with EADDRNOTAVAIL, 'Cannot assign "
			"requested address'.",
			many, rate, at);
		text_wrap(out, 0, text);
		free(text);
	}
}

/* What is looked at afterwards, in the file's phrases. */
static void print_expected(FILE *out, const struct plan *p)
{
	struct words phrases = { 0 };
	char *all = text_dup("Expected:");

	for (size_t i = 0; i < p->n_expects; i++)
		words_add(&phrases, text_dup(p->expects[i].setting->key));
	for (size_t i = 0; i < p->compares.n; i++)
		words_add(&phrases, text_dup(p->compares.at[i]->key));
	for (size_t i = 0; i < phrases.n; i++) {
		char *longer = text_printf("%s %s%s", all, phrases.at[i],
					   i + 1 < phrases.n ? ";" : ".");

		free(all);
		all = longer;
	}
	if (phrases.n)
		text_wrap(out, 0, all);
	free(all);
	words_done(&phrases);
	if (*p->wanted && !plan_is_baseline(p))
		fprintf(out, "Expected verdict: %s\n", p->wanted);
}

/* What a variant sets, in the words of its file; true if that changes a command line. */
static bool print_overrides(FILE *out, const struct plan *p)
{
	const struct settings *own = scenario_overrides(p->scenario, p->variant);
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

void story_before(FILE *out, const struct plan *p, bool brief)
{
	bool named = strcmp(p->variant, p->scenario->name) != 0, commands = true;

	fprintf(out, "== %s%s%s\n", p->scenario->name, named ? ", variant " : "",
		named ? p->variant : "");
	if (*p->about)
		text_wrap(out, 0, p->about);
	if (*p->claim) {
		text_say(out, 0, text_printf("Said of it: %s", p->claim));
	}
	if (brief) {
		commands = print_overrides(out, p);
	} else {
		fputc('\n', out);
		print_hosts(out, p);
	}
	if (commands)
		print_commands(out, p);
	if (!brief)
		print_expected(out, p);
	print_prediction(out, p);
	fputc('\n', out);
}

/* ---- after */

static bool number(json_t *result, const char *path, double *out)
{
	json_t *v = result_at(result, path);

	if (!json_is_number(v))
		return false;
	*out = json_number_value(v);
	return true;
}

/* The figure at a path, thousands apart; "?" where there is none. */
static const char *figure(json_t *result, const char *path, char *buf, size_t size)
{
	double n;

	if (!number(result, path, &n) || n < 0)
		snprintf(buf, size, "?");
	else
		units_grouped((uint64_t)n, buf, size);
	return buf;
}

/* bind() has an errno of its own for it. */
static char *how_it_failed(json_t *result)
{
	char failed[32];
	double n;
	bool bind = number(result, "errors.bind.EADDRINUSE", &n);

	figure(result, bind ? "errors.bind.EADDRINUSE" : "errors.connect.EADDRNOTAVAIL",
	       failed, sizeof(failed));
	return text_printf("%s, %s times",
			   bind ? "bind() failed with EADDRINUSE"
				: "connect() failed with EADDRNOTAVAIL",
			   failed);
}

static void tell_ports(FILE *out, json_t *result)
{
	char budget[32], *how;
	double at, foretold, back;

	if (!number(result, "ports.first_exhausted_s", &at)) {
		text_say(out, 2, text_printf("The ports did not run out."));
		return;
	}
	how = how_it_failed(result);
	text_say(
		out, 2,
		text_printf("After %.2f s no local port was left of %s: from then on %s.",
			    at, figure(result, "ports.budget", budget, sizeof(budget)),
			    how));
	free(how);
	if (number(result, "ports.predicted_exhaustion_s", &foretold) && foretold > 0)
		text_say(out, 2,
			 text_printf(
				 "Foretold was %.2f s: %.1f %% off.", foretold,
				 100 * (at > foretold ? at - foretold : foretold - at) /
					 foretold));
	if (number(result, "ports.recovered_at_s", &back))
		text_say(out, 2,
			 text_printf("After %.2f s a port was free again.", back));
	else
		text_say(out, 2, text_printf("None came free again before the end."));
}

static void tell_states(FILE *out, json_t *result)
{
	char client[32], server[32];

	text_say(out, 2,
		 text_printf("TIME_WAIT at its highest: %s on the client, %s on the "
			     "server. The "
			     "side that closes first keeps it, and only the client's "
			     "takes the "
			     "client's ports.",
			     figure(result, "states.client.peak.TIME_WAIT", client,
				    sizeof(client)),
			     figure(result, "states.server.peak.TIME_WAIT", server,
				    sizeof(server))));
}

/* A probe's own section, as it is: probes have no story in common. */
static void tell_probe(FILE *out, json_t *result, const char *name)
{
	json_t *section, *value;
	const char *key;
	char *snake = text_dup(name), *dash;

	while ((dash = strchr(snake, '-')))
		*dash = '_';
	section = json_object_get(result, snake);
	json_object_foreach (section, key, value) {
		char *text = json_is_object(value) || json_is_array(value)
				     ? NULL
				     : json_dumps(value, JSON_ENCODE_ANY);

		if (text)
			fprintf(out, "  %-28s %s\n", key, text);
		free(text);
	}
	free(snake);
}

void story_after(FILE *out, json_t *result)
{
	const char *probe = json_string_value(json_object_get(result, "probe"));
	const char *why = json_string_value(result_at(result, "error.message"));
	char ok[32], done[32];
	double seconds = 0;

	if (probe) {
		tell_probe(out, result, probe);
		return;
	}
	number(result, "run.duration_s", &seconds);
	text_say(out, 2,
		 text_printf(
			 "%s connections were made and %s transactions done in %.1f s.",
			 figure(result, "totals.connects_ok", ok, sizeof(ok)),
			 figure(result, "totals.transactions_ok", done, sizeof(done)),
			 seconds));
	tell_ports(out, result);
	tell_states(out, result);
	if (json_is_false(result_at(result, "complete")))
		text_say(out, 2,
			 text_printf("The result is incomplete%s%s.", why ? ": " : "",
				     why ? why : ""));
}
