/* fail_malloc - for LD_PRELOAD: the allocation number FAIL_MALLOC of this process fails, and so
 * do the FAIL_MALLOC_MORE (0) after it.  At the first failure the file FAIL_MALLOC_SEEN is made,
 * so that a test knows whether there were so many.  A program that is started by this one gets
 * all its memory. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);
static void *(*real_memalign)(size_t, size_t);
static void (*real_free)(void *);

static atomic_long count;
static long first, last; /* that fail; 0 = none */
static char seen[4096];

/* dlsym() may allocate before it has found where. */
static alignas(16) char early[8192];
static size_t early_used;

static void *early_alloc(size_t size)
{
	void *at = early + early_used;

	early_used += (size + 15) / 16 * 16;
	if (early_used > sizeof(early))
		abort();
	return at;
}

static bool is_early(const void *p)
{
	return (const char *)p >= early && (const char *)p < early + sizeof(early);
}

static void find(void)
{
	static bool finding;

	if (real_free || finding)
		return;
	finding = true;
	*(void **)&real_malloc = dlsym(RTLD_NEXT, "malloc");
	*(void **)&real_calloc = dlsym(RTLD_NEXT, "calloc");
	*(void **)&real_realloc = dlsym(RTLD_NEXT, "realloc");
	*(void **)&real_memalign = dlsym(RTLD_NEXT, "aligned_alloc");
	*(void **)&real_free = dlsym(RTLD_NEXT, "free");
	finding = false;
}

__attribute__((constructor)) static void begin(void)
{
	const char *k = getenv("FAIL_MALLOC"), *more = getenv("FAIL_MALLOC_MORE");
	const char *file = getenv("FAIL_MALLOC_SEEN");

	find();
	if (file && strlen(file) < sizeof(seen))
		strcpy(seen, file);
	first = k ? atol(k) : 0;
	last = first + (more ? atol(more) : 0);
	unsetenv("FAIL_MALLOC");
	atomic_store(&count, 0);
}

static bool fails(void)
{
	long k = first ? atomic_fetch_add(&count, 1) + 1 : 0;
	int fd;

	if (k == 0 || k < first || k > last)
		return false;
	if (k == first && seen[0]) {
		fd = open(seen, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		if (fd != -1)
			close(fd);
	}
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	find();
	if (!real_malloc)
		return early_alloc(size);
	return fails() ? NULL : real_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	find();
	if (!real_calloc)
		return early_alloc(n * size);
	return fails() ? NULL : real_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	find();
	return fails() ? NULL : real_realloc(p, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	find();
	return fails() ? NULL : real_memalign(alignment, size);
}

void free(void *p)
{
	find();
	if (p && !is_early(p))
		real_free(p);
}
