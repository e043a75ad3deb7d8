/* The 16-byte header: what goes in comes out, and nothing else is let in. */
#include "common/talk/proto_raw.h"

#include <string.h>
#include "common/talk/closing.h"
#include "tests/check_main.h"

/* clang-format off */
static const struct {
	const char *what;
	struct raw_header h;
	unsigned char bytes[RAW_HEADER];
} headers[] = {
	{ "the plainest", { .strategy = 1 }, { 0xf5, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 } },
	{ "a usual one",
	  { .strategy = 2, .flags = RAW_LAST, .response = 1, .request = 1 },
	  { 0xf5, 1, 2, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1 } },
	{ "hold",
	  { .strategy = 11, .flags = RAW_LAST, .hold_ms = 0x010203 },
	  { 0xf5, 1, 11, 1, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0 } },
	{ "the longest hold",
	  { .strategy = 4, .flags = RAW_LAST, .hold_ms = RAW_HOLD_MAX_MS },
	  { 0xf5, 1, 4, 1, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0 } },
	{ "linger",
	  { .strategy = 2, .flags = RAW_LAST | RAW_LINGER, .seconds = 127 },
	  { 0xf5, 1, 2, 5, 0, 0, 0, 127, 0, 0, 0, 0, 0, 0, 0, 0 } },
	{ "linger2 of -1, with a hold",
	  { .strategy = 2,
	    .flags = RAW_LAST | RAW_LINGER2,
	    .seconds = -1,
	    .hold_ms = 0x0a0b0c },
	  { 0xf5, 1, 2, 9, 10, 11, 12, 255, 0, 0, 0, 0, 0, 0, 0, 0 } },
	{ "goodbye",
	  { .strategy = 9, .flags = RAW_LAST | RAW_GOODBYE, .response = 1 },
	  { 0xf5, 1, 9, 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0 } },
	{ "the number of a run",
	  { .strategy = 2, .flags = RAW_LAST, .hold_ms = 0x010203, .run = 200 },
	  { 0xf5, 1, 2, 1, 1, 2, 3, 200, 0, 0, 0, 0, 0, 0, 0, 0 } },
	{ "the largest sizes",
	  { .strategy = 7, .response = 0xffffffff, .request = 0xfffefdfc },
	  { 0xf5, 1, 7, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 254, 253, 252 } },
};
/* clang-format on */

TEST_ROWS(goes_there_and_back, headers)
{
	const struct raw_header *h = &row->h;
	unsigned char bytes[RAW_HEADER];
	struct raw_header back;

	raw_encode(h, bytes);
	ck_assert_msg(memcmp(bytes, row->bytes, RAW_HEADER) == 0, "%s", row->what);
	memset(&back, 0xaa, sizeof(back));
	ck_assert_int_eq(raw_decode(bytes, &back), RAW_OK);
	ck_assert_uint_eq(back.strategy, h->strategy);
	ck_assert_uint_eq(back.flags, h->flags);
	ck_assert_int_eq(back.seconds, h->seconds);
	ck_assert_uint_eq(back.run, h->run);
	ck_assert_uint_eq(back.hold_ms, h->hold_ms);
	ck_assert_uint_eq(back.response, h->response);
	ck_assert_uint_eq(back.request, h->request);
}

TEST(a_header_that_lingers_names_no_run)
{
	const struct raw_header h = {
		.strategy = 2, .flags = RAW_LAST | RAW_LINGER, .seconds = 3, .run = 200
	};
	unsigned char bytes[RAW_HEADER];
	struct raw_header back;

	raw_encode(&h, bytes);
	ck_assert_int_eq(raw_decode(bytes, &back), RAW_OK);
	ck_assert_int_eq(back.seconds, 3);
	ck_assert_uint_eq(back.run, 0);
}

static const struct {
	const char *what;
	unsigned at, value;
	enum raw_verdict verdict;
} faults[] = {
	{ "zeros", 0, 0, RAW_BAD_MAGIC },
	{ "HTTP", 0, 'G', RAW_BAD_MAGIC },
	{ "magic off by one", 0, 0xf4, RAW_BAD_MAGIC },
	{ "version 0", 1, 0, RAW_BAD_VERSION },
	{ "version 2", 1, 2, RAW_BAD_VERSION },
	{ "no strategy", 2, 0, RAW_BAD_STRATEGY },
	{ "one beyond the table", 2, CLOSINGS_MAX, RAW_BAD_STRATEGY },
	{ "the last unknown one", 2, 255, RAW_BAD_STRATEGY },
	{ "an unknown flag", 3, 32, RAW_BAD_FLAGS },
	{ "the highest flag", 3, 128, RAW_BAD_FLAGS },
	{ "known and unknown flags", 3, 0x3f, RAW_BAD_FLAGS },
	{ "both lingers", 3, RAW_LINGER | RAW_LINGER2, RAW_BAD_FLAGS },
};

