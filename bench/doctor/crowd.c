#include "bench/doctor/crowd.h"

#include <string.h>
#include "bench/doctor/remotes.h"
#include "bench/doctor/sides.h"

void crowd_count(struct crowd *c, const struct reading *r, const struct noted_socket *s)
{
	struct tally_key remote = remotes_key(s), pair = remotes_pair_key(s);

	if (s->state == STATE_LISTEN)
		return;
	c->counted += noted_n(s);
	tally_add(&c->remotes, &remote, noted_n(s));
	tally_thin(&c->remotes, CROWD_COUNTED);
	if (!(s->flags & NOTED_CLIENT) || !noted_takes_port(&r->seen, s))
		return;
	tally_add(&c->pairs, &pair, noted_n(s));
	tally_thin(&c->pairs, CROWD_COUNTED);
}

/* Of the source addresses of the first remote ends those that have most ports; entry.n counts how many a remote end has. */
static void choose_sources(struct crowd *c, struct tally_table *chosen)
{
	struct tally_table sources = { 0 };

	tally_sort(&c->pairs);
	for (size_t i = 0; i < c->remotes.n && i < FACTS_REMOTES; i++)
		tally_add(&sources, &c->remotes.at[i].key, 0);
	for (size_t i = 0; i < c->pairs.n; i++) {
		struct tally_key remote = c->pairs.at[i].key;

		memset(remote.b, 0, sizeof(remote.b));
		remote.b_kind = 0;
		if (!tally_place(&sources, &remote) ||
		    tally_of(&sources, &remote) == CROWD_SOURCES)
			continue;
		tally_add(&sources, &remote, 1);
		tally_add(chosen, &c->pairs.at[i].key, c->pairs.at[i].n);
	}
	tally_done(&sources);
}

/* Without memory fewer stay apart. */
static void choose(struct crowd *c)
{
	struct tally_table remotes = { 0 }, pairs = { 0 };

	tally_sort(&c->remotes);
	choose_sources(c, &pairs);
	for (size_t i = 0; i < c->remotes.n && i < CROWD_REMOTES; i++)
		tally_add(&remotes, &c->remotes.at[i].key, c->remotes.at[i].n);
	crowd_done(c);
	c->remotes = remotes;
	c->pairs = pairs;
}

void crowd_gather(struct crowd *c, struct reading *r)
{
	size_t n = r->seen.n, to_count = c->counted ? 0 : n;

	for (size_t i = 0; i < to_count; i++)
		crowd_count(c, r, &r->seen.at[i]);
	choose(c);
	r->crowded = true;
	noted_clear(&r->seen);
	/* Each goes to its own place in the table or to one before it. */
	for (size_t i = 0; i < n; i++) {
		struct noted_socket s = r->seen.at[i];

		crowd_fold(c, r, &s);
		noted_add(&r->seen, &s);
	}
}

void crowd_fold(const struct crowd *c, struct reading *r, struct noted_socket *s)
{
	struct tally_key remote = remotes_key(s), pair = remotes_pair_key(s);
	bool apart = tally_place(&c->remotes, &remote) != 0, both_here;

	if (s->state == STATE_LISTEN || (apart && tally_place(&c->pairs, &pair)))
		return;
	both_here = sides_both_here(r, s);
	if (!apart) {
		memset(s->remote, 0, sizeof(s->remote));
		s->remote_kind = HOST_OTHERS;
		s->remote_port = 0;
		r->folded += noted_n(s);
	}
	memset(s->local, 0, sizeof(s->local));
	s->local_kind = HOST_OTHERS;
	s->local[0] = both_here;
	if (s->left_ms > 0)
		s->left_ms = s->left_ms / 1000 * 1000 + 500;
}

void crowd_done(struct crowd *c)
{
	tally_done(&c->remotes);
	tally_done(&c->pairs);
	c->counted = 0;
}
