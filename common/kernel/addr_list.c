#include "common/kernel/addr_list.h"
#include "common/kernel/port.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ENTRIES 65536

/* Appends a copy.  The array has room for the next power of two of entries. */
static int push(struct addr_list *list, const struct addr *a, struct err *err)
{
	struct addr *at;

	if (list->n >= MAX_ENTRIES)
		return err_usage(err, "more than %d addresses", MAX_ENTRIES);
	if ((list->n & (list->n - 1)) == 0) { /* 0, 1, 2, 4, ...: full */
		at = realloc(list->at, (list->n ? 2 * list->n : 1) * sizeof(*at));
		if (!at)
			return err_sys(err, "list of addresses");
		list->at = at;
	}
	list->at[list->n++] = *a;
	return 0;
}

/* Outside the brackets of IPv6 a letter is a name's. */
bool addr_list_has_name(const char *text)
{
	bool in_brackets = false;

	for (; *text; text++) {
		in_brackets = *text == '[' || (in_brackets && *text != ']');
		if (!in_brackets && isalpha((unsigned char)*text))
			return true;
	}
	return false;
}

void addr_list_done(struct addr_list *list)
{
	if (!list)
		return;
	free(list->at);
	*list = (struct addr_list){ 0 };
}

static int empty_part(const char *text, const char *example, struct err *err)
{
	if (!*text)
		return err_usage(err, "empty, expected e.g. %s", example);
	return err_usage(err, "'%.80s' has an empty part, expected e.g. %s", text,
			 example);
}

/* Adds what one part of the text stands for to the list; may write into it. */
typedef int parse_part(char *part, const void *arg, struct addr_list *list,
		       struct err *err);

/* Each comma separated part of text in turn; *out is filled only by success. */
static int parse_parts(const char *text, parse_part *parse, const void *arg,
		       const char *example, struct addr_list *out, struct err *err)
{
	char *copy = strdup(text), *rest = copy, *part;
	struct addr_list list = { 0 };
	int ret = 0;

	if (!copy)
		return err_sys(err, "list of addresses");
	while (ret == 0 && (part = strsep(&rest, ",")))
		ret = *part ? parse(part, arg, &list, err)
			    : empty_part(text, example, err);
	free(copy);
	if (ret == 0)
		*out = list;
	else
		addr_list_done(&list);
	return ret;
}

static int resolve_failed(const char *host, int code, struct err *err)
{
	if (code == EAI_SYSTEM)
		return err_usage(err, "cannot resolve '%.100s': %s", host,
				 strerror(errno));
	if (code == EAI_MEMORY)
		return err_memory(err);
	return err_usage(err, "cannot resolve '%.100s': %s", host, gai_strerror(code));
}

#define ADDRESSES_MAX 256 /* of one name */

struct addresses {
	struct addr at[ADDRESSES_MAX];
	size_t n;
};

/* The addresses of a name, in getaddrinfo()'s order; or a numeric one, which may carry an IPv6
 * %scope. */
static int lookup(const char *host, int family, int flags, struct addresses *out)
{
	struct addrinfo hints = { .ai_family = family, .ai_flags = flags };
	struct addrinfo *found, *a;
	int code;

	hints.ai_socktype = SOCK_STREAM;
	code = getaddrinfo(host, NULL, &hints, &found);
	if (code != 0)
		return code;
	out->n = 0;
	for (a = found; a && out->n < ADDRESSES_MAX; a = a->ai_next) {
		assert(a->ai_addrlen <= sizeof(struct sockaddr_in6));
		out->at[out->n] = (struct addr){ .len = a->ai_addrlen };
		memcpy(&out->at[out->n++].sa, a->ai_addr, a->ai_addrlen);
	}
	freeaddrinfo(found);
	return 0;
}

static int parse_ports(const char *text, const char *host, bool allow_port0,
		       struct port_range *out, struct err *err)
{
	const char *end = port_range_scan(text, out);

