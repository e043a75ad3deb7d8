/* Every way a connection can end has a name of its own, and every errno one of them. */
#include "common/talk/outcome.h"

#include <errno.h>
#include <string.h>
#include "tests/check_main.h"

TEST_TIMES(each_has_a_name_of_its_own, OUTCOMES)
{
	const char *name = outcome_name((enum outcome)_i);

	ck_assert_ptr_nonnull(name);
	ck_assert_ptr_nonnull(outcome_what((enum outcome)_i));
	ck_assert_msg(*name &&
			      strspn(name, "abcdefghijklmnopqrstuvwxyz_") == strlen(name),
		      "'%s' is no key for a result", name);
	for (int o = 0; o < OUTCOMES; o++)
		if (o != _i)
			ck_assert_str_ne(outcome_name((enum outcome)o), name);
}

static const struct {
	int error;
	enum outcome outcome;
} connects[] = {
	{ EADDRNOTAVAIL, OUTCOME_NO_PORT },
	{ ECONNREFUSED, OUTCOME_REFUSED },
	{ ETIMEDOUT, OUTCOME_CONNECT_TIMEOUT },
	{ EMFILE, OUTCOME_LOCAL },
	{ ENFILE, OUTCOME_LOCAL },
	{ ENOBUFS, OUTCOME_LOCAL },
	{ ENOMEM, OUTCOME_LOCAL },
	{ EHOSTUNREACH, OUTCOME_CONNECT_ERROR },
	{ ENETUNREACH, OUTCOME_CONNECT_ERROR },
	{ ECONNRESET, OUTCOME_RESET }, /* a RST after the SYN-ACK */
	{ ECONNABORTED, OUTCOME_ABORTED_HERE },
	{ EACCES, OUTCOME_CONNECT_ERROR },
	{ 0, OUTCOME_CONNECT_ERROR },
	{ -1, OUTCOME_CONNECT_ERROR },
	{ 100000, OUTCOME_CONNECT_ERROR },
};

TEST_ROWS(connect_failures_are_told_apart, connects)
{
	ck_assert_msg(outcome_of_connect(row->error) == row->outcome, "%s",
		      strerror(row->error));
}

static const struct {
	int error;
	enum outcome outcome;
} transfers[] = {
	{ ECONNRESET, OUTCOME_RESET },
	{ EPIPE, OUTCOME_RESET },               /* RST in CLOSE_WAIT */
	{ ECONNABORTED, OUTCOME_ABORTED_HERE }, /* no peer can */
	{ ETIMEDOUT, OUTCOME_TRANSFER_ERROR },
	{ EHOSTUNREACH, OUTCOME_TRANSFER_ERROR },
	{ 0, OUTCOME_TRANSFER_ERROR },
	{ -5, OUTCOME_TRANSFER_ERROR },
};

TEST_ROWS(transfer_failures_are_told_apart, transfers)
{
	ck_assert_msg(outcome_of_transfer(row->error) == row->outcome, "%s",
		      strerror(row->error));
}

CHECK_MAIN("outcome")
