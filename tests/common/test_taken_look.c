/* What taken_look.h says is taken, and what the kernel says: sockets of every kind in a network
 * namespace of its own, each on one port; then connections that ask for each port in turn. */
#include "common/ports/taken_look.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "common/kernel/proc_net.h"
#include "common/kernel/sampler.h"
#include "common/kernel/sock.h"
#include "tests/addresses.h"
#include "tests/check_main.h"
#include "tests/common/looked.h"
#include "tests/private_netns.h"

#define LO 40000
#define HI 40099

/* ---- the sockets of others */

enum end { OPEN, TIME_WAIT, FIN_WAIT2, LISTEN, BOUND, CHILD };

/* clang-format off */
static const struct kind {
	const char *what;
	const char *local;  /* NULL: the kernel chooses; bind() has any address */
	const char *remote; /* of LISTEN and BOUND: the address family */
	bool bound, reuse;
	enum end end;
} kinds[] = {
	{ "a listener on any address",        "0.0.0.0:0",   NULL, true, false, LISTEN },
	{ "one on the first source",          "127.0.0.1:0", NULL, true, false, LISTEN },
	{ "one with SO_REUSEADDR",            "0.0.0.0:0",   NULL, true, true,  LISTEN },
	{ "one on another address",           "127.0.0.9:0", NULL, true, false, LISTEN },
	{ "one on any of IPv6",               "[::]:0",      NULL, true, false, LISTEN },
	{ "one on ::1",                       "[::1]:0",     NULL, true, false, LISTEN },
	{ "bound to any address",             "0.0.0.0:0",   NULL, true, false, BOUND },
	{ "bound to the second source",       "127.0.0.2:0", NULL, true, false, BOUND },
	{ "... with SO_REUSEADDR",            "127.0.0.2:0", NULL, true, true,  BOUND },
	{ "bound to another address",         "127.0.0.9:0", NULL, true, false, BOUND },
	{ "bound to any of IPv6",             "[::]:0",      NULL, true, false, BOUND },
	{ "bound to ::1",                     "[::1]:0",     NULL, true, false, BOUND },
	{ "left by a listener that is gone",  "127.0.0.1:0", NULL, true, true,  CHILD },

	{ "to another target",          NULL, "127.0.0.1:9002", false, false, OPEN },
	{ "... in TIME_WAIT",           NULL, "127.0.0.1:9002", false, false, TIME_WAIT },
	{ "... in FIN_WAIT2",           NULL, "127.0.0.1:9002", false, false, FIN_WAIT2 },
	{ "... with SO_REUSEADDR, open",      NULL, "127.0.0.1:9002", false, true, OPEN },
	{ "... with SO_REUSEADDR, TIME_WAIT", NULL, "127.0.0.1:9002", false, true, TIME_WAIT },
	{ "to another target, bound",   "127.0.0.1:0", "127.0.0.1:9002", true, false, OPEN },
	{ "... in TIME_WAIT",           "127.0.0.1:0", "127.0.0.1:9002", true, false, TIME_WAIT },
	{ "... in FIN_WAIT2",           "127.0.0.1:0", "127.0.0.1:9002", true, false, FIN_WAIT2 },
	{ "... to any, in TIME_WAIT",   "0.0.0.0:0", "127.0.0.1:9002", true, false, TIME_WAIT },
	{ "... with SO_REUSEADDR",      "127.0.0.1:0", "127.0.0.1:9002", true, true, OPEN },
	{ "... and in TIME_WAIT",       "127.0.0.1:0", "127.0.0.1:9002", true, true, TIME_WAIT },
	{ "... from another address",   "127.0.0.9:0", "127.0.0.1:9002", true, false, TIME_WAIT },
	{ "from another address",       "127.0.0.9:0", "127.0.0.1:9002", false, false, OPEN },
	{ "to another target by IPv6",  NULL, "[::1]:9002", false, false, OPEN },
	{ "... in TIME_WAIT",           NULL, "[::1]:9002", false, false, TIME_WAIT },
	{ "... bound",                  "[::1]:0", "[::1]:9002", true, false, TIME_WAIT },

	{ "to the first target",        NULL, "127.0.0.1:9000", false, false, OPEN },
	{ "... in TIME_WAIT",           NULL, "127.0.0.1:9000", false, false, TIME_WAIT },
	{ "... in FIN_WAIT2",           NULL, "127.0.0.1:9000", false, false, FIN_WAIT2 },
	{ "... bound",                  "127.0.0.1:0", "127.0.0.1:9000", true, false, OPEN },
	{ "... in TIME_WAIT",           "127.0.0.1:0", "127.0.0.1:9000", true, false, TIME_WAIT },
	{ "... with SO_REUSEADDR",      "127.0.0.1:0", "127.0.0.1:9000", true, true, OPEN },
	{ "... and in TIME_WAIT",       "127.0.0.1:0", "127.0.0.1:9000", true, true, TIME_WAIT },
	{ "... and in FIN_WAIT2",       "127.0.0.1:0", "127.0.0.1:9000", true, true, FIN_WAIT2 },
	{ "from the second source",     "127.0.0.2:0", "127.0.0.1:9000", false, false, OPEN },
	{ "... in TIME_WAIT",           "127.0.0.2:0", "127.0.0.1:9000", false, false, TIME_WAIT },
	{ "... bound, with SO_REUSEADDR", "127.0.0.2:0", "127.0.0.1:9000", true, true, TIME_WAIT },
	{ "from no source of ours",     "127.0.0.9:0", "127.0.0.1:9000", false, false, OPEN },
	{ "... in TIME_WAIT",           "127.0.0.9:0", "127.0.0.1:9000", false, false, TIME_WAIT },
	{ "to the second target",       NULL, "127.0.0.1:9001", false, false, OPEN },
	{ "... in TIME_WAIT",           NULL, "127.0.0.1:9001", false, false, TIME_WAIT },
	{ "... bound, with SO_REUSEADDR", "127.0.0.1:0", "127.0.0.1:9001", true, true, TIME_WAIT },
	{ "to the first target by IPv6", NULL, "[::1]:9000", false, false, OPEN },
	{ "... in TIME_WAIT",            NULL, "[::1]:9000", false, false, TIME_WAIT },
	{ "... bound",                   "[::1]:0", "[::1]:9000", true, false, TIME_WAIT },
};
/* clang-format on */