	if (!end || *end)
		return err_usage(
			err,
			"port '%.40s' of '%.100s' is not a number from 1 to 65535 "
			"or a range, e.g. 9000 or 9000-9007",
			text, host);
	if (out->lo == 0 && !(allow_port0 && out->hi == 0))
		return err_usage(err, "port 0 of '%.100s' is not 1 to 65535", host);
	if (out->hi < out->lo)
		return err_usage(err,
				 "ports %u-%u of '%.100s' are not in order, e.g. %u-%u",
				 out->lo, out->hi, host, out->hi, out->lo);
	return 0;
}

static int no_port(const char *text, struct err *err)
{
	return err_usage(
		err,
		"'%.100s' has no port, expected HOST:PORT, e.g. 127.0.0.1:9000 or "
		"[::1]:9000",
		text);
}

/* Cuts "[HOST]:PORTS" or "HOST:PORTS" in two, in place. */
static int split_port(char *text, char **host, char **ports, int *family, struct err *err)
{
	char *close = strchr(text, ']'), *colon = strrchr(text, ':');

	*family = AF_UNSPEC;
	*host = text;
	if (*text == '[' && close) {
		if (close[1] != ':')
			return no_port(text, err);
		*family = AF_INET6;
		*host = text + 1;
		*close = '\0';
		colon = close + 1;
	} else if (!colon) {
		return no_port(text, err);
	} else if (strchr(text, ':') != colon) {
		return err_usage(
			err,
			"'%.100s' is not clear, an IPv6 address goes in brackets, "
			"e.g. [::1]:9000",
			text);
	}
	*colon = '\0';
	*ports = colon + 1;
	return 0;
}

static int resolve_host(const char *host, int family, struct addresses *out,
			struct err *err)
{
	int code;

	if (!*host)
		return err_usage(err,
				 "a port without a host, expected e.g. 127.0.0.1:9000");
	code = lookup(host, family, family == AF_INET6 ? AI_NUMERICHOST : 0, out);
	if (code == 0)
		return 0;
	if (family == AF_INET6)
		return err_usage(
			err,
			"'[%.100s]' is not an IPv6 address, expected e.g. [::1]:9000",
			host);
	return resolve_failed(host, code, err);
}

/* What a list is for. */
struct purpose {
	bool port0; /* the port may be 0 */
	bool all;   /* a name stands for all of its addresses; else for the first */
};

static int push_ports(const struct addr *at, const struct port_range *range,
		      struct addr_list *list, struct err *err)
{
	struct addr a = *at;
	int ret = 0;

	for (unsigned port = range->lo; ret == 0 && port <= range->hi; port++) {
		addr_set_port(&a, (uint16_t)port);
		ret = push(list, &a, err);
	}
	return ret;
}

static int parse_host_ports(char *text, const void *arg, struct addr_list *list,
			    struct err *err)
{
	const struct purpose *purpose = arg;
	char *host = NULL, *ports = NULL;
	struct port_range range = { 1, 0 }; /* empty */
	struct addresses found = { .n = 0 };
	int family, ret;

	ret = split_port(text, &host, &ports, &family, err);
	if (ret == 0)
		ret = parse_ports(ports, host, purpose->port0, &range, err);
	if (ret == 0)
		ret = resolve_host(host, family, &found, err);
	for (size_t i = 0; ret == 0 && i < found.n && (i == 0 || purpose->all); i++)
		ret = push_ports(&found.at[i], &range, list, err);
	return ret;
}

int addr_parse_list(const char *text, bool allow_port0, struct addr_list *out,
		    struct err *err)
{
	const struct purpose purpose = { .port0 = allow_port0 };

	return parse_parts(text, parse_host_ports, &purpose, "127.0.0.1:9000", out, err);
}

int addr_parse_targets(const char *text, struct addr_list *out, struct err *err)
{
	static const struct purpose purpose = { .all = true };

	return parse_parts(text, parse_host_ports, &purpose, "127.0.0.1:9000", out, err);
}

static unsigned char *bytes_of(struct addr *a, unsigned *bits)
{
	*bits = a->sa.sa_family == AF_INET ? 32 : 128;
	return a->sa.sa_family == AF_INET ? (unsigned char *)&a->in.sin_addr
					  : a->in6.sin6_addr.s6_addr;
}

