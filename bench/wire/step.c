#include "bench/wire/step.h"

#include <stdio.h>
#include <string.h>

const char *const fate_names[FATES] = { "carried", "dropped", "duplicated", "overtaken",
					"kept",    "old",     "held" };

/* RFC 9293, 3.4: sequence numbers are compared around the circle. */
static bool is_after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

static bool begins_another(const struct segment *seg, const struct steps_past *past,
			   enum end me)
{
	return (seg->flags & (SEGMENT_SYN | SEGMENT_ACK)) == SEGMENT_SYN &&
	       past->any[me] && seg->seq != past->first[me];
}

void step_place(struct step *s, struct steps_past *past)
{
	enum end me = s->from, peer = me == END_CLIENT ? END_SERVER : END_CLIENT;
	const struct segment *seg = &s->segment;
	uint32_t end = seg->seq + segment_space(seg);
	bool rst = seg->flags & SEGMENT_RST;
	bool syn_ack =
		(seg->flags & (SEGMENT_SYN | SEGMENT_ACK)) == (SEGMENT_SYN | SEGMENT_ACK);

	if (begins_another(seg, past, me))
		*past = (struct steps_past){ .connection = past->connection };
	if (!past->any[END_CLIENT] && !past->any[END_SERVER])
		past->connection++;
	s->connection = past->connection;
	if (!past->any[me]) {
		past->any[me] = true;
		past->first[me] = past->next[me] = seg->seq;
	}
	s->seq = seg->seq - past->first[me];
	s->ack = seg->flags & SEGMENT_ACK && past->any[peer]
			 ? seg->ack - past->first[peer]
			 : 0;
	/* A SYN,ACK that follows a SYN of the same end has its number: a simultaneous open. */
	s->again = segment_space(seg) > 0 && !is_after(end, past->next[me]) && !rst &&
		   (!syn_ack || past->syn_acked[me]);
	s->acks_fin = past->fin[peer] && !past->fin_acked[peer] && !rst &&
		      seg->flags & SEGMENT_ACK && !is_after(past->next[peer], seg->ack);
	s->refuses = past->old[peer] && seg->flags == SEGMENT_ACK && seg->len == 0 &&
		     seg->ack == past->acked[me];
	s->answers_fin = past->fin_again[peer] && seg->flags == SEGMENT_ACK;
	past->fin_again[peer] = past->old[peer] = false;
	past->fin_again[me] |= s->again && seg->flags & SEGMENT_FIN;
	past->acked[me] = seg->ack;
	if (is_after(end, past->next[me]))
		past->next[me] = end;
	past->fin[me] |= (seg->flags & SEGMENT_FIN) != 0;
	past->syn_acked[me] |= syn_ack;
	past->fin_acked[peer] |= s->acks_fin;
}

void step_old(struct steps_past *past, enum end from)
{
	past->old[from] = true;
}

/* ---- what it means */

#define ANY 0xff

enum asked { EITHER, YES, NO };

/* What a row is for, beyond flags and states. */
enum kind {
	OF_ALL,
	OLD,     /* an old copy: no other row is for it */
	REFUSES, /* the answer to an old copy, of which nothing was taken */
	ANSWERS, /* the answer to a FIN that came again */
};

/* The first row that fits. */
struct meaning {
	uint8_t with, without; /* flags */
	uint8_t me, peer;      /* states; 0 = no socket */
	enum asked data, again, acks_fin;
	enum kind kind;
	const char *event, *sentence; /* $me and $peer are the ends, $n the bytes */
};

