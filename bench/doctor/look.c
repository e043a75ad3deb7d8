#include "bench/doctor/look.h"

#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include "bench/doctor/source.h"
#include "common/base/clock.h"
#include "common/base/file.h"
#include "common/base/signals.h"
#include "common/kernel/host.h"
#include "common/kernel/sock_diag.h"

static const unsigned char no_host[16];

/* ---- sockets */

static uint8_t set_host(unsigned char to[16], const unsigned char *from, int family)
{
	memset(to, 0, 16);
	memcpy(to, from, family == AF_INET ? 4 : 16);
	if (memcmp(to, no_host, 16) == 0)
		return HOST_ANY;
	return family == AF_INET ? HOST_V4 : HOST_V6;
}

static int keep(const struct sock_diag_row *row, void *arg)
{
	struct reading *r = arg;
	struct noted_socket s = {
		.local_port = row->local_port,
		.remote_port = row->remote_port,
		.state = row->state,
		.recv_q = row->recv_q,
		.send_q = row->send_q,
		.left_ms = -1,
		.age_ms = -1,
		.block = r->block,
		.flags = NOTED_INODE_SHOWN | (row->inode ? 0 : NOTED_NO_INODE),
	};

	s.local_kind = set_host(s.local, row->local, row->family);
	s.remote_kind = set_host(s.remote, row->remote, row->family);
	if (row->state == STATE_TIME_WAIT)
		s.left_ms = row->expires_ms < INT32_MAX ? (int32_t)row->expires_ms : 0;
	if (row->state == STATE_LISTEN)
		s.flags |= NOTED_SS;
	r->sockets_listed++;
	noted_add(&r->seen, &s);
	return 0;
}

static int each_line(const char *line, size_t len, bool ended, bool last, void *arg)
{
	reading_line(arg, line, len, ended, last);
	return 0;
}

/* The same readers as for pasted text; what is not there is not known. */
static void read_proc(struct reading *r, const char *path)
{
	struct err unused;

	(void)source_read(path, each_line, r, &unused);
}

static int look_at_sockets(struct reading *r, struct err *err)
{
	struct sock_diag_query query = { .states = SOCK_DIAG_ALL_STATES };
	struct sock_diag *diag;
	struct err why_not;
	int result = sock_diag_open(&diag, &why_not);

	r->any_all = true;
	r->whole_lists++;
	if (result < 0) {
		read_proc(r, PROC_ROOT "/net/tcp");
		read_proc(r, PROC_ROOT "/net/tcp6");
		return 0;
	}
	result = sock_diag_dump(diag, &query, keep, r, err);
	sock_diag_close(diag);
	return result;
}

/* ---- counters and settings */

static void look_at_counters(struct reading *r)
{
	struct kernel_counters c;
	struct err unused;

	if (proc_net_counters(PROC_ROOT, &c, &unused) < 0)
		return;
	for (unsigned i = 0; i < KERNEL_COUNTERS; i++) {
		if (!(c.known >> i & 1))
			continue;
		if (!r->counter[i].known)
			r->counter_first[i] = maybe_of(c.n[i]);
		r->counter[i] = maybe_of(c.n[i]);
	}
}

static const char *const names[DOCTOR_SYSCTL_MAX] = {
#define X(id, name) [DS_##id] = name,
	DOCTOR_SYSCTLS(X)
#undef X
};

static void look_at_settings(struct reading *r)
{
	struct host_ports ports;
	struct err unused;
	char text[96];
	unsigned long long mem[3];

	for (unsigned i = 0; i < DOCTOR_SYSCTL_MAX; i++) {
		int64_t n = host_sysctl_int("/proc", names[i], -1);

		if (n >= 0)
			r->sysctl[i] = maybe_of((uint64_t)n);
	}
	if (host_ports("/proc", &ports, &unused) == 0) {
		r->range_lo = maybe_of(ports.lo);
		r->range_hi = maybe_of(ports.hi);
		r->reserved = ports.reserved;
		r->reserved_known = true;
	}
	if (host_sysctl("/proc", "ipv4.tcp_mem", text, sizeof(text)) >= 0 &&
	    sscanf(text, "%llu %llu %llu", &mem[0], &mem[1], &mem[2]) == 3)
		for (unsigned i = 0; i < 3; i++)
			r->tcp_mem[i] = maybe_of(mem[i]);
	read_proc(r, PROC_ROOT "/net/sockstat");
}

/* ---- descriptors: since Linux 6.2 the size of /proc/PID/fd is how many there are */

static bool read_text(const char *pid, const char *file, char *buf, size_t size)
{
	char path[64], *text;
	struct err unused;
	size_t len;

	snprintf(path, sizeof(path), "/proc/%.20s/%s", pid, file);
	if (file_read_path(path, 65536, &text, &len, &unused) < 0)
		return false;
	snprintf(buf, size, "%s", text);
	free(text);
	return true;
}

static void look_at_process(struct reading *r, const char *pid)
{
	char path[64], limits[2048], name[32], line[128];
	unsigned long long limit;
	struct stat st;
	const char *at;

	snprintf(path, sizeof(path), "/proc/%.20s/fd", pid);
	if (stat(path, &st) < 0 || st.st_size <= 0 ||
	    !read_text(pid, "limits", limits, sizeof(limits)) ||
	    !read_text(pid, "comm", name, sizeof(name)))
		return;
	at = strstr(limits, "Max open files");
	if (!at || sscanf(at, "Max open files %llu", &limit) != 1)
		return;
	name[strcspn(name, "\n")] = '\0';
	snprintf(line, sizeof(line), "descriptors %.20s used %llu of %llu %s", pid,
		 (unsigned long long)st.st_size, limit, name);
	reading_line(r, line, strlen(line), true, false);
}

static void look_at_processes(struct reading *r)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;

	while (dir && (e = readdir(dir)))
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9')
			look_at_process(r, e->d_name);
	if (dir)
		closedir(dir);
}

/* ---- all of it */

static int wait_for(uint64_t ns)
{
	struct pollfd woken = { .fd = signals_fd(), .events = POLLIN };
	uint64_t until = clock_ns() + ns, now;

	while (!signals_got && (now = clock_ns()) < until) {
		const struct timespec left = { (time_t)((until - now) / NS_PER_S),
					       (long)((until - now) % NS_PER_S) };

		ppoll(&woken, 1, &left, NULL);
	}
	return signals_got ? -EINTR : 0;
}

int look_at_host(struct reading *r, uint64_t interval_ns, struct err *err)
{
	int result = 0;

	r->linux_seen = true;
	reading_begin(r);
	look_at_counters(r);
	if (interval_ns) {
		result = wait_for(interval_ns);
		r->interval_ms = maybe_of(interval_ns / NS_PER_MS);
	}
	if (result < 0)
		return result;
	result = look_at_sockets(r, err);
	if (interval_ns)
		look_at_counters(r);
	look_at_settings(r);
	look_at_processes(r);
	return result;
}