/* Replaces the last `host_bits` bits by those of n. */
static void set_host_part(struct addr *a, unsigned host_bits, uint32_t n)
{
	unsigned bits, i;
	unsigned char *bytes = bytes_of(a, &bits), bit;

	for (i = 0; i < host_bits; i++) {
		bit = (unsigned char)(1u << i % 8);
		if (n >> i & 1)
			bytes[bits / 8 - 1 - i / 8] |= bit;
		else
			bytes[bits / 8 - 1 - i / 8] &= (unsigned char)~bit;
	}
}

/* All addresses below the prefix, at most 2^16; without the first and the last of an IPv4 network, which
 * are its name and its broadcast address (not so for /31: RFC 3021). */
static int push_network(struct addr *a, unsigned host_bits, struct addr_list *list,
			struct err *err)
{
	uint32_t i, first = 0, end;
	int ret = 0;

	end = 1u << host_bits;
	if (a->sa.sa_family == AF_INET && host_bits > 1) {
		first++;
		end--;
	}
	for (i = first; ret == 0 && i < end; i++) {
		set_host_part(a, host_bits, i);
		ret = push(list, a, err);
	}
	return ret;
}

static int parse_source(char *text, const void *unused, struct addr_list *list,
			struct err *err)
{
	char *slash = strchr(text, '/');
	const char *end;
	struct addresses found;
	struct addr a;
	unsigned bits;
	uint16_t length;

	(void)unused;
	if (slash)
		*slash = '\0';
	if (lookup(text, AF_UNSPEC, AI_NUMERICHOST, &found) != 0)
		return err_usage(
			err,
			"'%.80s' is not a numeric address, expected e.g. 127.0.0.2 "
			"or 127.0.0.0/28",
			text);
	a = found.at[0];
	if (!slash)
		return push(list, &a, err);
	bytes_of(&a, &bits);
	end = port_scan(slash + 1, &length);
	if (!end || *end || length > bits)
		return err_usage(err, "'/%.40s' is not a prefix length (0 to %u)",
				 slash + 1, bits);
	if (bits - length > 16)
		return err_usage(err, "'%.80s/%u' has more than %d addresses", text,
				 length, MAX_ENTRIES);
	return push_network(&a, bits - length, list, err);
}

int addr_parse_sources(const char *text, struct addr_list *out, struct err *err)
{
	return parse_parts(text, parse_source, NULL, "127.0.0.2 or 127.0.0.0/28", out,
			   err);
}

static int by_bytes(const void *a, const void *b)
{
	const struct addr *x = a, *y = b;

	return x->len != y->len ? (x->len > y->len) - (x->len < y->len)
				: memcmp(&x->sa, &y->sa, x->len);
}

struct numbered {
	const struct addr *addr;
	size_t at;
};

static int by_address(const void *a, const void *b)
{
	return by_bytes(((const struct numbered *)a)->addr,
			((const struct numbered *)b)->addr);
}

uint32_t *addr_list_numbers(const struct addr_list *list, uint32_t *distinct)
{
	struct numbered *sorted = calloc(list->n + 1, sizeof(*sorted));
	uint32_t *number = calloc(list->n + 1, sizeof(*number)), next = 0;

	for (size_t i = 0; sorted && i < list->n; i++)
		sorted[i] = (struct numbered){ &list->at[i], i };
	if (sorted)
		qsort(sorted, list->n, sizeof(*sorted), by_address);
	for (size_t i = 0; sorted && number && i < list->n; i++) {
		next += i == 0 || by_address(&sorted[i - 1], &sorted[i]) != 0;
		number[sorted[i].at] = next - 1;
	}
	if (!sorted) {
		free(number);
		number = NULL;
	}
	free(sorted);
	*distinct = next;
	return number;
}

size_t addr_list_distinct(const struct addr_list *list)
{
	uint32_t distinct, *number = addr_list_numbers(list, &distinct);

	free(number);
	return number ? distinct : list->n;
}
