/* reconnect - a client comes again from the same address and port while the server's
 * end of its last connection is in TIME_WAIT (tcp_timewait_state_process()).  A SYN that is
 * newer than that connection, by timestamp or else by sequence number, is accepted at once.  One that is not
 * gets an ACK, answers with RST, which ends the TIME_WAIT, and is sent again; with
 * tcp_rfc1337=1 that RST is ignored, so the client cannot come back before the 60 s are over.
 *
 * --bulk makes the sequence numbers old: data faster than 15.6 MB/s outruns the clock by
 * which initial ones grow.  --ahead makes the timestamps old: the last connection's run ahead
 * by that much, as behind a NAT that gives its port to another host. */
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include "bench/probe/probe_kit.h"
#include "bench/probe/pump.h"
#include "bench/probe/result.h"
#include "bench/probe/sock.h"
#include "bench/probe/wait.h"
#include "common/base/clock.h"
#include "common/base/hist.h"
#include "common/cli/opt_rows.h"

#define PATIENCE      (5 * NS_PER_S)
#define BULK_PATIENCE (60 * NS_PER_S)
/* Timestamps tick every 1 ms: a SYN in the same tick is not newer than the last segment, and
 * is refused if its sequence number is old as well. */
#define TICK      (2 * NS_PER_MS)
#define AHEAD_MAX (24 * 86400 * NS_PER_S) /* half of what a timestamp counts, in ms */

struct options {
	struct probe_options common;
	uint64_t count, bulk, ahead_ns, timeout_ns;
};

#define OPT_FIELDS struct options

/* clang-format off */
static const struct opt rows[] = {
	GROUP("probe"),
	{ "count", 'n', COUNT(count), "10", "N", "how often it comes again", NULL },
	{ "bulk", 0, SIZE(bulk), "0", "SIZE", "bytes each connection sends before that", NULL },
	{ "ahead", 0, DURATION(ahead_ns), "0", "T", "how far the last connection's timestamps run ahead", NULL },
	{ "timeout", 0, DURATION(timeout_ns), "2s", "T", "give up a connect after so long", NULL },
	PROBE_ROWS,
};

static const char *const figures[] = {
	"attempts", "time_wait_met", "made", "timed_out", "failed", "errno",
	"latency_us.min", "latency_us.p50", "latency_us.max", NULL,
};
/* clang-format on */

/* Descriptors are owned; -1 = none. */
struct scene {
	struct probe_run *run; /* borrowed */
	struct addr server_addr, client_addr;
	struct probe_pair pair;
	int listener;
	struct hist latency; /* of the attempts that were made */
	uint64_t attempts, met, made, timed_out, failed;
	int no; /* the first errno of a failed attempt */
};

static int check(const struct probe_run *run, struct err *err)
{
	const struct options *o = run->options;

	if (o->count < 1 || o->count > 10000)
		return err_usage(err, "--count must be from 1 to 10000");
	if (o->bulk > 1ull << 31)
		return err_usage(err, "--bulk ends at 2G, half of the sequence numbers");
	if (o->ahead_ns > AHEAD_MAX)
		return err_usage(err,
				 "--ahead ends at 576h, half of what timestamps count");
	if (o->timeout_ns == 0)
		return err_usage(err, "--timeout must be more than 0, as in 2s");
	return 0;
}

/* ---- a connection that the server closes first */

static int lacks_net_admin(struct err *err)
{
	return err_support(err,
			   "--ahead needs CAP_NET_ADMIN in the user namespace that owns "
			   "this network namespace: run it as root, or by the lab");
}

/* From here on the client's timestamps are ahead: in repair mode a socket's can be set. */
static int run_ahead(struct scene *s, struct err *err)
{
	const struct options *o = s->run->options;
	int fd = s->pair.client, on = TCP_REPAIR_ON, off = TCP_REPAIR_OFF_NO_WP, stamp;
	socklen_t len = sizeof(stamp);

	if (o->ahead_ns == 0)
		return 0;
	if (setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &on, sizeof(on)) == -1)
		return errno == EPERM ? lacks_net_admin(err) : err_sys(err, "TCP_REPAIR");
	if (getsockopt(fd, IPPROTO_TCP, TCP_TIMESTAMP, &stamp, &len) == -1)
		return err_sys(err, "reading TCP_TIMESTAMP");
	stamp = (int)((unsigned)stamp + (unsigned)(o->ahead_ns / NS_PER_MS));
	stamp &=
		~1; /* the lowest bit would ask for microseconds (tcp(7) does not tell) */
	if (setsockopt(fd, IPPROTO_TCP, TCP_TIMESTAMP, &stamp, sizeof(stamp)) == -1)
		return err_sys(err, "setting TCP_TIMESTAMP");
	if (setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &off, sizeof(off)) == -1)
		return err_sys(err, "leaving TCP_REPAIR");
	return 0;
}

