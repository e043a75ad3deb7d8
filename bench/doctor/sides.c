#include "bench/doctor/sides.h"

#include <stdio.h>
#include <string.h>
#include "bench/doctor/tally.h"

#define DEFAULT_LO 32768
#define DEFAULT_HI 60999
#define WELL_KNOWN 1024

static struct tally_key key_of(const unsigned char host[16], uint8_t kind, uint16_t port)
{
	struct tally_key key;

	memset(&key, 0, sizeof(key));
	memcpy(key.a, host, sizeof(key.a));
	key.a_kind = kind;
	key.port = port;
	return key;
}

bool sides_both_here(const struct reading *read, const struct noted_socket *s)
{
	struct endpoint local, remote;

	if (s->local_kind == HOST_OTHERS)
		return s->local[0] != 0;
	noted_ends(s, &local, &remote);
	return endpoint_same_host(&local, &remote) ||
	       (endpoint_is_loopback(&local, &read->names) &&
		endpoint_is_loopback(&remote, &read->names));
}

static bool in_range(const struct reading *r, uint16_t port)
{
	uint64_t lo = r->range_lo.known ? r->range_lo.n : DEFAULT_LO;
	uint64_t hi = r->range_hi.known ? r->range_hi.n : DEFAULT_HI;

	return port >= lo && port <= hi;
}

/* A port that many sockets share is a server's. */
static bool is_client(const struct reading *r, const struct noted_socket *s,
		      const struct port_set *listens, uint64_t share_local,
		      uint64_t share_remote)
{
	bool local = in_range(r, s->local_port), remote = in_range(r, s->remote_port);

	if (s->state == STATE_SYN_SENT || s->state == STATE_SYN_RECV)
		return s->state == STATE_SYN_SENT;
	if (port_set_has(listens, s->local_port))
		return false;
	if (share_local != share_remote)
		return share_remote > share_local;
	if (local != remote)
		return local;
	return !(s->local_port < WELL_KNOWN && s->remote_port >= WELL_KNOWN);
}

int sides_tell(struct reading *read, struct err *err)
{
	struct tally_table local = { 0 }, remote = { 0 };
	struct port_set listens = { 0 };
	bool no_memory;

	if (read->sides_told)
		return 0;
	for (size_t i = 0; i < read->seen.n; i++) {
		const struct noted_socket *s = &read->seen.at[i];
		struct tally_key l = key_of(s->local, s->local_kind, s->local_port);
		struct tally_key m = key_of(s->remote, s->remote_kind, s->remote_port);

		if (s->state == STATE_LISTEN) {
			port_set_add(&listens, s->local_port);
			continue;
		}
		tally_add(&local, &l, 1);
		tally_add(&remote, &m, 1);
	}
	for (size_t i = 0; i < read->seen.n; i++) {
		struct noted_socket *s = &read->seen.at[i];
		struct tally_key l = key_of(s->local, s->local_kind, s->local_port);
		struct tally_key m = key_of(s->remote, s->remote_kind, s->remote_port);

		if (s->state != STATE_LISTEN &&
		    is_client(read, s, &listens, tally_of(&local, &l),
			      tally_of(&remote, &m)))
			s->flags |= NOTED_CLIENT;
	}
	no_memory = local.no_memory || remote.no_memory;
	tally_done(&local);
	tally_done(&remote);
	return no_memory ? err_memory(err) : 0;
}

/* ---- who closes first */

enum who { THIS_HOST, BOTH_HERE, REMOTE, WHO_MAX };

struct closers {
	uint64_t n[WHO_MAX][2]; /* [1] = the client's end */
	uint64_t connections;
};

static bool closed_here(unsigned state)
{
	return state == STATE_FIN_WAIT1 || state == STATE_FIN_WAIT2 ||
	       state == STATE_TIME_WAIT;
}

static bool closed_there(unsigned state)
{
	return state == STATE_CLOSE_WAIT || state == STATE_LAST_ACK;
}

static void count(const struct reading *r, bool there_alone, struct closers *c)
{
	for (size_t i = 0; i < r->seen.n; i++) {
		const struct noted_socket *s = &r->seen.at[i];
		bool client = s->flags & NOTED_CLIENT, here = closed_here(s->state);
		enum who who = here ? THIS_HOST : REMOTE;

		c->connections += s->state != STATE_LISTEN ? noted_n(s) : 0;
		if (!closed_there(s->state) && (!here || there_alone))
			continue;
		if (sides_both_here(r, s))
			who = BOTH_HERE;
		c->n[who][here ? client : !client] += noted_n(s);
	}
}

#define FEW       4 /* less say nothing of a host */
#define SAYS_MUCH 4 /* of so many connections at least one */

void sides_who_closes(struct facts *f)
{
	static const char *const names[] = { "this host", "both ends here", "remote" };
	const struct maybe *n = f->states;
	const struct reading *r = f->read;
	struct closers c = { 0 };
	uint64_t all = 0, most = 0;
	unsigned who = 0, client = 0;
	uint64_t there = 0, here = 0;

	for (size_t i = 0; i < r->seen.n; i++) {
		const struct noted_socket *s = &r->seen.at[i];

		there += closed_there(s->state) ? noted_n(s) : 0;
		here += closed_here(s->state) ? noted_n(s) : 0;
	}
	count(r, there >= here, &c);
	for (unsigned i = 0; i < WHO_MAX; i++)
		for (unsigned end = 0; end < 2; end++) {
			all += c.n[i][end];
			if (c.n[i][end] > most) {
				most = c.n[i][end];
				who = i;
				client = end;
			}
		}
	if (most >= FEW && 2 * most > all && SAYS_MUCH * all >= c.connections)
		snprintf(f->closes_first, sizeof(f->closes_first), "%s, %s end",
			 names[who], client ? "client" : "server");
	else if (!r->seen.n && n[STATE_TIME_WAIT].known &&
		 2 * n[STATE_TIME_WAIT].n > f->connections.n)
		snprintf(f->closes_first, sizeof(f->closes_first), "this host");
}
