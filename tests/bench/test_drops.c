/* Segments that a cable loses because they are named: the nth of each connection, in a table that has room for so many. */
#include "bench/wire/drops.h"

#include <netinet/in.h>
#include <string.h>
#include "bench/wire/neighbour.h"
#include "tests/check_main.h"

#define FA (SEGMENT_FIN | SEGMENT_ACK)
#define SA (SEGMENT_SYN | SEGMENT_ACK)
#define A  SEGMENT_ACK

/* Of connection `nth`, from the end that opened it or to it.  Sequence numbers begin at 100 and 500. */
struct packet {
	bool from_opener;
	uint8_t flags;
	uint32_t seq, ack, len;
};

static bool take(struct drops *d, unsigned nth, enum end opener, const struct packet *p)
{
	struct segment s = { .family = AF_INET,
			     .flags = p->flags,
			     .seq = p->seq,
			     .ack = p->ack,
			     .len = p->len };
	unsigned char opener_address[16] = { 198, 18, 0, 11 },
		      peer[16] = { 198, 18, 0, 12 };

	memcpy(s.from, p->from_opener ? opener_address : peer, 16);
	memcpy(s.to, p->from_opener ? peer : opener_address, 16);
	s.from_port = p->from_opener ? (uint16_t)(40000 + nth) : 9000;
	s.to_port = p->from_opener ? 9000 : (uint16_t)(40000 + nth);
	return drops_take(
		d, p->from_opener == (opener == END_CLIENT) ? END_CLIENT : END_SERVER,
		&s);
}

static const struct packet client_fin[] = {
	{ true, SEGMENT_SYN, 100, 0, 0 }, /* 0 */
	{ false, SA, 500, 101, 0 },
	{ true, A, 101, 501, 0 },
	{ true, A, 101, 501, 10 }, /* 3 */
	{ false, A, 501, 111, 5 },
	{ true, FA, 111, 506, 0 }, /* 5 */
	{ false, FA, 506, 112, 0 },
	{ true, A, 112, 507, 0 }, /* 7: the last ACK */
	{ false, FA, 506, 112, 0 },
	{ true, A, 112, 507, 0 }, /* the FIN, and its ACK, once more */
};

/* Both FINs are sent before the other's comes: none of the ends is ever in LAST_ACK. */
static const struct packet both_fin[] = {
	{ true, SEGMENT_SYN, 100, 0, 0 }, { false, SA, 500, 101, 0 },
	{ true, A, 101, 501, 0 },         { true, FA, 101, 501, 0 },
	{ false, FA, 501, 101, 0 },       { true, A, 102, 502, 0 },
	{ false, A, 502, 102, 0 },
};

/* clang-format off */
static const struct {
	const char *rule;
	const struct packet *packets;
	int n, dropped; /* which of them; -1 = none */
} rules[] = {
#define IN(of) of, ROWS(of)
	{ "syn", IN(client_fin), 0 },
	{ "syn from client", IN(client_fin), 0 },
	{ "syn from server", IN(client_fin), -1 },
	{ "syn+ack from server, 1st", IN(client_fin), 1 },
	{ "data", IN(client_fin), 3 },
	{ "fin from client, 1st", IN(client_fin), 5 },
	{ "fin from server, 2nd", IN(client_fin), 8 },
	{ "last ack", IN(client_fin), 7 },
	{ "last ack", IN(both_fin), -1 },
	{ "fin, 2nd", IN(both_fin), 4 },
	{ "rst", IN(client_fin), -1 },
};
/* clang-format on */

/* Whichever end of the cable opened the connection is its client; others go on meanwhile. */
TEST_ROWS(each_connection_is_counted_by_itself, rules)
{
	struct drops_rules r;
	struct drops_stats stats = { 0 };
	struct drops *d;
	struct err err;

	ck_assert_int_eq(drops_parse(row->rule, &r, &err), 0);
	d = drops_new(&r, 10, &stats);
	for (int i = 0; i < row->n; i++)
		for (unsigned nth = 0; nth < 3; nth++)
			ck_assert_msg(take(d, nth, nth == 1 ? END_SERVER : END_CLIENT,
					   &row->packets[i]) == (i == row->dropped),
				      "%s: packet %d of %u", row->rule, i, nth);
	ck_assert_uint_eq(stats.connections, 3);
	ck_assert_uint_eq(stats.dropped, row->dropped < 0 ? 0 : 3);
	ck_assert_uint_eq(stats.met[0], stats.dropped);
	drops_free(d);
}

static const struct packet syn = { true, SEGMENT_SYN, 100, 0, 0 },
			   syn_of_another = { true, SEGMENT_SYN, 9000, 0, 0 },
			   rst = { false, SEGMENT_RST | A, 0, 101, 0 };

