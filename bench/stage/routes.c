#include "bench/stage/routes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "bench/stage/rtnl.h"
#include "bench/stage/sysctl.h"
#include "common/base/signals.h"

#define NFT_WORDS 300 /* bytes of what nft says that are shown */

static int forward(struct err *err)
{
	static const struct {
		const char *name, *value;
	} sysctls[] = {
		{ "net.ipv4.ip_forward", "1" },
		{ "net.ipv4.conf.all.send_redirects", "0" },
		{ "net.ipv4.conf.eth0.send_redirects", "0" },
		{ "net.ipv6.conf.all.forwarding", "1" },
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(sysctls) / sizeof(sysctls[0]); i++) {
		r = sysctl_set(sysctls[i].name, sysctls[i].value);
		if (r == -ENOENT && strstr(sysctls[i].name, "ipv6"))
			r = 0; /* a kernel without IPv6 */
		if (r < 0) {
			errno = -r;
			err_sys(err, "set %s", sysctls[i].name);
		}
	}
	return r;
}

int routes_forward(const struct plan *p, const struct netns *n, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < p->n_hosts; i++) {
		if (!p->hosts[i].forwards)
			continue;
		r = netns_enter(n, i, err);
		r = r ? r : forward(err);
	}
	return r;
}

/* The calling process is in the host's namespace. */
static int add_routes(const struct plan_host *h, struct err *err)
{
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	int r = 0;

	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) == -1)
		r = err_sys(err, "a socket for routes");
	for (size_t i = 0; r == 0 && i < h->n_routes; i++)
		r = rtnl_add_route(nl, &h->routes[i], err);
	if (nl)
		mnl_socket_close(nl);
	return r;
}

/* `in` is what nft reads, `out` takes what it says. */
static void become_nft(int in, int out)
{
	signals_restore();
	if (dup2(in, STDIN_FILENO) != -1 && dup2(out, STDOUT_FILENO) != -1 &&
	    dup2(out, STDERR_FILENO) != -1)
		execlp("nft", "nft", "-f", "-", (char *)NULL);
	_exit(errno == ENOENT ? 127 : 126);
}

/* Its first line names the fault; what follows is the text again. */
static void read_words(int fd, char words[NFT_WORDS])
{
	static const char stdin_name[] = "/dev/stdin:";
	ssize_t n = pread(fd, words, NFT_WORDS - 1, 0);
	size_t skip = sizeof(stdin_name) - 1;

	words[n > 0 ? n : 0] = '\0';
	words[strcspn(words, "\r\n")] = '\0';
	if (strncmp(words, stdin_name, skip) == 0)
		memmove(words, words + skip, strlen(words + skip) + 1);
}

/* A file without a name, with that text. */
static int text_file(const char *text, struct err *err)
{
	int fd = open(PLAN_TMP, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	size_t len = strlen(text);

	if (fd != -1 && write(fd, text, len) == (ssize_t)len &&
	    lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	err_sys(err, "a file for nft in %s", PLAN_TMP);
	if (fd != -1)
		close(fd);
	return -EIO;
}

static int run_nft(const struct plan *p, const struct plan_host *h, int in, int out,
		   struct err *err)
{
	char words[NFT_WORDS];
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		become_nft(in, out);
	if (pid == -1 || waitpid(pid, &status, 0) == -1)
		return err_sys(err, "run nft");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return err_support(
			err, "host %s needs the program nft, which is not here", h->name);
	read_words(out, words);
	return scenario_fault(p->scenario, h->nft->line, err,
			      "host %s: nft says of its line %s", h->name, words);
}

static int apply_nft(const struct plan *p, const struct plan_host *h, struct err *err)
{
	int in = text_file(h->nft_text, err), out, r;

	if (in < 0)
		return in;
	out = text_file("", err);
	r = out < 0 ? out : run_nft(p, h, in, out, err);
	close(in);
	if (out >= 0)
		close(out);
	return r;
}

int routes_apply(const struct plan *p, const struct netns *n, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < p->n_hosts; i++) {
		const struct plan_host *h = &p->hosts[i];

		if (!h->n_routes && !h->nft_text)
			continue;
		r = netns_enter(n, i, err);
		if (r == 0 && h->n_routes)
			r = add_routes(h, err);
		if (r == 0 && h->nft_text)
			r = apply_nft(p, h, err);
	}
	return r;
}
