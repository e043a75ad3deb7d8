/* old_duplicate - why TIME_WAIT exists (RFC 1337, docs/kernel-facts.md#old-duplicate).  The probe
 * keeps the last data segment of a first connection and closes that connection.  It makes a second
 * connection with the same addresses and ports, if that is possible, and sends until the sequence
 * numbers are those of the old segment.  Then the old segment comes once more, as a network may
 * deliver it.  Who reads the segment?
 *
 * The sequence numbers can meet because an initial one grows by a clock of 15.6 MB/s (RFC
 * 9293, 3.4.1; 64 ns a step on Linux), which the first connection outruns, both ways: the
 * acknowledgement number must fit as well (RFC 5961, 5). */
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include "bench/probe/pump.h"
#include "bench/probe/raw.h"
#include "bench/probe/result.h"
#include "bench/probe/sock.h"
#include "bench/probe/wait.h"
#include "common/cli/opt_rows.h"
#include "common/kernel/sock.h"

#define BULK_PATIENCE (20 * NS_PER_S)
#define A_WHILE       (100 * NS_PER_MS) /* for a segment to be read, or refused */
#define TOO_OLD       (5 * NS_PER_MS) /* timestamps tick every 1 ms: PAWS sees it is old */

/* They differ in each byte. */
static const char old_data[] = PROBE_RAW_MARK "DATA-OLD-DATA-OLD-DATA-OLD-D";
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

