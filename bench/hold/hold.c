#include "bench/hold/hold.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "bench/hold/check.h"
#include "bench/hold/make.h"
#include "bench/hold/renew.h"
#include "common/base/clock.h"
#include "common/kernel/sock_diag.h"

#define OUR_PORT  8000  /* where the numbers begin */
#define PEER_PORT 10000 /* likewise */
/* Through one listener: fewer than there are ports, so that none comes twice even if thousands
 * are taken and passed over. */
#define CONNECTIONS_EACH 60000
#define SETTLE           (5 * NS_PER_S)
#define SETTLE_PAUSE     (5 * NS_PER_MS)

/* ---- the two ends */

static int open_netns(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* it may be a FIFO */

	if (fd == -1)
		err_sys(err, "%s", path);
	return fd;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static void open_ends(struct hold *h)
{
	struct stat ours, peer;

	h->ours.address = h->peer.address = h->plan.address;
	if (addr_is_loopback(&h->plan.address) || h->plan.address.sa.sa_family != AF_INET)
		err_usage(&h->err, "an address is needed that the peer's host reaches, "
				   "in 198.18.0.0/15");
	if (!h->err.code)
		h->ours.netns = open_netns("/proc/thread-self/ns/net", &h->err);
	if (!h->err.code)
		h->peer.netns = open_netns(h->plan.peer_netns, &h->err);
	if (h->err.code)
		return;
	if (fstat(h->ours.netns, &ours) == -1 || fstat(h->peer.netns, &peer) == -1)
		err_sys(&h->err, "%s", h->plan.peer_netns);
	else if (is_same(&ours, &peer))
		err_usage(&h->err,
			  "%s is this host itself: the peer's sockets would count",
			  h->plan.peer_netns);
}

void hold_at_peer(struct hold *h, void (*act)(struct hold *h, void *arg), void *arg)
{
	struct err ignored;

	if (h->err.code)
		return;
	if (hold_end_enter(&h->peer, &h->err) == 0)
		act(h, arg);
	hold_end_enter(&h->ours, h->err.code ? &ignored : &h->err);
}

/* The address the peer's host has on the way to ours; nothing is sent. */
static void ask_peer_address(struct hold *h, void *arg)
{
	struct addr to = h->plan.address, *at = &h->peer.address;
	char text[ADDR_TEXT];
	int fd = socket(to.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)arg;
	addr_set_port(&to, OUR_PORT);
	if (fd == -1 || connect(fd, &to.sa, to.len) == -1 ||
	    getsockname(fd, &at->sa, &at->len) == -1)
		err_sys(&h->err, "from the peer's host to %s",
			addr_print_host(&to, text, sizeof(text)));
	if (fd != -1)
		close(fd);
	addr_set_port(at, 0);
}

/* ---- counting */

static int count_row(const struct sock_diag_row *row, void *arg)
{
	struct tcp_states *counts = arg;

	counts->n[row->state]++;
	return 0;
}

int hold_count(struct hold *h, struct tcp_states *out, struct err *err)
{
	const struct sock_diag_query all = { .states = SOCK_DIAG_ALL_STATES |
						       SOCK_DIAG_BOUND };

	int r = hold_renewer_turn(h, err);

	*out = (struct tcp_states){ 0 };
	return r ? r : sock_diag_dump(h->diag, &all, count_row, out, err);
}

/* Other programs' sockets would be counted: netstat does not know whose a socket is. */
static int check_alone(struct hold *h, struct err *err)
{
	struct tcp_states now;
	uint64_t others;
	int r = hold_count(h, &now, err);

	if (r < 0)
		return r;
	others = tcp_states_total(&now) + now.n[STATE_LISTEN];
	if (others)
		return err_run(err,
			       "this host has TCP sockets already (%llu): the counts "
			       "would not be exact",
			       (unsigned long long)others);
	return 0;
}

const struct tcp_states *hold_wanted(const struct hold *h)
{
	return &h->wanted;
}

bool hold_is_exact(const struct hold *h, const struct tcp_states *counted)
{
	return memcmp(&h->wanted, counted, sizeof(*counted)) == 0;
}

static int not_settled(const struct hold *h, const struct tcp_states *now,
		       struct err *err)
{
	unsigned i = 1;

	while (i < STATE_CLOSING && h->wanted.n[i] == now->n[i])
		i++;
	if (i == STATE_CLOSE && now->n[i] == 0)
		return err_support(err, "CLOSE: this kernel does not show bound sockets "
					"(Linux 6.8 and later do)");
	return err_run(err, "%s: the kernel counts %llu, not %llu", tcp_state_name(i),
		       (unsigned long long)now->n[i], (unsigned long long)h->wanted.n[i]);
}

/* A FIN is acknowledged up to 41 ms late. */
static void settle(struct hold *h)
{
	uint64_t deadline = clock_ns() + SETTLE;
	struct tcp_states now;

	while (!h->err.code && hold_count(h, &now, &h->err) == 0 &&
	       !hold_is_exact(h, &now)) {
		if (clock_ns() >= deadline)
			not_settled(h, &now, &h->err);
		else
			h->plan.pause(h->plan.arg, SETTLE_PAUSE, &h->err);
	}
}

const char *hold_how(unsigned state)
{
	for (const struct hold_recipe *r = hold_recipes; r->make; r++)
		if (r->state == state)
			return r->how;
	return NULL;
}

/* ---- all of it */

static void prepare(struct hold *h)
{
	uint64_t *listen = &h->wanted.n[STATE_LISTEN], half_open;

	h->batch = hold_batch_size();
	h->open.per_listener = CONNECTIONS_EACH;
	h->half_open.per_listener = hold_handshakes_each();
	h->wanted = h->plan.mix;
	half_open = hold_listeners_for(h->wanted.n[STATE_SYN_RECV],
				       h->half_open.per_listener);
	if (*listen < half_open)
		*listen = half_open;
	if (hold_check(h, &h->err) == 0)
		open_ends(h);
	hold_at_peer(h, ask_peer_address, NULL);
	if (!h->err.code && sock_diag_open(&h->diag, &h->err) == 0)
		check_alone(h, &h->err);
}

/* What the making needs besides its own sockets. */
static void prepare_renewal(struct hold *h)
{
	if (h->err.code || !h->plan.renew || h->wanted.n[STATE_TIME_WAIT] == 0)
		return;
	h->pairs = calloc(h->wanted.n[STATE_TIME_WAIT], sizeof(*h->pairs));
	if (h->pairs)
		hold_renewer_open(h);
	else
		err_sys(&h->err, "the ports of TIME_WAIT");
}

/* What a caller is told. */
static int outcome(const struct hold *h, struct err *err)
{
	if (h->err.code)
		*err = h->err;
	return h->err.code;
}

int hold_open(const struct hold_plan *plan, struct hold **out, struct err *err)
{
	struct hold *h = calloc(1, sizeof(*h));
	int r;

	*out = NULL;
	if (!h)
		return err_sys(err, "hold");
	h->plan = *plan;
	h->ours = (struct hold_end){ .netns = -1, .port = OUR_PORT };
	h->peer = (struct hold_end){ .netns = -1, .port = PEER_PORT };
	prepare(h);
	prepare_renewal(h);
	r = outcome(h, err);
	if (r < 0)
		hold_close(h);
	else
		*out = h;
	return r;
}

/* Descriptors kept on either end, with the peer's listener that drops every segment. */
static void reserve_kept(struct hold *h)
{
	uint64_t ours = 0, peer = 1;

	for (const struct hold_recipe *rec = hold_recipes; rec->make; rec++) {
		ours += h->wanted.n[rec->state] * rec->ours;
		peer += h->wanted.n[rec->state] * rec->peers;
	}
	if (hold_end_reserve(&h->ours, ours, &h->err) == 0)
		hold_end_reserve(&h->peer, peer, &h->err);
}

static uint64_t accepted(const struct tcp_states *mix)
{
	uint64_t n = 0;

	for (const struct hold_recipe *r = hold_recipes; r->make; r++)
		n += r->make == hold_make_accepted ? mix->n[r->state] : 0;
	return n;
}

static void open_listeners(struct hold *h)
{
	unsigned open = hold_listeners_for(accepted(&h->wanted), h->open.per_listener),
		 half = hold_listeners_for(h->wanted.n[STATE_SYN_RECV],
					   h->half_open.per_listener);

	hold_listeners_open(h, &h->open, open, false);
	hold_listeners_open(h, &h->half_open, half, true);
}

/* Keeps the thread on the CPU it is on.  What is sent there is received there, so no segment
 * overtakes another: a FIN before the ACK sent ahead of it would make TIME_WAIT answer that
 * ACK, and the peer's RST then ends it: docs/kernel-facts.md#stray-rst. */
static void stay_on_cpu(cpu_set_t *before)
{
	cpu_set_t here;
	int cpu = sched_getcpu();

	CPU_ZERO(before);
	CPU_ZERO(&here);
	if (cpu == -1 || sched_getaffinity(0, sizeof(*before), before) == -1)
		return;
	CPU_SET(cpu, &here);
	sched_setaffinity(0, sizeof(here), &here);
}

int hold_build(struct hold *h, struct err *err)
{
	cpu_set_t before;

	reserve_kept(h);
	open_listeners(h);
	stay_on_cpu(&before);
	for (const struct hold_recipe *rec = hold_recipes; !h->err.code && rec->make;
	     rec++)
		rec->make(h, rec, h->wanted.n[rec->state]);
	settle(h);
	if (CPU_COUNT(&before))
		sched_setaffinity(0, sizeof(before), &before);
	return outcome(h, err);
}

/* Handshakes go when their timers look for the listener. */
void hold_close(struct hold *h)
{
	if (!h)
		return;
	hold_end_done(&h->peer);
	hold_end_done(&h->ours);
	hold_listeners_close(&h->open);
	hold_listeners_close(&h->half_open);
	hold_renewer_close(h->renewer);
	sock_diag_close(h->diag);
	free(h->pairs);
	free(h);
}
