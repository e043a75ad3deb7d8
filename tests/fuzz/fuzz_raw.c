/* The raw header: decodes to something valid, which encodes to the same bytes.  And a response: it
 * is the same however it is cut. */
#include <stdlib.h>
#include <string.h>

#include "common/talk/closing.h"
#include "common/talk/proto_raw.h"
#include "tests/fuzz/fuzz.h"

static void cut_response(const uint8_t *data, size_t size)
{
	bool whole = raw_is_response(0, data, size), parts = true;

	for (size_t i = 0; i < size; i++)
		parts &= raw_is_response(i, data + i, 1);
	if (whole != parts)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char back[RAW_HEADER];
	struct raw_header h;

	if (size > 0)
		cut_response(data, size);
	if (size < RAW_HEADER || raw_decode(data, &h) != RAW_OK)
		return 0;
	if (!closing_by_number(h.strategy) || h.hold_ms > RAW_HOLD_MAX_MS)
		abort();
	raw_encode(&h, back);
	if (memcmp(data, back, RAW_HEADER) != 0)
		abort();
	return 0;
}
