#include "common/kernel/addr_list.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include "tests/check_main.h"

/* `error` is part of the sentence, NULL if the text is right. */
struct list_case {
	const char *what, *text;
	size_t n;
	const char *first, *last, *error;
};

static void check_list(const struct list_case *c, int ret, struct addr_list *list,
		       const struct err *err)
{
	char buf[ADDR_TEXT];

	if (c->error) {
		ck_assert_msg(ret == -EINVAL && err->exit == EXIT_USAGE, "%s: %d",
			      c->what, ret);
		ck_assert_msg(strstr(err->text, c->error), "%s: %s", c->what, err->text);
		ck_assert_msg(!list->at && list->n == 0, "%s: touched", c->what);
		return;
	}
	ck_assert_msg(ret == 0, "%s: %s", c->what, err->text);
	ck_assert_msg(list->n == c->n, "%s: %zu", c->what, list->n);
	addr_print(&list->at[0], buf, sizeof(buf));
	ck_assert_msg(strcmp(buf, c->first) == 0, "%s: %s", c->what, buf);
	addr_print(&list->at[list->n - 1], buf, sizeof(buf));
	ck_assert_msg(strcmp(buf, c->last) == 0, "%s: %s", c->what, buf);
	addr_list_done(list);
}

/* clang-format off */
static const struct list_case lists[] = {
	{ "one", "127.0.0.1:9000", 1, "127.0.0.1:9000", "127.0.0.1:9000", NULL },
	{ "a range of ports", "127.0.0.1:9000-9007", 8, "127.0.0.1:9000", "127.0.0.1:9007", NULL },
	{ "a range of one", "127.0.0.1:9000-9000", 1, "127.0.0.1:9000", "127.0.0.1:9000", NULL },
	{ "two", "127.0.0.1:9000,127.0.0.2:80", 2, "127.0.0.1:9000", "127.0.0.2:80", NULL },
	{ "IPv6", "[::1]:9000", 1, "[::1]:9000", "[::1]:9000", NULL },
	{ "both, with a range", "10.0.0.1:80,[2001:db8::1]:1-3", 4, "10.0.0.1:80", "[2001:db8::1]:3", NULL },
	{ "every port", "127.0.0.1:1-65535", 65535, "127.0.0.1:1", "127.0.0.1:65535", NULL },
	{ "as many as fit", "127.0.0.1:1-65535,127.0.0.2:1", 65536, "127.0.0.1:1", "127.0.0.2:1", NULL },
	{ "one too many", "127.0.0.1:1-65535,127.0.0.2:1-2", 0, NULL, NULL, "more than 65536" },
	{ "port 0", "127.0.0.1:0", 0, NULL, NULL, "port 0 of '127.0.0.1' is not 1 to 65535" },
	{ "range from 0", "127.0.0.1:0-5", 0, NULL, NULL, "port 0 of '127.0.0.1'" },
	{ "port too large", "127.0.0.1:70000", 0, NULL, NULL, "port '70000' of '127.0.0.1' is not" },
	{ "port very large", "127.0.0.1:99999999999999999999", 0, NULL, NULL, "port '99999999999999999999'" },
	{ "range too large", "[::1]:9000-70000", 0, NULL, NULL, "port '9000-70000' of '::1'" },
	{ "range reversed", "127.0.0.1:9007-9000", 0, NULL, NULL, "ports 9007-9000 of '127.0.0.1' are not in order" },
	{ "half a range", "127.0.0.1:9000-", 0, NULL, NULL, "port '9000-'" },
	{ "negative port", "127.0.0.1:-1", 0, NULL, NULL, "port '-1'" },
	{ "word for a port", "127.0.0.1:http", 0, NULL, NULL, "port 'http'" },
	{ "no port after the colon", "127.0.0.1:", 0, NULL, NULL, "port ''" },
	{ "no port", "127.0.0.1", 0, NULL, NULL, "'127.0.0.1' has no port, expected HOST:PORT" },
	{ "no port, IPv6", "[::1]", 0, NULL, NULL, "'[::1]' has no port" },
	{ "no host", ":9000", 0, NULL, NULL, "a port without a host" },
	{ "IPv6 without brackets", "::1:9000", 0, NULL, NULL, "an IPv6 address goes in brackets" },
	{ "brackets not closed", "[::1:9000", 0, NULL, NULL, "'[::1:9000'" },
	{ "IPv4 in brackets", "[127.0.0.1]:9000", 0, NULL, NULL, "'[127.0.0.1]' is not an IPv6 address" },
	{ "empty", "", 0, NULL, NULL, "empty, expected e.g. 127.0.0.1:9000" },
	{ "empty part", "127.0.0.1:9000,,127.0.0.1:9001", 0, NULL, NULL, "has an empty part" },
	{ "comma at the end", "127.0.0.1:9000,", 0, NULL, NULL, "has an empty part" },
	{ "fault in the second part", "127.0.0.1:9000,10.0.0.1:x", 0, NULL, NULL, "port 'x' of '10.0.0.1'" },
	/* two points in a row: refused by the resolver itself, no packet leaves */
	{ "a name nobody has", "no..such:9000", 0, NULL, NULL, "cannot resolve 'no..such': " },
};
static const struct list_case sources[] = {
	{ "one", "127.0.0.2", 1, "127.0.0.2:0", "127.0.0.2:0", NULL },
	{ "two", "127.0.0.2,::1", 2, "127.0.0.2:0", "[::1]:0", NULL },
	{ "a network without its two ends", "127.0.0.0/28", 14, "127.0.0.1:0", "127.0.0.14:0", NULL },
	{ "given by one of its hosts", "127.0.0.5/28", 14, "127.0.0.1:0", "127.0.0.14:0", NULL },
	{ "/30", "10.0.0.4/30", 2, "10.0.0.5:0", "10.0.0.6:0", NULL },
	{ "/31 has both", "10.0.0.4/31", 2, "10.0.0.4:0", "10.0.0.5:0", NULL },
	{ "/32 has one", "10.0.0.4/32", 1, "10.0.0.4:0", "10.0.0.4:0", NULL },
	{ "/16", "198.18.7.7/16", 65534, "198.18.0.1:0", "198.18.255.254:0", NULL },
	{ "IPv6 has all", "fd00::100/126", 4, "[fd00::100]:0", "[fd00::103]:0", NULL },
	{ "IPv6 /112", "fd00::/112", 65536, "[fd00::]:0", "[fd00::ffff]:0", NULL },
	{ "too large", "10.0.0.0/8", 0, NULL, NULL, "'10.0.0.0/8' has more than 65536" },
	{ "too large together", "10.0.0.0/16,10.1.0.0/29", 0, NULL, NULL, "more than 65536" },
	{ "everything", "0.0.0.0/0", 0, NULL, NULL, "more than 65536" },
	{ "IPv6 too large", "fd00::/64", 0, NULL, NULL, "'fd00::/64' has more" },
	{ "prefix too long", "10.0.0.0/33", 0, NULL, NULL, "'/33' is not a prefix length (0 to 32)" },
	{ "prefix empty", "10.0.0.0/", 0, NULL, NULL, "'/' is not a prefix length" },
	{ "prefix a word", "10.0.0.0/8x", 0, NULL, NULL, "'/8x'" },
	{ "a name", "localhost", 0, NULL, NULL, "'localhost' is not a numeric address" },
	{ "with a port", "127.0.0.1:80", 0, NULL, NULL, "'127.0.0.1:80' is not a numeric" },
	{ "empty", "", 0, NULL, NULL, "empty, expected e.g. 127.0.0.2" },
	{ "empty part", "127.0.0.1,", 0, NULL, NULL, "empty part" },
};
/* clang-format on */

