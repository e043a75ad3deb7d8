/* old_duplicate - why TIME_WAIT exists (RFC 1337).  A first connection's last data
 * segment is kept; the connection is closed; a second one with the same addresses and ports
 * is made, if it can be, and brought to the sequence numbers the old segment carries; then
 * the old segment comes once more, as a network may deliver it.  Who reads it?
 *
 * The sequence numbers can meet because an initial one grows by a clock of 15.6 MB/s (RFC
 * 9293, 3.4.1; 64 ns a step on Linux), which the first connection outruns, both ways: the
 * acknowledgement number must fit as well (RFC 5961, 5). */
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include "bench/probe/probe_kit.h"
#include "bench/probe/pump.h"
#include "bench/probe/raw.h"
#include "bench/probe/result.h"
#include "bench/probe/sock.h"
#include "bench/probe/wait.h"
#include "common/base/clock.h"
#include "common/cli/opt_rows.h"
#include "common/kernel/sock.h"

#define PATIENCE (5 * NS_PER_S)
#define A_WHILE  (100 * NS_PER_MS) /* for a segment to be read, or refused */
#define TOO_OLD  (5 * NS_PER_MS)   /* timestamps tick every 1 ms: PAWS sees it is old */

/* They differ in each byte. */
static const char old_data[] = "OLD-DATA-OLD-DATA-OLD-DATA-OLD-D";
static const char new_data[] = "new data, new data, new data. ne";
static const char tail[] = "0123456789 0123456789 0123456789";
#define MESSAGE (sizeof(old_data) - 1)
_Static_assert(sizeof(new_data) == sizeof(old_data), "messages of one length");
_Static_assert(sizeof(tail) == sizeof(old_data), "messages of one length");

enum avoid { AVOID_NONE, AVOID_LINGER };
static const char *const avoid_names[] = { "none", "linger", NULL };

struct options {
	struct probe_options common;
	uint64_t bulk;
	int avoid;
};

#define OPT_FIELDS struct options

/* clang-format off */
static const struct opt rows[] = {
	GROUP("probe"),
	{ "avoid", 0, CHOICE(avoid), "none", NULL, "how the first connection avoids TIME_WAIT; linger = SO_LINGER{1,0}", avoid_names },
	{ "bulk", 0, SIZE(bulk), "32M", "SIZE", "bytes the first connection moves each way", NULL },
	PROBE_ROWS,
};

static const char *const figures[] = {
	"time_wait", "second_connection", "sequence_gap", "acknowledgement_gap", "injected",
	"delivered", "bytes_corrupted", "bytes_lost", "bytes_unacknowledged", "server_read",
	NULL,
};
/* clang-format on */

/* All descriptors are owned; -1 = none. */
struct scene {
	struct probe_run *run;   /* borrowed */
	struct addr server_addr; /* the listener's */
	struct addr client_addr; /* of both connections */
	struct probe_pair pair;
	int listener, raw;
	struct probe_segment old; /* the kept segment */
	bool reuses;              /* a TIME_WAIT is there that the second one replaces */
};

static int check(const struct probe_run *run, struct err *err)
{
	const struct options *o = run->options;

	if (o->bulk < 1 << 20 || o->bulk > 1 << 30)
		return err_usage(err, "--bulk must be from 1M to 1G");
	if (run->address.sa.sa_family != AF_INET)
		return err_usage(
			err, "--address %s is not IPv4, and old-duplicate knows no other",
			o->common.address);
	return 0;
}

static uint64_t soon(void)
{
	return clock_ns() + PATIENCE;
}

/* ---- the connections */

