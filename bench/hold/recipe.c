#include "bench/hold/recipe.h"

#include <limits.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include "bench/hold/end.h"
#include "bench/hold/filter.h"
#include "bench/hold/hold.h"
#include "bench/hold/make.h"

/* ---- what is done to one end */

/* The peer never acknowledges the FIN.  The kernel then sends it again for 24 days,
 * instead of tcp_retries2 times, which is 15 minutes. */
static void drop_all(int *fd, struct err *err)
{
	const int ms = INT_MAX;

	if (setsockopt(*fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms)) == -1)
		err_sys(err, "TCP_USER_TIMEOUT");
	else
		hold_filter_all(*fd, err);
}

static void send_fin(int *fd, struct err *err)
{
	if (shutdown(*fd, SHUT_WR) == -1)
		err_sys(err, "shutdown");
}

static void close_it(int *fd, struct err *err)
{
	(void)err;
	close(*fd);
	*fd = -1;
}

static void reset_it(int *fd, struct err *err)
{
	(void)err;
	hold_reset(fd);
}

/* ---- the rows */

/* clang-format off */
#define OURS(act) { HOLD_OURS, act, 0 }
#define PEER(act) { HOLD_PEER, act, 0 }
#define NOTHING   { HOLD_NOBODY, NULL, 0 }
#define SEE(name) { HOLD_OURS, NULL, STATE_##name }

const struct hold_recipe hold_recipes[] = {
	{ hold_make_accepted, STATE_ESTABLISHED, 1, 1,
	  "an open connection",
	  { NOTHING } },
	{ hold_make_accepted, STATE_CLOSE_WAIT, 1, 0,
	  "the peer closes, we do not",
	  { PEER(close_it), SEE(CLOSE_WAIT) } },
	{ hold_make_accepted, STATE_FIN_WAIT2, 1, 1,
	  "we shut down, the peer acknowledges it and does not close",
	  { OURS(send_fin) } },
	{ hold_make_accepted, STATE_FIN_WAIT1, 1, 0,
	  "we drop every segment and shut down: the ACK of our FIN is lost",
	  { OURS(drop_all), OURS(send_fin), PEER(reset_it) } },
	{ hold_make_accepted, STATE_LAST_ACK, 1, 0,
	  "the peer shuts down; we drop every segment and shut down: the ACK of our FIN is lost",
	  { PEER(send_fin), SEE(CLOSE_WAIT), OURS(drop_all), OURS(send_fin), PEER(close_it) } },
	{ hold_make_accepted, STATE_CLOSING, 1, 0,
	  "the peer drops every segment, both shut down: its FIN has no ACK of ours; then we drop all",
	  { PEER(drop_all), OURS(send_fin), PEER(send_fin), SEE(CLOSING), OURS(drop_all),
	    PEER(reset_it) } },
	{ hold_make_connecting, STATE_SYN_SENT, 1, 0,
	  "we connect to a listener of the peer's that drops every segment",
	  { NOTHING } },
	{ hold_make_bound, STATE_CLOSE, 1, 0,
	  "bound to a port, no more; ss and netstat do not show these",
	  { NOTHING } },
	{ hold_make_accepted, STATE_TIME_WAIT, 0, 0,
	  "we close first, then the peer",
	  { OURS(close_it), PEER(close_it) } },
	{ hold_make_half_open, STATE_SYN_RECV, 0, 0,
	  "the peer connects to a listener of ours that waits for data (TCP_DEFER_ACCEPT)",
	  { NOTHING } },
	{ hold_make_listening, STATE_LISTEN, 1, 0,
	  "listens",
	  { NOTHING } },
	{ 0 },
};
/* clang-format on */
