/* --expect: any text is parsed, checked and evaluated against a small result. */
#include <string.h>

#include "common/expect.h"
#include "tests/fuzz/fuzz.h"

static json_t *result_like(void)
{
	return json_loads(
		"{\"a\":1,\"b\":{\"c\":2.5,\"d.e\":null,\"w\":\"x\",\"t\":true},"
		"\"errors\":{\"connect\":{\"EPERM\":2},\"transfer\":{}}}",
		0, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static json_t *doc;
	char *text = fuzz_text(data, size);
	struct expect e;
	struct err err;
	bool ok;

	if (!doc)
		doc = result_like();
	if (text && expect_parse(text, &e, &err) == 0) {
		expect_check(&e, doc, &err);
		json_decref(expect_eval(&e, doc, &ok));
	}
	free(text);
	return 0;
}