TEST(a_repeated_syn_is_the_same_connection_and_another_is_not)
{
	struct drops_rules r;
	struct drops_stats stats = { 0 };
	struct drops *d;
	struct err err;

	ck_assert_int_eq(drops_parse("syn, 2nd", &r, &err), 0);
	d = drops_new(&r, 10, &stats);
	ck_assert(!take(d, 0, END_CLIENT, &syn));
	ck_assert(take(d, 0, END_CLIENT, &syn));
	ck_assert(!take(d, 0, END_CLIENT, &syn_of_another));
	ck_assert(!take(d, 0, END_CLIENT, &rst));
	ck_assert(!take(d, 0, END_CLIENT, &syn_of_another));
	ck_assert(take(d, 0, END_CLIENT, &syn_of_another));
	ck_assert_uint_eq(stats.connections, 3);
	drops_free(d);
}

TEST(beyond_the_room_nothing_is_dropped_and_that_is_counted)
{
	struct drops_rules r;
	struct drops_stats stats = { 0 };
	struct drops *d;
	struct err err;

	ck_assert_int_eq(drops_parse("syn", &r, &err), 0);
	d = drops_new(&r, 2, &stats);
	ck_assert(take(d, 0, END_CLIENT, &syn));
	ck_assert(take(d, 1, END_CLIENT, &syn));
	ck_assert(!take(d, 2, END_CLIENT, &syn));
	ck_assert_uint_eq(stats.beyond, 1);
	/* One is over: its place is the next one's. */
	ck_assert(!take(d, 1, END_CLIENT, &rst));
	ck_assert(take(d, 3, END_CLIENT, &syn));
	ck_assert(!take(d, 4, END_CLIENT, &syn));
	ck_assert(!take(d, 0, END_CLIENT, &syn)); /* it is there still: its second */
	ck_assert_uint_eq(stats.connections, 3);
	ck_assert_uint_eq(stats.beyond, 2);
	drops_free(d);
}

TEST(several_rules_count_each_for_itself)
{
	struct drops_rules r;
	struct drops_stats stats = { 0 };
	struct drops *d;
	struct err err;
	int dropped = 0;

	ck_assert_int_eq(drops_parse(" fin from client, 1st ;any, 6th;", &r, &err), 0);
	ck_assert_uint_eq(r.n, 2);
	ck_assert_str_eq(r.at[0].text, "fin from client, 1st");
	d = drops_new(&r, 2, &stats);
	for (int i = 0; i < ROWS(client_fin); i++)
		dropped += take(d, 0, END_CLIENT, &client_fin[i]);
	ck_assert_int_eq(dropped, 1);
	ck_assert_uint_eq(stats.dropped, 1);
	ck_assert(stats.met[0] == 1 && stats.met[1] == 1);
	drops_free(d);
}

static const char *const no_rules[] = {
	";",
	"fin;;rst",
	"foo",
	"fin from nobody",
	"fin; fin; fin; fin; fin; fin; fin; fin; fin",
	"fin                                                                          , "
	"1st",
};

TEST_ROWS(is_no_rule, no_rules)
{
	struct drops_rules r;
	struct err err;

	ck_assert_msg(drops_parse(*row, &r, &err) < 0, "%s", *row);
	ck_assert_int_eq(err.exit, EXIT_USAGE);
}

TEST(an_empty_value_takes_rules_back)
{
	struct drops_rules r = { .n = 3 };
	struct err err;

	ck_assert_int_eq(drops_parse("", &r, &err), 0);
	ck_assert_uint_eq(r.n, 0);
}

/* ---- what chance spares */

/* clang-format off */
static const struct {
	const char *what;
	unsigned char type[2], next, icmp;
	bool is;
} frames[] = {
	{ "ARP", { 0x08, 0x06 }, 0, 0, true },
	{ "IPv4", { 0x08, 0x00 }, 58, 135, false },
	{ "a neighbour is asked for", { 0x86, 0xdd }, 58, 135, true },
	{ "a neighbour answers", { 0x86, 0xdd }, 58, 136, true },
	{ "an echo request", { 0x86, 0xdd }, 58, 128, false },
	{ "TCP over IPv6", { 0x86, 0xdd }, 6, 135, false },
	{ "a multicast report", { 0x86, 0xdd }, 0, 0, true },
};
/* clang-format on */

TEST_ROWS(is_or_is_not_of_neighbours, frames)
{
	unsigned char frame[60] = { 0 };

	memcpy(frame + 12, row->type, 2);
	frame[14 + 6] = row->next;
	frame[14 + 40] = row->icmp;
	ck_assert_msg(is_of_neighbours(frame, sizeof(frame)) == row->is, "%s", row->what);
	ck_assert(!is_of_neighbours(frame, 13));
}

CHECK_MAIN("drops")
