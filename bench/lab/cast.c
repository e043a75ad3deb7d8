#include "bench/lab/cast.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* ---- --sysctl */

int cast_check_sysctls(const struct opt_texts *texts, struct err *err)
{
	for (size_t i = 0; i < texts->n; i++)
		if (!strchr(texts->at[i], '=') || strncmp(texts->at[i], "net.", 4) != 0 ||
		    strpbrk(texts->at[i], "\n{}#;"))
			return err_usage(err,
					 "--sysctl: expected net.NAME=VALUE, not '%.60s'",
					 texts->at[i]);
	return 0;
}

char *cast_sysctls(const struct opt_texts *texts)
{
	char *all = text_dup("");

	for (size_t i = 0; i < texts->n; i++) {
		size_t name = strcspn(texts->at[i], "=");
		char *more = text_printf("%ssysctl.%.*s = %s\n", all, (int)name,
					 texts->at[i], texts->at[i] + name + 1);

		free(all);
		all = more;
	}
	return all;
}

bool cast_has_sysctl(const struct opt_texts *texts, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < texts->n; i++)
		if (strncmp(texts->at[i], name, len) == 0 &&
		    strchr(" =", texts->at[i][len]))
			return true;
	return false;
}

/* ---- other people's programs */

static void replace_all(char **word, const char *what, const char *by)
{
	char *at;

	while ((at = strstr(*word, what))) {
		char *more = text_printf("%.*s%s%s", (int)(at - *word), *word, by,
					 at + strlen(what));

		free(*word);
		*word = more;
	}
}

/* An IPv6 address is in brackets where a port follows. */
static void fill_in(char **word, const struct plan_host *h)
{
	const struct plan_address *a = h->addresses;
	char *bare = text_printf("{%s}", h->name),
	     *ported = text_printf("{%s}:", h->name);
	char *address = text_printf(a->family == AF_INET6 ? "[%s]:" : "%s:", a->text);

	replace_all(word, ported, address);
	replace_all(word, bare, a->text);
	free(bare);
	free(ported);
	free(address);
}

void cast_command(struct plan *p, struct plan_proc *proc, struct words *argv)
{
	words_done(&proc->argv);
	proc->argv = *argv;
	for (size_t i = 0; i < proc->argv.n; i++)
		for (size_t h = 0; h < p->n_hosts; h++)
			fill_in(&proc->argv.at[i], &p->hosts[h]);
}

int cast_server(struct plan *p, struct plan_proc *proc, const char *command,
		struct err *err)
{
	struct words argv = { 0 };
	int r = words_split(&argv, command, err);

	if (r == 0 && !argv.n)
		r = err_usage(err, "expected a program and its arguments");
	if (r < 0) {
		words_done(&argv);
		return err_prefix(r, err, "--server");
	}
	cast_command(p, proc, &argv);
	proc->kind = SECTION_PROCESS;
	proc->ready = READY_LISTEN;
	proc->ready_port = 0;
	proc->ready_within_ns = CAST_LISTEN_NS;
	return 0;
}