/* clang-format off */
#define S(state) STATE_##state
static const struct meaning meanings[] = {
	{ 0, 0, ANY, S(TIME_WAIT), EITHER, EITHER, EITHER, OLD,
	  "old duplicate in TIME-WAIT", "an old copy of what the $me once sent comes late; TIME_WAIT keeps it from every program, and the $peer answers with an ACK" },
	{ 0, 0, ANY, S(ESTABLISHED), YES, EITHER, EITHER, OLD,
	  "old duplicate in ESTABLISHED", "an old copy of $n from the connection before comes to this one, which has the same addresses and ports" },
	{ 0, 0, ANY, 0, EITHER, EITHER, EITHER, OLD,
	  "old duplicate in CLOSED", "an old copy of what the $me once sent comes to an end that knows nothing of it" },
	{ 0, 0, ANY, ANY, EITHER, EITHER, EITHER, OLD,
	  "old duplicate", "an old copy of what the $me once sent comes late" },
	{ SEGMENT_RST, 0, 0, S(SYN_SENT), EITHER, EITHER, EITHER, OF_ALL,
	  "SYN received in CLOSED: RST sent", "nobody listens on this port of the $me, so it refuses" },
	{ SEGMENT_RST | SEGMENT_ACK, 0, ANY, ANY, EITHER, EITHER, EITHER, OF_ALL,
	  "ABORT: RST sent", "the $me gives the connection up at once: it keeps no TIME_WAIT, and what was under way is lost" },
	{ SEGMENT_RST, 0, ANY, S(TIME_WAIT), EITHER, EITHER, EITHER, OF_ALL,
	  "RST sent", "the $me knows nothing of this connection; this RST can end the $peer's TIME_WAIT early (not with tcp_rfc1337=1)" },
	{ SEGMENT_RST, 0, ANY, ANY, EITHER, EITHER, EITHER, OF_ALL,
	  "RST sent", "the $me has no such connection (any more), and says so" },
	{ SEGMENT_SYN, SEGMENT_ACK, ANY, ANY, EITHER, YES, EITHER, OF_ALL,
	  "SYN sent again", "the $me asks again: nothing came back in time" },
	{ SEGMENT_SYN, SEGMENT_ACK, ANY, S(SYN_SENT), EITHER, EITHER, EITHER, OF_ALL,
	  "active OPEN: SYN sent", "the $me asks for a connection while the $peer does: a simultaneous open" },
	{ SEGMENT_SYN, SEGMENT_ACK, ANY, S(TIME_WAIT), EITHER, EITHER, EITHER, OF_ALL,
	  "active OPEN: SYN sent", "the $me asks for another connection with the same addresses and ports; the $peer's TIME_WAIT makes room if this SYN is newer" },
	{ SEGMENT_SYN, SEGMENT_ACK, ANY, ANY, YES, EITHER, EITHER, OF_ALL,
	  "active OPEN: SYN sent", "the $me asks for a connection and sends $n with that (TCP Fast Open)" },
	{ SEGMENT_SYN, SEGMENT_ACK, ANY, ANY, EITHER, EITHER, EITHER, OF_ALL,
	  "active OPEN: SYN sent", "the $me asks for a connection" },
	{ SEGMENT_SYN | SEGMENT_ACK, 0, S(SYN_RECV), S(SYN_RECV), EITHER, NO, EITHER, OF_ALL,
	  "SYN received in SYN-SENT: SYN,ACK sent", "the $me has the $peer's SYN and not the ACK of its own: both ends are in SYN_RECV" },
	{ SEGMENT_SYN | SEGMENT_ACK, 0, S(ESTABLISHED), S(SYN_RECV), EITHER, NO, EITHER, OF_ALL,
	  "SYN received in SYN-SENT: SYN,ACK sent", "the $me has acknowledged the $peer's SYN as well; with this ACK the $peer will be established" },
	{ SEGMENT_SYN | SEGMENT_ACK, 0, ANY, ANY, EITHER, YES, EITHER, OF_ALL,
	  "SYN,ACK sent again", "the $me answers again: nothing came back in time" },
	{ SEGMENT_SYN | SEGMENT_ACK, 0, ANY, ANY, EITHER, EITHER, EITHER, OF_ALL,
	  "SYN received: SYN,ACK sent", "the $me agrees, and asks for the other direction" },
	{ SEGMENT_FIN, 0, ANY, ANY, EITHER, YES, EITHER, OF_ALL,
	  "FIN sent again", "the $me repeats its FIN: no ACK of it came in time" },
	{ SEGMENT_FIN, 0, S(FIN_WAIT1), S(FIN_WAIT1), EITHER, EITHER, EITHER, OF_ALL,
	  "CLOSE: FIN sent", "the $me closes as well, and neither has the other's FIN yet: a simultaneous close" },
	{ SEGMENT_FIN, 0, S(FIN_WAIT1), ANY, YES, EITHER, EITHER, OF_ALL,
	  "CLOSE: FIN sent", "the $me sends $n, and closes first" },
	{ SEGMENT_FIN, 0, S(FIN_WAIT1), ANY, EITHER, EITHER, EITHER, OF_ALL,
	  "CLOSE: FIN sent", "the $me closes first: it sends nothing more, but can still receive" },
	{ SEGMENT_FIN, 0, S(LAST_ACK), ANY, EITHER, EITHER, EITHER, OF_ALL,
	  "CLOSE after the other's FIN: FIN sent", "the $me closes, too; the ACK of this FIN will be the last segment" },
	{ SEGMENT_FIN, 0, S(CLOSING), ANY, EITHER, EITHER, EITHER, OF_ALL,
	  "CLOSE: FIN sent", "the $me has sent its FIN before the $peer's came: a simultaneous close" },
	{ SEGMENT_FIN, 0, ANY, ANY, EITHER, EITHER, EITHER, OF_ALL,
	  "FIN sent", "the $me closes" },
	{ SEGMENT_ACK, 0, S(TIME_WAIT), S(CLOSING), NO, EITHER, YES, OF_ALL,
	  "FIN and ACK received: TIME-WAIT", "the $me has the $peer's FIN and the ACK of its own; both ends will be in TIME_WAIT" },
	{ SEGMENT_ACK, 0, S(TIME_WAIT), ANY, NO, EITHER, YES, OF_ALL,
	  "FIN received: TIME-WAIT", "this ACK is to close the $peer's side; the $me stays in TIME_WAIT for 60 s, because the ACK may be lost" },
	{ SEGMENT_ACK, 0, S(TIME_WAIT), 0, NO, EITHER, NO, OF_ALL,
	  "segment received in TIME-WAIT: ACK sent", "the $me answers in TIME_WAIT, but the $peer has no such connection any more" },
	{ SEGMENT_ACK, 0, S(TIME_WAIT), ANY, NO, EITHER, NO, ANSWERS,
	  "FIN received again in TIME-WAIT", "the $me answers the repeated FIN once more: TIME_WAIT is there for that" },
	{ SEGMENT_ACK, 0, S(CLOSING), ANY, NO, EITHER, YES, OF_ALL,
	  "FIN received: CLOSING", "the $me has the $peer's FIN while its own is not acknowledged yet" },
	{ SEGMENT_ACK, 0, S(CLOSE_WAIT), ANY, NO, EITHER, YES, OF_ALL,
	  "FIN received: CLOSE-WAIT", "the $me has the $peer's FIN; the connection stays until the program on the $me closes" },
	{ SEGMENT_ACK, 0, ANY, ANY, NO, EITHER, YES, OF_ALL,
	  "FIN received", "the $me acknowledges the $peer's FIN" },
	{ SEGMENT_ACK, 0, ANY, S(SYN_RECV), NO, EITHER, EITHER, OF_ALL,
	  "SYN,ACK received: ESTABLISHED", "the $me is established; with this ACK the $peer will be" },
	{ SEGMENT_ACK, 0, ANY, ANY, YES, YES, EITHER, OF_ALL,
	  "data sent again", "the $me repeats $n: no ACK of them came in time" },
	{ SEGMENT_ACK, 0, ANY, ANY, YES, EITHER, EITHER, OF_ALL,
	  "SEND", "the $me sends $n" },
	{ SEGMENT_ACK, 0, ANY, ANY, NO, EITHER, EITHER, REFUSES,
	  "segment not acceptable: ACK sent", "the $me takes nothing of the old copy, and says again what it has received" },
	{ SEGMENT_ACK, 0, ANY, ANY, NO, EITHER, EITHER, OF_ALL,
	  "ACK sent", "the $me says what it has received" },
	{ 0, 0, ANY, ANY, EITHER, EITHER, EITHER, OF_ALL, "no event of RFC 9293", "a segment that nobody expects, as it is:" },
};
/* clang-format on */

