#include "bench/wire/drops.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

/* ---- what is asked for */

static int add_rule(struct drops_rules *out, const char *text, size_t len,
		    struct err *err)
{
	struct drops_rule *r = &out->at[out->n];

	while (len && isblank((unsigned char)*text))
		text++, len--;
	while (len && isblank((unsigned char)text[len - 1]))
		len--;
	if (out->n == DROPS_RULES)
		return err_usage(err, "at most %d rules", DROPS_RULES);
	if (len >= sizeof(r->text))
		return err_usage(err, "a rule has at most %d characters", DROPS_TEXT - 1);
	memcpy(r->text, text, len);
	r->text[len] = '\0';
	out->n++;
	return which_parse(r->text, &r->which, err);
}

int drops_parse(const char *text, struct drops_rules *out, struct err *err)
{
	struct drops_rules rules = { 0 };
	int r = 0;

	while (r == 0 && *text) {
		size_t len = strcspn(text, ";");

		r = add_rule(&rules, text, len, err);
		text += len + (text[len] == ';');
	}
	if (r == 0)
		*out = rules;
	return r;
}

/* ---- connections */

/* One that was seen from its SYN on.  `end` is where on the cable an address is, and not who is the client. */
struct conn {
	LIST_ENTRY(conn) chain; /* of its hash */
	TAILQ_ENTRY(conn) next; /* of those that are over */
	unsigned char address[ENDS][16];
	uint16_t port[ENDS];
	int family;
	enum end client; /* where its first SYN came in */
	bool over;
	bool fin_after
		[ENDS]; /* the FIN acknowledged the other end's FIN, which so was there before; by side */
	struct steps_past past; /* by side: END_CLIENT is the client */
	unsigned seen[DROPS_RULES];
};
LIST_HEAD(chain, conn);
TAILQ_HEAD(conns, conn);

struct drops {
	const struct drops_rules *rules; /* borrowed */
	struct drops_stats *stats;       /* borrowed */
	struct conn *all;                /* owned */
	struct chain *chains;            /* owned */
	unsigned room, n_used, n_chains;
	struct conns over; /* their places are the next one's, once all are in use */
};

struct drops *drops_new(const struct drops_rules *rules, unsigned room,
			struct drops_stats *stats)
{
	struct drops *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	*d = (struct drops){
		.rules = rules, .stats = stats, .room = room, .n_chains = 2 * room + 1
	};
	TAILQ_INIT(&d->over);
	d->all = calloc(room, sizeof(*d->all));
	d->chains = calloc(d->n_chains, sizeof(*d->chains));
	if (d->all && d->chains)
		return d;
	drops_free(d);
	return NULL;
}

void drops_free(struct drops *d)
{
	if (!d)
		return;
	free(d->all);
	free(d->chains);
	free(d);
}

static uint64_t mix(const unsigned char address[16], uint16_t port)
{
	uint64_t h = port;

	for (int i = 0; i < 16; i++)
		h = (h ^ address[i]) * 0x100000001b3u; /* FNV */
	return h;
}

/* The same in either direction. */
static struct chain *chain_of(struct drops *d, const struct segment *seg)
{
	uint64_t h = mix(seg->from, seg->from_port) + mix(seg->to, seg->to_port);

	return &d->chains[(h ^ h >> 29) % d->n_chains];
}

static struct conn *find(struct drops *d, enum end at, const struct segment *seg)
{
	struct conn *c;

	LIST_FOREACH(c, chain_of(d, seg), chain)
	if (c->family == seg->family && c->port[at] == seg->from_port &&
	    c->port[!at] == seg->to_port &&
	    memcmp(c->address[at], seg->from, sizeof(seg->from)) == 0 &&
	    memcmp(c->address[!at], seg->to, sizeof(seg->to)) == 0)
		return c;
	return NULL;
}

/* A place that nobody has, or that of the connection that has been over for longest; NULL = none. */
static struct conn *place(struct drops *d)
{
	struct conn *c;

	if (d->n_used < d->room)
		return &d->all[d->n_used++];
	c = TAILQ_FIRST(&d->over);
	if (c) {
		TAILQ_REMOVE(&d->over, c, next);
		LIST_REMOVE(c, chain);
	}
	return c;
}

static void begin(struct conn *c, enum end at, const struct segment *seg)
{
	c->family = seg->family;
	c->port[at] = seg->from_port;
	c->port[!at] = seg->to_port;
	memcpy(c->address[at], seg->from, sizeof(seg->from));
	memcpy(c->address[!at], seg->to, sizeof(seg->to));
	c->client = at;
	c->over = false;
	c->fin_after[END_CLIENT] = c->fin_after[END_SERVER] = false;
	c->past = (struct steps_past){ 0 };
	memset(c->seen, 0, sizeof(c->seen));
}

static bool is_new(const struct conn *c, enum end at, const struct segment *seg)
{
	if (!(seg->flags & SEGMENT_SYN) || seg->flags & SEGMENT_ACK)
		return false;
	if (!c || c->over)
		return true;
	return c->client == at && c->past.first[END_CLIENT] != seg->seq;
}

/* The connection of a segment, from its SYN on; NULL = it is not looked at. */
static struct conn *conn_of(struct drops *d, enum end at, const struct segment *seg)
{
	struct conn *c = find(d, at, seg);

	if (!is_new(c, at, seg))
		return c;
	if (c && c->over)
		TAILQ_REMOVE(&d->over, c, next);
	if (!c) {
		c = place(d);
		if (!c) {
			d->stats->beyond++;
			return NULL;
		}
		begin(c, at, seg);
		LIST_INSERT_HEAD(chain_of(d, seg), c, chain);
	} else {
		begin(c, at, seg);
	}
	d->stats->connections++;
	return c;
}

/* ---- segments */

/* Nothing asks the hosts here.  An end is in LAST_ACK if it had the other's FIN when it sent its own. */
static void place_step(struct conn *c, struct step *s)
{
	enum end me = s->from, peer = me == END_CLIENT ? END_SERVER : END_CLIENT;
	bool first_fin = s->segment.flags & SEGMENT_FIN && !c->past.fin[me];

	step_place(s, &c->past);
	if (first_fin)
		c->fin_after[me] = c->past.fin[peer] && c->past.fin_acked[peer];
	if (c->fin_after[peer])
		s->state[peer] = STATE_LAST_ACK;
}

static bool is_over(const struct conn *c, const struct segment *seg)
{
	return seg->flags & SEGMENT_RST ||
	       (c->past.fin_acked[END_CLIENT] && c->past.fin_acked[END_SERVER]);
}

/* Each rule counts for itself, also where another means the segment. */
static bool is_meant(struct drops *d, struct conn *c, const struct step *s)
{
	bool meant = false;

	for (unsigned i = 0; i < d->rules->n; i++) {
		struct which w = d->rules->at[i].which;

		w.seen = c->seen[i];
		if (which_is(&w, s)) {
			d->stats->met[i]++;
			meant = true;
		}
		c->seen[i] = w.seen;
	}
	return meant;
}

bool drops_take(struct drops *d, enum end at, const struct segment *seg)
{
	struct conn *c = conn_of(d, at, seg);
	struct step s = { .segment = *seg };
	bool meant;

	if (!c)
		return false;
	s.from = at == c->client ? END_CLIENT : END_SERVER;
	place_step(c, &s);
	if (!c->over && is_over(c, seg)) {
		c->over = true;
		TAILQ_INSERT_TAIL(&d->over, c, next);
	}
	meant = is_meant(d, c, &s);
	d->stats->dropped += meant;
	return meant;
}
