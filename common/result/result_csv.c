#include "common/result/result_csv.h"

#include "common/kernel/tcp_state.h"

static void csv_number(FILE *to, const json_t *v)
{
	if (json_is_integer(v))
		fprintf(to, ",%" JSON_INTEGER_FORMAT, json_integer_value(v));
	else
		fprintf(to, ","); /* not measured */
}

static void csv_side(FILE *to, const json_t *row, const char *side)
{
	const json_t *states = json_object_get(row, side);

	for (unsigned i = 1; i < TCP_STATE_MAX; i++) {
		const json_t *n = json_object_get(states, tcp_state_name(i));

		if (json_is_object(states))
			fprintf(to, ",%" JSON_INTEGER_FORMAT, json_integer_value(n));
		else
			fprintf(to, ",");
	}
}

void result_csv(FILE *to, const json_t *doc)
{
	size_t i;
	json_t *row;

	fprintf(to, "t,connects_ok,transactions_ok,errors,ports_in_use");
	for (int side = 0; side < 2; side++)
		for (unsigned s = 1; s < TCP_STATE_MAX; s++)
			fprintf(to, ",%s_%s", side ? "server" : "client",
				tcp_state_name(s));
	fputc('\n', to);
	json_array_foreach (json_object_get(doc, "series"), i, row) {
		fprintf(to, "%.3f", json_number_value(json_object_get(row, "t")));
		csv_number(to, json_object_get(row, "connects_ok"));
		csv_number(to, json_object_get(row, "transactions_ok"));
		csv_number(to, json_object_get(row, "errors"));
		csv_number(to, json_object_get(row, "ports_in_use"));
		csv_side(to, row, "client");
		csv_side(to, row, "server");
		fputc('\n', to);
	}
}