TEST_ROWS(parses_targets, lists)
{
	struct addr_list list = { 0 };
	struct err err = { 0 };
	int ret = addr_parse_list(row->text, false, &list, &err);

	check_list(row, ret, &list, &err);
}

TEST_ROWS(parses_sources, sources)
{
	struct addr_list list = { 0 };
	struct err err = { 0 };
	int ret = addr_parse_sources(row->text, &list, &err);

	check_list(row, ret, &list, &err);
}

static struct addr make(const char *text)
{
	struct addr_list list;
	struct addr a;

	ck_assert_int_eq(addr_parse_list(text, true, &list, NULL), 0);
	a = list.at[0];
	addr_list_done(&list);
	return a;
}

TEST(port_0_where_it_is_allowed)
{
	struct addr a = make("127.0.0.1:0");

	ck_assert_uint_eq(addr_port(&a), 0);
	addr_set_port(&a, 65535);
	ck_assert_uint_eq(addr_port(&a), 65535);
	a = make("[::1]:0");
	addr_set_port(&a, 80);
	ck_assert_uint_eq(addr_port(&a), 80);
}

TEST(names_are_resolved)
{
	struct addrinfo *found;
	struct addr a;

	if (getaddrinfo("localhost", NULL, NULL, &found) != 0)
		return; /* a bare system without /etc/hosts */
	freeaddrinfo(found);
	a = make("localhost:80");
	ck_assert(addr_is_loopback(&a));
	ck_assert_uint_eq(addr_port(&a), 80);
}

TEST(every_address_of_a_list_is_another)
{
	struct addr_list list;
	char buf[ADDR_TEXT], expected[ADDR_TEXT];
	size_t i;

	ck_assert_int_eq(addr_parse_sources("10.1.0.0/16", &list, NULL), 0);
	for (i = 0; i < list.n; i++) {
		snprintf(expected, sizeof(expected), "10.1.%zu.%zu", (i + 1) / 256,
			 (i + 1) % 256);
		addr_print_host(&list.at[i], buf, sizeof(buf));
		if (strcmp(buf, expected) != 0) /* ck_assert() costs a system call */
			ck_abort_msg("%s, expected %s", buf, expected);
	}
	addr_list_done(&list);
	addr_list_done(&list);
	addr_list_done(NULL);
}

