#include "bench/doctor/look_sockets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/base/clock.h"

#define TIME_WAIT_MS 60000 /* TCP_TIMEWAIT_LEN */
#define STEP_MS      100   /* TIME_WAIT that began within so much is merged */
#define CLOCK_ROWS   64    /* of a dump, for which the clock is read once */
#define DEFAULT_LO   32768 /* of ip_local_port_range */
#define DEFAULT_HI   60999
#define ALIVE_STATES                                                                     \
	(SOCK_DIAG_ALL_STATES & ~(1u << STATE_TIME_WAIT | 1u << STATE_LISTEN))
#define SHARED                                                                           \
	1 /* the dump ends: a socket was met whose side only the shares of ports tell */
#define ENTRIES      131072 /* 9 MB */
#define LISTEN_STATE (1u << STATE_LISTEN)
#define CROWDED                                                                          \
	50000 /* TIME_WAIT: to look for sockets that are only bound takes 1 us for each */

/* ---- whose it is */

/* 1 + its place; 0 = nobody is known, or there is no room. */
static uint16_t holder_of(struct look_sockets *l, const struct sock_diag_row *row)
{
	struct reading *r = l->read;
	unsigned i = l->last_holder;

	if (!row->inode)
		return 0;
	l->owners++;
	l->cgroups += row->cgroup != 0;
	if (i >= r->n_holders || r->holder[i].uid != row->uid ||
	    r->holder[i].cgroup != row->cgroup)
		for (i = 0; i < r->n_holders; i++)
			if (r->holder[i].uid == row->uid &&
			    r->holder[i].cgroup == row->cgroup)
				break;
	if (i == HOLDERS_MAX)
		return 0;
	if (i == r->n_holders) {
		r->holder[i] = (struct holder){ row->cgroup, row->uid };
		r->n_holders++;
	}
	l->last_holder = i;
	return (uint16_t)(i + 1);
}

/* ---- who is alive */

static int take_port(const struct sock_diag_row *row, void *arg)
{
	struct look_sockets *l = arg;
	const struct host_ports *p = l->ports;
	uint16_t port = row->local_port;

	l->bound_seen = l->bound_seen || row->state == STATE_CLOSE;
	if (!port || port_set_has(&l->sides->listening, port))
		return 0;
	if (row->state == STATE_LISTEN)
		port_set_add(&l->sides->listening, port);
	if (p && port >= p->lo && port <= p->hi && !port_set_has(&p->reserved, port) &&
	    !port_set_has(&l->bound, port)) {
		port_set_add(&l->bound, port);
		l->read->not_for_connect.n++;
	}
	return 0;
}

static int take_alive(const struct sock_diag_row *row, void *arg)
{
	struct look_sockets *l = arg;
	struct alive_socket *s = alive_add(&l->alive, row->cookie);

	l->counted[row->state]++;
	if (!s)
		return 0;
	if (row->inode) {
		s->holder = holder_of(l, row);
		s->inode = row->inode;
	}
	s->retries = row->state == STATE_SYN_SENT && row->info.retransmits;
	if (!l->looks) {
		s->in_first_look = true;
		s->first_out = row->info.data_segs_out;
	}
	return 0;
}

static int dump(struct look_sockets *l, uint32_t states, bool details,
		int (*row)(const struct sock_diag_row *, void *), struct err *err)
{
	const struct sock_diag_query q = { .states = states, .details = details };
	int r;

	l->begin_ns = l->clock_ns = clock_ns();
	r = sock_diag_dump(l->diag, &q, row, l, err);
	l->cost_ns = clock_ns() - l->begin_ns;
	return r;
}

/* ---- all of them */

/* As it was when this look began, in steps; the last moment of each. */
static int32_t left_ms(const struct look_sockets *l, const struct sock_diag_row *row)
{
	uint64_t left = row->expires_ms + (l->clock_ns - l->begin_ns) / NS_PER_MS;

	if (!row->expires_ms)
		return 0;
	if (left >= TIME_WAIT_MS)
		left = TIME_WAIT_MS - 1;
	return (int32_t)(left / STEP_MS * STEP_MS + STEP_MS / 2);
}

/* Its SYN was sent again, or is due to be: the kernel's timers come up to 32 ms late, and later where CPUs are busy. */
static bool is_second_syn(const struct sock_diag_row *row)
{
	return row->info.retransmits ||
	       (row->timer == SOCK_DIAG_RETRANSMIT && !row->expires_ms);
}

