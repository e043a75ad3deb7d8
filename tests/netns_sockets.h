/* netns_sockets - what tests of counting share: sockets to be counted, in a namespace of their own,
 * at addresses of addresses.h. */
#ifndef TWSTORM_TESTS_NETNS_SOCKETS_H
#define TWSTORM_TESTS_NETNS_SOCKETS_H

#include <unistd.h>
#include "tests/addresses.h"
#include "tests/check_main.h"
#include "tests/private_netns.h"

struct pair {
	int client, server;
};

static inline int make_socket(const struct addr *a)
{
	int fd = socket(a->sa.sa_family, SOCK_STREAM, 0), one = 1;

	ck_assert_int_ne(fd, -1);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	return fd;
}

static inline int bound(const char *text)
{
	struct addr a = one_addr(text);
	int fd = make_socket(&a);

	ck_assert_int_eq(bind(fd, &a.sa, a.len), 0);
	return fd;
}

static inline int listener(const char *text)
{
	int fd = bound(text);

	ck_assert_int_eq(listen(fd, 100), 0);
	return fd;
}

static inline struct pair connected(int lfd, const char *text)
{
	struct addr a = one_addr(text);
	struct pair p = { .client = make_socket(&a) };

	ck_assert_int_eq(connect(p.client, &a.sa, a.len), 0);
	p.server = accept(lfd, NULL, NULL);
	ck_assert_int_ne(p.server, -1);
	return p;
}

static inline void time_wait(int lfd, const char *text)
{
	struct pair p = connected(lfd, text);
	char c;

	close(p.client);
	ck_assert_int_eq(read(p.server, &c, 1), 0);
	close(p.server);
}

#endif
