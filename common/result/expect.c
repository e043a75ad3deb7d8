#include "common/result/expect.h"

#include "common/result/condition.h"

int expect_check(const struct opt_texts *conditions, json_t *skeleton, struct err *err)
{
	for (size_t i = 0; i < conditions->n; i++) {
		int r = condition_check_paths(conditions->at[i], skeleton, err);

		if (r < 0)
			return err_prefix(r, err, "--expect '%.160s'", conditions->at[i]);
	}
	return 0;
}

json_t *expect_answer(const struct opt_texts *conditions, json_t *result,
		      unsigned *failed)
{
	json_t *list = json_array();

	*failed = 0;
	for (size_t i = 0; i < conditions->n; i++) {
		bool ok;

		json_array_append_new(list,
				      condition_answer(conditions->at[i], result, &ok));
		*failed += !ok;
	}
	return list;
}
