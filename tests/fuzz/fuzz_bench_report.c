/* Any JSON, however odd, can be compared with itself, printed without control characters, and
 * put into a page. */
#include <stdlib.h>
#include "common/result/document.h"
#include "common/result/compare_text.h"
#include "common/result/compare.h"
#include "common/html/html.h"
#include "common/result/result_label.h"
#include "tests/fuzz/fuzz.h"

static void print(const json_t *cmp)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	compare_text(to, cmp);
	compare_csv(to, cmp);
	fclose(to);
	for (size_t i = 0; i < size; i++)
		if ((unsigned char)text[i] < 0x20 && text[i] != '\n')
			abort();
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *raw = json_loadb((const char *)data, size, 0, NULL), *results, *labels,
	       *cmp;

	if (!raw)
		return 0;
	document_tame(raw);
	results = json_pack("[O, O]", raw, raw);
	labels = result_labels(results, NULL);
	cmp = compare_results(results, labels);
	print(cmp);
	if (html_write_result("/dev/null", raw, NULL) < 0)
		abort();
	json_decref(cmp);
	json_decref(labels);
	json_decref(results);
	json_decref(raw);
	return 0;
}
