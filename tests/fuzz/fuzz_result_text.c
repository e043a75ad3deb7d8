/* Any JSON document, however odd, is rendered as text and CSV, and has paths. */
#include "common/result/result.h"
#include "common/result/result_csv.h"
#include "common/result/result_text.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *null;
	json_t *doc = json_loadb((const char *)data, size, 0, NULL);

	if (!null)
		null = fopen("/dev/null", "w");
	if (!doc)
		return 0;
	result_text(null, doc);
	result_csv(null, doc);
	result_at(doc, "counters.TcpExt.TW");
	result_at(doc, "a.b.c.d.e");
	json_decref(doc);
	return 0;
}
