#include "bench/doctor/look.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include "bench/doctor/failing.h"
#include "bench/doctor/look_processes.h"
#include "bench/doctor/look_sockets.h"
#include "common/base/clock.h"
#include "common/base/signals.h"
#include "common/kernel/conntrack_stat.h"
#include "common/kernel/host.h"
#include "common/kernel/sock_diag.h"

#define ALIVE_EACH_NS (50 * NS_PER_MS)

struct look {
	const struct look_plan *plan;
	struct reading *read;
	struct host_ports ports;
	struct look_sockets sockets;
	struct failing_watch failing;
};

/* ---- files */

/* The same readers as for pasted text; what is not there is not known. */
static void read_proc(const struct look *l, const char *file)
{
	char path[64], *line = NULL;
	size_t room = 0;
	ssize_t len;
	FILE *from;

	snprintf(path, sizeof(path), "%s/%s", l->plan->root, file);
	from = fopen(path, "re");
	while (from && (len = getline(&line, &room, from)) > 0)
		reading_line(l->read, line, (size_t)len - (line[len - 1] == '\n'), true,
			     false);
	free(line);
	if (from)
		fclose(from);
}

/* ---- counters and settings */

static void look_at_counters(struct look *l)
{
	struct reading *r = l->read;
	struct kernel_counters c;
	struct err unused;

	r->counters_ns = clock_ns() - r->counters_ns;
	if (proc_net_counters(l->plan->root, &c, &unused) < 0)
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

static void look_at_conntrack(struct look *l)
{
	struct conntrack_stat n = { 0 };
	char path[64];
	FILE *from;

	memset(&l->read->conntrack, 0, sizeof(l->read->conntrack));
	snprintf(path, sizeof(path), "%s/net/stat/nf_conntrack", l->plan->root);
	from = fopen(path, "re");
	if (!from)
		return;
	if (conntrack_stat_add(from, &n) > 0) {
		l->read->conntrack.found = maybe_of(n.found);
		l->read->conntrack.insert = maybe_of(n.insert);
		l->read->conntrack.insert_failed = maybe_of(n.insert_failed);
		l->read->conntrack.drop = maybe_of(n.drop);
		l->read->conntrack.early_drop = maybe_of(n.early_drop);
	}
	fclose(from);
}

/* Of this thread's namespace, whatever is looked at. */
static void look_at_settings(struct look *l)
{
	struct reading *r = l->read;
	char text[96];
	unsigned long long mem[3];

	for (unsigned i = 0; i < DOCTOR_SYSCTL_MAX; i++) {
		int64_t n = host_sysctl_int("/proc", names[i], -1);

		if (n >= 0)
			r->sysctl[i] = maybe_of((uint64_t)n);
	}
	if (l->sockets.ports) {
		r->range_lo = maybe_of(l->ports.lo);
		r->range_hi = maybe_of(l->ports.hi);
		r->reserved = l->ports.reserved;
		r->reserved_known = true;
	}
	if (host_sysctl("/proc", "ipv4.tcp_mem", text, sizeof(text)) >= 0 &&
	    sscanf(text, "%llu %llu %llu", &mem[0], &mem[1], &mem[2]) == 3)
		for (unsigned i = 0; i < 3; i++)
			r->tcp_mem[i] = maybe_of(mem[i]);
}

/* What an older kernel does not tell is named: else nothing would be as good as none. */
static void look_at_kernel(struct look *l)
{
	const struct look_sockets *s = &l->sockets;
	unsigned major = 0, minor = 0;
	struct reading *r = l->read;
	struct utsname kernel;

	if (uname(&kernel) == 0)
		sscanf(kernel.release, "%u.%u", &major, &minor);
	if (s->diag && s->owners && !s->cgroups)
		r->not_told[r->n_not_told++] =
			"cgroups of sockets (Linux 5.8 and later do)";
	if (!look_sees_descriptors())
		r->not_told[r->n_not_told++] =
			"descriptors of processes (Linux 6.2 and later do)";
	if (s->diag && !s->bound_seen &&
	    (!s->bound_asked || major < 6 || (major == 6 && minor < 8)))
		r->not_told[r->n_not_told++] =
			s->bound_asked
				? "sockets that are only bound (Linux 6.8 and later do)"
				: "sockets that are only bound: with more than 50,000 in "
				  "TIME_WAIT they are not asked for";
}

/* ---- all of it */

#define TICK_NS (10 * NS_PER_MS) /* events wait for so long */
#define REST                                                                             \
	10 /* so many times what the last look at those alive took, nobody looks again */

static void wait_until(uint64_t until)
{
	struct pollfd woken = { .fd = signals_fd(), .events = POLLIN };
	uint64_t now;

	while (!signals_got && (now = clock_ns()) < until) {
		const struct timespec left = { (time_t)((until - now) / NS_PER_S),
					       (long)((until - now) % NS_PER_S) };

		ppoll(&woken, 1, &left, NULL);
	}
}

/* Reads events, and looks now and then who is alive: what closes meanwhile had an owner.  A signal ends it early. */
static int wait_and_watch(struct look *l, struct err *err)
{
	uint64_t begin = clock_ns(), until = begin + l->plan->interval_ns, now;
	int r = 0;

	while (r == 0 && !signals_got && (now = clock_ns()) < until) {
		uint64_t rest = now + TICK_NS;

		failing_read(&l->failing);
		if (l->plan->join && l->sockets.diag &&
		    now - l->sockets.begin_ns > ALIVE_EACH_NS &&
		    now - l->sockets.begin_ns > REST * l->sockets.cost_ns)
			r = look_sockets_alive(&l->sockets, err);
		wait_until(rest < until ? rest : until);
	}
	failing_leave(&l->failing);
	l->read->interval_ms = maybe_of(
		(signals_got ? clock_ns() - begin : l->plan->interval_ns) / NS_PER_MS);
	return r;
}

static int look_around(struct look *l, struct err *err)
{
	struct reading *r = l->read;
	struct maybe failed;
	int result = 0;

	if (l->plan->foreign)
		snprintf(r->method_why, sizeof(r->method_why),
			 "only root can enter that network namespace");
	else
		result = look_sockets_open(&l->sockets, err);

	if (result == 0)
		result = look_sockets_alive(&l->sockets, err);
	if (result < 0)
		return result;
	if (l->plan->join && l->sockets.diag)
		result = failing_join(&l->failing, err);
	else
		snprintf(r->failing.why_not, sizeof(r->failing.why_not), "%s",
			 l->plan->join ? r->method_why : "--watch");
	if (result < 0)
		return result;
	look_at_counters(l);
	look_at_conntrack(l);
	failed = r->conntrack.insert_failed;
	result = wait_and_watch(l, err);
	if (result == 0)
		result = look_sockets_ports(&l->sockets, err);
	if (result == 0 && l->sockets.sides)
		failing_settle(&l->failing, &l->sockets.sides->listening);
	if (result == 0)
		result = look_sockets_all(&l->sockets, err);
	if (result == 0 && !l->sockets.diag) {
		read_proc(l, "net/tcp");
		read_proc(l, "net/tcp6");
		r->method = r->whole_lists ? "/proc/net/tcp" : "nothing";
	}
	look_at_counters(l);
	look_at_conntrack(l);
	r->conntrack.first_failed = failed;
	read_proc(l, "net/sockstat");
	return result;
}

int look_at_host(const struct look_plan *plan, struct reading *r, struct err *err)
{
	struct look l = { .plan = plan, .read = r };
	struct err unused;
	int result;

	r->live = true;
	r->linux_seen = true;
	r->foreign = plan->foreign;
	reading_begin(r);
	l.sockets.read = l.failing.read = r;
	l.failing.alive = &l.sockets.alive;
	if (!plan->foreign && host_ports("/proc", &l.ports, &unused) == 0)
		l.sockets.ports = &l.ports;
	result = look_around(&l, err);
	if (!plan->foreign)
		look_at_settings(&l);
	look_at_kernel(&l);
	look_at_processes(r, plan->root);
	failing_done(&l.failing);
	look_sockets_close(&l.sockets);
	return result;
}
