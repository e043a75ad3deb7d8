/* Segments are read from any bytes, placed in their connection and told in a sentence; rules find the segment that is
 * meant. */
#include "bench/wire/ladder.h"
#include "bench/wire/segment.h"
#include "bench/wire/step.h"
#include "bench/wire/which.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include "tests/check_main.h"

/* clang-format off */
/* From 198.18.0.11:40000 to 198.18.0.12:9000, with timestamps; written by hand from RFC 791 and RFC 9293. */
static const unsigned char syn[] = {
	2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x08, 0x00, /* Ethernet */
	0x45, 0, 0, 60, 0, 1, 0x40, 0, 64, 6, 0, 0, 198, 18, 0, 11, 198, 18, 0, 12,
	0x9c, 0x40, 0x23, 0x28, 0, 0, 0x10, 0, 0, 0, 0, 0, 0xa0, 0x02, 0xfa, 0xf0, 0, 0, 0, 0,
	2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0, 0, 0, 7, 0, 0, 0, 0, 1, 3, 3, 10,
};
static const unsigned char data_v6[] = {
	2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x86, 0xdd,
	0x60, 0, 0, 0, 0, 23, 6, 64,
	0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2,
	0x23, 0x28, 0x9c, 0x40, 0, 0, 0x20, 1, 0, 0, 0x10, 1, 0x50, 0x19, 0, 63, 0, 0, 0, 0, 'a', 'b', 'c',
};
/* clang-format on */

TEST(reads_a_syn_with_its_options)
{
	struct segment s;
	char flags[SEGMENT_FLAGS_TEXT];

	ck_assert(segment_read(syn, sizeof(syn), &s));
	ck_assert_int_eq(s.family, AF_INET);
	ck_assert_uint_eq(s.from[3], 11);
	ck_assert_uint_eq(s.from_port, 40000);
	ck_assert_uint_eq(s.to_port, 9000);
	ck_assert_uint_eq(s.seq, 0x1000);
	ck_assert_str_eq(segment_flags(&s, flags), "SYN");
	ck_assert_uint_eq(s.mss, 1460);
	ck_assert_int_eq(s.window_scale, 10);
	ck_assert(s.sack_permitted && s.timestamps && !s.fast_open);
	ck_assert_uint_eq(s.ts_value, 7);
	ck_assert_uint_eq(segment_space(&s), 1);
}

TEST(reads_data_over_ipv6)
{
	struct segment s;
	char flags[SEGMENT_FLAGS_TEXT];

	ck_assert(segment_read(data_v6, sizeof(data_v6), &s));
	ck_assert_int_eq(s.family, AF_INET6);
	ck_assert_uint_eq(s.to[15], 2);
	ck_assert_str_eq(segment_flags(&s, flags), "FIN+ACK");
	ck_assert_uint_eq(s.len, 3);
	ck_assert_uint_eq(s.ack, 0x1001);
	ck_assert_uint_eq(segment_space(&s), 4);
}

TEST(a_short_frame_is_filled_up)
{
	unsigned char frame[sizeof(syn) + 10] = { 0 };
	struct segment s;

	memcpy(frame, syn, sizeof(syn));
	ck_assert(segment_read(frame, sizeof(frame), &s));
	ck_assert_uint_eq(s.len, 0);
}

/* Cut anywhere it is no segment; and the reader stays inside (valgrind, sanitizers). */
TEST_TIMES(what_is_cut_is_no_segment, sizeof(syn))
{
	unsigned char *cut = malloc((size_t)_i + 1);
	struct segment s;

	memcpy(cut, syn, (size_t)_i);
	ck_assert(!segment_read(cut, (size_t)_i, &s));
	free(cut);
}

/* clang-format off */
static const struct {
	size_t at;
	unsigned char byte;
	const char *what;
} strangers[] = {
	{ 12, 0x86, "another protocol" }, { 14, 0x44, "an IP header of 16 bytes" }, { 14, 0x55, "version 5" },
	{ 20, 0x20, "a first fragment" }, { 21, 1, "a later fragment" }, { 23, 17, "UDP" },
	{ 17, 200, "a length beyond the frame" }, { 46, 0x40, "a TCP header of 16 bytes" }, { 46, 0xf0, "of 60 bytes" },
};
/* clang-format on */

TEST_ROWS(is_no_segment, strangers)
{
	unsigned char frame[sizeof(syn)];
	struct segment s;

	memcpy(frame, syn, sizeof(syn));
	frame[row->at] = row->byte;
	ck_assert_msg(!segment_read(frame, sizeof(frame), &s), "%s", row->what);
}

TEST(an_option_of_length_nothing_ends_the_options)
{
	unsigned char frame[sizeof(syn)];
	struct segment s;

	memcpy(frame, syn, sizeof(syn));
	frame[sizeof(syn) - 19] = 0;
	ck_assert(segment_read(frame, sizeof(frame), &s));
	ck_assert_uint_eq(s.mss, 0);
}

/* ---- a connection, and what each step of it is */

