#include "bench/doctor/places.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench/doctor/remotes.h"
#include "bench/doctor/tally.h"

typedef bool is_meant(const struct reading *r, const struct noted_socket *s, bool owners);

/* Each listener has an owner in the list: who reads it may see all owners. */
static bool all_owners_shown(const struct reading *r)
{
	bool any = false;

	for (size_t i = 0; i < r->seen.n; i++) {
		const struct noted_socket *s = &r->seen.at[i];

		if (s->state != STATE_LISTEN)
			continue;
		if (!(s->flags & NOTED_OWNED))
			return false;
		any = true;
	}
	return any;
}

static bool is_fin_wait2(const struct reading *r, const struct noted_socket *s,
			 bool owners)
{
	(void)r;
	(void)owners;
	return s->state == STATE_FIN_WAIT2;
}

static bool is_syn_sent(const struct reading *r, const struct noted_socket *s,
			bool owners)
{
	(void)r;
	(void)owners;
	return s->state == STATE_SYN_SENT;
}

static bool is_syn_recv(const struct reading *r, const struct noted_socket *s,
			bool owners)
{
	(void)r;
	(void)owners;
	return s->state == STATE_SYN_RECV;
}

static bool is_served(const struct reading *r, const struct noted_socket *s, bool owners)
{
	(void)r;
	(void)owners;
	return s->state == STATE_TIME_WAIT && !(s->flags & NOTED_CLIENT);
}

/* The peer has closed, its bytes are there, and no program has the socket. */
static bool is_not_accepted(const struct reading *r, const struct noted_socket *s,
			    bool owners)
{
	bool no_owner =
		(s->flags & (NOTED_OWNER_SHOWN | NOTED_OWNED)) == NOTED_OWNER_SHOWN;

	(void)r;
	return s->state == STATE_CLOSE_WAIT && !(s->flags & NOTED_CLIENT) &&
	       s->recv_q > 0 && ((s->flags & NOTED_NO_INODE) || (owners && no_owner));
}

static bool is_close_wait(const struct reading *r, const struct noted_socket *s,
			  bool owners)
{
	return s->state == STATE_CLOSE_WAIT && !is_not_accepted(r, s, owners);
}

/* The server's end of it: a port of ours, whatever the address, or the remote end. */
static struct tally_key place_of(const struct noted_socket *s)
{
	bool client = s->flags & NOTED_CLIENT;
	struct tally_key key;

	memset(&key, 0, sizeof(key));
	key.port = client ? s->remote_port : s->local_port;
	key.extra = client;
	if (client) {
		memcpy(key.a, s->remote, sizeof(key.a));
		key.a_kind = s->remote_kind;
	}
	return key;
}

static void describe(const struct reading *r, const struct tally_key *key,
		     struct facts_place *out)
{
	struct endpoint e = tally_end(key);

	if (key->extra)
		endpoint_print(&e, &r->names, out->at);
	else
		snprintf(out->at, sizeof(out->at), ":%u", key->port);
	out->port = key->extra ? 0 : key->port;
}

/* Whose most of a place's are. */
struct owners {
	uint64_t *n; /* owned, by number of holder; NULL where none is known */
	uint16_t most;
};

static int owners_begin(struct owners *o, const struct reading *r, struct err *err)
{
	*o = (struct owners){ 0 };
	if (r->n_holders)
		o->n = calloc(r->n_holders + 1, sizeof(*o->n));
	return r->n_holders && !o->n ? err_memory(err) : 0;
}

static void owners_add(struct owners *o, const struct noted_socket *s,
		       struct facts_place *out)
{
	if (!o->n || !s->owner)
		return;
	o->n[s->owner] += noted_n(s);
	if (o->n[s->owner] < o->n[o->most])
		return;
	if (s->owner != o->most || !out->inode)
		out->inode = s->inode;
	out->holder = o->most = s->owner;
}

static int find_place(struct facts *f, is_meant *meant, bool owners,
		      struct facts_place *out, struct err *err)
{
	const struct reading *r = f->read;
	struct tally_table places = { 0 };
	struct tally_key key, most;
	struct owners who;
	int result;

	for (size_t i = 0; i < r->seen.n; i++) {
		const struct noted_socket *s = &r->seen.at[i];

		key = place_of(s);
		if (!meant(r, s, owners) || key.a_kind == HOST_OTHERS)
			continue;
		tally_add(&places, &key, noted_n(s));
		if (s->age_ms >= 0 && s->age_ms < NOTED_LASTS_MS)
			out->passing += noted_n(s);
	}
	if (places.no_memory) {
		tally_done(&places);
		return err_memory(err);
	}
	if (!places.n)
		return 0;
	tally_sort(&places);
	most = places.at[0].key;
	out->n = maybe_of(places.at[0].n);
	tally_done(&places);
	describe(r, &most, out);
	result = owners_begin(&who, r, err);
	if (result < 0)
		return result;
	for (size_t i = 0; i < r->seen.n; i++) {
		const struct noted_socket *s = &r->seen.at[i];

		key = place_of(s);
		if (!meant(r, s, owners) || memcmp(&key, &most, sizeof(key)) != 0)
			continue;
		out->unread += s->recv_q > 1 ? noted_n(s) : 0;
		if (s->age_ms >= 0 &&
		    (!out->oldest_ms.known || (uint64_t)s->age_ms > out->oldest_ms.n))
			out->oldest_ms = maybe_of((uint64_t)s->age_ms);
		owners_add(&who, s, out);
		if (s->owner && !r->n_holders)
			snprintf(out->owner, sizeof(out->owner), "%s",
				 names_text(&r->names, s->owner));
	}
	free(who.n);
	return 0;
}

int places_find_users(struct facts *f, struct err *err)
{
	const struct facts_remote *busiest = facts_busiest(f);
	const struct reading *r = f->read;
	struct owners who;
	int result = owners_begin(&who, r, err);

	if (result < 0)
		return result;
	for (size_t i = 0; busiest && i < r->seen.n; i++)
		if (remotes_has(f, (unsigned)(busiest - f->remote), &r->seen.at[i]))
			owners_add(&who, &r->seen.at[i], &f->users);
	if (who.most)
		f->users.n = maybe_of(who.n[who.most]);
	free(who.n);
	return 0;
}

int places_find(struct facts *f, struct err *err)
{
	bool owners = all_owners_shown(f->read);
	int r = find_place(f, is_close_wait, owners, &f->close_wait, err);

	if (r == 0)
		r = find_place(f, is_fin_wait2, owners, &f->fin_wait2, err);
	if (r == 0)
		r = find_place(f, is_served, owners, &f->served, err);
	if (r == 0)
		r = find_place(f, is_syn_sent, owners, &f->syn_sent, err);
	if (r == 0)
		r = find_place(f, is_syn_recv, owners, &f->syn_recv, err);
	if (r == 0)
		r = find_place(f, is_not_accepted, owners, &f->not_accepted, err);
	return r;
}

bool places_all_alike(const struct reading *r)
{
	struct tally_key first, key;

	for (size_t i = 0; i < r->seen.n; i++) {
		key = place_of(&r->seen.at[i]);
		if (i == 0)
			first = key;
		if (r->seen.at[i].state != r->seen.at[0].state ||
		    memcmp(&key, &first, sizeof(key)) != 0)
			return false;
	}
	return true;
}