/* How long it has been in its state, where that is told; -1 = not.  A peer that has closed sends no segment more; a SYN that was
 * not sent again is less than a second old. */
static int32_t age_ms(const struct look_sockets *l, const struct sock_diag_row *row)
{
	int64_t age = -1;

	if (row->state == STATE_FIN_WAIT2 && row->timer == SOCK_DIAG_TIMEWAIT)
		age = l->fin_timeout_ms - (int64_t)row->expires_ms;
	else if (row->state == STATE_SYN_SENT && row->info.there)
		age = is_second_syn(row) ? NOTED_LASTS_MS : 0;
	else if (row->info.there)
		age = row->info.last_ack_recv_ms;
	return age > INT32_MAX ? INT32_MAX : age < -1 ? -1 : (int32_t)age;
}

static void add_traffic(struct look_sockets *l, const struct sock_diag_row *row)
{
	const struct alive_socket *before = alive_find(&l->alive, row->cookie);
	const struct sock_diag_info *info = &row->info;
	struct endpoint remote;

	if (row->state != STATE_ESTABLISHED || !before || !before->in_first_look)
		return;
	endpoint_of_bytes(row->remote, row->family, row->remote_port, &remote);
	if (info->data_segs_out > before->first_out)
		reading_traffic(l->read, &remote, TRAFFIC_KEPT_USED);
	else if (info->data_segs_out == 1 && info->data_segs_in == 1)
		reading_traffic(l->read, &remote, TRAFFIC_KEPT_IDLE);
}

/* The ends of it.  A client's own port, and the remote port of a server's, are many: what is told of them is the parity, and
 * whether it is in the range. */
static void set_ends(const struct look_sockets *l, const struct sock_diag_row *row,
		     struct noted_socket *s)
{
	bool listens = row->state == STATE_LISTEN;
	bool client = !listens && look_sides_is_client(l->sides, row);
	bool in_range = look_sides_in_range(l->sides, row->local_port);
	struct endpoint local, remote;

	endpoint_of_bytes(row->local, row->family, 0, &local);
	endpoint_of_bytes(row->remote, row->family, 0, &remote);
	memcpy(s->local, local.host, sizeof(s->local));
	memcpy(s->remote, remote.host, sizeof(s->remote));
	s->local_kind = local.kind;
	s->remote_kind = remote.kind;
	s->state = row->state;
	s->local_port = client ? row->local_port % 2 + (in_range ? 0 : NOTED_OUTSIDE)
			       : row->local_port;
	s->remote_port = client ? row->remote_port : 0;
	s->flags = client ? NOTED_CLIENT : listens ? NOTED_SS : 0;
}

static int count_row(const struct sock_diag_row *row, void *arg)
{
	struct look_sockets *l = arg;
	struct noted_socket s = { .n = 1 };

	set_ends(l, row, &s);
	crowd_count(&l->crowd, l->read, &s);
	return 0;
}

/* The first look at many sockets counts their ends, so that no dump of its own has to. */
static int take_first(const struct sock_diag_row *row, void *arg)
{
	if (row->state != STATE_TIME_WAIT)
		take_alive(row, arg);
	return count_row(row, arg);
}

static int look_first(struct look_sockets *l, struct err *err)
{
	struct sockstat total = { 0 };
	struct err unused;
	int r;

	proc_net_sockstat(PROC_ROOT, &total, &unused);
	l->bound_asked = total.tw <= CROWDED;
	l->counts = total.tw + total.inuse > ENTRIES;
	r = dump(l, LISTEN_STATE | (l->bound_asked ? SOCK_DIAG_BOUND : 0), false,
		 take_port, err);
	if (r == 0 && l->counts)
		r = dump(l, SOCK_DIAG_ALL_STATES & ~LISTEN_STATE, true, take_first, err);
	else if (r == 0)
		r = dump(l, ALIVE_STATES, true, take_alive, err);
	for (unsigned i = 1; i < TCP_STATE_MAX && r == 0; i++)
		if (ALIVE_STATES & 1u << i)
			l->read->first_states[i] = maybe_of(l->counted[i]);
	return r;
}

