/* Memory that one thread writes, and how a thread stands to the others. */
#include "common/base/thread.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include "tests/check_main.h"

static const struct {
	size_t n, size;
	bool fits;
} wanted[] = {
	{ 0, 8, true },
	{ 1, 1, true },
	{ 1, CACHE_LINE, true },
	{ 3, CACHE_LINE + 1, true },
	{ 64, 360, true },
	{ SIZE_MAX, 2, false },
	{ 1, SIZE_MAX - 1, false },
};

TEST_ROWS(memory_shares_no_cache_line, wanted)
{
	size_t bytes = row->n * row->size;
	unsigned char *a = thread_memory(row->n, row->size), *b;

	ck_assert_int_eq(a != NULL, row->fits);
	if (!a)
		return;
	b = thread_memory(row->n, row->size);
	ck_assert_ptr_nonnull(b);
	ck_assert_uint_eq((uintptr_t)a % CACHE_LINE, 0);
	ck_assert_uint_eq((uintptr_t)b % CACHE_LINE, 0);
	ck_assert((uintptr_t)b >= (uintptr_t)a + bytes ||
		  (uintptr_t)a >= (uintptr_t)b + bytes);
	for (size_t i = 0; i < bytes; i++)
		ck_assert_uint_eq(a[i], 0);
	free(a);
	free(b);
}

static void *look(void *arg)
{
	int *found = arg;

	thread_punctual();
	thread_give_way();
	found[0] = prctl(PR_GET_TIMERSLACK);
	found[1] = getpriority(PRIO_PROCESS, 0);
	return NULL;
}

/* What one thread asks for is not asked for the others. */
TEST(a_thread_speaks_for_itself)
{
	int nice = getpriority(PRIO_PROCESS, 0), slack = prctl(PR_GET_TIMERSLACK);
	int found[2] = { 0 };
	pthread_t thread;
	struct err err;

	ck_assert_int_eq(thread_start(&thread, look, found, &err), 0);
	pthread_join(thread, NULL);
	ck_assert_int_eq(found[0], 1);
	ck_assert_int_eq(found[1], nice + 10 > 19 ? 19 : nice + 10);
	ck_assert_int_eq(getpriority(PRIO_PROCESS, 0), nice);
	ck_assert_int_eq(prctl(PR_GET_TIMERSLACK), slack);
}

CHECK_MAIN("thread")
