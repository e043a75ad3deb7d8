#include "bench/stage/kept.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/text/text.h"

#define HALF (KEPT_MOST / 2)

/* The second half of the file is a ring. */
static uint64_t place_of(uint64_t byte)
{
	return byte < HALF ? byte : HALF + (byte - HALF) % HALF;
}

/* What memory has no room for is lost, and the figure of bytes says that there was more. */
static void write_out(struct kept *k, const char *text, size_t n)
{
	while (n) {
		uint64_t at = place_of(*k->bytes);
		uint64_t room = (at < HALF ? HALF : KEPT_MOST) - at;
		size_t part = n < room ? n : (size_t)room;

		if (pwrite(k->fd, text, part, (off_t)at) == -1)
			return;
		*k->bytes += part;
		text += part;
		n -= part;
	}
}

void kept_flush(struct kept *k)
{
	write_out(k, k->waits, k->n_waits);
	k->n_waits = 0;
}

void kept_add(struct kept *k, const char *text, size_t n)
{
	if (k->fd == -1)
		return;
	if (n > sizeof(k->waits) - k->n_waits)
		kept_flush(k);
	if (n > sizeof(k->waits)) {
		write_out(k, text, n);
		return;
	}
	memcpy(k->waits + k->n_waits, text, n);
	k->n_waits += n;
}

static size_t read_at(int fd, char *to, size_t n, uint64_t at)
{
	ssize_t got = pread(fd, to, n, (off_t)at);

	return got > 0 ? (size_t)got : 0;
}

char *kept_read(int fd, uint64_t bytes, size_t *len)
{
	uint64_t first = bytes < HALF ? bytes : HALF;
	uint64_t last = bytes - first < HALF ? bytes - first : HALF;
	uint64_t from = place_of(bytes - last), before_wrap = KEPT_MOST - from;
	char *text = text_checked(malloc(KEPT_MOST + 100));
	size_t n = read_at(fd, text, (size_t)first, 0);

	if (bytes > KEPT_MOST)
		n += (size_t)sprintf(text + n,
				     "\n[here %" PRIu64 " bytes are left out]\n",
				     bytes - KEPT_MOST);
	if (last > before_wrap) {
		n += read_at(fd, text + n, (size_t)before_wrap, from);
		n += read_at(fd, text + n, (size_t)(last - before_wrap), HALF);
	} else if (last) {
		n += read_at(fd, text + n, (size_t)last, from);
	}
	text[n] = '\0';
	*len = n;
	return text;
}
