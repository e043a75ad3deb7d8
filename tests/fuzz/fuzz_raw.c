/* The raw header: decodes to something valid, which encodes to the same bytes. */
#include <stdlib.h>
#include <string.h>

#include "common/closing.h"
#include "common/proto_raw.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char back[RAW_HEADER];
	struct raw_header h;

	if (size < RAW_HEADER || raw_decode(data, &h) != RAW_OK)
		return 0;
	if (!closing_by_number(h.strategy) || h.hold_ms > RAW_HOLD_MAX_MS)
		abort();
	raw_encode(&h, back);
	if (memcmp(data, back, RAW_HEADER) != 0)
		abort();
	return 0;
}
