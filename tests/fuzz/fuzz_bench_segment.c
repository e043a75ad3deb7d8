/* Frames of a network: what is read lies inside the frame. */
#include <stdlib.h>
#include <string.h>

#include "bench/wire/segment.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char *copy = malloc(size + 1);
	char flags[SEGMENT_FLAGS_TEXT];
	struct segment s;

	memcpy(copy, data, size);
	if (segment_read(copy, size, &s) &&
	    (s.len > size || strlen(segment_flags(&s, flags)) >= sizeof(flags)))
		abort();
	segment_is_part(copy, size);
	free(copy);
	return 0;
}
