/* The counts of client runs: whose a number is, and since when it counts. */
#include "server/books.h"

#include <stdio.h>
#include <stdlib.h>
#include "common/base/clock.h"
#include "common/talk/proto_raw.h"
#include "server/run.h"
#include "tests/check_main.h"

#define NOW (1000 * NS_PER_S)

static struct server_worker *workers[2];
static struct server_run run = { .plan.workers = 2, .workers = workers };
static struct books *books;

static void begin(void)
{
	for (int i = 0; i < 2; i++) {
		workers[i] = calloc(1, sizeof(*workers[i]));
		workers[i]->of_run = calloc(RAW_RUNS, sizeof(struct server_tally));
	}
	books = books_new();
}

static void end(void)
{
	for (int i = 0; i < 2; i++) {
		free(workers[i]->of_run);
		free(workers[i]);
	}
	books_free(books);
}

static unsigned number(const char *key, uint64_t after_s)
{
	return books_number(books, &run, key, NOW + after_s * NS_PER_S);
}

static void count(unsigned run_number, uint64_t accepted, uint64_t open)
{
	for (int i = 0; i < 2; i++) {
		tally_add(&workers[i]->of_run[run_number].accepted, accepted);
		tally_add(&workers[i]->of_run[run_number].open, open);
	}
}

static uint64_t accepted(unsigned run_number)
{
	struct server_tally sum;

	books_sum(books, &run, run_number, &sum);
	return tally_get(&sum.accepted);
}

TEST(a_run_keeps_its_number)
{
	unsigned a = number("a", 0), b = number("b", 0);

	ck_assert(a > 0 && b > 0 && a != b);
	ck_assert_uint_eq(number("a", 500), a);
	count(a, 3, 0);
	ck_assert_uint_eq(accepted(a), 6);
	ck_assert_uint_eq(accepted(b), 0);
}

/* Connections that name a number which nobody has been given are of a run that began elsewhere. */
TEST(a_number_that_strangers_name_is_not_given_out)
{
	for (unsigned i = 1; i < RAW_RUNS; i++)
		if (i != 77)
			count(i, 1, 0);
	ck_assert_uint_eq(number("a", 0), 77);
	ck_assert_uint_eq(number("b", 0), 0);
}

TEST(a_number_is_given_out_again)
{
	unsigned last = 0;
	char key[BOOKS_KEY];

	for (int i = 1; i < RAW_RUNS; i++) {
		snprintf(key, sizeof(key), "%d", i);
		last = number(key, 0);
		ck_assert_uint_gt(last, 0);
		count(last, 5, i % 2); /* every other one still has connections */
	}
	ck_assert_uint_eq(number("late", BOOKS_KEPT_S), 0);
	number("2", 10); /* and this one asks */
	for (int i = 0; i < RAW_RUNS / 2 - 2; i++) {
		snprintf(key, sizeof(key), "late%d", i);
		last = number(key, BOOKS_KEPT_S + 1);
		ck_assert_msg(last > 0, "the %dth", i);
		ck_assert_uint_eq(accepted(last), 0);
	}
	ck_assert_uint_eq(number("one more", BOOKS_KEPT_S + 1), 0);
	count(last, 1, 0);
	ck_assert_uint_eq(accepted(last), 2);
}

CHECK_MAIN_AROUND("books", begin, end)
