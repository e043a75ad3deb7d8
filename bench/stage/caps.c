#include "bench/stage/caps.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PORT_START "net.ipv4.ip_unprivileged_port_start"

void caps_drop(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	/* Or exec would give root all that is in the bounding set. */
	prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED, 0, 0, 0);
	for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	syscall(SYS_capset, &head, none);
}

static bool needs_ports(const struct plan *p, const struct plan_host *h)
{
	bool ours = false;

	for (size_t i = 0; i < h->n_sysctls; i++)
		if (strcmp(h->sysctls[i]->key, "sysctl." PORT_START) == 0)
			return false;
	for (size_t i = 0; i < p->n_procs; i++)
		ours = ours ||
		       (p->procs[i].host == h && (p->procs[i].kind == SECTION_SERVER ||
						  p->procs[i].kind == SECTION_CLIENT));
	return ours;
}

static void free_ports(void)
{
	int fd = open("/proc/sys/net/ipv4/ip_unprivileged_port_start",
		      O_WRONLY | O_CLOEXEC);

	if (fd == -1)
		return;
	if (write(fd, "0", 1) != 1) /* then bind() says so, if one is asked for */
		errno = 0;
	close(fd);
}

int caps_free_ports(const struct plan *p, const struct netns *n, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < p->n_hosts; i++) {
		if (!needs_ports(p, &p->hosts[i]))
			continue;
		r = netns_enter(n, i, err);
		if (r == 0)
			free_ports();
	}
	return r;
}
