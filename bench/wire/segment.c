#include "bench/wire/segment.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#define ETHERNET  14
#define TYPE_IPV4 0x0800
#define TYPE_IPV6 0x86dd

static unsigned two(const unsigned char *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

static uint32_t four(const unsigned char *at)
{
	return (uint32_t)two(at) << 16 | two(at + 2);
}

/* The TCP header and what follows it in the packet. */
struct rest {
	const unsigned char *at;
	size_t len;
};

/* The total length bounds it: a short frame is filled up.  A fragment is no whole segment. */
static bool read_ipv4(const unsigned char *ip, size_t len, struct segment *s,
		      struct rest *tcp)
{
	size_t head = len >= 20 ? (ip[0] & 15) * 4u : 0,
	       total = len >= 20 ? two(ip + 2) : 0;

	if (head < 20 || ip[0] >> 4 != 4 || ip[9] != IPPROTO_TCP || two(ip + 6) & 0x3fff)
		return false;
	if (total == 0) /* larger than 64 KiB, by segmentation offload */
		total = len;
	if (total < head || total > len)
		return false;
	s->family = AF_INET;
	memcpy(s->from, ip + 12, 4);
	memcpy(s->to, ip + 16, 4);
	*tcp = (struct rest){ ip + head, total - head };
	return true;
}

static bool read_ipv6(const unsigned char *ip, size_t len, struct segment *s,
		      struct rest *tcp)
{
	size_t payload = len >= 40 ? two(ip + 4) : 0;

	if (len < 40 || ip[0] >> 4 != 6 || ip[6] != IPPROTO_TCP)
		return false;
	if (payload == 0)
		payload = len - 40;
	if (payload > len - 40)
		return false;
	s->family = AF_INET6;
	memcpy(s->from, ip + 8, 16);
	memcpy(s->to, ip + 24, 16);
	*tcp = (struct rest){ ip + 40, payload };
	return true;
}

static void read_option(unsigned kind, const unsigned char *value, size_t len,
			struct segment *s)
{
	if (kind == 2 && len == 2)
		s->mss = (uint16_t)two(value);
	else if (kind == 3 && len == 1)
		s->window_scale =
			(int8_t)(value[0] < 15 ? value[0] : 14); /* RFC 7323, 2.3 */
	else if (kind == 4 && len == 0)
		s->sack_permitted = true;
	else if (kind == 34)
		s->fast_open = true;
	if (kind != 8 || len != 8)
		return;
	s->timestamps = true;
	s->ts_value = four(value);
	s->ts_echo = four(value + 4);
}

static void read_options(const unsigned char *at, size_t len, struct segment *s)
{
	while (len > 0 && at[0] != 0) {
		size_t size = at[0] == 1 ? 1 : len > 1 ? at[1] : 0;

		if (size == 0 || size > len || (size == 1 && at[0] != 1))
			return;
		if (size > 1)
			read_option(at[0], at + 2, size - 2, s);
		at += size;
		len -= size;
	}
}

static bool read_tcp(const unsigned char *tcp, size_t len, struct segment *s)
{
	size_t head = len >= 20 ? (tcp[12] >> 4) * 4u : 0;

	if (head < 20 || head > len)
		return false;
	s->from_port = (uint16_t)two(tcp);
	s->to_port = (uint16_t)two(tcp + 2);
	s->seq = four(tcp + 4);
	s->flags = tcp[13] & 0x3f;
	s->ack = s->flags & SEGMENT_ACK ? four(tcp + 8) : 0;
	s->window = (uint16_t)two(tcp + 14);
	s->len = (uint32_t)(len - head);
	read_options(tcp + 20, head - 20, s);
	return true;
}

bool segment_read(const unsigned char *frame, size_t len, struct segment *out)
{
	struct rest tcp = { 0 };
	unsigned type = len >= ETHERNET ? two(frame + 12) : 0;

	*out = (struct segment){ .window_scale = -1 };
	if (type == TYPE_IPV4
		    ? !read_ipv4(frame + ETHERNET, len - ETHERNET, out, &tcp)
		    : type != TYPE_IPV6 ||
			      !read_ipv6(frame + ETHERNET, len - ETHERNET, out, &tcp))
		return false;
	return read_tcp(tcp.at, tcp.len, out);
}

bool segment_is_part(const unsigned char *frame, size_t len)
{
	const unsigned char *ip = frame + ETHERNET;
	unsigned type = len >= ETHERNET ? two(frame + 12) : 0;

	len -= type ? ETHERNET : len;
	if (type == TYPE_IPV4)
		return len >= 20 && ip[9] == IPPROTO_TCP;
	return type == TYPE_IPV6 && len >= 41 &&
	       (ip[6] == IPPROTO_TCP ||
		(ip[6] == IPPROTO_FRAGMENT && ip[40] == IPPROTO_TCP));
}

uint32_t segment_space(const struct segment *s)
{
	return s->len + !!(s->flags & SEGMENT_SYN) + !!(s->flags & SEGMENT_FIN);
}

char *segment_flags(const struct segment *s, char *buf)
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = {
		{ SEGMENT_SYN, "SYN" }, { SEGMENT_FIN, "FIN" }, { SEGMENT_RST, "RST" },
		{ SEGMENT_ACK, "ACK" }, { SEGMENT_URG, "URG" },
	};
	size_t n = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (s->flags & names[i].bit)
			n += (size_t)snprintf(buf + n, SEGMENT_FLAGS_TEXT - n, "%s%s",
					      n ? "+" : "", names[i].name);
	return buf;
}
