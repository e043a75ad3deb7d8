#include "bench/wire/ladder.h"

#include <string.h>
#include "common/base/clock.h"
#include "common/base/put.h"
#include "common/base/units.h"
#include "common/base/wrap.h"
#include "common/kernel/sock_diag.h"
#include "common/result/result.h"

#define LINE   "%-12s %-*s  %s"
#define SHAFT  30
#define MARGIN 11 /* of what stands below a line of the ladder */

static const char *const end_names[ENDS] = { "client", "server" };

static const char *state_text(uint8_t state)
{
	const char *name = tcp_state_name(state);

	return name ? name : "-";
}

void ladder_head(FILE *to)
{
	fprintf(to, "%9s  " LINE "\n", "time", end_names[END_CLIENT], SHAFT,
		"           segment", end_names[END_SERVER]);
}

static void label_of(const struct step *s, char *buf, size_t size)
{
	char flags[SEGMENT_FLAGS_TEXT], bytes[24] = "";

	segment_flags(&s->segment, flags);
	if (s->segment.len)
		snprintf(bytes, sizeof(bytes), " %u byte%s", (unsigned)s->segment.len,
			 s->segment.len == 1 ? "" : "s");
	snprintf(buf, size, "%.20s%.20s", flags, bytes);
}

/* "---- SYN --------------->", "x---" where it is lost. */
static void arrow_of(const struct step *s, char buf[SHAFT + 1])
{
	bool right = s->from == END_CLIENT;
	char label[48];
	size_t len;

	label_of(s, label, sizeof(label));
	len = strlen(label);
	memset(buf, '-', SHAFT);
	buf[SHAFT] = '\0';
	if (len > SHAFT - 9)
		len = SHAFT - 9;
	buf[4] = buf[5 + len] = ' ';
	memcpy(buf + 5, label, len);
	if (s->fate == FATE_DROPPED || s->fate == FATE_HELD)
		memcpy(right ? buf + SHAFT - 3 : buf, right ? "-X " : " X-", 3);
	else
		buf[right ? SHAFT - 1 : 0] = right ? '>' : '<';
}

const char *ladder_line(const struct step *s, char buf[LADDER_LINE])
{
	char arrow[SHAFT + 1];

	arrow_of(s, arrow);
	snprintf(buf, LADDER_LINE, LINE, state_text(s->state[END_CLIENT]), SHAFT, arrow,
		 state_text(s->state[END_SERVER]));
	return buf;
}

/* A listener is no socket of the connection. */
const char *ladder_end_line(uint8_t client, uint8_t server, char buf[LADDER_LINE])
{
	snprintf(buf, LADDER_LINE, LINE, state_text(client == STATE_LISTEN ? 0 : client),
		 SHAFT, "", state_text(server == STATE_LISTEN ? 0 : server));
	return buf;
}

static void say(FILE *to, const char *text)
{
	wrap_words(to, fprintf(to, "%*s", MARGIN, ""), MARGIN, text);
}

static size_t add(char *buf, size_t n, size_t size, const char *name, uint32_t value)
{
	return n + (size_t)snprintf(buf + n, size - n, ", %s %u", name, (unsigned)value);
}

static void say_numbers(FILE *to, const struct step *s)
{
	const struct segment *seg = &s->segment;
	char buf[400];
	size_t n = (size_t)snprintf(buf, sizeof(buf), "%s%sseq %u", step_event(s),
				    *step_event(s) ? "; " : "", (unsigned)s->seq);

	if (segment_space(seg) > 1)
		n += (size_t)snprintf(buf + n, sizeof(buf) - n, ":%u",
				      (unsigned)(s->seq + segment_space(seg)));
	if (seg->flags & SEGMENT_ACK)
		n = add(buf, n, sizeof(buf), "ack", s->ack);
	n = add(buf, n, sizeof(buf), "window", seg->window);
	if (seg->mss)
		n = add(buf, n, sizeof(buf), "mss", seg->mss);
	if (seg->window_scale >= 0)
		n = add(buf, n, sizeof(buf), "window scale", (uint32_t)seg->window_scale);
	if (seg->timestamps)
		n += (size_t)snprintf(buf + n, sizeof(buf) - n, ", timestamps %u %u",
				      (unsigned)seg->ts_value, (unsigned)seg->ts_echo);
	snprintf(buf + n, sizeof(buf) - n, "%s%s",
		 seg->sack_permitted ? ", SACK permitted" : "",
		 seg->fast_open ? ", Fast Open" : "");
	say(to, buf);
}

static const char *const fates[FATES] = {
	[FATE_DROPPED] = "(the wire loses it: --drop)",
	[FATE_DUPLICATED] = "(the wire carries it twice: --duplicate)",
	[FATE_OVERTAKEN] = "(the wire kept it back for the next one: --reorder)",
	[FATE_KEPT] = "(the wire keeps a copy: --late)",
	[FATE_OLD] = "(the wire carries its copy: --late)",
	[FATE_HELD] = "(it is not carried: --stop-at)",
};

void ladder_step(FILE *to, const struct step *s, bool verbose)
{
	char line[LADDER_LINE], sentence[STEP_TEXT], time[24];

	snprintf(time, sizeof(time), "%.1f ms", (double)s->at_ns / NS_PER_MS);
	fprintf(to, "%9s  %s\n", time, ladder_line(s, line));
	say(to, step_sentence(s, sentence));
	if (fates[s->fate])
		say(to, fates[s->fate]);
	if (verbose || step_is_strange(s))
		say_numbers(to, s);
}