static const struct line {
	enum end from;
	uint8_t flags;
	uint32_t seq, ack, len;
	uint8_t client, server;
	bool again, acks_fin;
	const char *words;
} lines[] = {
	{ END_CLIENT, SEGMENT_SYN, 100, 0, 0, STATE_SYN_SENT, STATE_LISTEN, false, false,
	  "the client asks for a connection" },
	{ END_SERVER, SEGMENT_SYN | SEGMENT_ACK, 0xffffffff, 101, 0, STATE_SYN_SENT,
	  STATE_SYN_RECV, false, false, "the server agrees" },
	{ END_CLIENT, SEGMENT_ACK, 101, 0, 0, STATE_ESTABLISHED, STATE_SYN_RECV, false,
	  false, "with this ACK the server will be" },
	{ END_CLIENT, SEGMENT_ACK, 101, 0, 17, STATE_ESTABLISHED, STATE_ESTABLISHED,
	  false, false, "the client sends 17 bytes" },
	{ END_CLIENT, SEGMENT_ACK, 101, 0, 17, STATE_ESTABLISHED, STATE_ESTABLISHED, true,
	  false, "the client repeats 17 bytes" },
	{ END_SERVER, SEGMENT_ACK, 0, 118, 1, STATE_ESTABLISHED, STATE_ESTABLISHED, false,
	  false, "the server sends 1 byte" },
	{ END_CLIENT, SEGMENT_FIN | SEGMENT_ACK, 118, 1, 0, STATE_FIN_WAIT1,
	  STATE_ESTABLISHED, false, false, "the client closes first" },
	{ END_SERVER, SEGMENT_ACK, 1, 119, 0, STATE_FIN_WAIT1, STATE_CLOSE_WAIT, false,
	  true, "the server has the client's FIN" },
	{ END_SERVER, SEGMENT_FIN | SEGMENT_ACK, 1, 119, 0, STATE_FIN_WAIT2,
	  STATE_LAST_ACK, false, false, "the server closes, too" },
	{ END_CLIENT, SEGMENT_ACK, 119, 2, 0, STATE_TIME_WAIT, STATE_LAST_ACK, false,
	  true, "the client stays in TIME_WAIT for 60 s" },
	{ END_SERVER, SEGMENT_FIN | SEGMENT_ACK, 1, 119, 0, STATE_TIME_WAIT,
	  STATE_LAST_ACK, true, false, "the server repeats its FIN" },
	{ END_CLIENT, SEGMENT_ACK, 119, 2, 0, STATE_TIME_WAIT, STATE_LAST_ACK, false,
	  false, "the client answers the repeated FIN" },
	{ END_SERVER, SEGMENT_RST, 2, 0, 0, STATE_TIME_WAIT, 0, false, false,
	  "can end the client's TIME_WAIT early" },
};

static struct step step_of(const struct line *l)
{
	return (struct step){ .from = l->from,
			      .state = { l->client, l->server },
			      .segment = { .flags = l->flags,
					   .seq = l->seq,
					   .ack = l->ack,
					   .len = l->len } };
}

TEST_ROWS(is_placed_and_told, lines)
{
	struct steps_past past = { 0 };
	char sentence[STEP_TEXT];
	struct step s;

	for (int i = 0; i <= _i; i++) {
		s = step_of(&lines[i]);
		step_place(&s, &past);
	}
	ck_assert_int_eq(s.again, row->again);
	ck_assert_int_eq(s.acks_fin, row->acks_fin);
	ck_assert_msg(strstr(step_sentence(&s, sentence), row->words) != NULL, "%s",
		      sentence);
	ck_assert(*step_event(&s));
	ck_assert_uint_eq(s.seq, row->from == END_CLIENT ? row->seq - 100 : row->seq + 1);
}

/* Both ends' SYNs cross: the SYN,ACK that follows a SYN has its number and is new all the same. */
TEST(a_simultaneous_open_repeats_nothing)
{
	static const struct line crossing[] = {
		{ END_CLIENT, SEGMENT_SYN, 100, 0, 0, STATE_SYN_SENT, STATE_SYN_SENT,
		  false, false, "a simultaneous open" },
		{ END_SERVER, SEGMENT_SYN, 500, 0, 0, STATE_SYN_SENT, STATE_SYN_RECV,
		  false, false, "" },
		{ END_SERVER, SEGMENT_SYN | SEGMENT_ACK, 500, 101, 0, STATE_SYN_RECV,
		  STATE_SYN_RECV, false, false, "both ends are in SYN_RECV" },
		{ END_CLIENT, SEGMENT_SYN | SEGMENT_ACK, 100, 501, 0, STATE_ESTABLISHED,
		  STATE_SYN_RECV, false, false, "the server will be established" },
		{ END_CLIENT, SEGMENT_SYN | SEGMENT_ACK, 100, 501, 0, STATE_SYN_RECV,
		  STATE_SYN_RECV, true, false, "answers again" },
	};
	struct steps_past past = { 0 };
	char text[STEP_TEXT];

	for (size_t i = 0; i < sizeof(crossing) / sizeof(*crossing); i++) {
		struct step s = step_of(&crossing[i]);

		step_place(&s, &past);
		ck_assert_msg(s.again == crossing[i].again, "step %zu", i);
		ck_assert_msg(strstr(step_sentence(&s, text), crossing[i].words) != NULL,
			      "step %zu: %s", i, text);
		ck_assert_uint_eq(s.connection, 1);
	}
}

