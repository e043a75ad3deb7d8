/* fuzz - what the libFuzzer harnesses share.  One harness is one file, fuzz_NAME.c or, where
 * it needs client/, server/ or bench/, fuzz_PART_NAME.c; `make fuzz` finds it by its name. */
#ifndef TWSTORM_TESTS_FUZZ_H
#define TWSTORM_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input as a string, to be freed; NULL where it has a NUL inside. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text;

	if (size && memchr(data, 0, size))
		return NULL;
	text = malloc(size + 1);
	if (!text)
		return NULL;
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

#endif
