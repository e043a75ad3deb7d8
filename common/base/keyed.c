#include "common/base/keyed.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include "common/base/clock.h"

static size_t slots(const struct keyed *k)
{
	return 2 * k->most;
}

int keyed_init(struct keyed *k, size_t most, size_t row_size, size_t key_size,
	       struct err *err)
{
	assert(key_size % sizeof(uint64_t) == 0 && key_size <= row_size);
	*k = (struct keyed){ .most = most, .row_size = row_size, .key_size = key_size };
	k->slot = calloc(slots(k), sizeof(*k->slot));
	if (!k->slot)
		return err_memory(err);
	if (getrandom(&k->seed, sizeof(k->seed), GRND_NONBLOCK) != sizeof(k->seed))
		k->seed = clock_ns();
	return 0;
}

void keyed_done(struct keyed *k)
{
	free(k->slot);
	k->slot = NULL;
}

void keyed_clear(struct keyed *k)
{
	memset(k->slot, 0, slots(k) * sizeof(*k->slot));
}

/* splitmix64's mixing of each word into the next. */
static uint64_t hash(const struct keyed *k, const void *key)
{
	uint64_t word, h = k->seed;

	for (size_t at = 0; at < k->key_size; at += sizeof(word)) {
		memcpy(&word, (const char *)key + at, sizeof(word));
		h += word + 0x9e3779b97f4a7c15ull;
		h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9ull;
		h = (h ^ h >> 27) * 0x94d049bb133111ebull;
		h ^= h >> 31;
	}
	return h;
}

size_t keyed_row(struct keyed *k, const void *rows, size_t n, const void *key)
{
	size_t i = hash(k, key) % slots(k);

	for (; k->slot[i]; i = (i + 1) % slots(k)) {
		size_t row = k->slot[i] - 1;

		if (memcmp((const char *)rows + row * k->row_size, key, k->key_size) == 0)
			return row;
	}
	if (n == k->most)
		return SIZE_MAX;
	k->slot[i] = (uint32_t)n + 1;
	return n;
}