struct scene {
	struct probe_run *run;    /* borrowed */
	uint16_t client, server;  /* ports, of both connections */
	int raw;                  /* owned */
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

/* ---- the first one */

static void send_message(struct scene *s, const char *text)
{
	probe_send(s->run, s->run->pair.client, text, MESSAGE);
}

/* Keeps the segment with the message, as it came; everything before it is acknowledged. */
static void keep_old_segment(struct scene *s)
{
	struct probe_run *run = s->run;
	char buf[MESSAGE];

	send_message(s, old_data);
	probe_raw_next(run, s->raw, s->client, s->server, false, &s->old);
	if (run->r == 0 && s->old.len != s->old.header_len + MESSAGE)
		run->r = err_run(&run->err,
				 "the last segment of the first connection is %u bytes",
				 s->old.len);
	probe_read(run, run->pair.server, buf, MESSAGE, PROBE_PATIENCE);
}

static void close_first(struct scene *s)
{
	struct probe_run *run = s->run;
	const struct options *o = run->options;
	uint64_t time_wait;

	if (o->avoid == AVOID_LINGER && run->r == 0)
		probe_need(run, -sock_linger(run->pair.client, 0), "SO_LINGER");
	probe_close(&run->pair.client);
	if (o->avoid == AVOID_NONE)
		probe_wait_eof(run, run->pair.server);
	probe_close(&run->pair.server);
	time_wait = probe_wait_settled(run, s->client, s->server);
	if (run->r == 0)
		probe_set_count(run, "time_wait", time_wait);
	s->reuses = time_wait > 0;
}

/* 0, or the errno of a connection that cannot be made. */
static int open_pair(struct scene *s)
{
	struct probe_run *run = s->run;
	const int on = 1;
	int no = probe_pair_open(run, &run->pair, PROBE_PATIENCE);

	s->client = addr_port(&run->pair.from);
	if (no == 0 && run->r == 0 &&
	    setsockopt(run->pair.client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == -1)
		run->r = err_sys(&run->err, "setsockopt TCP_NODELAY");
	return no;
}

static void first_connection(struct scene *s)
{
	struct probe_run *run = s->run;
	const struct options *o = run->options;

	probe_need(run, open_pair(s), "the first connection");
	probe_pump(run, &run->pair, o->bulk, o->bulk, BULK_PATIENCE);
	keep_old_segment(s);
	close_first(s);
}

/* ---- the second one */

/* Bytes to send until the next one has the number `wanted`; negative = it is past. */
static int64_t gap(uint32_t wanted, uint32_t initial)
{
	return (int32_t)(wanted - (initial + 1)); /* the SYN takes one */
}

/* Nothing could be said about TIME_WAIT then. */
static void fail_slow(struct probe_run *run)
{
	run->r = err_run(&run->err,
			 "the first connection was slower than the clock of sequence "
			 "numbers, so the old segment fits no new one: give a larger "
			 "--bulk");
	run->err.exit = EXIT_INCOMPLETE;
}

/* Sends until the old segment would be the next one.  A connection that begins above the
 * old segment, as a connection that reuses a TIME_WAIT does, stays where it is. */
static void advance(struct scene *s)
{
	struct probe_run *run = s->run;
	struct probe_segment syn, syn_ack;
	int64_t seq_gap, ack_gap;

	probe_raw_next(run, s->raw, s->client, s->server, true, &syn);
	probe_raw_next(run, s->raw, s->server, s->client, true, &syn_ack);
	if (run->r < 0)
		return;
	seq_gap = gap(s->old.seq, syn.seq);
	ack_gap = gap(s->old.ack, syn_ack.seq);
	probe_set(run, "sequence_gap", json_integer(seq_gap));
	probe_set(run, "acknowledgement_gap", json_integer(ack_gap));
	if (!s->reuses && (seq_gap < 0 || ack_gap < 0))
		fail_slow(run);
	probe_pump(run, &run->pair, seq_gap > 0 ? (uint64_t)seq_gap : 0,
		   ack_gap > 0 ? (uint64_t)ack_gap : 0, BULK_PATIENCE);
	probe_sleep(run, TOO_OLD);
}

/* What the server read, `n` bytes, against what the second client sent. */
static void compare(struct probe_run *run, const char *got, size_t n)
{
	char sent[2 * MESSAGE], first[MESSAGE + 1] = "";
	bool delivered = memmem(got, n, old_data, MESSAGE) != NULL;
	unsigned differ = 0, lost = 0;

	memcpy(sent, new_data, MESSAGE);
	memcpy(sent + MESSAGE, tail, MESSAGE);
	for (size_t i = 0; i < n; i++)
		differ += got[i] != sent[i];
	for (size_t at = 0; at < sizeof(sent); at += MESSAGE)
		lost += memmem(got, n, sent + at, MESSAGE) ? 0 : MESSAGE;
	memcpy(first, got, n < MESSAGE ? n : MESSAGE);
	probe_set(run, "server_read", json_string(first));
	probe_set_bool(run, "delivered", delivered);
	probe_set_count(run, "bytes_corrupted", differ);
	probe_set_count(run, "bytes_lost", lost);
	if (delivered)
		probe_finding(
			run,
			"The second connection's server read the old segment as its "
			"own, and %u bytes that its client sent were lost.",
			lost);
	else
		probe_finding(run,
			      "The second connection's server refused the old segment; "
			      "%u bytes were lost.",
			      lost);
}

/* What the client's kernel still keeps to send again; an ACK may be late by 40 ms. */
static void wait_acknowledged(struct probe_run *run)
{
	uint64_t deadline = clock_ns() + NS_PER_S;
	int left = 0;

	do {
		if (ioctl(run->pair.client, SIOCOUTQ, &left) == -1)
			run->r = err_sys(&run->err, "ioctl SIOCOUTQ");
	} while (left > 0 && probe_pause(run, deadline));
	if (run->r == 0)
		probe_set_count(run, "bytes_unacknowledged", (uint64_t)left);
}

static void inject_and_read(struct scene *s)
{
	struct probe_run *run = s->run;
	char got[2 * MESSAGE];
	size_t n;

	probe_raw_inject(run, s->raw, &s->old);
	if (run->r == 0)
		probe_set_count(run, "injected", 1);
	n = probe_read(run, run->pair.server, got, MESSAGE, A_WHILE);
	send_message(s, new_data);
	send_message(s, tail);
	n += probe_read(run, run->pair.server, got + n, sizeof(got) - n, PROBE_PATIENCE);
	if (run->r < 0)
		return;
	compare(run, got, n);
	wait_acknowledged(run);
}

static void not_made(struct scene *s, int no)
{
	struct probe_run *run = s->run;

	probe_finding(run,
		      "There was no second connection to read the old segment: %s%s.",
		      strerrorname_np(no),
		      s->reuses ? ", TIME_WAIT holds its address and port" : "");
	probe_set_count(run, "injected", 0);
	probe_set_bool(run, "delivered", false);
	probe_set_count(run, "bytes_corrupted", 0);
	probe_set_count(run, "bytes_lost", 0);
}

static void second_connection(struct scene *s)
{
	struct probe_run *run = s->run;
	int no = open_pair(s);
	const char *name = no ? strerrorname_np(no) : "made";

	if (run->r < 0)
		return;
	probe_set(run, "second_connection", json_string(name ? name : "UNKNOWN"));
	if (no) {
		not_made(s, no);
		return;
	}
	probe_step(run, "the second connection comes to the same sequence numbers");
	advance(s);
	probe_step(run, "the old segment comes once more");
	inject_and_read(s);
}

static void measure(struct probe_run *run)
{
	struct scene s = { .run = run, .raw = probe_raw_open(run) };

	probe_listen(run, true);
	s.server = addr_port(&run->server);
	probe_step(run, "the first connection outruns the clock of sequence numbers");
	first_connection(&s);
	probe_step(run, "a second connection on the same addresses and ports");
	second_connection(&s);
	probe_close(&s.raw);
}

const struct probe probe_old_duplicate = {
	PROBE_PARTS("old-duplicate", "[options]",
		    "An old segment meets a new connection: why TIME_WAIT exists.",
		    "  twstorm lab probe old-duplicate\n"
		    "  twstorm lab probe old-duplicate --avoid linger\n"),
};
