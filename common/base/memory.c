#include "common/base/memory.h"

#include <errno.h>
#include <event2/event.h>
#include <jansson.h>
#include <stdatomic.h>
#include <stdlib.h>

static atomic_bool has_failed;
static _Thread_local bool is_needed;
static void (*end_process)(void);

void memory_lost(void)
{
	atomic_store(&has_failed, true);
}

void memory_needed(bool now)
{
	is_needed = now;
}

static void *watched_malloc(size_t size)
{
	void *p = malloc(size);

	if (!p && is_needed)
		end_process();
	if (!p)
		memory_lost();
	return p;
}

static void *needed(void *p, size_t size)
{
	if (!p && size > 0)
		end_process();
	return p;
}

static void *needed_malloc(size_t size)
{
	return needed(malloc(size), size);
}

static void *needed_realloc(void *p, size_t size)
{
	return needed(realloc(p, size), size);
}

void memory_init(void (*end)(void))
{
	end_process = end;
	event_set_mem_functions(needed_malloc, needed_realloc, free);
	json_set_alloc_funcs(watched_malloc, free);
}

int memory_check(struct err *err)
{
	if (!atomic_load(&has_failed))
		return 0;
	return err_fill(err, -ENOMEM, EXIT_CANNOT_RUN,
			"out of memory: the result would lack parts");
}

void memory_forget(void)
{
	atomic_store(&has_failed, false);
}
