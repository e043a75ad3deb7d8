/* reconnect - a client comes again from the same address and port while the server's
 * end of its last connection is in TIME_WAIT (docs/kernel-facts.md#syn-in-time-wait).  The server
 * accepts a SYN at once that is newer than that connection, by timestamp or else by sequence
 * number.  It answers an older SYN with an ACK; the client's RST then ends the TIME_WAIT, and the
 * client sends the SYN again.  With tcp_rfc1337=1 that RST is ignored, so the client cannot come
 * back before the 60 s are over.
 *
 * --bulk makes the sequence numbers old: data faster than 15.6 MB/s outruns the clock by
 * which initial ones grow.  --ahead makes the timestamps old: the last connection's run ahead
 * by that much, as behind a NAT that gives its port to another host. */
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include "bench/probe/pump.h"
#include "bench/probe/result.h"
#include "bench/probe/sock.h"
#include "bench/probe/wait.h"
#include "common/base/hist.h"
#include "common/cli/opt_rows.h"

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

struct scene {
	struct probe_run *run; /* borrowed */
	struct hist latency;   /* of the attempts that were made */
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
static int run_ahead(int fd, uint64_t ahead_ns, struct err *err)
{
	int on = TCP_REPAIR_ON, off = TCP_REPAIR_OFF_NO_WP, stamp;
	socklen_t len = sizeof(stamp);

	if (setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &on, sizeof(on)) == -1)
		return errno == EPERM ? lacks_net_admin(err) : err_sys(err, "TCP_REPAIR");
	if (getsockopt(fd, IPPROTO_TCP, TCP_TIMESTAMP, &stamp, &len) == -1)
		return err_sys(err, "reading TCP_TIMESTAMP");
	stamp = (int)((unsigned)stamp + (unsigned)(ahead_ns / NS_PER_MS));
	stamp &=
		~1; /* the lowest bit would ask for microseconds (tcp(7) does not tell) */
	if (setsockopt(fd, IPPROTO_TCP, TCP_TIMESTAMP, &stamp, sizeof(stamp)) == -1)
		return err_sys(err, "setting TCP_TIMESTAMP");
	if (setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &off, sizeof(off)) == -1)
		return err_sys(err, "leaving TCP_REPAIR");
	return 0;
}

static void use_and_close(struct probe_run *run, struct probe_pair *p)
{
	const struct options *o = run->options;

	if (run->r == 0 && o->ahead_ns)
		run->r = run_ahead(p->client, o->ahead_ns, &run->err);
	probe_exchange(run, p);
	probe_pump(run, p, o->bulk, 0, BULK_PATIENCE);
	probe_close(&p->server);
	probe_wait_eof(run, p->client);
	probe_close(&p->client);
}

/* ---- coming again */

/* Whether there is a connection. */
static bool attempt(struct scene *s)
{
	struct probe_run *run = s->run;
	const struct options *o = run->options;
	int no = probe_pair_open(run, &run->pair, o->timeout_ns);

	if (run->r < 0)
		return false;
	s->attempts++;
	s->no = s->no ? s->no : no;
	s->timed_out += no == ETIMEDOUT;
	s->failed += no && no != ETIMEDOUT;
	if (no)
		return false;
	s->made++;
	hist_record(&s->latency, run->pair.connect_ns);
	return true;
}

static void come_again(struct scene *s)
{
	struct probe_run *run = s->run;
	const struct options *o = run->options;

	for (uint64_t i = 0; i < o->count && run->r == 0; i++) {
		use_and_close(run, &run->pair);
		s->met += probe_wait_settled(run, addr_port(&run->server),
					     addr_port(&run->pair.from)) > 0;
		probe_sleep(run, TICK);
		if (!attempt(s))
			return;
	}
}

static void set_us(struct scene *s, const char *figure, uint64_t ns)
{
	probe_set(s->run, figure,
		  s->made ? json_real((double)ns / NS_PER_US) : json_null());
}

static void report(struct scene *s)
{
	struct probe_run *run = s->run;

	hist_settle(&s->latency);
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

static void measure(struct probe_run *run)
{
	struct scene s = { .run = run };

	run->r = hist_init(&s.latency, &run->err);
	if (run->r < 0)
		return;
	probe_listen(run, true);
	probe_step(run, "a first connection, then the same address and port again");
	probe_pair_need(run, &run->pair, "the first connection");
	come_again(&s);
	report(&s);
	if (run->r == 0)
		say(&s);
	hist_done(&s.latency);
}

const struct probe probe_reconnect = {
	PROBE_PARTS("reconnect", "[options]",
		    "The same client port again, against a server in TIME_WAIT.",
		    "  twstorm lab probe reconnect\n"
		    "  twstorm lab probe reconnect --bulk 200M --count 1\n"),
};
