/* An admin address: an address and port, a path, or a descriptor. */
#include "common/kernel/admin_addr.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tests/check_main.h"

/* clang-format off */
static const struct {
	const char *what, *text;
	bool listens;
	const char *says; /* NULL = it is one */
} typed[] = {
	{ "an address", "127.0.0.1:9100", false, NULL },
	{ "any port", "127.0.0.1:0", true, NULL },
	{ "any port to ask at", "127.0.0.1:0", false, "port" },
	{ "two", "127.0.0.1:1-2", true, "one ADDR:PORT" },
	{ "a path", "unix:/tmp/x", true, NULL },
	{ "no path", "unix:", true, "needs a path" },
	{ "a path that is too long", "unix:/"
	  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	  true, "1 to 107 bytes" },
	{ "no number", "fd:x", true, "no number of a descriptor" },
	{ "a negative one", "fd:-1", true, "no number of a descriptor" },
	{ "no socket", "fd:0", true, "no listening stream socket" },
	{ "nothing", "fd:999999", false, "no connected stream socket" },
};
/* clang-format on */

TEST_ROWS(what_can_be_typed, typed)
{
	struct admin_addr d;
	struct err err = { 0 };
	int r;

	close(0);
	ck_assert_int_eq(open("/dev/null", O_RDONLY), 0);
	r = admin_addr_parse(row->text, row->listens, &d, &err);
	ck_assert_msg((r == 0) == !row->says, "%s: %s", row->what, err.text);
	if (row->says)
		ck_assert_msg(strstr(err.text, row->says) && err.exit == EXIT_USAGE,
			      "%s: %s", row->what, err.text);
	else
		ck_assert_str_eq(d.text, row->text);
}

static struct admin_addr parsed(const char *text, bool listens)
{
	struct admin_addr d;
	struct err err;

	ck_assert_msg(admin_addr_parse(text, listens, &d, &err) == 0, "%s", err.text);
	return d;
}

/* A connection from one end to the other. */
static void meet(int listener, struct admin_addr *to)
{
	int a = admin_addr_connect(to), b = -1;

	ck_assert_int_ge(a, 0);
	for (int i = 0; i < 1000 && b == -1; i++) {
		b = accept(listener, NULL, NULL);
		usleep(b == -1 ? 1000 : 0);
	}
	ck_assert_int_ge(b, 0);
	close(a);
	close(b);
}

TEST(a_port_becomes_a_number)
{
	struct admin_addr d = parsed("127.0.0.1:0", true), to;
	int fd = admin_addr_listen(&d, NULL);

	ck_assert_int_ge(fd, 0);
	ck_assert_str_ne(d.text, "127.0.0.1:0");
	ck_assert(admin_addr_is_private(&d) && d.in_network);
	to = parsed(d.text, false);
	meet(fd, &to);
	close(fd);
}

/* One that is used is nobody else's; one that was left by a program that is gone is. */
TEST(a_path_has_one_owner)
{
	char text[64], dir[] = "/tmp/test_admin_addr.XXXXXX";
	struct admin_addr d, to;
	struct err err = { 0 };
	int fd;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(text, sizeof(text), "unix:%s/x", dir);
	d = parsed(text, true);
	fd = admin_addr_listen(&d, &err);
	ck_assert_msg(fd >= 0, "%s", err.text);
	ck_assert(admin_addr_is_private(&d) && !d.in_network);
	to = parsed(text, false);
	meet(fd, &to);
	ck_assert_int_eq(admin_addr_listen(&d, &err), -EADDRINUSE);
	meet(fd, &to);
	close(fd);
	ck_assert_int_eq(admin_addr_connect(&to), -ECONNREFUSED);
	fd = admin_addr_listen(&d, &err);
	ck_assert_msg(fd >= 0, "%s", err.text);
	admin_addr_leave(&d);
	close(fd);
	ck_assert_int_eq(admin_addr_connect(&to), -ENOENT);
	rmdir(dir);
}

static struct admin_addr handed_in(int fd, bool listens)
{
	char text[16];

	snprintf(text, sizeof(text), "fd:%d", fd);
	return parsed(text, listens);
}

TEST(a_descriptor_is_used_once)
{
	struct admin_addr any = parsed("127.0.0.1:0", true), d, to;
	int fd = admin_addr_listen(&any, NULL), ends[2];

	d = handed_in(fd, true);
	ck_assert(admin_addr_is_private(&d) && d.in_network);
	ck_assert_int_eq(admin_addr_listen(&d, NULL), fd);
	to = parsed(any.text, false);
	meet(fd, &to);
	close(fd);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	to = handed_in(ends[0], false);
	ck_assert(!to.in_network);
	ck_assert_int_eq(admin_addr_connect(&to), ends[0]);
	ck_assert(fcntl(ends[0], F_GETFL) & O_NONBLOCK);
	ck_assert_int_eq(admin_addr_connect(&to), -ENOTCONN);
	close(ends[0]);
	close(ends[1]);
}

/* A socket stays in the network namespace that it was made in. */
TEST(it_is_known_to_be_of_another_network)
{
	struct admin_addr any = parsed("127.0.0.1:0", true), d;
	int fd = admin_addr_listen(&any, NULL);
	socklen_t len = sizeof(uint64_t);
	uint64_t cookie;

	if (getsockopt(fd, SOL_SOCKET, 71, &cookie, &len) == -1 ||
	    unshare(CLONE_NEWUSER | CLONE_NEWNET) == -1) {
		printf("not checked: no namespaces, or no cookie of one\n");
		return;
	}
	d = handed_in(fd, true);
	ck_assert(!d.in_network);
	ck_assert_int_eq(admin_addr_listen(&d, NULL), fd);
	close(fd);
}

CHECK_MAIN("admin_addr")
