/* Counts, sizes, durations, rates; a rate that is printed is parsed back to the same. */
#include <math.h>

#include "common/base/units.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), buf[128];
	struct rate rate, again;
	uint64_t value;
	struct err err;

	if (!text)
		return 0;
	units_parse_count(text, &value, &err);
	units_parse_size(text, &value, &err);
	units_parse_duration(text, &value, &err);
	if (units_parse_rate(text, &rate, &err) == 0 &&
	    (units_parse_rate(units_rate(&rate, buf, sizeof(buf)), &again, &err) < 0 ||
	     again.from != rate.from || again.to != rate.to))
		abort();
	free(text);
	return 0;
}
