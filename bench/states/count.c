#include "bench/states/count.h"

#include <assert.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/base/clock.h"

const char *const states_by_names[] = { "state", "peer", "port", "end", NULL };

/* ---- where from */

int states_source_open(struct states_source *out, struct err *err)
{
	const char *forced = getenv("TWSTORM_PROC_ROOT");
	int r = host_read(&out->host, err);

	if (r < 0)
		return r;
	out->diag = NULL;
	out->proc = PROC_ROOT;
	out->method = "/proc/net/tcp";
	if (forced && *forced) {
		out->proc = forced;
		err_support(&out->why_no_diag, "TWSTORM_PROC_ROOT is %s", forced);
	} else if (sock_diag_open(&out->diag, &out->why_no_diag) == 0) {
		out->method = "sock_diag";
	}
	if (host_ports(out->proc == forced ? forced : "/proc", &out->ephemeral, NULL) < 0)
		out->ephemeral = (struct host_ports){ .lo = 32768, .hi = 60999 };
	return 0;
}

/* ---- which */

int states_want_ports(struct states_want *w, const char *text, struct err *err)
{
	struct port_range range;
	const char *end;

	w->by_ports = true;
	for (const char *p = text;; p = end + 1) {
		end = port_range_scan(p, &range);
		if (!end || range.lo < 1 || range.hi < range.lo || (*end && *end != ','))
			return err_usage(
				err,
				"--port '%s': '%.*s' is not a port or a range of ports",
				text, (int)strcspn(p, ","), p);
		port_set_add_range(&w->port, range);
		if (!*end)
			return 0;
	}
}

int states_want_states(struct states_want *w, const char *text, struct err *err)
{
	char name[16];
	unsigned state;
	size_t len;

	w->states = 0;
	for (const char *p = text;; p += len + 1) {
		len = strcspn(p, ",");
		snprintf(name, sizeof(name), "%.*s", (int)len, p);
		state = tcp_state_by_name(name);
		if (!state || len >= sizeof(name))
			return err_usage(err, "--state '%s': '%.*s' is not a TCP state",
					 text, (int)len, p);
		w->states |= 1u << state;
		if (!p[len])
			return 0;
	}
}

int states_want_filter(struct states_want *w, const char *ports, const char *states,
		       struct err *err)
{
	int r = 0;

	*w = (struct states_want){ .by = w->by,
				   .states =
					   SOCK_DIAG_ALL_STATES & ~(1u << STATE_CLOSE) };
	if (ports)
		r = states_want_ports(w, ports, err);
	if (r == 0 && states)
		r = states_want_states(w, states, err);
	if (w->states & 1u << STATE_CLOSE)
		w->states |= SOCK_DIAG_BOUND;
	return r;
}

/* The wanted ports as ranges for the kernel's filter; false when it takes too many. */
static bool port_ranges(const struct states_want *w, struct sock_diag_query *q)
{
	unsigned n = 0;

	for (unsigned port = 0; port < 65536; port++) {
		if (!port_set_has(&w->port, (uint16_t)port))
			continue;
		if (n && q->local[n - 1].hi == port - 1) {
			q->local[n - 1].hi = (uint16_t)port;
			continue;
		}
		if (n == SOCK_DIAG_RANGES)
			return false;
		q->local[n++] = (struct port_range){ (uint16_t)port, (uint16_t)port };
	}
	memcpy(q->remote, q->local, sizeof(q->local));
	q->n_local = q->n_remote = n;
	return true;
}

/* ---- one socket */

struct counting {
	const struct states_source *source;
	const struct states_want *want;
	struct states_shot *shot;
	struct port_set
		listening; /* ports with a listener, where `by` asks whose a port is */
};

const char *states_left_name(unsigned bucket)
{
	static const char *const names[STATES_LEFT_BUCKETS] = {
		"expired", "0-5",   "5-10",  "10-15", "15-20", "20-25", "25-30",
		"30-35",   "35-40", "40-45", "45-50", "50-55", "55-60", "60+",
	};

	return bucket < STATES_LEFT_BUCKETS ? names[bucket] : NULL;
}

static unsigned left_bucket(uint64_t ms)
{
	uint64_t bucket = ms ? (ms - 1) / (STATES_LEFT_WIDTH_S * 1000) + 1 : 0;

	return bucket < STATES_LEFT_BUCKETS ? (unsigned)bucket : STATES_LEFT_BUCKETS - 1;
}

/* The server's port: ours if somebody listens on it here or nobody gets such a port by
 * connecting; otherwise the peer's. */