TEST_ROWS(a_bad_header_is_refused, faults)
{
	const struct raw_header good = { .strategy = 1 };
	unsigned char bytes[RAW_HEADER];
	struct raw_header h = { .request = 77 };

	raw_encode(&good, bytes);
	bytes[row->at] = (unsigned char)row->value;
	ck_assert_msg(raw_decode(bytes, &h) == row->verdict, "%s", row->what);
	ck_assert_uint_eq(h.request, 77); /* untouched */
}

/* SO_LINGER{1,-1} is no limit at all to the kernel: close() would block for as long as the
 * client likes, and one of the few closing threads with it. */
TEST(a_negative_linger_is_refused)
{
	const struct raw_header endless = { .strategy = 2,
					    .flags = RAW_LAST | RAW_LINGER,
					    .seconds = -1 };
	unsigned char bytes[RAW_HEADER];
	struct raw_header h;

	raw_encode(&endless, bytes);
	ck_assert_int_eq(raw_decode(bytes, &h), RAW_BAD_FLAGS);
}

/* Byte _i of a good header becomes every other value: refused, or decoded to something
 * that keeps the promises of struct raw_header. */
TEST_TIMES(every_corrupted_byte_is_survived, RAW_HEADER)
{
	const struct raw_header good = { .strategy = 5,
					 .flags = RAW_LAST,
					 .hold_ms = 1000,
					 .response = 100,
					 .request = 200 };
	unsigned char bytes[RAW_HEADER], again[RAW_HEADER];
	unsigned accepted = 0;

	raw_encode(&good, bytes);
	for (unsigned v = 0; v < 256; v++) {
		struct raw_header h;

		bytes[_i] = (unsigned char)v;
		if (raw_decode(bytes, &h) != RAW_OK)
			continue;
		accepted++;
		raw_encode(&h, again);
		if (!closing_by_number(h.strategy) || (h.flags & ~RAW_FLAGS) ||
		    h.hold_ms > RAW_HOLD_MAX_MS || memcmp(bytes, again, RAW_HEADER) != 0)
			ck_abort_msg("byte %d = %u", _i, v);
	}
	if (_i < 2)
		ck_assert_uint_eq(accepted, 1);
	else if (_i == 2)
		ck_assert_uint_eq(accepted, n_closings - 1);
	else if (_i == 3)
		ck_assert_uint_eq(accepted, 24); /* 32 less those with both lingers */
	else
		ck_assert_uint_eq(accepted, 256);
}

/* clang-format off */
static const struct {
	const char *what;
	uint64_t done;
	unsigned char bytes[10];
	size_t n;
	bool is;
} received[] = {
	{ "the whole mark, and what follows", 0, { RAW_MARK_BYTES, 1, 2 }, 10, true },
	{ "its first byte", 0, { 0xfa }, 1, true },
	{ "its middle", 3, "wst", 3, true },
	{ "its last byte and more", 7, "mX", 2, true },
	{ "what follows it", 8, "X", 1, true },
	{ "what follows 4 GiB later", 8 + (1ull << 32), "X", 1, true },
	{ "nothing yet", 0, { 0 }, 0, true },
	{ "zero", 0, { 0 }, 1, false },
	{ "a request", 0, { RAW_MAGIC, RAW_VERSION }, 2, false },
	{ "its first byte again", 1, { 0xfa }, 1, false },
	{ "its last byte spoilt", 0, { 0xfa, 1, 't', 'w', 's', 't', 'r', 'M' }, 8, false },
	{ "spoilt, and more", 6, "rMX", 3, false },
};
/* clang-format on */

TEST_ROWS(a_response_is_told_from_others, received)
{
	ck_assert_msg(raw_is_response(row->done, row->bytes, row->n) == row->is, "%s",
		      row->what);
}

/* What other protocols say first, or would send back. */
TEST(no_greeting_begins_like_a_response)
{
	static const unsigned char firsts[] = { 0x15, 0x16, 0x80, RAW_MAGIC, 0xff, 0xfe };
	unsigned char c;

	for (unsigned i = 0; i < 0x80; i++) {
		c = (unsigned char)i;
		ck_assert(!raw_is_response(0, &c, 1));
	}
	for (size_t i = 0; i < sizeof(firsts); i++)
		ck_assert(!raw_is_response(0, &firsts[i], 1));
}

CHECK_MAIN("proto_raw")
