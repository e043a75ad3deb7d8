#include <check.h>
#include <string.h>
#include "bench/hold/hold.h"
#include "bench/hold/mix.h"
#include "tests/check_main.h"

static const struct {
	const char *what, *text;
	const char *error; /* NULL = parsed */
	unsigned state;    /* one that is in it, */
	uint64_t n;        /* so often */
	uint64_t total;    /* of all states */
} mixes[] = {
	/* clang-format off */
	{ "nothing said: ten of each", NULL, NULL, STATE_CLOSING, 10, 110 },
	{ "one", "TIME_WAIT=18122", NULL, STATE_TIME_WAIT, 18122, 18122 },
	{ "two", "LISTEN=1,CLOSE=2", NULL, STATE_CLOSE, 2, 3 },
	{ "the names of ss, a suffix", "fin-wait-1=2k,ESTAB=1", NULL, STATE_FIN_WAIT1, 2000, 2001 },
	{ "the most", "SYN_SENT=1M", NULL, STATE_SYN_SENT, 1000000, 1000000 },
	{ "over the most", "SYN_SENT=1000001", "--mix: SYN_SENT=1000001 is not from 1 to 1000000", 0, 0, 0 },
	{ "none", "SYN_SENT=0", "--mix: SYN_SENT=0 is not from 1 to 1000000", 0, 0, 0 },
	{ "a name nobody has", "TIMEWAIT=1", "--mix: 'TIMEWAIT' is not a TCP state", 0, 0, 0 },
	{ "twice, by two names", "ESTAB=1,ESTABLISHED=1", "--mix: ESTABLISHED is given twice", 0, 0, 0 },
	{ "no number", "LISTEN", "--mix: 'LISTEN' is not STATE=N", 0, 0, 0 },
	{ "an empty number", "LISTEN=", "--mix: LISTEN: ", 0, 0, 0 },
	{ "negative", "LISTEN=-1", "--mix: LISTEN: ", 0, 0, 0 },
	{ "empty", "", "--mix: '' is not STATE=N", 0, 0, 0 },
	{ "an empty part", "LISTEN=1,", "--mix: '' is not STATE=N", 0, 0, 0 },
	{ "longer than any state and number", "LISTEN=1000000000000000000000000000000000000000000000000000000000000000000000000000000",
	  "--mix: LISTEN: ", 0, 0, 0 },
	/* clang-format on */
};

TEST_ROWS(a_mix_is_read_or_refused, mixes)
{
	struct tcp_states mix = { .n = { [STATE_CLOSE] = 77 } };
	struct err err = { 0 };
	uint64_t total = 0;
	int r = hold_mix_parse(row->text, &mix, &err);

	if (row->error) {
		ck_assert_msg(r == -22, "%s", row->what);
		ck_assert_int_eq(err.exit, EXIT_USAGE);
		ck_assert_msg(strncmp(err.text, row->error, strlen(row->error)) == 0,
			      "%s: %s", row->what, err.text);
		ck_assert_uint_eq(mix.n[STATE_CLOSE], 77); /* untouched */
		return;
	}
	ck_assert_msg(r == 0, "%s: %s", row->what, err.text);
	for (unsigned i = 0; i < TCP_STATE_MAX; i++)
		total += mix.n[i];
	ck_assert_uint_eq(mix.n[row->state], row->n);
	ck_assert_uint_eq(total, row->total);
}

TEST(every_state_has_a_recipe)
{
	for (unsigned i = 1; i < TCP_STATE_MAX; i++)
		ck_assert_ptr_nonnull(hold_how(i));
	ck_assert_ptr_null(hold_how(0));
	ck_assert_ptr_null(hold_how(TCP_STATE_MAX));
}

CHECK_MAIN("hold_mix")
