#include "bench/stage/hosts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "bench/stage/caps.h"
#include "bench/stage/routes.h"
#include "bench/stage/sysctl.h"
#include "bench/stage/trust.h"
#include "common/base/signals.h"

#define SHELL_GRACE_S 10 /* for a shell that was told to end, to do so */

static int write_bytes(const char *path, const char *text, size_t len, mode_t mode,
		       struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	int r = fd != -1 && write(fd, text, len) == (ssize_t)len
			? 0
			: err_sys(err, "%s", path);

	if (fd != -1)
		close(fd);
	return r;
}

static int write_file(const char *path, const char *text, mode_t mode, struct err *err)
{
	return write_bytes(path, text, strlen(text), mode, err);
}

/* For what a file's own --admin asks, off loopback: both ends can read it. */
static int write_token(struct err *err)
{
	unsigned char random[16];
	char text[2 * sizeof(random) + 2];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return err_sys(err, "getrandom");
	for (size_t i = 0; i < sizeof(random); i++)
		snprintf(text + 2 * i, 4, "%02x\n", random[i]);
	return write_file(PLAN_TOKEN, text, 0600, err);
}

/* {tmp}/netns/HOST is that host's namespace, as ip-netns(8) does it. */
static int name_namespaces(const struct plan *p, const struct netns *n, struct err *err)
{
	int r = mkdir(PLAN_NETNS, 0755) == -1 ? err_sys(err, PLAN_NETNS) : 0;

	for (size_t i = 0; r == 0 && i < p->n_hosts; i++) {
		char *path = text_printf("%s/%s", PLAN_NETNS, p->hosts[i].name);
		char from[40];

		snprintf(from, sizeof(from), "/proc/self/fd/%d", n->host[i]);
		r = write_file(path, "", 0444, err);
		if (r == 0 && mount(from, path, "none", MS_BIND, NULL) == -1)
			r = err_sys(err, "mount %s's namespace on %s", p->hosts[i].name,
				    path);
		free(path);
	}
	return r;
}

static int write_files(const struct plan *p, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < p->n_procs; i++)
		for (size_t f = 0; r == 0 && f < p->procs[i].n_files; f++) {
			const struct plan_file *file = &p->procs[i].files[f];
			char *path = text_printf("%s/%s", PLAN_TMP,
						 file->setting->key + strlen("file."));

			r = write_bytes(path, file->text, file->len,
					file->runs ? 0755 : 0644, err);
			free(path);
		}
	return r;
}

int hosts_build(const struct plan *p, struct netns *out, struct err *err)
{
	int r = netns_build(p, out, err);

	r = r ? r : sysctl_check(p, err);
	r = r ? r : write_token(err);
	if (r == 0 && mkdir(PLAN_ADMIN, 0700) == -1)
		r = err_sys(err, PLAN_ADMIN);
	return r ? r : name_namespaces(p, out, err);
}

int hosts_furnish(const struct plan *p, const struct netns *n,
		  const struct words *machine_wide, struct err *err)
{
	int r = routes_forward(p, n, err);

	r = r ? r : sysctl_write_all(p, n, machine_wide, err);
	r = r ? r : caps_free_ports(p, n, err);
	r = r ? r : routes_apply(p, n, err);
	r = r ? r : trust_make(p, err);
	return r ? r : write_files(p, err);
}

/* ---- a shell inside */

/* bash gets a prompt that names the host, and `on HOST COMMAND`. */
static int write_rc(const struct hosts_shell *shell, struct err *err)
{
	char *text = text_printf("[ -r ~/.bashrc ] && . ~/.bashrc\n"
				 "PS1='[lab %s] \\w\\$ '\n"
				 "on() { local host=$1; shift; nsenter --net=" PLAN_NETNS
				 "/$host \"$@\"; }\n",
				 shell->host->name);
	int r = write_file(PLAN_TMP "/shellrc", text, 0644, err);

	free(text);
	return r;
}

/* $client, $server, ...: the hosts' addresses.  What there is already stays: a host may be
 * called PATH. */
static void set_environment(const struct plan *p, const struct hosts_shell *shell)
{
	for (size_t i = 0; i < p->n_hosts; i++)
		if (!strchr(p->hosts[i].name, '-'))
			setenv(p->hosts[i].name, p->hosts[i].addresses[0].text, 0);
	setenv("TWSTORM_LAB_HOST", shell->host->name, 1);
}

static void become_shell(const struct plan *p, const struct netns *n,
			 const struct hosts_shell *shell)
{
	const char *program = getenv("SHELL"), *base;
	struct err err;

	if (netns_enter(n, (size_t)(shell->host - p->hosts), &err) < 0) {
		fprintf(stderr, "twstorm lab: %s\n", err.text);
		_exit((int)err.exit);
	}
	signals_restore(); /* what is ignored stays so through exec */
	set_environment(p, shell);
	if (shell->argv) {
		execvp(shell->argv[0], shell->argv);
		fprintf(stderr, "twstorm lab: %s: %s\n", shell->argv[0], strerror(errno));
		_exit(127);
	}
	program = program && *program ? program : "/bin/sh";
	base = strrchr(program, '/') ? strrchr(program, '/') + 1 : program;
	if (strcmp(base, "bash") == 0)
		execlp(program, program, "--rcfile", PLAN_TMP "/shellrc", "-i", NULL);
	execlp(program, program, "-i", NULL);
	fprintf(stderr, "twstorm lab: %s: %s\n", program, strerror(errno));
	_exit(127);
}

bool hosts_from_terminal(const siginfo_t *info)
{
	return info->si_signo == SIGINT && info->si_code == SI_KERNEL;
}

/* An interactive shell ignores SIGTERM; it gets SIGHUP, as if the terminal were gone.  A
 * process that does not end is killed after a while. */
static void tell_shell(const struct hosts_shell *shell, pid_t pid, int sig)
{
	if (!shell->argv && sig == SIGTERM)
		sig = SIGHUP;
	kill(pid, sig);
	if (sig != SIGINT)
		alarm(SHELL_GRACE_S);
}

/* Processes that the shell left in the background are reaped here, and killed at the
 * end. */
static int wait_shell(const struct hosts_shell *shell, pid_t pid, int *status,
		      struct err *err)
{
	siginfo_t info;
	sigset_t heard;
	pid_t ended;

	signals_set(&heard);
	sigaddset(&heard, SIGCHLD);
	sigaddset(&heard, SIGALRM);
	sigprocmask(SIG_BLOCK, &heard, NULL);
	for (;;) {
		while ((ended = waitpid(-1, status, WNOHANG)) > 0)
			if (ended == pid)
				return 0;
		if (ended == -1 && errno == ECHILD)
			return err_sys(err, "wait for the shell");
		if (sigwaitinfo(&heard, &info) == -1 || info.si_signo == SIGCHLD)
			continue;
		if (info.si_signo == SIGALRM)
			kill(pid, SIGKILL);
		else if (!hosts_from_terminal(&info))
			tell_shell(shell, pid, info.si_signo);
	}
}

int hosts_shell(const struct plan *p, const struct netns *n,
		const struct hosts_shell *shell, int *status, struct err *err)
{
	pid_t pid;
	int r = write_rc(shell, err);

	if (r < 0)
		return r;
	pid = fork();
	if (pid == -1)
		return err_sys(err, "fork");
	if (pid == 0)
		become_shell(p, n, shell);
	return wait_shell(shell, pid, status, err);
}
