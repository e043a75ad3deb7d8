/* Counts, sizes, durations, rates: what is printed is parsed back to the same. */
#include <math.h>

#include "common/base/units.h"
#include "tests/fuzz/fuzz.h"

static void there_and_back(int (*parse)(const char *, uint64_t *, struct err *),
			   char *(*print)(uint64_t, char *, size_t), const char *text)
{
	uint64_t value, again;
	struct err err;
	char buf[64];

	if (parse(text, &value, &err) < 0)
		return;
	if (parse(print(value, buf, sizeof(buf)), &again, &err) < 0 || again != value)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), buf[128];
	struct rate rate, again;
	struct err err;

	if (!text)
		return 0;
	there_and_back(units_parse_count, units_count, text);
	there_and_back(units_parse_size, units_size, text);
	there_and_back(units_parse_duration, units_duration, text);
	if (units_parse_rate(text, &rate, &err) == 0 &&
	    (units_parse_rate(units_rate(&rate, buf, sizeof(buf)), &again, &err) < 0 ||
	     again.from != rate.from || again.to != rate.to))
		abort();
	free(text);
	return 0;
}
