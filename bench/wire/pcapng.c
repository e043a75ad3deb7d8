#include "bench/wire/pcapng.h"

#define SECTION   0x0a0d0d0au
#define INTERFACE 1u
#define PACKET    6u
#define MAGIC     0x1a2b3c4du /* in this machine's byte order: readers look at it */
#define ETHERNET  1
#define TIMES     9  /* option if_tsresol */
#define IN_NS     9u /* 10^-9 s */

static void put(FILE *to, uint32_t word)
{
	fwrite(&word, sizeof(word), 1, to);
}

static void put_halves(FILE *to, uint16_t first, uint16_t second)
{
	fwrite(&first, sizeof(first), 1, to);
	fwrite(&second, sizeof(second), 1, to);
}

void pcapng_begin(FILE *to)
{
	put(to, SECTION);
	put(to, 28);
	put(to, MAGIC);
	put_halves(to, 1, 0); /* the version */
	put(to, UINT32_MAX);  /* of unknown length */
	put(to, UINT32_MAX);
	put(to, 28);
	put(to, INTERFACE);
	put(to, 32);
	put_halves(to, ETHERNET, 0);
	put(to, 0); /* whole frames */
	put_halves(to, TIMES, 1);
	put(to, 0x01010101u * IN_NS); /* one byte of it counts */
	put(to, 0);                   /* no more options */
	put(to, 32);
}

void pcapng_frame(FILE *to, uint64_t wall_ns, const void *frame, size_t len)
{
	static const char zeros[4];
	size_t more = -len & 3;
	uint32_t size = (uint32_t)(32 + len + more);

	put(to, PACKET);
	put(to, size);
	put(to, 0); /* the interface */
	put(to, (uint32_t)(wall_ns >> 32));
	put(to, (uint32_t)wall_ns);
	put(to, (uint32_t)len);
	put(to, (uint32_t)len);
	fwrite(frame, 1, len, to);
	fwrite(zeros, 1, more, to);
	put(to, size);
}
