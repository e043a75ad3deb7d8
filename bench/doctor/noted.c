#include "bench/doctor/noted.h"

#include <stdlib.h>
#include <string.h>
#include "bench/doctor/seed.h"

#define FIRST_ROOM 64

static uint64_t mixed(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15ull;
	return h ^ h >> 29;
}

static uint64_t hash(const struct noted *s, const struct noted_socket *k)
{
	uint64_t h = doctor_seed(), v[4];

	memcpy(v, k->local, sizeof(k->local));
	memcpy(v + 2, k->remote, sizeof(k->remote));
	for (unsigned i = 0; i < 4; i++)
		h = mixed(h, v[i]);
	h = mixed(h, (uint64_t)k->local_port << 16 | k->remote_port);
	return s->merging ? mixed(h, (uint64_t)(uint32_t)k->left_ms << 8 | k->state) : h;
}

static bool equal(const struct noted_socket *a, const struct noted_socket *b)
{
	return a->state == b->state && a->left_ms == b->left_ms && a->flags == b->flags &&
	       a->owner == b->owner && a->recv_q == b->recv_q &&
	       (a->age_ms < NOTED_LASTS_MS) == (b->age_ms < NOTED_LASTS_MS);
}

/* A port may have several listeners: those of one list are several. */
static bool same(const struct noted *s, const struct noted_socket *a,
		 const struct noted_socket *b)
{
	return (!s->merging || equal(a, b)) &&
	       memcmp(a->local, b->local, sizeof(a->local)) == 0 &&
	       memcmp(a->remote, b->remote, sizeof(a->remote)) == 0 &&
	       a->local_port == b->local_port && a->remote_port == b->remote_port &&
	       a->local_kind == b->local_kind && a->remote_kind == b->remote_kind &&
	       (a->state == STATE_LISTEN) == (b->state == STATE_LISTEN) &&
	       (a->state != STATE_LISTEN || a->block != b->block);
}

static void put_slot(struct noted *s, size_t index)
{
	uint64_t at = hash(s, &s->at[index]);

	while (s->slot[at % s->slots])
		at++;
	s->slot[at % s->slots] = (uint32_t)index + 1;
}

static bool make_room(struct noted *s)
{
	size_t room = s->room ? 2 * s->room : FIRST_ROOM;
	size_t most = s->most ? s->most : NOTED_MAX;
	struct noted_socket *at;
	uint32_t *slot;

	if (s->n < s->room)
		return true;
	if (noted_is_full(s))
		return false;
	room = room > most ? most : room;
	at = realloc(s->at, room * sizeof(*at));
	if (!at)
		return false;
	s->at = at;
	slot = calloc(2 * room, sizeof(*slot));
	if (!slot)
		return false;
	free(s->slot);
	s->slot = slot;
	s->slots = 2 * room;
	s->room = room;
	for (size_t i = 0; i < s->n; i++)
		put_slot(s, i);
	return true;
}

static void add_what_is_new(struct noted_socket *to, const struct noted_socket *from)
{
	if (to->left_ms < 0)
		to->left_ms = from->left_ms;
	if (to->age_ms < 0 || (to->n && to->age_ms < from->age_ms))
		to->age_ms = from->age_ms;
	if (!to->owner)
		to->owner = from->owner;
	if (from->recv_q > to->recv_q)
		to->recv_q = from->recv_q;
	if (from->send_q > to->send_q)
		to->send_q = from->send_q;
	to->flags |= from->flags;
}

struct noted_socket *noted_add(struct noted *s, const struct noted_socket *socket)
{
	uint64_t at;

	if (s->slots) {
		for (at = hash(s, socket); s->slot[at % s->slots]; at++) {
			struct noted_socket *there = &s->at[s->slot[at % s->slots] - 1];

			if (same(s, there, socket)) {
				there->n += s->merging ? noted_n(socket) : 0;
				add_what_is_new(there, socket);
				return there;
			}
		}
	}
	if (!make_room(s)) {
		s->over[socket->state] += noted_n(socket);
		return NULL;
	}
	s->at[s->n] = *socket;
	put_slot(s, s->n);
	return &s->at[s->n++];
}

void noted_clear(struct noted *s)
{
	s->n = 0;
	if (s->slots)
		memset(s->slot, 0, s->slots * sizeof(*s->slot));
	memset(s->over, 0, sizeof(s->over));
}

void noted_done(struct noted *s)
{
	free(s->at);
	free(s->slot);
	memset(s, 0, sizeof(*s));
}

void noted_ends(const struct noted_socket *s, struct endpoint *local,
		struct endpoint *remote)
{
	memset(local, 0, sizeof(*local));
	memset(remote, 0, sizeof(*remote));
	memcpy(local->host, s->local, sizeof(s->local));
	memcpy(remote->host, s->remote, sizeof(s->remote));
	local->kind = s->local_kind;
	remote->kind = s->remote_kind;
	local->port = s->local_port;
	remote->port = s->remote_port;
}
