#include "bench/doctor/failing.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "common/base/clock.h"

static bool has_peer(const struct sock_diag_row *row)
{
	static const unsigned char none[16];

	return memcmp(row->remote, none, row->family == AF_INET ? 4 : 16) != 0;
}

/* connect() that failed as the program called it disconnects: the counters are wiped, min_rtt is not.  It was refused, unless
 * its SYN was seen to be sent again. */
static enum traffic disconnected(const struct sock_diag_info *info, bool retried)
{
	if (info->min_rtt_us != UINT32_MAX)
		return TRAFFIC_ABORTED;
	return retried ? TRAFFIC_NO_ANSWER : TRAFFIC_REFUSED;
}

enum traffic failing_kind(const struct failing_event *e, bool server)
{
	const struct sock_diag_row *row = &e->row;
	const struct sock_diag_info *info = &row->info;
	/* Of what was acknowledged, the SYN of a client and the FIN. */
	int64_t flags =
		(int64_t)(info->bytes_acked - info->bytes_sent + info->bytes_retrans);

	if (!row->local_port && has_peer(row))
		return row->is_six ? TRAFFIC_BEFORE_PORT : TRAFFIC_NO_PORT;
	if (!row->local_port || !has_peer(row) || !info->there)
		return TRAFFIC_OTHER;
	if (!row->remote_port)
		return disconnected(info, e->retried);
	if (!server && !info->bytes_acked)
		return info->segs_in ? TRAFFIC_REFUSED : TRAFFIC_NO_ANSWER;
	if (flags > (server ? 0 : 1))
		return info->data_segs_out == 1 && info->data_segs_in == 1
			       ? TRAFFIC_ONE_EXCHANGE
			       : TRAFFIC_ENDED;
	return info->retransmits ? TRAFFIC_NO_ANSWER : TRAFFIC_RESET;
}

static int take_event(const struct sock_diag_row *row, void *arg)
{
	struct failing_watch *w = arg;
	struct failing_event *e = &w->event[w->read->failing.events++];
	const struct alive_socket *seen = alive_find(w->alive, row->cookie);
	size_t len = row->family == AF_INET ? 4 : 16;

	e->row = *row;
	memcpy(e->local, row->local, len);
	memcpy(e->remote, row->remote, len);
	e->row.local = e->local;
	e->row.remote = e->remote;
	e->retried = seen && seen->retries;
	return w->read->failing.events >= FAILING_EVENTS;
}

int failing_join(struct failing_watch *w, struct err *err)
{
	struct failing *f = &w->read->failing;
	struct err why_not;

	w->event = calloc(FAILING_EVENTS, sizeof(*w->event));
	if (!w->event)
		return err_memory(err);
	w->begin_ns = clock_ns();
	f->known = destroyed_open(&w->destroyed, &why_not) == 0;
	if (!f->known) {
		destroyed_close(&w->destroyed);
		snprintf(f->why_not, sizeof(f->why_not), "%.150s", why_not.text);
	}
	return 0;
}

void failing_read(struct failing_watch *w)
{
	struct failing *f = &w->read->failing;
	bool left;

	if (destroyed_fd(&w->destroyed) == -1)
		return;
	left = destroyed_read(&w->destroyed, take_event, w) != 0;
	f->lost = w->destroyed.lost;
	f->window_ms = (clock_ns() - w->begin_ns) / NS_PER_MS;
	if (left)
		destroyed_close(&w->destroyed);
}

void failing_leave(struct failing_watch *w)
{
	failing_read(w);
	destroyed_close(&w->destroyed);
}

void failing_settle(struct failing_watch *w, const struct port_set *listening)
{
	for (uint64_t i = 0; i < w->read->failing.events; i++) {
		const struct failing_event *e = &w->event[i];
		bool server = port_set_has(listening, e->row.local_port);
		enum traffic kind = failing_kind(e, server);
		struct endpoint remote;

		if (kind == TRAFFIC_OTHER)
			continue;
		endpoint_of_bytes(e->remote, e->row.family,
				  server ? 0 : e->row.remote_port, &remote);
		reading_traffic(w->read, &remote, kind);
		if (!server && e->row.remote_port && e->row.info.there &&
		    e->row.info.min_rtt_us != UINT32_MAX)
			reading_traffic(w->read, &remote,
					e->row.info.timestamps ? TRAFFIC_TIMESTAMPS
							       : TRAFFIC_NO_TIMESTAMPS);
	}
}

void failing_done(struct failing_watch *w)
{
	destroyed_close(&w->destroyed);
	free(w->event);
}