static const struct {
	const char *what, *text;
	bool loopback, ours, local;
} kinds[] = {
	{ "loopback", "127.0.0.1:1", true, true, true },
	{ "all of 127/8", "127.255.3.4:1", true, true, true },
	{ "IPv6 loopback", "[::1]:1", true, true, true },
	{ "mapped loopback", "[::ffff:127.0.0.9]:1", true, true, true },
	{ "its neighbour", "[::2]:1", false, false, false },
	{ "10/8", "10.255.255.255:1", false, true, false },
	{ "11/8", "11.0.0.0:1", false, false, false },
	{ "172.16/12, first", "172.16.0.0:1", false, true, false },
	{ "172.16/12, last", "172.31.255.254:1", false, true, false },
	{ "just below", "172.15.255.255:1", false, false, false },
	{ "just above", "172.32.0.0:1", false, false, false },
	{ "192.168/16", "192.168.77.250:1", false, true, false },
	{ "link-local", "169.254.7.7:1", false, true, false },
	{ "benchmarking, first", "198.18.0.0:1", false, true, false },
	{ "benchmarking, last", "198.19.255.255:1", false, true, false },
	{ "just above benchmarking", "198.20.0.0:1", false, false, false },
	{ "documentation", "192.0.2.1:1", false, false, false },
	{ "somebody's", "8.8.8.8:1", false, false, false },
	{ "mapped somebody's", "[::ffff:8.8.8.8]:1", false, false, false },
	{ "mapped private", "[::ffff:10.0.0.1]:1", false, true, false },
	{ "unique local", "[fd12:3456::1]:1", false, true, false },
	{ "the other half of fc00::/7", "[fc00::1]:1", false, true, false },
	{ "IPv6 link-local", "[febf::1]:1", false, true, false },
	{ "IPv6 global", "[2001:db8::1]:1", false, false, false },
	{ "multicast", "224.0.0.1:1", false, false, false },
	{ "IPv6 multicast", "[ff02::1]:1", false, false, false },
};

TEST_ROWS(knows_whose_an_address_is, kinds)
{
	struct addr a = make(row->text);

	ck_assert_msg(addr_is_loopback(&a) == row->loopback, "%s", row->what);
	ck_assert_msg(addr_is_ours_to_load(&a) == row->ours, "%s", row->what);
}

/* No IPv6 in this namespace, or the machine owns one of the private addresses: not wrong. */
TEST_ROWS(knows_local_addresses, kinds)
{
	struct addr a = make(row->text);

	if (a.sa.sa_family == AF_INET6 || (row->ours && !row->local))
		return;
	ck_assert_msg(addr_is_local(&a) == row->local, "%s", row->what);
}

static const struct {
	const char *what, *a, *b;
	bool same_host;
} pairs[] = {
	{ "the same", "127.0.0.1:80", "127.0.0.1:80", true },
	{ "another port", "127.0.0.1:80", "127.0.0.1:81", true },
	{ "another host", "127.0.0.1:80", "127.0.0.2:80", false },
	{ "IPv6, the same", "[::1]:80", "[0:0::1]:80", true },
	{ "IPv6, another host", "[::1]:80", "[::2]:80", false },
	{ "another family", "127.0.0.1:80", "[::1]:80", false },
	{ "IPv4 spelt as IPv6", "127.0.0.1:80", "[::ffff:127.0.0.1]:80", true },
	{ "another interface", "[fe80::1%1]:80", "[fe80::1%2]:80", false },
};

TEST_ROWS(compares, pairs)
{
	struct addr a = make(row->a), b = make(row->b);

	ck_assert_msg(addr_same_host(&a, &b) == row->same_host, "%s", row->what);
}

TEST(prints)
{
	char buf[ADDR_TEXT];
	struct addr a = make("198.18.0.1:9000");

	ck_assert_str_eq(addr_print(&a, buf, sizeof(buf)), "198.18.0.1:9000");
	ck_assert_str_eq(addr_print_host(&a, buf, sizeof(buf)), "198.18.0.1");
	a = make("[::1]:9000");
	ck_assert_str_eq(addr_print(&a, buf, sizeof(buf)), "[::1]:9000");
	ck_assert_str_eq(addr_print_host(&a, buf, sizeof(buf)), "::1");
	a = make("[fe80::1%lo]:65535");
	ck_assert_str_eq(addr_print(&a, buf, sizeof(buf)), "[fe80::1%lo]:65535");
}

CHECK_MAIN("addr")
