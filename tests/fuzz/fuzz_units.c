/* Counts, sizes, durations, rates. */
#include "common/base/units.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct rate rate;
	uint64_t value;
	struct err err;

	if (!text)
		return 0;
	units_parse_count(text, &value, &err);
	units_parse_size(text, &value, &err);
	units_parse_duration(text, &value, &err);
	units_parse_rate(text, &rate, &err);
	free(text);
	return 0;
}
