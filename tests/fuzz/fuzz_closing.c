/* --close: a mix that is taken has exact shares. */
#include "common/talk/closing.h"
#include "tests/fuzz/fuzz.h"

static void check_round(const struct closing_mix *mix)
{
	unsigned wanted = 0, got = 0;

	for (unsigned i = 0; i < mix->n; i++)
		if (mix->part[i].closing == mix->part[0].closing)
			wanted += mix->part[i].weight;
	for (unsigned k = 0; k < mix->total; k++)
		got += closing_mix_at(mix, k) == mix->part[0].closing;
	if (wanted != got)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct closing_mix mix;
	struct err err;

	if (text && closing_mix_parse(text, &mix, &err) == 0) {
		closing_mix_at(&mix, UINT64_MAX);
		if (mix.total <= 5000)
			check_round(&mix);
	}
	free(text);
	return 0;
}
