#include "common/kernel/addr.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const unsigned char mapped_prefix[12] = { [10] = 0xff, [11] = 0xff };

uint16_t addr_port(const struct addr *a)
{
	return ntohs(a->sa.sa_family == AF_INET6 ? a->in6.sin6_port : a->in.sin_port);
}

void addr_set_port(struct addr *a, uint16_t port)
{
	if (a->sa.sa_family == AF_INET6)
		a->in6.sin6_port = htons(port);
	else
		a->in.sin_port = htons(port);
}

/* The address as 16 bytes, IPv4 as ::ffff:a.b.c.d, so that both spellings compare equal. */
static void as_v6(const struct addr *a, unsigned char out[16])
{
	if (a->sa.sa_family == AF_INET6) {
		memcpy(out, &a->in6.sin6_addr, 16);
		return;
	}
	memcpy(out, mapped_prefix, 12);
	memcpy(out + 12, &a->in.sin_addr, 4);
}

static uint32_t scope_of(const struct addr *a)
{
	return a->sa.sa_family == AF_INET6 ? a->in6.sin6_scope_id : 0;
}

bool addr_same_host(const struct addr *a, const struct addr *b)
{
	unsigned char x[16], y[16];

	as_v6(a, x);
	as_v6(b, y);
	return memcmp(x, y, 16) == 0 && scope_of(a) == scope_of(b);
}

bool addr_is_wildcard(const struct addr *a)
{
	return a->sa.sa_family == AF_INET6 ? IN6_IS_ADDR_UNSPECIFIED(&a->in6.sin6_addr)
					   : a->in.sin_addr.s_addr == INADDR_ANY;
}

struct network {
	unsigned char prefix[16];
	unsigned bits;
};

/* clang-format off */
#define V4(a, b, bits) { { [10] = 0xff, 0xff, a, b }, 96 + (bits) }
static const struct network loopback[] = {
	V4(127, 0, 8),
	{ { [15] = 1 }, 128 }, /* ::1 */
};
static const struct network ours[] = {
	V4(10, 0, 8), V4(172, 16, 12), V4(192, 168, 16), /* RFC 1918 */
	V4(169, 254, 16),                                /* RFC 3927 */
	V4(198, 18, 15),                                 /* RFC 2544 */
	{ { 0xfc }, 7 },                                 /* RFC 4193 */
	{ { 0xfe, 0x80 }, 10 },                          /* RFC 4291 */
};
#undef V4
/* clang-format on */

static bool has_prefix(const unsigned char address[16], const struct network *net)
{
	unsigned whole = net->bits / 8, rest = net->bits % 8;

	if (memcmp(address, net->prefix, whole) != 0)
		return false;
	return rest == 0 || (address[whole] ^ net->prefix[whole]) >> (8 - rest) == 0;
}

static bool in_any(const struct addr *a, const struct network *nets, size_t n)
{
	unsigned char address[16];
	size_t i;

	as_v6(a, address);
	for (i = 0; i < n; i++)
		if (has_prefix(address, &nets[i]))
			return true;
	return false;
}

bool addr_is_loopback(const struct addr *a)
{
	return in_any(a, loopback, sizeof(loopback) / sizeof(*loopback));
}

bool addr_is_ours_to_load(const struct addr *a)
{
	return addr_is_loopback(a) || in_any(a, ours, sizeof(ours) / sizeof(*ours));
}

static bool is_multicast(const struct addr *a)
{
	unsigned char address[16];

	as_v6(a, address);
	if (memcmp(address, mapped_prefix, 12) == 0)
		return address[12] >> 4 == 14; /* 224.0.0.0/4 */
	return address[0] == 0xff;
}

/* Asks by bind() of a UDP socket: no packet leaves, all of 127/8 counts, and it is one
 * address, not a walk over all interfaces.  (ip_nonlocal_bind=1 makes every address pass.) */
bool addr_is_local(const struct addr *a)
{
	struct addr any_port = *a;
	bool bound;
	int fd;

	if (is_multicast(a))
		return false; /* bind() takes it, but it is nobody's */
	fd = socket(a->sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return false;
	addr_set_port(&any_port, 0);
	bound = bind(fd, &any_port.sa, any_port.len) == 0;
	close(fd);
	return bound;
}

char *addr_print_host(const struct addr *a, char *buf, size_t size)
{
	char host[INET6_ADDRSTRLEN] = "?", name[IF_NAMESIZE] = "",
	     scope[IF_NAMESIZE + 1] = "";

	if (a->sa.sa_family == AF_INET)
		inet_ntop(AF_INET, &a->in.sin_addr, host, sizeof(host));
	else if (a->sa.sa_family == AF_INET6)
		inet_ntop(AF_INET6, &a->in6.sin6_addr, host, sizeof(host));
	if (scope_of(a) && if_indextoname(scope_of(a), name))
		snprintf(scope, sizeof(scope), "%%%s", name);
	else if (scope_of(a))
		snprintf(scope, sizeof(scope), "%%%u", scope_of(a));
	snprintf(buf, size, "%s%s", host, scope);
	return buf;
}

char *addr_print(const struct addr *a, char *buf, size_t size)
{
	char host[ADDR_TEXT];

	addr_print_host(a, host, sizeof(host));
	snprintf(buf, size, a->sa.sa_family == AF_INET6 ? "[%s]:%u" : "%s:%u", host,
		 addr_port(a));
	return buf;
}
