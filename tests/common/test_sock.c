/* Sockets as they are made and set once. */
#include "common/kernel/sock.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/addresses.h"
#include "tests/check_main.h"

static struct addr host_at(const char *host, uint16_t port)
{
	char text[32];

	snprintf(text, sizeof(text), "%s:%u", host, port);
	return one_addr(text);
}

static int option(int fd, int level, int name)
{
	int value = -1;
	socklen_t len = sizeof(value);

	ck_assert_int_eq(getsockopt(fd, level, name, &value, &len), 0);
	return value;
}

static const char *const places[] = { "127.0.0.1:0", "127.0.0.2:0", "[::1]:0" };

TEST_ROWS(listens, places)
{
	struct addr where = one_addr(*row), local, back;
	struct err err = { 0 };
	int fd = sock_listen(&where, 16, SOCK_FIRST, &err), client;

	if (fd == -EADDRNOTAVAIL || fd == -EAFNOSUPPORT)
		return; /* no IPv6 here */
	ck_assert_msg(fd >= 0, "%s", err.text);
	ck_assert_int_ne(option(fd, SOL_SOCKET, SO_REUSEADDR), 0);
	ck_assert_int_ne(option(fd, SOL_SOCKET, SO_REUSEPORT), 0);
	ck_assert_int_ne(option(fd, SOL_SOCKET, SO_ACCEPTCONN), 0);
	ck_assert(fcntl(fd, F_GETFL) & O_NONBLOCK);
	ck_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	ck_assert_int_eq(sock_local(fd, &local, &err), 0);
	ck_assert(addr_same_host(&local, &where));
	ck_assert_uint_ne(addr_port(&local), 0);
	client = socket(local.sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(connect(client, &local.sa, local.len), 0);
	ck_assert_int_eq(sock_local(client, &back, &err), 0);
	ck_assert_uint_eq(back.len, where.len);
	close(client);
	close(fd);
}

static const struct {
	const char *what, *to, *from;
	int result;
} routes[] = {
	{ "by lo", "127.0.0.1:9000", NULL, 0 },
	{ "from an address of ours", "127.0.0.1:9000", "127.0.0.2:0", 0 },
	{ "from one of ours with a port", "127.0.0.1:9000", "127.0.0.2:1", 0 },
	{ "from nobody's", "127.0.0.1:9000", "198.18.255.254:0", -EADDRNOTAVAIL },
};

TEST_ROWS(there_is_an_address_to_come_from, routes)
{
	struct addr to = one_addr(row->to), from, local;

	if (row->from)
		from = one_addr(row->from);
	ck_assert_msg(sock_route(&to, row->from ? &from : NULL, &local) == row->result,
		      "%s", row->what);
	if (row->result == 0)
		ck_assert(addr_same_host(&local, row->from ? &from : &to));
}

TEST(the_socket_knows_what_went_wrong)
{
	struct addr nobody = host_at("127.0.0.1", 1);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	ck_assert_int_eq(sock_error(fd), 0);
	connect(fd, &nobody.sa, nobody.len);
	ck_assert_int_eq(sock_error(fd), ECONNREFUSED);
	ck_assert_int_eq(sock_error(fd), 0);
	close(fd);
	ck_assert_int_eq(sock_error(fd), EBADF);
}

static int take_all(int fd)
{
	int n = 0, one;

	while ((one = accept(fd, NULL, NULL)) != -1) {
		close(one);
		n++;
	}
	return n;
}

TEST(workers_share_a_port)
{
	struct addr where = one_addr("127.0.0.1:0");
	struct err err;
	int a = sock_listen(&where, 64, SOCK_FIRST, &err), b, n;

	ck_assert_int_eq(sock_local(a, &where, &err), 0);
	b = sock_listen(&where, 64, SOCK_JOIN, &err);
	ck_assert_int_ge(b, 0);
	for (int i = 0; i < 64; i++) {
		int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		ck_assert_int_eq(connect(client, &where.sa, where.len), 0);
		close(client);
	}
	n = take_all(a);
	ck_assert_int_gt(n, 0); /* 32 or so; 0 once in 2^64 */
	ck_assert_int_lt(n, 64);
	ck_assert_int_eq(n + take_all(b), 64);
	close(a);
	close(b);
}

static const struct {
	const char *first, *second;
	enum sock_sharing one, other;
	bool both;
} pairs[] = {
	{ "127.0.0.1", "127.0.0.1", SOCK_FIRST, SOCK_FIRST, false },
	{ "127.0.0.1", "127.0.0.1", SOCK_FIRST, SOCK_ALONE, false },
	{ "127.0.0.1", "127.0.0.1", SOCK_ALONE, SOCK_FIRST, false },
	{ "127.0.0.1", "127.0.0.1", SOCK_ALONE, SOCK_JOIN, false },
	{ "127.0.0.1", "127.0.0.1", SOCK_FIRST, SOCK_JOIN, true },
	{ "0.0.0.0", "127.0.0.1", SOCK_FIRST, SOCK_FIRST, false },
	{ "127.0.0.1", "0.0.0.0", SOCK_FIRST, SOCK_FIRST, false },
	{ "127.0.0.1", "127.0.0.2", SOCK_FIRST, SOCK_FIRST, true },
};

TEST_ROWS(an_address_has_one_owner, pairs)
{
	struct addr first = host_at(row->first, 0), second;
	struct err err;
	int a = sock_listen(&first, 16, row->one, &err), b;

	ck_assert_int_eq(sock_local(a, &first, &err), 0);
	second = host_at(row->second, addr_port(&first));
	b = sock_listen(&second, 16, row->other, &err);
	ck_assert_int_eq(b >= 0 ? 0 : b, row->both ? 0 : -EADDRINUSE);
	close(a);
	if (b >= 0)
		close(b);
}

#define SERVERS 6

/* Listens at the moment the parent says, and keeps the socket as a server would. */
static void one_of_many(const struct addr *where, const int start[2], int answer)
{
	struct err err;
	bool won;
	char c;

	alarm(20); /* were the parent gone */
	close(start[1]);
	ck_assert_int_eq(read(start[0], &c, 1), 0);
	won = sock_listen(where, 16, SOCK_FIRST, &err) >= 0;
	ck_assert_int_eq(write(answer, won ? "y" : "n", 1), 1);
	pause();
}

TEST_TIMES(of_many_that_start_at_once_one_gets_the_port, 30)
{
	struct addr where = one_addr("127.0.0.1:0");
	struct err err;
	int fd = sock_listen(&where, 1, SOCK_FIRST, &err), start[2], answer[2];
	int winners = 0;
	pid_t pid[SERVERS];
	char c;

	ck_assert_int_eq(sock_local(fd, &where, &err), 0);
	close(fd);
	ck_assert(pipe(start) == 0 && pipe(answer) == 0);
	for (int i = 0; i < SERVERS; i++) {
		pid[i] = fork();
		if (pid[i] == 0)
			one_of_many(&where, start, answer[1]);
	}
	close(start[1]);
	for (int i = 0; i < SERVERS; i++) {
		ck_assert_int_eq(read(answer[0], &c, 1), 1);
		winners += c == 'y';
	}
	for (int i = 0; i < SERVERS; i++) {
		kill(pid[i], SIGKILL);
		waitpid(pid[i], NULL, 0);
	}
	ck_assert_int_eq(winners, 1);
	close(start[0]);
	close(answer[0]);
	close(answer[1]);
}

TEST(both_families_share_a_port_number)
{
	struct addr v4 = one_addr("0.0.0.0:0"), v6 = one_addr("[::]:0");
	struct err err;
	int a = sock_listen(&v4, 16, SOCK_FIRST, &err), b;
	struct addr local;

	ck_assert_int_eq(sock_local(a, &local, &err), 0);
	addr_set_port(&v6, addr_port(&local));
	b = sock_listen(&v6, 16, SOCK_FIRST, &err);
	ck_assert_msg(b >= 0 || b == -EAFNOSUPPORT || b == -EADDRNOTAVAIL, "%s",
		      err.text);
	close(a);
	close(b);
}

TEST(what_cannot_be_bound_is_named)
{
	struct addr where = one_addr("198.51.100.1:4711");
	struct err err = { 0 };

	ck_assert_int_eq(sock_listen(&where, 16, SOCK_FIRST, &err), -EADDRNOTAVAIL);
	ck_assert_int_eq(err.exit, EXIT_CANNOT_RUN);
	ck_assert_msg(strstr(err.text, "198.51.100.1:4711"), "%s", err.text);
}

/* The kernel gives what a listener has to those it accepts. */
TEST(accepted_sockets_inherit_the_economies)
{
	const struct sock_economy all = { true, 100, true }, none = { 0 };
	struct addr where = one_addr("127.0.0.1:0"), local;
	struct err err = { 0 };
	int fd = sock_listen(&where, 16, SOCK_FIRST, &err), client, accepted;

	ck_assert_int_eq(sock_economize(fd, &none, &err), 0);
	ck_assert_int_eq(option(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT), 0);
	ck_assert_int_eq(option(fd, IPPROTO_TCP, TCP_FASTOPEN), 0);
	ck_assert_int_eq(option(fd, IPPROTO_TCP, TCP_QUICKACK), 1);
	ck_assert_msg(sock_economize(fd, &all, &err) == 0, "%s", err.text);
	ck_assert_int_ne(option(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT), 0);
	ck_assert_int_eq(option(fd, IPPROTO_TCP, TCP_FASTOPEN), 100);
	sock_local(fd, &local, &err);
	client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(connect(client, &local.sa, local.len), 0);
	ck_assert_int_eq(accept(fd, NULL, NULL), -1); /* it has sent nothing yet */
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert_int_eq(send(client, "x", 1, 0), 1);
	accepted = accept(fd, NULL, NULL);
	ck_assert_int_ne(accepted, -1);
	ck_assert_int_eq(option(accepted, IPPROTO_TCP, TCP_QUICKACK), 0);
	ck_assert_int_lt(sock_economize(-1, &all, &err), 0);
	ck_assert_int_eq(sock_set(-1, IPPROTO_TCP, TCP_QUICKACK, 0), -EBADF);
	close(accepted);
	close(client);
	close(fd);
}

/* clang-format off */
static const struct {
	int64_t sysctl;
	bool client, server;
} allowed[] = {
	{ 0, false, false },
	{ 1, true, false },
	{ 2, false, true },
	{ 3, true, true },
	{ 4, false, false },
	{ 0x607, true, true },
};
/* clang-format on */

TEST_ROWS(a_sysctl_allows_fast_open, allowed)
{
	struct err err = { 0 };

	ck_assert_int_eq(sock_fastopen_allowed(row->sysctl, SOCK_CLIENT, &err) == 0,
			 row->client);
	ck_assert_int_eq(sock_fastopen_allowed(row->sysctl, SOCK_SERVER, &err) == 0,
			 row->server);
	if (row->server)
		return;
	ck_assert_int_eq(err.exit, EXIT_NO_SUPPORT);
	ck_assert_ptr_nonnull(strstr(err.text, "net.ipv4.tcp_fastopen with bit 2 set"));
}

TEST(failing_listens_leak_no_descriptor)
{
	struct addr where = one_addr("198.51.100.1:4711");
	struct err err;
	int before = dup(0), after;

	for (int i = 0; i < 100; i++)
		ck_assert_int_lt(sock_listen(&where, 16, SOCK_FIRST, &err), 0);
	after = dup(0);
	ck_assert_int_eq(after, before + 1);
}

TEST_TIMES(linger_is_set, 3)
{
	const int seconds[] = { 0, 1, 127 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct linger l = { 0 };
	socklen_t len = sizeof(l);

	ck_assert_int_eq(sock_linger(fd, seconds[_i]), 0);
	ck_assert_int_eq(getsockopt(fd, SOL_SOCKET, SO_LINGER, &l, &len), 0);
	ck_assert_int_eq(l.l_onoff, 1);
	ck_assert_int_eq(l.l_linger, seconds[_i]);
	ck_assert_int_eq(sock_linger(-1, 1), -EBADF);
	close(fd);
}

TEST_TIMES(linger2_is_set, 3)
{
	const int seconds[] = { -1, 1, 60 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(sock_set(fd, IPPROTO_TCP, TCP_LINGER2, seconds[_i]), 0);
	ck_assert_int_eq(option(fd, IPPROTO_TCP, TCP_LINGER2), seconds[_i]);
	close(fd);
}

TEST(the_probe_says_yes_or_no)
{
	struct err err = { 0 };
	int r = sock_probe_port_range(&err);

	ck_assert(r == 0 || (r < 0 && err.exit == EXIT_NO_SUPPORT));
}

TEST(no_socket_has_no_address)
{
	struct addr a;
	struct err err = { 0 };

	ck_assert_int_eq(sock_local(-1, &a, &err), -EBADF);
}

CHECK_MAIN("sock")