int look_sockets_alive(struct look_sockets *l, struct err *err)
{
	int r;

	if (!l->diag)
		return 0;
	l->read->not_for_connect.known = l->ports != NULL;
	r = l->looks ? dump(l, ALIVE_STATES, true, take_alive, err) : look_first(l, err);
	l->looks++;
	return r;
}

static int take_row(const struct sock_diag_row *row, void *arg)
{
	struct look_sockets *l = arg;
	struct reading *r = l->read;
	const struct alive_socket *before = alive_find(&l->alive, row->cookie);
	struct noted_socket s = {
		.n = 1,
		.recv_q = row->recv_q,
		.left_ms = -1,
		.age_ms = -1,
		.block = r->block,
		.owner = before ? before->holder : 0,
		.inode = row->inode,
	};

	if (!l->shares_counted && look_sides_is_shared(l->sides, row))
		return SHARED;
	if (++l->rows % CLOCK_ROWS == 0)
		l->clock_ns = clock_ns();
	set_ends(l, row, &s);
	s.flags |= NOTED_INODE_SHOWN | (row->inode ? 0 : NOTED_NO_INODE);
	if (row->inode)
		s.owner = holder_of(l, row);
	if (row->info.there && row->state != STATE_SYN_SENT)
		s.flags |= row->info.timestamps ? NOTED_TIMESTAMPS : NOTED_NO_TIMESTAMPS;
	if (row->state == STATE_LISTEN)
		s.send_q = row->send_q;
	else if (s.recv_q > 2)
		s.recv_q = 2;
	if (row->state == STATE_TIME_WAIT)
		s.left_ms = left_ms(l, row);
	else
		s.age_ms = age_ms(l, row);
	if (!r->crowded && noted_is_full(&r->seen))
		crowd_gather(&l->crowd, r);
	if (r->crowded)
		crowd_fold(&l->crowd, r, &s);
	noted_add(&r->seen, &s);
	if (s.flags & NOTED_CLIENT) {
		add_traffic(l, row);
		r->not_default =
			r->not_default || (!l->ports && (row->local_port < DEFAULT_LO ||
							 row->local_port > DEFAULT_HI));
	}
	r->sockets_listed++;
	return 0;
}

int look_sockets_ports(struct look_sockets *l, struct err *err)
{
	return l->diag ? dump(l, LISTEN_STATE, false, take_port, err) : 0;
}

int look_sockets_all(struct look_sockets *l, struct err *err)
{
	struct reading *read = l->read;
	int r;

	if (!l->diag)
		return 0;
	read->any_all = true;
	read->whole_lists++;
	read->seen.merging = true;
	read->seen.most = ENTRIES;
	read->sides_told = true;
	read->method = "sock_diag";
	r = dump(l, SOCK_DIAG_ALL_STATES, true, take_row, err);
	if (r != SHARED)
		return r;
	r = look_sides_count(l->sides, l->diag, err);
	l->shares_counted = true;
	/* Some were counted on the wrong side. */
	crowd_done(&l->crowd);
	if (r == 0 && l->counts)
		r = dump(l, SOCK_DIAG_ALL_STATES & ~LISTEN_STATE, false, count_row, err);
	read->crowded = false;
	read->folded = read->sockets_listed = 0;
	noted_clear(&read->seen);
	reading_forget_kept(read);
	return r ? r : dump(l, SOCK_DIAG_ALL_STATES, true, take_row, err);
}

/* ---- the beginning and the end */

int look_sockets_open(struct look_sockets *l, struct err *err)
{
	struct err why_not;

	l->fin_timeout_ms = 1000 * host_sysctl_int("/proc", "ipv4.tcp_fin_timeout", 60);
	if (sock_diag_open(&l->diag, &why_not) < 0) {
		snprintf(l->read->method_why, sizeof(l->read->method_why), "%.150s",
			 why_not.text);
		return 0;
	}
	l->read->holder = calloc(HOLDERS_MAX, sizeof(*l->read->holder));
	l->sides = calloc(1, sizeof(*l->sides));
	if (l->sides)
		l->sides->range =
			l->ports ? (struct port_range){ l->ports->lo, l->ports->hi }
				 : (struct port_range){ DEFAULT_LO, DEFAULT_HI };
	return l->read->holder && l->sides ? alive_init(&l->alive, err) : err_memory(err);
}

void look_sockets_close(struct look_sockets *l)
{
	sock_diag_close(l->diag);
	alive_done(&l->alive);
	crowd_done(&l->crowd);
	free(l->sides);
}