static uint16_t port_of(size_t kind)
{
	return (uint16_t)(LO + 3 + kind);
}

static const char *what_is_on(unsigned port)
{
	return port < port_of(0) || port >= port_of(ROWS(kinds))
		       ? "nothing"
		       : kinds[port - port_of(0)].what;
}

static void set_option(int fd, int level, int name, uint32_t value)
{
	ck_assert_int_eq(setsockopt(fd, level, name, &value, sizeof(value)), 0);
}

/* A socket that has, or asks for, this one port. */
static int socket_on(const struct addr *local, int family, uint16_t port, bool bound,
		     bool reuse)
{
	int fd = socket(family, SOCK_STREAM, 0);
	struct addr a = { .len = family == AF_INET ? sizeof(a.in) : sizeof(a.in6) };

	ck_assert_int_ne(fd, -1);
	a.sa.sa_family = (sa_family_t)family;
	if (local)
		a = *local;
	addr_set_port(&a, bound ? port : 0);
	if (reuse)
		set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (!bound) {
		set_option(fd, IPPROTO_IP, IP_LOCAL_PORT_RANGE,
			   (uint32_t)port << 16 | port);
		set_option(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
	}
	if ((local || bound) && bind(fd, &a.sa, a.len) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

static int servers[3]; /* ports 9000, 9001, 9002 */

static void start_servers(void)
{
	for (uint16_t i = 0; i < ROWS(servers); i++) {
		struct addr a = one_addr("[::]:0");

		addr_set_port(&a, (uint16_t)(9000 + i));

		servers[i] = socket(AF_INET6, SOCK_STREAM, 0);
		ck_assert_int_eq(bind(servers[i], &a.sa, a.len), 0);
		ck_assert_int_eq(listen(servers[i], 4000), 0);
	}
}

/* The listener goes, its connection stays. */
static void leave_child(int fd)
{
	struct addr a = { .len = sizeof(a.in6) };
	int out = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_eq(listen(fd, 1), 0);
	ck_assert_int_eq(getsockname(fd, &a.sa, &a.len), 0);
	set_option(out, IPPROTO_IP, IP_LOCAL_PORT_RANGE, 41000u << 16 | 41000);
	ck_assert_int_eq(connect(out, &a.sa, a.len), 0);
	ck_assert_int_ne(accept(fd, NULL, NULL), -1);
	close(fd);
}

static void connect_and_end(int fd, const struct kind *k)
{
	struct addr to = one_addr(k->remote);
	int server;

	ck_assert_msg(connect(fd, &to.sa, to.len) == 0, "%s: %s", k->what,
		      strerror(errno));
	server = accept(servers[addr_port(&to) - 9000], NULL, NULL);
	ck_assert_int_ne(server, -1);
	if (k->end == OPEN)
		return;
	close(fd);
	if (k->end == TIME_WAIT)
		close(server);
}

static void make(size_t i)
{
	const struct kind *k = &kinds[i];
	struct addr local = k->local ? one_addr(k->local) : (struct addr){ 0 };
	struct addr any = one_addr(k->remote ? k->remote : k->local);
	int fd = socket_on(k->local ? &local : NULL, any.sa.sa_family, port_of(i),
			   k->bound, k->reuse);

	ck_assert_msg(fd != -1, "%s: %s", k->what, strerror(errno));
	if (k->end == LISTEN)
		ck_assert_int_eq(listen(fd, 1), 0);
	else if (k->end == CHILD)
		leave_child(fd);
	else if (k->end != BOUND)
		connect_and_end(fd, k);
}

/* ---- the runs */

/* clang-format off */
static const struct run {
	const char *what;
	enum taken_way way;
	const char *targets, *sources;
	bool early, again; /* bind() chooses; TIME_WAIT is taken again after 1 ms */
} runs[] = {
	{ "connect()", TAKEN_CONNECT, "127.0.0.1:9000", NULL, false, false },
	{ "connect() again", TAKEN_CONNECT, "127.0.0.1:9000", NULL, false, true },
	{ "connect() to two", TAKEN_CONNECT, "127.0.0.1:9000-9001", NULL, false, false },
	{ "connect() from two", TAKEN_CONNECT, "127.0.0.1:9000",
	  "127.0.0.1,127.0.0.2", false, false },
	{ "connect() from two to two again", TAKEN_CONNECT, "127.0.0.1:9000-9001",
	  "127.0.0.1,127.0.0.2", false, true },
	{ "connect() by IPv6", TAKEN_CONNECT, "[::1]:9000", NULL, false, false },
	{ "connect() to the mapped address", TAKEN_CONNECT, "[::ffff:127.0.0.1]:9000", NULL,
	  false, false },
	{ "connect() to both families", TAKEN_CONNECT, "[::1]:9000,127.0.0.1:9000", NULL,
	  false, false },
	{ "bind early", TAKEN_BIND, "127.0.0.1:9000", NULL, true, false },
	{ "bind early from two", TAKEN_BIND, "127.0.0.1:9000", "127.0.0.1,127.0.0.2",
	  true, true },
	{ "bind early by IPv6", TAKEN_BIND, "[::1]:9000", NULL, true, false },
	{ "bind early to ::1", TAKEN_BIND, "[::1]:9000", "::1", true, false },
	{ "bind port", TAKEN_BIND, "127.0.0.1:9000", NULL, false, false },
	{ "bind port from two", TAKEN_BIND, "127.0.0.1:9000", "127.0.0.1,127.0.0.2",
	  false, false },
	{ "bind port, reuseaddr", TAKEN_BIND_SHARED, "127.0.0.1:9000", NULL, false, true },
	{ "bind port, reuseaddr, to two", TAKEN_BIND_SHARED, "127.0.0.1:9000-9001", NULL,
	  false, true },
	{ "bind port, reuseaddr, from two", TAKEN_BIND_SHARED, "127.0.0.1:9000-9001",
	  "127.0.0.1,127.0.0.2", false, true },
	{ "bind port, reuseaddr, by IPv6", TAKEN_BIND_SHARED, "[::1]:9000", NULL, false, true },
};
/* clang-format on */

static void plan_run(const struct run *run, struct looked *l)
{
	looked_plan(l, run->way, run->targets, run->sources);
	l->plan.lo = LO;
	l->plan.hi = HI;
	l->plan.time_wait_again = run->again;
}

/* By the first dump of a sampler, as a run does. */
static void look(struct looked *l)
{
	struct sampler_plan how = { .first_row = taken_look_row };
	struct taken_look *at;
	struct sampler *sampler;
	struct sample first;
	struct err err;

	ck_assert_int_eq(taken_look_begin(&l->plan, &at, &err), 0);
	how.arg = at;
	ck_assert_msg(sampler_start(&how, &first, &sampler, &err) == 0, "%s", err.text);
	ck_assert_uint_eq(first.other.n[STATE_CLOSE], 0);
	sampler_stop(sampler);
	ck_assert_int_eq(taken_look_end(at, &l->taken, &err), 0);
}

static const struct taken_port *entry(const struct taken *t, uint32_t pool, unsigned port)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->at[i].port == port &&
		    (t->at[i].pool == pool || t->at[i].pool == TAKEN_ALL_POOLS))
			return &t->at[i];
	return NULL;
}

/* ---- the judge */

static uint32_t pool_of(const struct looked *l, size_t source, size_t target)
{
	return (uint32_t)(l->plan.way == TAKEN_BIND ? source
						    : source * l->targets.n + target);
}

/* Really takes the port, and keeps it. */
static bool can_have(const struct run *run, const struct looked *l, size_t source,
		     size_t target, uint16_t port)
{
	const struct addr *to = &l->targets.at[target];
	struct addr any = { .len = to->len };
	const struct addr *from = l->sources.n ? &l->sources.at[source] : NULL;
	int fd, no = 0;

	any.sa.sa_family = to->sa.sa_family;
	if (run->early) {
		struct addr a = from ? *from : any;

		fd = socket(a.sa.sa_family, SOCK_STREAM, 0);
		set_option(fd, IPPROTO_IP, IP_LOCAL_PORT_RANGE,
			   (uint32_t)port << 16 | port);
		return bind(fd, &a.sa, a.len) == 0;
	}
	fd = socket_on(from, to->sa.sa_family, port, run->way != TAKEN_CONNECT,
		       run->way == TAKEN_BIND_SHARED);
	if (fd == -1) {
		ck_assert_int_eq(errno, EADDRINUSE);
		return false;
	}
	if (run->way == TAKEN_BIND)
		return true;
	if (connect(fd, &to->sa, to->len) == -1)
		no = errno;
	if (no)
		ck_assert_int_eq(no, EADDRNOTAVAIL);
	return no == 0;
}

/* Connected from an address of IPv6 that bind() was told: a bind() to any address of IPv4 can have
 * the port, but a dump shows no difference to one that bind() was not told. */
static bool is_doubt(const struct run *run, unsigned port)
{
	const struct kind *k;

	if (port < port_of(0) || port >= port_of(ROWS(kinds)))
		return false;
	k = &kinds[port - port_of(0)];
	return run->way == TAKEN_BIND && !run->sources && run->targets[0] != '[' &&
	       k->bound && k->remote && k->remote[0] == '[';
}

static void judge(const struct run *run, const struct looked *l, uint64_t *found)
{
	size_t targets = l->plan.way == TAKEN_BIND ? 1 : l->targets.n;

	for (size_t s = 0; s < l->plan.source_ids; s++)
		for (size_t t = 0; t < targets; t++)
			for (unsigned port = LO; port <= HI; port++) {
				const struct taken_port *p =
					entry(&l->taken, pool_of(l, s, t), port);
				bool had = can_have(run, l, s, t, (uint16_t)port);
				bool said =
					!p || (run->again && p->by == TAKEN_TIME_WAIT);

				if (is_doubt(run, port) && !said)
					continue;
				*found += had;
				ck_assert_msg(had == said,
					      "%s, source %zu, target %zu, port %u (%s): "
					      "%s, said %s",
					      run->what, s, t, port, what_is_on(port),
					      had ? "free" : "taken",
					      said ? "free" : "taken");
			}
}

static uint64_t time_waits(const struct taken *t)
{
	uint64_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += t->at[i].by == TAKEN_TIME_WAIT;
	return n;
}

static void begin(void)
{
	ck_assert(private_netns());
	ck_assert(netns_sysctl("tcp_fin_timeout", "30"));
	start_servers();
}

TEST_ROWS(the_kernel_agrees, runs)
{
	uint64_t found = 0, all;
	struct looked l;

	begin();
	for (size_t i = 0; i < ROWS(kinds); i++)
		make(i);
	ck_assert(netns_sysctl("tcp_tw_reuse", row->again ? "1" : "0"));
	if (row->again)
		ck_assert(netns_sysctl("tcp_tw_reuse_delay", "1"));
	usleep(10000);
	plan_run(row, &l);
	look(&l);
	ck_assert(!l.taken.estimated);
	ck_assert_uint_eq(l.taken.unasked, 0);
	judge(row, &l, &found);
	all = (HI - LO + 1) * l.plan.source_ids *
	      (row->way == TAKEN_BIND ? 1 : l.targets.n);
	ck_assert_uint_eq(
		found - (row->again ? time_waits(&l.taken) : 0),
		all - taken_in_pools(&l.taken, (uint32_t)(all / (HI - LO + 1))));
	looked_done(&l);
}

/* ---- asking */

/* Everything that the kernel counts in this namespace, and its sockets. */
static void take_stock(char *text, size_t size)
{
	static const char *const files[] = { "/proc/net/snmp", "/proc/net/netstat",
					     "/proc/net/snmp6", "/proc/net/tcp",
					     "/proc/net/tcp6" };
	size_t n = 0;

	for (size_t i = 0; i < ROWS(files); i++) {
		FILE *f = fopen(files[i], "re");
		char line[8192];

		ck_assert_ptr_nonnull(f);
		/* Of a socket: its two ends and its state. */
		while (fgets(line, sizeof(line), f)) {
			n += (size_t)snprintf(text + n, size - n, "%.*s\n",
					      i < 3    ? 8191
					      : i == 3 ? 36
						       : 86,
					      line);
			ck_assert_uint_lt(n, size);
		}
		fclose(f);
	}
}

TEST_ROWS(asking_sends_nothing_and_leaves_nothing, runs)
{
	static char before[65536], after[65536];
	struct looked l;
	size_t n;

	begin();
	for (size_t i = 0; i < ROWS(kinds); i++)
		make(i);
	usleep(200000); /* the last ACK that was put off */
	plan_run(row, &l);
	take_stock(before, sizeof(before));
	look(&l);
	take_stock(after, sizeof(after));
	for (n = 0; before[n] && before[n] == after[n]; n++)
		;
	ck_assert_msg(before[n] == after[n], "from %zu on: %.200s", n, after + n);
	looked_done(&l);
}

/* clang-format off */
static const struct {
	const char *what;
	const char *sysctl, *value;
	unsigned run; /* of runs[] */
	unsigned kinds; /* so many of kinds[] there are */
	bool unasked;
} refusals[] = {
	{ "no Fast Open for clients", "tcp_fastopen", "2", 0, ROWS(kinds), true },
	{ "... nothing to ask about", "tcp_fastopen", "2", 0, 12, false },
	{ "... bind() needs none", "tcp_fastopen", "2", 14, ROWS(kinds), false },
	{ "it might send a SYN", "tcp_fastopen_blackhole_timeout_sec", "10", 0, ROWS(kinds), true },
	{ "... bind() sends none", "tcp_fastopen_blackhole_timeout_sec", "10", 14, ROWS(kinds), false },
	{ "Fast Open for clients", "tcp_fastopen", "1", 0, ROWS(kinds), false },
};
/* clang-format on */

TEST_ROWS(says_what_it_could_not_ask, refusals)
{
	struct looked l;

	begin();
	ck_assert(netns_sysctl(row->sysctl, row->value));
	for (size_t i = 0; i < row->kinds; i++)
		make(i);
	plan_run(&runs[row->run], &l);
	look(&l);
	ck_assert_msg((l.taken.unasked > 0) == row->unasked, "%s: %u", row->what,
		      l.taken.unasked);
	ck_assert(entry(&l.taken, 0, port_of(0)) != NULL);
	looked_done(&l);
}

int main(void)
{
	if (!private_netns_works())
		return 77;
	return check_main("taken_look", check_tests);
}
