#include "bench/scenario/plan_args.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <string.h>

/* ---- placeholders */

/* The addresses `what` stands for: "" the first, "2" the second, "all"; NULL if none. */
static char *host_text(const struct plan_host *h, const char *what)
{
	struct words all = { 0 };
	char *end, *text;
	unsigned long n = 1;

	if (strcmp(what, "all") == 0) {
		for (size_t i = 0; i < h->n_addresses; i++)
			words_add(&all, text_dup(h->addresses[i].text));
		text = words_join(&all, ",");
		words_done(&all);
		return text;
	}
	if (*what) {
		n = strtoul(what, &end, 10);
		if (*end || !n || n > h->n_addresses)
			return NULL;
	}
	return text_printf(h->addresses[n - 1].family == AF_INET6 ? "[%s]" : "%s",
			   h->addresses[n - 1].text);
}

static char *placeholder(const struct plan *p, const char *name, size_t len)
{
	char *copy = text_checked(strndup(name, len)), *dot, *text = NULL;
	const struct plan_host *h;

	dot = strchr(copy, '.');
	if (dot)
		*dot++ = '\0';
	h = plan_host(p, copy);
	if (strcmp(copy, "tmp") == 0 && !dot)
		text = text_dup(PLAN_TMP);
	else if (h)
		text = host_text(h, dot ? dot : "");
	free(copy);
	return text;
}

/* {WORD} is ours where WORD is made of name characters; other braces are left alone, and
 * {{WORD} stands for {WORD}. */
static size_t placeholder_len(const char *open)
{
	size_t len =
		strspn(open + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789-_.");

	return len && open[len + 1] == '}' ? len : 0;
}

int plan_fill_in(const struct plan *p, const struct setting *s, const char *word,
		 char **out, struct err *err)
{
	struct words pieces = { 0 };

	while (*word) {
		size_t plain = strcspn(word + 1, "{") + 1, len;
		char *piece;

		if (word[0] == '{' && word[1] == '{' && placeholder_len(word + 1)) {
			word++;
			plain = strcspn(word + 1, "{") + 1;
			len = 0;
		} else {
			len = *word == '{' ? placeholder_len(word) : 0;
		}
		piece = len ? placeholder(p, word + 1, len) : strndup(word, plain);
		if (!piece) {
			words_done(&pieces);
			return scenario_fault(
				p->scenario, s->line, err,
				"{%.*s} is no host's address; expected {HOST}, "
				"{HOST.N}, {HOST.all} or {tmp}, or {{%.*s} for the "
				"text itself",
				(int)len, word + 1, (int)len, word + 1);
		}
		words_add(&pieces, piece);
		word += len ? len + 2 : plain;
	}
	*out = words_join(&pieces, "");
	words_done(&pieces);
	return 0;
}

int plan_text(const struct plan *p, const struct setting *s, char **out, struct err *err)
{
	char *text;
	int r = plan_fill_in(p, s, s->value, &text, err);

	if (r < 0)
		return r;
	*out = text_printf("%s%s", text, *text ? "\n" : "");
	free(text);
	return 0;
}

static int add_files(const struct plan *p, struct plan_proc *proc, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < proc->n_files; i++)
		r = plan_text(p, proc->files[i].setting, &proc->files[i].text, err);
	return r;
}

static int add_args(const struct plan *p, struct plan_proc *proc, struct err *err)
{
	struct words raw = { 0 };
	struct err why;
	int r = 0;

	if (words_split(&raw, proc->args->value, &why) < 0) {
		words_done(&raw);
		return scenario_fault(p->scenario, proc->args->line, err, "%s", why.text);
	}
	for (size_t i = 0; r == 0 && i < raw.n; i++) {
		char *word = NULL;

		r = plan_fill_in(p, proc->args, raw.at[i], &word, err);
		if (r == 0)
			words_add(&proc->argv, word);
	}
	words_done(&raw);
	return r;
}

/* ---- what the lab adds */

static void add(struct plan_proc *proc, const char *option, const char *value)
{
	words_add(&proc->argv, text_dup(option));
	if (value)
		words_add(&proc->argv, text_dup(value));
}

/* Not by the network that is measured: a sick one would keep it from answering, and a port would
 * be one less. */
static void add_for_server(struct plan_proc *proc)
{
	snprintf(proc->admin, sizeof(proc->admin), "unix:%s/%s", PLAN_ADMIN, proc->name);
	add(proc, "--admin", proc->admin);
}

/* The server a client asks for the other side's states: as said, or the only one. */
static int choose_stats(struct plan *p, struct plan_proc *proc, struct err *err)
{
	const char *want = proc->stats_setting ? proc->stats_setting->value : "";
	const struct plan_proc *only = NULL;
	size_t servers = 0;

	if (strcmp(want, "none") == 0)
		return 0;
	for (size_t i = 0; i < p->n_procs; i++) {
		const struct plan_proc *q = &p->procs[i];

		if (q->kind != SECTION_SERVER)
			continue;
		servers++;
		if (!*want || strcmp(want, q->name) == 0)
			only = q;
	}
	if (*want && !only)
		return scenario_fault(p->scenario, proc->stats_setting->line, err,
				      "stats: expected a server's name or none, not '%s'",
				      want);
	proc->stats = *want || servers == 1 ? only : NULL;
	return 0;
}

/* Whatever leaves a result: what is expected of it, how it reports, where it goes. */
static void add_for_result(const struct plan *p, struct plan_proc *proc)
{
	for (size_t i = 0; i < p->n_expects; i++)
		if (p->expects[i].client == proc && !p->expects[i].by_lab)
			add(proc, "--expect", p->expects[i].setting->value);
	if (p->quiet)
		add(proc, "-q", NULL);
	else
		add(proc, "--interval", "1s");
	add(proc, "-o", "-");
}

static int add_for_client(struct plan *p, struct plan_proc *proc, struct err *err)
{
	int r = choose_stats(p, proc, err);

	if (r < 0)
		return r;
	if (proc->stats)
		add(proc, "--server-stats", proc->stats->admin);
	add_for_result(p, proc);
	return 0;
}

static int build_argv(struct plan *p, struct plan_proc *proc, struct err *err)
{
	int r;

	if (proc->kind != SECTION_PROCESS)
		add(proc, "twstorm", proc->kind == SECTION_PROBE ? "lab" : NULL);
	if (proc->kind != SECTION_PROCESS)
		add(proc, section_names[proc->kind], NULL);
	r = add_args(p, proc, err);
	r = r ? r : add_files(p, proc, err);
	if (r == 0 && !proc->argv.n)
		r = scenario_fault(p->scenario, proc->args->line, err,
				   "command: expected a program and its arguments");
	if (r == 0 && proc->kind == SECTION_SERVER)
		add_for_server(proc);
	if (r == 0 && proc->kind == SECTION_CLIENT)
		r = add_for_client(p, proc, err);
	if (r == 0 && proc->kind == SECTION_PROBE)
		add_for_result(p, proc);
	return r;
}

int plan_args(struct plan *p, struct err *err)
{
	int r = 0;

	/* Servers first: a client's line has its server's address in it. */
	for (int servers = 1; servers >= 0; servers--)
		for (size_t i = 0; r == 0 && i < p->n_procs; i++)
			if ((p->procs[i].kind == SECTION_SERVER) == servers)
				r = build_argv(p, &p->procs[i], err);
	return r;
}