static int use_and_close(struct scene *s, struct err *err)
{
	const struct options *o = s->run->options;
	struct probe_pair *p = &s->pair;
	uint64_t time_wait;
	int r = run_ahead(s, err);

	if (r == 0)
		r = probe_exchange(s->run, p->client, p->server, err);
	if (r == 0)
		r = probe_pump(s->run, p->client, p->server, o->bulk, 0,
			       clock_ns() + BULK_PATIENCE, err);
	probe_close(&p->server);
	if (r == 0)
		r = probe_wait_eof(s->run, p->client, err);
	probe_close(&p->client);
	if (r == 0)
		r = probe_wait_settled(s->run, addr_port(&s->server_addr),
				       addr_port(&s->client_addr), &time_wait, err);
	if (r == 0)
		s->met += time_wait > 0;
	return r;
}

/* ---- coming again */

/* True when there is a connection. */
static int attempt(struct scene *s, struct err *err)
{
	const struct options *o = s->run->options;
	int r = probe_pair_open(s->run, s->listener, &s->server_addr, &s->client_addr,
				true, clock_ns() + o->timeout_ns, &s->pair, err);

	if (r < 0)
		return r;
	s->attempts++;
	s->no = s->no ? s->no : r;
	s->timed_out += r == ETIMEDOUT;
	s->failed += r && r != ETIMEDOUT;
	if (r)
		return 0;
	s->made++;
	hist_record(&s->latency, s->pair.connect_ns);
	return 1;
}

static int come_again(struct scene *s, struct err *err)
{
	const struct options *o = s->run->options;
	int r = 1;

	for (uint64_t i = 0; i < o->count && r > 0; i++) {
		r = use_and_close(s, err);
		if (r == 0)
			r = probe_sleep(s->run, TICK, err);
		if (r == 0)
			r = attempt(s, err);
	}
	return r < 0 ? r : 0;
}

static void set_us(struct scene *s, const char *figure, uint64_t ns)
{
	probe_set(s->run, figure,
		  s->made ? json_real((double)ns / NS_PER_US) : json_null());
}

static void report(struct scene *s)
{
	struct probe_run *run = s->run;

	probe_set_count(run, "attempts", s->attempts);
	probe_set_count(run, "time_wait_met", s->met);
	probe_set_count(run, "made", s->made);
	probe_set_count(run, "timed_out", s->timed_out);
	probe_set_count(run, "failed", s->failed);
	if (s->attempts)
		probe_set_errno(run, "errno", s->no);
	set_us(s, "latency_us.min", s->latency.min_ns);
	set_us(s, "latency_us.p50", hist_quantile(&s->latency, 0.5));
	set_us(s, "latency_us.max", s->latency.max_ns);
}

static void say(struct scene *s)
{
	const struct options *o = s->run->options;

	if (s->made == s->attempts)
		probe_finding(s->run,
			      "It came back %llu times of %llu, after %.2f ms (median).",
			      (unsigned long long)s->made,
			      (unsigned long long)s->attempts,
			      (double)hist_quantile(&s->latency, 0.5) / NS_PER_MS);
	else if (s->timed_out)
		probe_finding(s->run, "It could not come back within %.1f s.",
			      (double)o->timeout_ns / NS_PER_S);
	else
		probe_finding(s->run, "It could not come back: %s, %s.",
			      strerrorname_np(s->no), strerror(s->no));
}

static int first(struct scene *s, struct err *err)
{
	int r = probe_pair_open(s->run, s->listener, &s->server_addr, &s->client_addr,
				true, clock_ns() + PATIENCE, &s->pair, err);

	if (r <= 0)
		return r;
	errno = r;
	return err_sys(err, "the first connection");
}

static int measure(struct probe_run *run, struct err *err)
{
	struct scene s = { .run = run,
			   .server_addr = run->address,
			   .client_addr = run->address,
			   .pair = PROBE_NO_PAIR };
	int r = hist_init(&s.latency, err);

	if (r < 0)
		return r;
	s.listener = r = probe_listen(&s.server_addr, true, err);
	probe_step(run, "a first connection, then the same address and port again");
	if (r >= 0)
		r = first(&s, err);
	if (r == 0)
		r = come_again(&s, err);
	report(&s);
	if (r == 0)
		say(&s);
	probe_pair_close(&s.pair);
	probe_close(&s.listener);
	hist_done(&s.latency);
	return r;
}

const struct probe probe_reconnect = {
	PROBE_PARTS("reconnect", "[options]",
		    "The same client port again, against a server in TIME_WAIT.",
		    "  twstorm lab probe reconnect\n"
		    "  twstorm lab probe reconnect --bulk 200M --count 1\n"),
};
