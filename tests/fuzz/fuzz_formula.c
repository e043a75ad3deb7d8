/* Conditions and formulas: any text is parsed, checked and evaluated against a small result. */
#include <string.h>

#include "common/result/condition.h"
#include "common/result/formula.h"
#include "tests/fuzz/fuzz.h"

static json_t *result_like(void)
{
	return json_loads(
		"{\"a\":1,\"b\":{\"c\":2.5,\"d.e\":null,\"w\":\"x\",\"t\":true},"
		"\"a_us\":5,\"l\":[{\"address\":\"[::1]:1\",\"x\":1}],\"errors\":{"
		"\"connect\":{\"EPERM\":2},\"transfer\":{}}}",
		0, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static json_t *doc;
	char *text = fuzz_text(data, size);
	struct condition c;
	struct err err;
	bool ok;

	if (!doc)
		doc = result_like();
	if (text) {
		formula_check(text, &err);
		json_decref(formula_eval(text, doc));
		condition_check_paths(text, doc, &err);
		condition_eval(text, doc, &c);
		json_decref(condition_answer(text, doc, &ok));
	}
	free(text);
	return 0;
}
