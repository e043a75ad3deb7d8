#include "bench/doctor/names.h"

#include <stdlib.h>
#include <string.h>

static uint32_t hash(const char *text)
{
	uint32_t h = 2166136261u;

	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * 16777619u;
	return h;
}

static uint32_t *find(const struct names *names, const char *name);

/* Room for one more, in a table that is at most half full. */
static int grow(struct names *names)
{
	uint32_t room = names->room ? 2 * names->room : 64;
	uint32_t *slot;
	void *more;

	if (names->n < names->room)
		return 0;
	more = room > NAMES_MAX ? NULL : realloc(names->at, room * sizeof(*names->at));
	if (!more)
		return -1;
	names->at = more;
	slot = calloc(2 * room, sizeof(*slot));
	if (!slot)
		return -1;
	free(names->slot);
	names->slot = slot;
	names->slots = 2 * room;
	names->room = room;
	for (uint32_t i = 1; i < names->n; i++) {
		uint32_t *at = find(names, names->at[i]);

		if (at)
			*at = i + 1;
	}
	return 0;
}

/* A hostile file may choose names that share a slot: after so many steps there is no room. */
#define MOST_STEPS 64

/* The slot of a name, or the free one where it belongs; NULL = neither is near. */
static uint32_t *find(const struct names *names, const char *name)
{
	uint32_t at = hash(name);

	for (unsigned step = 0; step < MOST_STEPS; step++, at++) {
		uint32_t *slot = &names->slot[at % names->slots];

		if (!*slot || strcmp(names->at[*slot - 1], name) == 0)
			return slot;
	}
	return NULL;
}

uint32_t names_add(struct names *names, const char *text, size_t len)
{
	char name[NAME_TEXT];
	uint32_t *slot;

	if (grow(names) < 0)
		return 0;
	if (!names->n)
		memcpy(names->at[names->n++], "?", 2);
	len = len < sizeof(name) - 1 ? len : sizeof(name) - 1;
	memcpy(name, text, len);
	name[len] = '\0';
	slot = find(names, name);
	if (!slot)
		return 0;
	if (!*slot) {
		if (names->n == names->room)
			return 0;
		memcpy(names->at[names->n], name, len + 1);
		*slot = ++names->n;
	}
	return *slot - 1;
}

uint32_t names_find(const struct names *names, const char *text, size_t len)
{
	char name[NAME_TEXT];
	const uint32_t *slot;

	len = len < sizeof(name) - 1 ? len : sizeof(name) - 1;
	memcpy(name, text, len);
	name[len] = '\0';
	slot = names->slots ? find(names, name) : NULL;
	return slot && *slot ? *slot - 1 : 0;
}

const char *names_text(const struct names *names, uint32_t number)
{
	return number < names->n ? names->at[number] : "?";
}

void names_done(struct names *names)
{
	free(names->at);
	free(names->slot);
	memset(names, 0, sizeof(*names));
}
