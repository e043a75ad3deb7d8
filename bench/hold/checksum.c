#include "bench/hold/checksum.h"

#include <netinet/tcp.h>
#include <stddef.h>

static uint32_t add_words(uint32_t sum, const void *bytes, unsigned len)
{
	const unsigned char *b = bytes;

	for (unsigned i = 0; i < len; i++)
		sum += i % 2 ? b[i] : (uint32_t)b[i] << 8;
	return sum;
}

uint16_t checksum_tcp(const struct in_addr *from, const struct in_addr *to,
		      const unsigned char *segment, unsigned len)
{
	const size_t at = offsetof(struct tcphdr, check);
	uint32_t sum = IPPROTO_TCP + len;

	sum = add_words(sum, from, sizeof(*from));
	sum = add_words(sum, to, sizeof(*to));
	sum = add_words(sum, segment, (unsigned)at);
	sum = add_words(sum, segment + at + 2, len - (unsigned)at - 2);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}