static void key_port(const struct counting *c, const struct sock_diag_row *row,
		     struct states_key *key)
{
	const struct host_ports *eph = &c->source->ephemeral;
	bool ephemeral = row->local_port >= eph->lo && row->local_port <= eph->hi;

	key->is_client = row->remote_port && ephemeral &&
			 !port_set_has(&c->listening, row->local_port);
	key->port = key->is_client ? row->remote_port : row->local_port;
}

static bool asks_whose(enum states_by by)
{
	return by == STATES_BY_PORT || by == STATES_BY_END;
}

static void count_key(const struct counting *c, const struct sock_diag_row *row)
{
	struct states_key key = { .port = 0 };

	if (asks_whose(c->want->by))
		key_port(c, row, &key);
	else if (!row->remote_port) /* listening or unconnected: there is no peer */
		return;
	if (c->want->by == STATES_BY_PEER ||
	    (c->want->by == STATES_BY_END && key.is_client)) {
		key.family = (uint16_t)row->family;
		memcpy(key.host, row->remote, row->family == AF_INET ? 4 : 16);
	}
	states_groups_add(c->shot->groups, &key, row->state);
}

static int count_row(const struct sock_diag_row *row, void *arg)
{
	const struct counting *c = arg;
	const struct states_want *w = c->want;

	if (w->by_ports && !port_set_has(&w->port, row->local_port) &&
	    !port_set_has(&w->port, row->remote_port))
		return 0;
	c->shot->states.n[row->state]++;
	if (row->state == STATE_TIME_WAIT)
		c->shot->left[left_bucket(row->expires_ms)]++;
	if (w->by != STATES_BY_STATE)
		count_key(c, row);
	return 0;
}

static int note_listener(const struct sock_diag_row *row, void *arg)
{
	struct counting *c = arg;

	if (row->state == STATE_LISTEN)
		port_set_add(&c->listening, row->local_port);
	return 0;
}

/* ---- all of them */

struct proc_pass {
	uint32_t states;
	int (*row)(const struct sock_diag_row *, void *);
	void *arg;
};

/* A line of /proc/net/tcp as if sock_diag had told it. */
static int as_diag_row(const struct proc_tcp_row *p, void *arg)
{
	const struct proc_pass *pass = arg;
	struct sock_diag_row row = {
		.family = p->family,
		.local = p->local,
		.remote = p->remote,
		.local_port = p->local_port,
		.remote_port = p->remote_port,
		.state = p->state,
		.expires_ms = (uint32_t)p->expires_ms,
	};

	if (row.state >= TCP_STATE_MAX || !(pass->states >> row.state & 1))
		return 0;
	return pass->row(&row, pass->arg);
}

static int walk(struct states_source *s, const struct sock_diag_query *q,
		int (*row)(const struct sock_diag_row *, void *), void *arg,
		struct err *err)
{
	struct proc_pass pass = { q->states, row, arg };

	if (s->diag)
		return sock_diag_dump(s->diag, q, row, arg, err);
	return proc_net_tcp(s->proc, as_diag_row, &pass, err);
}

static int walk_all(struct states_source *s, struct counting *c, struct err *err)
{
	struct sock_diag_query listeners = { .states = 1u << STATE_LISTEN };
	struct sock_diag_query q = { .states = c->want->states };
	int r = 0;

	/* The listeners must be known before the first connection is seen, which costs
	 * 20 us or so. */
	if (asks_whose(c->want->by))
		r = walk(s, &listeners, note_listener, c, err);
	if (r < 0)
		return r;
	if (c->want->by_ports && !port_ranges(c->want, &q))
		q.n_local = q.n_remote =
			0; /* too many for the kernel: count_row() looks */
	return walk(s, &q, count_row, c, err);
}

int states_count(struct states_source *s, const struct states_want *want,
		 struct states_shot *shot, struct err *err)
{
	struct counting c = { .source = s, .want = want, .shot = shot };
	struct states_groups *groups = shot->groups;
	uint64_t cpu = clock_thread_cpu_ns();
	int r;

	assert(groups || want->by == STATES_BY_STATE);
	memset(shot, 0, sizeof(*shot));
	shot->groups = groups;
	shot->wall_ns = clock_wall_ns();
	if (groups)
		states_groups_clear(groups);
	r = walk_all(s, &c, err);
	if (r < 0)
		return r;
	if (groups)
		states_groups_sort(groups);
	shot->has_sockstat = proc_net_sockstat(s->proc, &shot->sockstat, NULL) == 0;
	shot->cost_ms = (double)(clock_thread_cpu_ns() - cpu) / NS_PER_MS;
	return 0;
}
