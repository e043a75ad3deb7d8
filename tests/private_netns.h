/* private_netns - puts the calling process into a network namespace of its own, loopback up,
 * so that a test counts its own sockets and nobody else's.  A port in TIME_WAIT stays there: by
 * default loopback would take it again after a second (tcp_tw_reuse=2). */
#ifndef TWSTORM_TESTS_PRIVATE_NETNS_H
#define TWSTORM_TESTS_PRIVATE_NETNS_H

#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* net.ipv4.NAME of this namespace. */
static inline bool netns_sysctl(const char *name, const char *value)
{
	char path[128];
	FILE *f;
	bool written;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/%s", name);
	f = fopen(path, "we");
	written = f && fputs(value, f) >= 0;
	return f && fclose(f) == 0 && written;
}

static inline bool private_netns(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd;
	bool up;

	if (unshare(CLONE_NEWNET) == -1 && unshare(CLONE_NEWUSER | CLONE_NEWNET) == -1)
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	up = fd != -1 && ioctl(fd, SIOCSIFFLAGS, &ifr) == 0;
	close(fd);
	return up && netns_sysctl("tcp_tw_reuse", "0");
}

/* For a suite's main: tries it in a child. */
static inline bool private_netns_works(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(private_netns() ? 0 : 1);
	if (pid > 0 && waitpid(pid, &status, 0) == pid && status == 0)
		return true;
	puts("cannot make a network namespace here");
	return false;
}

#endif
