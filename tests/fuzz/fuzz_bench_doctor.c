/* Any text can be diagnosed: `first` is always said, and each finding is a sentence that a terminal can show. */
#include <stdlib.h>
#include "bench/doctor/doc.h"
#include "bench/doctor/findings.h"
#include "bench/doctor/print.h"
#include "tests/fuzz/fuzz.h"

static void check_document(const struct facts *f)
{
	json_t *doc = doc_of(f);
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	findings_add(doc);
	if (!json_string_value(json_object_get(doc, "first")) ||
	    !json_string_value(json_object_get(doc, "says")))
		abort();
	doctor_print(to, doc);
	fclose(to);
	for (size_t i = 0; i < size; i++)
		if ((unsigned char)text[i] < 0x20 && text[i] != '\n')
			abort();
	free(text);
	json_decref(doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct facts f;
	struct reading *r = calloc(1, sizeof(*r));
	const char *at = (const char *)data;

	if (!r)
		abort();
	reading_begin(r);
	while (size) {
		const char *end = memchr(at, '\n', size);
		size_t len = end ? (size_t)(end - at) : size, step = len + (end != NULL);

		reading_line(r, at, len, end != NULL, step == size);
		at += step;
		size -= step;
	}
	if (facts_of(r, &f, NULL) < 0)
		abort();
	check_document(&f);
	reading_done(r);
	free(r);
	return 0;
}
