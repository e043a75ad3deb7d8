#include "common/memory.h"

#include <errno.h>
#include <jansson.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

static atomic_bool has_failed;

void memory_lost(void)
{
	atomic_store(&has_failed, true);
}

static void *watched_malloc(size_t size)
{
	void *p = malloc(size);

	if (!p)
		memory_lost();
	return p;
}

void memory_init(void)
{
	json_set_alloc_funcs(watched_malloc, free);
}

int memory_check(struct err *err)
{
	if (!atomic_load(&has_failed))
		return 0;
	err_run(err, "out of memory: the result would lack parts");
	return -ENOMEM;
}

void memory_forget(void)
{
	atomic_store(&has_failed, false);
}