/* The next connection of the same addresses and ports counts from its own first numbers. */
TEST(another_syn_begins_another_connection)
{
	struct steps_past past = { 0 };
	struct step first = { .segment = { .flags = SEGMENT_SYN, .seq = 100 } };
	struct step again = first,
		    next = { .segment = { .flags = SEGMENT_SYN, .seq = 7000 } };

	step_place(&first, &past);
	step_place(&again, &past);
	step_place(&next, &past);
	ck_assert_uint_eq(again.connection, 1);
	ck_assert(again.again);
	ck_assert_uint_eq(next.connection, 2);
	ck_assert(!next.again);
	ck_assert_uint_eq(next.seq, 0);
}

/* Only an ACK that acknowledges nothing new refuses an old copy, and only the first after it. */
TEST(an_old_copy_is_refused_by_the_same_ack_again)
{
	struct step ack = { .from = END_SERVER,
			    .state = { STATE_ESTABLISHED, STATE_ESTABLISHED },
			    .segment = { .flags = SEGMENT_ACK, .ack = 50 } };
	struct step refusal = ack, after = ack, newer = ack;
	struct steps_past past = { 0 };
	char text[STEP_TEXT];

	newer.segment.ack = 60;
	step_place(&ack, &past);
	step_old(&past, END_CLIENT);
	step_place(&refusal, &past);
	step_place(&after, &past);
	step_old(&past, END_CLIENT);
	step_place(&newer, &past);
	ck_assert(!ack.refuses && refusal.refuses && !after.refuses && !newer.refuses);
	ck_assert(strstr(step_sentence(&refusal, text), "takes nothing of the old copy"));
}

TEST(what_has_no_flags_is_strange)
{
	struct step s = { .state = { STATE_ESTABLISHED, STATE_ESTABLISHED } };

	ck_assert(step_is_strange(&s));
	s.segment.flags = SEGMENT_ACK;
	ck_assert(!step_is_strange(&s));
}

TEST(a_line_has_no_time)
{
	struct step s = { .from = END_SERVER,
			  .state = { 0, STATE_LAST_ACK },
			  .segment = { .flags = SEGMENT_FIN | SEGMENT_ACK,
				       .len = 1000000 } };
	char line[LADDER_LINE];

	ck_assert_str_eq(ladder_line(&s, line),
			 "-            <--- FIN+ACK 1000000 bytes ---  LAST_ACK");
	ck_assert_str_eq(ladder_end_line(STATE_TIME_WAIT, STATE_LISTEN, line),
			 "TIME_WAIT                                    -");
}

TEST(a_fragment_is_a_part)
{
	unsigned char frame[sizeof(syn)];

	memcpy(frame, syn, sizeof(syn));
	frame[20] = 0x20;
	ck_assert(segment_is_part(frame, sizeof(frame)));
	frame[23] = 17;
	ck_assert(!segment_is_part(frame, sizeof(frame)));
	ck_assert(!segment_is_part(frame, 14));
	ck_assert(!segment_is_part(frame, 3));
}

/* ---- rules */

static const struct {
	const char *rule;
	int at; /* of lines; -1 = none */
} rules[] = {
	{ "syn", 0 },
	{ "syn+ack", 1 },
	{ "data", 3 },
	{ "data from client, 2nd", 4 },
	{ "data from server", 5 },
	{ "fin", 6 },
	{ "fin from client, 1st", 6 },
	{ "fin from server, 2", 10 },
	{ "last ack", 9 },
	{ "ack", 2 },
	{ "ack from server", 7 },
	{ "rst", 12 },
	{ "any", 0 },
	{ "any,13th", 12 },
	{ "any, 14th", -1 },
	{ "rst from client", -1 },
};

TEST_ROWS(a_rule_finds_its_segment, rules)
{
	struct steps_past past = { 0 };
	struct which w;
	struct err err;
	int found = -1;

	ck_assert_msg(which_parse(row->rule, &w, &err) == 0, "%s", row->rule);
	for (int i = 0; i < ROWS(lines); i++) {
		struct step s = step_of(&lines[i]);

		step_place(&s, &past);
		if (which_is(&w, &s)) {
			ck_assert_int_eq(found, -1);
			found = i;
		}
	}
	ck_assert_msg(found == row->at, "%s: %d", row->rule, found);
}

static const char *const no_rules[] = {
	"",         "foo",          "syn from nobody", "fin,", "fin, x",
	"fin, 0th", "fin, 1st 2nd", "fin client",      "acks", "any, 9999999",
};

TEST_ROWS(is_no_rule, no_rules)
{
	struct which w;
	struct err err;

	ck_assert_msg(which_parse(*row, &w, &err) < 0, "%s", *row);
	ck_assert_int_eq(err.exit, EXIT_USAGE);
}

CHECK_MAIN("wire")