static bool is_as_asked(enum asked asked, bool is)
{
	return asked == EITHER || (asked == YES) == is;
}

static bool fits(const struct meaning *m, const struct step *s)
{
	uint8_t me = s->state[s->from],
		peer = s->state[s->from == END_CLIENT ? END_SERVER : END_CLIENT];
	uint8_t flags = s->segment.flags;

	return (m->kind == OLD) == (s->fate == FATE_OLD) &&
	       (m->kind != REFUSES || s->refuses) &&
	       (m->kind != ANSWERS || s->answers_fin) && (flags & m->with) == m->with &&
	       !(flags & m->without) && (m->me == ANY || m->me == me) &&
	       (m->peer == ANY || m->peer == peer) &&
	       is_as_asked(m->data, s->segment.len > 0) &&
	       is_as_asked(m->again, s->again) && is_as_asked(m->acks_fin, s->acks_fin);
}

static const struct meaning *meaning_of(const struct step *s)
{
	const struct meaning *m = meanings;

	while (!fits(m, s))
		m++;
	return m;
}

bool step_is_strange(const struct step *s)
{
	return meaning_of(s) == &meanings[sizeof(meanings) / sizeof(meanings[0]) - 1];
}

const char *step_event(const struct step *s)
{
	return meaning_of(s)->event;
}

static size_t put(char *buf, size_t n, const char *text)
{
	return n + (size_t)snprintf(buf + n, STEP_TEXT - n, "%s", text);
}

const char *step_sentence(const struct step *s, char buf[STEP_TEXT])
{
	static const char *const ends[ENDS] = { "client", "server" };
	size_t n = 0;
	char bytes[24];

	snprintf(bytes, sizeof(bytes), "%u byte%s", (unsigned)s->segment.len,
		 s->segment.len == 1 ? "" : "s");
	buf[0] = '\0';
	for (const char *at = meaning_of(s)->sentence; *at && n < STEP_TEXT - 1; at++) {
		const char one[2] = { *at };

		if (strncmp(at, "$me", 3) == 0) {
			n = put(buf, n, ends[s->from]);
			at += 2;
		} else if (strncmp(at, "$peer", 5) == 0) {
			n = put(buf, n, ends[!s->from]);
			at += 4;
		} else if (strncmp(at, "$n", 2) == 0) {
			n = put(buf, n, bytes);
			at += 1;
		} else {
			n = put(buf, n, one);
		}
	}
	return buf;
}