/* 0, a positive errno when it cannot be made, or -errno. */
static int open_pair(struct scene *s, struct err *err)
{
	const int on = 1;
	int r = probe_pair_open(s->run, s->listener, &s->server_addr, &s->client_addr,
				true, soon(), &s->pair, err);

	if (r == 0 &&
	    setsockopt(s->pair.client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == -1)
		r = err_sys(err, "setsockopt TCP_NODELAY");
	return r;
}

static int send_message(struct scene *s, const char *text, struct err *err)
{
	return probe_send(s->pair.client, text, MESSAGE, err);
}

/* ---- the first one */

/* The segment with the message, as it came; everything before it is acknowledged. */
static int keep_old_segment(struct scene *s, struct err *err)
{
	char buf[MESSAGE];
	int r = send_message(s, old_data, err);

	if (r == 0)
		r = probe_raw_next(s->run, s->raw, addr_port(&s->client_addr),
				   addr_port(&s->server_addr), false, &s->old, err);
	if (r == 0 && s->old.len != s->old.header_len + MESSAGE)
		r = err_run(err, "the last segment of the first connection is %u bytes",
			    s->old.len);
	if (r == 0)
		r = probe_read(s->run, s->pair.server, buf, MESSAGE, soon(), err);
	return r < 0 ? r : 0;
}

static int close_first(struct scene *s, struct err *err)
{
	const struct options *o = s->run->options;
	uint64_t time_wait;
	int r = 0;

	if (o->avoid == AVOID_LINGER)
		r = sock_linger(s->pair.client, 0);
	if (r < 0) {
		errno = -r;
		return err_sys(err, "SO_LINGER");
	}
	probe_close(&s->pair.client);
	if (o->avoid == AVOID_NONE)
		r = probe_wait_eof(s->run, s->pair.server, err);
	probe_close(&s->pair.server);
	if (r == 0)
		r = probe_wait_settled(s->run, addr_port(&s->client_addr),
				       addr_port(&s->server_addr), &time_wait, err);
	if (r == 0)
		probe_set_count(s->run, "time_wait", time_wait);
	s->reuses = r == 0 && time_wait > 0;
	return r;
}

static int first_connection(struct scene *s, struct err *err)
{
	const struct options *o = s->run->options;
	int r = open_pair(s, err);

	if (r > 0) {
		errno = r;
		r = err_sys(err, "the first connection");
	}
	if (r == 0)
		r = probe_pump(s->run, s->pair.client, s->pair.server, o->bulk, o->bulk,
			       clock_ns() + 4 * PATIENCE, err);
	if (r == 0)
		r = keep_old_segment(s, err);
	return r < 0 ? r : close_first(s, err);
}

/* ---- the second one */

/* Bytes to send until the next one has the number `wanted`; negative = it is past. */
static int64_t gap(uint32_t wanted, uint32_t initial)
{
	return (int32_t)(wanted - (initial + 1)); /* the SYN takes one */
}

static int read_gaps(struct scene *s, int64_t *seq_gap, int64_t *ack_gap, struct err *err)
{
	uint16_t client = addr_port(&s->client_addr), server = addr_port(&s->server_addr);
	struct probe_segment syn, syn_ack;
	int r = probe_raw_next(s->run, s->raw, client, server, true, &syn, err);

	if (r == 0)
		r = probe_raw_next(s->run, s->raw, server, client, true, &syn_ack, err);
	if (r < 0)
		return r;
	*seq_gap = gap(s->old.seq, syn.seq);
	*ack_gap = gap(s->old.ack, syn_ack.seq);
	probe_set(s->run, "sequence_gap", json_integer(*seq_gap));
	probe_set(s->run, "acknowledgement_gap", json_integer(*ack_gap));
	return 0;
}

/* Nothing could be said about TIME_WAIT then. */
static int too_slow(struct err *err)
{
	err_run(err, "the first connection was slower than the clock of sequence "
		     "numbers, so the old segment fits no new one: give a larger --bulk");
	if (err)
		err->exit = EXIT_INCOMPLETE;
	return -EINVAL;
}

/* To where the old segment would be next in line.  A connection that begins above it, as one
 * that reuses a TIME_WAIT does, stays where it is. */
static int advance(struct scene *s, struct err *err)
{
	int64_t seq_gap, ack_gap;
	int r = read_gaps(s, &seq_gap, &ack_gap, err);

	if (r == 0 && !s->reuses && (seq_gap < 0 || ack_gap < 0))
		r = too_slow(err);
	if (r < 0)
		return r;
	r = probe_pump(s->run, s->pair.client, s->pair.server,
		       seq_gap > 0 ? (uint64_t)seq_gap : 0,
		       ack_gap > 0 ? (uint64_t)ack_gap : 0, clock_ns() + 4 * PATIENCE,
		       err);
	return r < 0 ? r : probe_sleep(s->run, TOO_OLD, err);
}

static void say_read(struct scene *s, unsigned lost, bool delivered)
{
	if (delivered)
		probe_finding(
			s->run,
			"The second connection's server read the old segment as its "
			"own, and %u bytes that its client sent were lost.",
			lost);
	else
		probe_finding(
			s->run,
			"The second connection's server refused the old segment; %u "
			"bytes were lost.",
			lost);
}

/* What the server read, `n` bytes, against what the second client sent. */
static void compare(struct scene *s, const char *got, size_t n)
{
	char sent[2 * MESSAGE], first[MESSAGE + 1] = "";
	unsigned differ = 0, lost = 0;

	memcpy(sent, new_data, MESSAGE);
	memcpy(sent + MESSAGE, tail, MESSAGE);
	for (size_t i = 0; i < n; i++)
		differ += got[i] != sent[i];
	for (size_t at = 0; at < sizeof(sent); at += MESSAGE)
		lost += memmem(got, n, sent + at, MESSAGE) ? 0 : MESSAGE;
	memcpy(first, got, n < MESSAGE ? n : MESSAGE);
	probe_set(s->run, "server_read", json_string(first));
	probe_set_bool(s->run, "delivered", memmem(got, n, old_data, MESSAGE) != NULL);
	probe_set_count(s->run, "bytes_corrupted", differ);
	probe_set_count(s->run, "bytes_lost", lost);
	say_read(s, lost, memmem(got, n, old_data, MESSAGE) != NULL);
}

/* What the client's kernel still keeps to send again; an ACK may be late by 40 ms. */
static int wait_acknowledged(struct scene *s, struct err *err)
{
	uint64_t deadline = clock_ns() + NS_PER_S;
	int left, r = 0;

	do {
		if (ioctl(s->pair.client, SIOCOUTQ, &left) == -1)
			return err_sys(err, "ioctl SIOCOUTQ");
		if (left > 0)
			r = probe_sleep(s->run, NS_PER_MS, err);
	} while (r == 0 && left > 0 && clock_ns() < deadline);
	probe_set_count(s->run, "bytes_unacknowledged", (uint64_t)left);
	return r;
}

static int inject_and_read(struct scene *s, struct err *err)
{
	char got[2 * MESSAGE];
	int r = probe_raw_inject(s->raw, &s->server_addr, &s->old, err), n;

	if (r < 0)
		return r;
	probe_set_count(s->run, "injected", 1);
	n = probe_read(s->run, s->pair.server, got, MESSAGE, clock_ns() + A_WHILE, err);
	r = n < 0 ? n : send_message(s, new_data, err);
	if (r == 0)
		r = send_message(s, tail, err);
	if (r < 0)
		return r;
	r = probe_read(s->run, s->pair.server, got + n, sizeof(got) - (unsigned)n, soon(),
		       err);
	if (r < 0)
		return r;
	compare(s, got, (size_t)(n + r));
	return wait_acknowledged(s, err);
}

static void not_made(struct scene *s, int no)
{
	probe_finding(s->run,
		      "There was no second connection to read the old segment: %s%s.",
		      strerrorname_np(no),
		      s->reuses ? ", TIME_WAIT holds its address and port" : "");
	probe_set_count(s->run, "injected", 0);
	probe_set_bool(s->run, "delivered", false);
	probe_set_count(s->run, "bytes_corrupted", 0);
	probe_set_count(s->run, "bytes_lost", 0);
}

static int second_connection(struct scene *s, struct err *err)
{
	const char *name;
	int r = open_pair(s, err);

	if (r < 0)
		return r;
	name = r ? strerrorname_np(r) : "made";
	probe_set(s->run, "second_connection", json_string(name ? name : "UNKNOWN"));
	if (r > 0) {
		not_made(s, r);
		return 0;
	}
	probe_step(s->run, "the second connection comes to the same sequence numbers");
	r = advance(s, err);
	if (r < 0)
		return r;
	probe_step(s->run, "the old segment comes once more");
	return inject_and_read(s, err);
}

/* ---- all of it */

static int open_scene(struct scene *s, struct err *err)
{
	s->raw = probe_raw_open(&s->run->address, err);
	if (s->raw < 0)
		return s->raw;
	s->listener = probe_listen(&s->server_addr, true, err);
	return s->listener < 0 ? s->listener : 0;
}

static void close_scene(struct scene *s)
{
	probe_pair_close(&s->pair);
	probe_close(&s->listener);
	probe_close(&s->raw);
}

static int measure(struct probe_run *run, struct err *err)
{
	struct scene s = { .run = run,
			   .server_addr = run->address,
			   .client_addr = run->address,
			   .pair = PROBE_NO_PAIR,
			   .listener = -1,
			   .raw = -1 };
	int r;

	r = open_scene(&s, err);
	if (r == 0) {
		probe_step(run,
			   "the first connection outruns the clock of sequence numbers");
		r = first_connection(&s, err);
	}
	if (r == 0) {
		probe_step(run, "a second connection on the same addresses and ports");
		r = second_connection(&s, err);
	}
	close_scene(&s);
	return r;
}

const struct probe probe_old_duplicate = {
	PROBE_PARTS("old-duplicate", "[options]",
		    "An old segment meets a new connection: why TIME_WAIT exists.",
		    "  twstorm lab probe old-duplicate\n"
		    "  twstorm lab probe old-duplicate --avoid linger\n"),
};