/* What ends the state, as ss(8) prints it: of TIME_WAIT, and of FIN_WAIT2 without a program. */
static bool has_timer(const struct wire_end *end)
{
	return end->timer == SOCK_DIAG_TIMEWAIT;
}

/* As ss(8) prints it. */
static void say_end(FILE *to, enum end e, const struct wire_end *end)
{
	char text[240], timer[64] = "";

	if (has_timer(end) && end->expires_ms >= 60000)
		snprintf(timer, sizeof(timer), " timer:(timewait,1min,0)");
	else if (has_timer(end))
		snprintf(timer, sizeof(timer), " timer:(timewait,%usec,0)",
			 (unsigned)(end->expires_ms / 1000));
	else if (end->state == STATE_CLOSE_WAIT)
		snprintf(timer, sizeof(timer), ", until its program closes");
	if (!end->state || end->state == STATE_LISTEN)
		snprintf(text, sizeof(text), "the %s has no socket for it any more",
			 end_names[e]);
	else
		snprintf(text, sizeof(text), "the %s: %s %s %s%s", end_names[e],
			 tcp_state_ss_name(end->state), end->local, end->remote, timer);
	say(to, text);
}

static void tell(FILE *to, uint64_t n, const char *what, const char *how)
{
	if (n)
		fprintf(to, "%s %s%s %s.\n", units_grouped(n), what, n == 1 ? "" : "s",
			how);
}

void ladder_end(FILE *to, const struct wire_trace *t)
{
	char line[LADDER_LINE];

	fprintf(to, "%9s  %s\n", "end",
		ladder_end_line(t->end[END_CLIENT].state, t->end[END_SERVER].state,
				line));
	for (int e = 0; e < ENDS; e++)
		say_end(to, (enum end)e, &t->end[e]);
	tell(to, t->beyond, "segment",
	     "of the connection beyond that: carried, not shown");
	tell(to, t->other_connections, "other connection", "carried, not shown");
	tell(to, t->others, "segment", "of other connections");
	tell(to, t->parts, "frame",
	     "with no whole segment of TCP (fragments?): carried, not shown");
	tell(to, t->swallowed, "segment",
	     "sent again while the first had to wait: not carried");
	tell(to, t->met_nobody, "segment",
	     "kept back for another, which did not come in time");
	tell(to, t->stats.refused, "frame", "lost, as the wire had no room for it");
}

/* ---- JSON */

static json_t *state_json(uint8_t state)
{
	const char *name = tcp_state_name(state);

	return name ? json_string(name) : json_null();
}

static json_t *options_json(const struct segment *seg)
{
	json_t *o = json_object();

	if (seg->mss)
		put_count(o, "mss", seg->mss);
	if (seg->window_scale >= 0)
		put_count(o, "window_scale", (uint64_t)seg->window_scale);
	if (seg->sack_permitted)
		put(o, "sack_permitted", json_true());
	if (seg->fast_open)
		put(o, "fast_open", json_true());
	if (seg->timestamps)
		put(o, "timestamps",
		    json_pack("[I, I]", (json_int_t)seg->ts_value,
			      (json_int_t)seg->ts_echo));
	return o;
}

static json_t *step_json(const struct step *s)
{
	char flags[SEGMENT_FLAGS_TEXT], sentence[STEP_TEXT];
	json_t *o = json_object();

	put(o, "at_s", json_real((double)s->at_ns / NS_PER_S));
	put_text(o, "from", end_names[s->from]);
	put(o, "client", state_json(s->state[END_CLIENT]));
	put(o, "server", state_json(s->state[END_SERVER]));
	put_text(o, "flags", segment_flags(&s->segment, flags));
	put_count(o, "seq", s->seq);
	put_count(o, "ack", s->ack);
	put_count(o, "bytes", s->segment.len);
	put_count(o, "window", s->segment.window);
	put(o, "options", options_json(&s->segment));
	put(o, "again", json_boolean(s->again));
	put_text(o, "fate", fate_names[s->fate]);
	put_count(o, "connection", s->connection);
	put_text(o, "event", step_event(s));
	put_text(o, "sentence", step_sentence(s, sentence));
	return o;
}

static json_t *left_json(const struct wire_end *end, uint8_t state)
{
	return end->state == state && has_timer(end) ? json_real(end->expires_ms / 1000.0)
						     : json_null();
}

static json_t *end_json(const struct wire_end *end)
{
	json_t *o = json_object();

	put(o, "state", state_json(end->state == STATE_LISTEN ? 0 : end->state));
	put_text(o, "local", *end->local ? end->local : NULL);
	put_text(o, "remote", *end->remote ? end->remote : NULL);
	put(o, "time_wait_left_s", left_json(end, STATE_TIME_WAIT));
	put(o, "fin_wait2_left_s", left_json(end, STATE_FIN_WAIT2));
	return o;
}

json_t *ladder_json(const struct wire_trace *t)
{
	json_t *doc = json_object(), *steps = json_array();

	for (unsigned i = 0; i < t->n; i++)
		json_array_append_new(steps, step_json(&t->at[i]));
	put_text(doc, "schema", TRACE_SCHEMA);
	put(doc, "tool", result_tool());
	put(doc, "steps", steps);
	put_count(doc, "steps_beyond", t->beyond);
	put(doc, "end",
	    json_pack("{s:o, s:o}", "client", end_json(&t->end[END_CLIENT]), "server",
		      end_json(&t->end[END_SERVER])));
	put_count(doc, "other_segments", t->others);
	put_count(doc, "other_connections", t->other_connections);
	put_count(doc, "frames_not_whole", t->parts);
	put_count(doc, "segments_swallowed", t->swallowed);
	put_count(doc, "frames_refused", t->stats.refused);
	return doc;
}
