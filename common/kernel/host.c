#include "common/kernel/host.h"

#include <errno.h>
#include <inttypes.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#define NETNS "/proc/thread-self/ns/net"
/* "1,3,5,...,65535" is 190 KB, and proc_do_large_bitmap() answers the first read() only. */
#define RESERVED_ROOM (256 * 1024)

/* The file's text by one read(), without the newline.  -ENOBUFS when it does not fit. */
static int read_text(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd == -1)
		return -errno;
	do
		n = read(fd, buf, size);
	while (n == -1 && errno == EINTR);
	if (n == -1) {
		int no = errno;

		close(fd);
		return -no;
	}
	close(fd);
	if ((size_t)n == size)
		return -ENOBUFS;
	buf[n] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	return 0;
}

int host_sysctl(const char *root, const char *name, char *buf, size_t size)
{
	char path[512];
	size_t at;
	int r;

	at = (size_t)snprintf(path, sizeof(path), "%s/sys/net/", root);
	if (at + strlen(name) >= sizeof(path))
		return -ENAMETOOLONG;
	strcpy(path + at, name);
	for (char *p = path + at; (p = strchr(p, '.'));)
		*p = '/';
	r = read_text(path, buf, size);
	for (char *p = buf; r == 0 && (p = strchr(p, '\t'));)
		*p = ' ';
	return r;
}

int64_t host_sysctl_int(const char *root, const char *name, int64_t fallback)
{
	char text[64], *end;
	long long v;

	if (host_sysctl(root, name, text, sizeof(text)) < 0)
		return fallback;
	errno = 0;
	v = strtoll(text, &end, 10);
	return errno || end == text || *end ? fallback : v;
}

/* "8080,9148-9150"; what is not so ends the reading. */
static void parse_reserved(const char *text, struct port_set *out)
{
	struct port_range range;

	while ((text = port_range_scan(text, &range))) {
		port_set_add_range(out, range);
		if (*text++ != ',')
			return;
	}
}

static int read_reserved(const char *root, struct host_ports *out, struct err *err)
{
	char *text = malloc(RESERVED_ROOM);
	int r;

	if (!text)
		return err_sys(err, "reading the reserved ports");
	r = host_sysctl(root, "ipv4.ip_local_reserved_ports", text, RESERVED_ROOM);
	if (r == 0)
		parse_reserved(text, &out->reserved);
	free(text);
	if (r == 0 || r == -ENOENT)
		return 0;
	errno = -r;
	return err_sys(err, "%s/sys/net/ipv4/ip_local_reserved_ports", root);
}

int host_ports(const char *root, struct host_ports *out, struct err *err)
{
	unsigned lo, hi;
	char text[64];
	int r;

	memset(out, 0, sizeof(*out));
	r = host_sysctl(root, "ipv4.ip_local_port_range", text, sizeof(text));
	if (r < 0) {
		errno = -r;
		return err_sys(err, "%s/sys/net/ipv4/ip_local_port_range", root);
	}
	if (sscanf(text, "%u %u", &lo, &hi) != 2 || lo > hi || hi > 65535)
		return err_run(err, "ip_local_port_range '%s' is not a range of ports",
			       text);
	out->lo = (uint16_t)lo;
	out->hi = (uint16_t)hi;
	return read_reserved(root, out, err);
}

unsigned host_ports_reserved(const struct host_ports *p, uint16_t lo, uint16_t hi)
{
	unsigned n = 0;

	for (unsigned port = lo; port <= hi; port++)
		n += port_set_has(&p->reserved, (uint16_t)port);
	return n;
}

static unsigned count_cpus(void)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 0)
		return (unsigned)CPU_COUNT(&set);
	return online > 0 ? (unsigned)online : 1; /* more CPUs than a cpu_set_t holds */
}

int host_read(struct host *out, struct err *err)
{
	struct utsname name;
	struct stat netns;

	memset(out, 0, sizeof(*out));
	if (uname(&name) == -1)
		return err_sys(err, "uname");
	if (stat(NETNS, &netns) == -1)
		return err_sys(err, NETNS);
	snprintf(out->kernel, sizeof(out->kernel), "%.95s", name.release);
	snprintf(out->machine, sizeof(out->machine), "%.31s", name.machine);
	out->netns = netns.st_ino;
	out->cpus = count_cpus();
	/* A container may hide it; an empty one says so. */
	if (read_text("/proc/sys/kernel/random/boot_id", out->boot_id,
		      sizeof(out->boot_id)) < 0)
		out->boot_id[0] = '\0';
	return 0;
}

uint64_t host_raise_nofile(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return 0;
	if (limit.rlim_cur < limit.rlim_max) {
		const struct rlimit raised = { limit.rlim_max, limit.rlim_max };

		if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
			limit = raised;
	}
	return limit.rlim_cur;
}

/* Not ru_maxrss: that one remembers what the process was before exec(). */
uint64_t host_memory_peak_kb(const char *root)
{
	char path[128], line[128];
	uint64_t kb = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/self/status", root);
	f = fopen(path, "re");
	if (!f)
		return 0;
	while (!kb && fgets(line, sizeof(line), f))
		sscanf(line, "VmHWM: %" SCNu64 " kB", &kb);
	fclose(f);
	return kb;
}

void host_reserve_descriptors(uint64_t n)
{
	struct rlimit limit;
	int any, last;

	if (n == 0 || getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return;
	if (n > limit.rlim_cur)
		n = limit.rlim_cur;
	any = open("/dev/null", O_RDONLY | O_CLOEXEC);
	last = any == -1 ? -1 : fcntl(any, F_DUPFD_CLOEXEC, (int)n - 1);
	if (last != -1)
		close(last);
	if (any != -1)
		close(any);
}
