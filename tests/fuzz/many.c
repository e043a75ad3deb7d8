/* many - runs a fuzz_NAME.c without a sanitizer and without coverage, for numbers of inputs that libFuzzer does not reach:
 *
 *   many_NAME INPUTS SEED FILE...
 *
 * Each input is a part of a FILE of at most 4,096 bytes, changed in 1 to 8 places.  An input that crashes, takes 20 s or
 * takes a megabyte more than it is long is left in many.input, and ends the run.  The same SEED makes the same inputs. */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include "tests/fuzz/fuzz.h"

#define MOST_BYTES 4096
#define MOST_FILES 256
#define PATIENCE_S 20
#define MEGABYTE   (1 << 20)

static struct {
	char *at;
	size_t len;
} file[MOST_FILES];
static unsigned n_files;

static uint8_t input[MOST_BYTES];
static size_t len;

/* ---- memory that the program's own calls have */

static int64_t used, peak;

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void __real_free(void *p);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
void __wrap_free(void *p);

static void *count(void *p, size_t before)
{
	used += (int64_t)malloc_usable_size(p) - (int64_t)before;
	peak = used > peak ? used : peak;
	return p;
}

void *__wrap_malloc(size_t n)
{
	return count(__real_malloc(n), 0);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return count(__real_calloc(n, size), 0);
}

void *__wrap_realloc(void *p, size_t n)
{
	size_t before = malloc_usable_size(p);

	return count(__real_realloc(p, n), before);
}

void __wrap_free(void *p)
{
	used -= (int64_t)malloc_usable_size(p);
	__real_free(p);
}

/* ---- inputs */

static uint64_t state;

static uint64_t below(uint64_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return n ? (state >> 11) % n : 0;
}

/* Puts bytes in place of `gone` bytes at `at`, as far as there is room. */
static void put(size_t at, size_t gone, const void *bytes, size_t n)
{
	size_t rest = len - at - gone;

	if (n > MOST_BYTES - (len - gone))
		n = MOST_BYTES - (len - gone);
	memmove(input + at + n, input + at + gone, rest);
	memcpy(input + at, bytes, n);
	len = at + n + rest;
}

static void begin(void)
{
	unsigned f = (unsigned)below(n_files);
	size_t from = below(4) ? 0 : below(file[f].len);

	len = 1 + below(below(2) ? 400 : MOST_BYTES);
	if (len > file[f].len - from)
		len = file[f].len - from;
	memcpy(input, file[f].at + from, len);
}

static void change(void)
{
	static const char *const words[] = { "0",
					     "1",
					     "65535",
					     "65536",
					     "4294967296",
					     "18446744073709551616",
					     "-1",
					     "0.5ms",
					     "00000000:0000",
					     "[::1]:1",
					     "*:*",
					     "\n",
					     "\r\n",
					     "\t",
					     "\x1b[1m",
					     "\xc2\xa0",
					     "ss -tan\n",
					     "$ netstat -tan | grep ",
					     "users:((\"a\",pid=1,fd=1))" };
	static const char signs[] = " \n\t:.,()[]{}*%#$@-+/|<>\"'=0189aFT\0\xff\x80";
	size_t at = below(len + 1), most = len - at;
	size_t n = below(below(2) ? 8 : 200), gone = n < most ? n : most;
	unsigned f = (unsigned)below(n_files);
	size_t from = below(file[f].len);
	const char *word = words[below(sizeof(words) / sizeof(words[0]))];
	uint8_t one =
		below(2) ? (uint8_t)signs[below(sizeof(signs))] : (uint8_t)below(256);
	uint8_t copy[200];

	memcpy(copy, input + at, gone);
	switch (below(6)) {
	case 0:
		put(at, most ? 1 : 0, &one, 1);
		break;
	case 1:
		put(at, 0, &one, 1);
		break;
	case 2:
		put(at, gone, "", 0);
		break;
	case 3:
		put(at, 0, copy, gone);
		break;
	case 4:
		put(at, below(2) ? gone : 0, word, strlen(word));
		break;
	case 5:
		n = n < file[f].len - from ? n : file[f].len - from;
		put(at, below(2) ? gone : 0, file[f].at + from, n);
		break;
	}
}

/* ---- the run */

static void leave(int number)
{
	int fd = open("many.input", O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd == -1 || write(fd, input, len) != (ssize_t)len)
		number = SIGABRT;
	signal(number, SIG_DFL);
	raise(number);
}

static void read_file(const char *path)
{
	FILE *from = fopen(path, "re");
	char *text = malloc(MEGABYTE);
	size_t n = from && text ? fread(text, 1, MEGABYTE, from) : 0;

	if (from)
		fclose(from);
	if (!n || n_files == MOST_FILES) {
		fprintf(stderr, "many: cannot use %s\n", path);
		exit(2);
	}
	file[n_files].at = text;
	file[n_files++].len = n;
}

int main(int argc, char **argv)
{
	static const int ends[] = { SIGALRM, SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL };
	uint64_t inputs = argc > 3 ? strtoull(argv[1], NULL, 10) : 0;
	int64_t most = 0;

	if (!inputs) {
		fprintf(stderr, "usage: %s INPUTS SEED FILE...\n", argv[0]);
		return 2;
	}
	state = strtoull(argv[2], NULL, 10) | 1;
	for (int i = 3; i < argc; i++)
		read_file(argv[i]);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		signal(ends[i], leave);
	for (uint64_t i = 0; i < inputs; i++) {
		int64_t before = used;

		if (i % 256 == 0)
			alarm(PATIENCE_S);
		begin();
		for (uint64_t n = 1 + below(8); n; n--)
			change();
		peak = used;
		LLVMFuzzerTestOneInput(input, len);
		if (peak - before > (int64_t)len + MEGABYTE)
			leave(SIGABRT);
		most = peak - before > most ? peak - before : most;
	}
	printf("%llu inputs; the one that took most took %lld bytes\n",
	       (unsigned long long)inputs, (long long)most);
	return 0;
}
