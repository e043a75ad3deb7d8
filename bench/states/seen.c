#include "bench/states/seen.h"

#include <stdlib.h>
#include <string.h>

#define ROOM 1024

struct seen_connection {
	struct endpoint local, remote; /* family 0 = a free place */
	unsigned end;
	uint32_t
		inode; /* of the program's newest socket with these ends; 0 = not known */
};

int seen_init(struct seen *s, struct err *err)
{
	memset(s, 0, sizeof(*s));
	s->room = ROOM;
	s->at = calloc(s->room, sizeof(*s->at));
	return s->at ? 0 : err_memory(err);
}

void seen_done(struct seen *s)
{
	free(s->at);
	s->at = NULL;
}

/* ---- the table */

/* FNV-1a */
static size_t hash_of(const struct endpoint *e, size_t hash)
{
	const unsigned char *byte = (const unsigned char *)e;

	for (size_t i = 0; i < sizeof(*e); i++)
		hash = (hash ^ byte[i]) * 1099511628211u;
	return hash;
}

/* The place of this connection, or the free one where it would be. */
static struct seen_connection *place_of(const struct seen *s,
					const struct endpoint *local,
					const struct endpoint *remote)
{
	size_t i = hash_of(remote, hash_of(local, 14695981039346656037u));

	for (i &= s->room - 1; s->at[i].local.family; i = (i + 1) & (s->room - 1))
		if (endpoint_compare(&s->at[i].local, local) == 0 &&
		    endpoint_compare(&s->at[i].remote, remote) == 0)
			break;
	return &s->at[i];
}

static int grow(struct seen *s, struct err *err)
{
	struct seen old = *s;

	if (s->n * 4 < s->room * 3)
		return 0;
	s->room *= 2;
	s->at = calloc(s->room, sizeof(*s->at));
	if (!s->at) {
		*s = old;
		return err_memory(err);
	}
	for (size_t i = 0; i < old.room; i++)
		if (old.at[i].local.family)
			*place_of(s, &old.at[i].local, &old.at[i].remote) = old.at[i];
	free(old.at);
	return 0;
}

/* ---- ends */

static unsigned end_of(struct seen *s, const struct endpoint *at, bool accepted)
{
	unsigned i = 0;

	while (i < s->n_ends && (s->end[i].accepted != accepted || s->end[i].others ||
				 endpoint_compare(&s->end[i].at, at) != 0))
		i++;
	if (i < s->n_ends)
		return i;
	if (s->n_ends >= SEEN_ENDS) {
		s->end[SEEN_ENDS].others = true;
		s->n_ends = SEEN_ENDS + 1;
		return SEEN_ENDS;
	}
	s->end[i] = (struct seen_end){ .at = *at, .accepted = accepted };
	s->n_ends++;
	return i;
}

/* What is listened on by the program itself tells who was called. */
static unsigned end_of_row(struct seen *s, const struct endpoint *local,
			   const struct endpoint *remote)
{
	static const unsigned char none[16];
	struct endpoint port;

	if (!port_set_has(&s->listens, local->port))
		return end_of(s, remote, false);
	port = endpoint_make(local->family, none, local->port);
	return end_of(s, &port, true);
}

/* ---- a look */

void seen_begin(struct seen *s)
{
	for (unsigned i = 0; i < s->n_ends; i++) {
		memset(&s->end[i].now, 0, sizeof(s->end[i].now));
		s->end[i].time_wait_of_all = 0;
	}
}

void seen_end_look(struct seen *s)
{
	for (unsigned i = 0; i < s->n_ends; i++)
		for (unsigned state = 0; state < TCP_STATE_MAX; state++)
			if (s->end[i].now.n[state] > s->end[i].peak.n[state])
				s->end[i].peak.n[state] = s->end[i].now.n[state];
}

static void count_of_all(struct seen *s, const struct endpoint *remote, unsigned state)
{
	for (unsigned i = 0; state == STATE_TIME_WAIT && i < s->n_ends; i++)
		if (!s->end[i].accepted && !s->end[i].others &&
		    endpoint_compare(&s->end[i].at, remote) == 0)
			s->end[i].time_wait_of_all++;
}

int seen_row(struct seen *s, const struct sock_diag_row *row, bool own, struct err *err)
{
	struct endpoint local = endpoint_make(row->family, row->local, row->local_port);
	struct endpoint remote =
		endpoint_make(row->family, row->remote, row->remote_port);
	struct seen_connection *c;
	int r;

	if (row->state == STATE_LISTEN && own)
		port_set_add(&s->listens, row->local_port);
	if (row->state == STATE_LISTEN || !row->remote_port)
		return 0;
	count_of_all(s, &remote, row->state);
	c = place_of(s, &local, &remote);
	if (!own && (!c->local.family || (row->inode && row->inode != c->inode)))
		return 0; /* it never was the program's; or another program has these ends now */
	if (!c->local.family && s->n >= SEEN_MOST) {
		s->beyond++;
		return 0;
	}
	if (!c->local.family) {
		r = grow(s, err);
		if (r < 0)
			return r;
		c = place_of(s, &local, &remote);
		*c = (struct seen_connection){ local, remote,
					       end_of_row(s, &local, &remote), 0 };
		s->n++;
	}
	if (row->inode && row->inode != c->inode) {
		c->inode = row->inode;
		s->end[c->end].connections++;
	}
	s->end[c->end].now.n[row->state]++;
	return 0;
}

uint64_t seen_ending(const struct seen *s)
{
	static const enum tcp_state_no states[] = { STATE_FIN_WAIT1, STATE_FIN_WAIT2,
						    STATE_CLOSING, STATE_LAST_ACK };
	uint64_t n = 0;

	for (unsigned i = 0; i < s->n_ends; i++)
		for (size_t k = 0; k < sizeof(states) / sizeof(states[0]); k++)
			n += s->end[i].now.n[states[k]];
	return n;
}
