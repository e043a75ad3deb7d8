/* Any text, however odd, as a rank's file and as a merged one: it is refused, or there is a result,
 * and merging that again gives the same. */
#include <stdlib.h>
#include <string.h>
#include "bench/merge/files.h"
#include "bench/merge/whole.h"
#include "common/result/result_text.h"
#include "tests/fuzz/fuzz.h"

/* The text of the merge, to be freed; NULL = there is none. */
static char *merge(const char *text, size_t len)
{
	struct gather g;
	struct err err;
	unsigned failed;
	json_t *doc = NULL, *whole = NULL;
	char *merged = NULL, *printed = NULL;
	size_t n;

	if (gather_init(&g, &err) == 0 && files_parse(text, len, "it", &doc, &err) == 0 &&
	    gather_add(&g, doc, &err) == 0 &&
	    (gather_count(&g) || json_object_size(g.servers)))
		whole = whole_make(&g, &failed, &err);
	if (whole) {
		FILE *to = open_memstream(&printed, &n);

		if (g.n_runs)
			result_text(to, whole);
		fclose(to);
		free(printed);
		merged = whole_text(whole, &g, &n);
	}
	json_decref(whole);
	json_decref(doc);
	gather_done(&g);
	return merged;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *once = merge((const char *)data, size);
	char *twice = once ? merge(once, strlen(once)) : NULL;

	if (once && (!twice || strcmp(once, twice) != 0))
		abort();
	free(once);
	free(twice);
	return 0;
}
