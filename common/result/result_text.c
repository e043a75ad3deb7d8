#include "common/result/result_text.h"

#include <stdlib.h>

#include "common/base/wrap.h"
#include "common/result/figure.h"
#include "common/result/result.h"
#include "common/result/result_figures.h"

/* clang-format off */
static const struct figure_line what_happened[] = {
	{ NULL, "error.message != null", "Incomplete: {error.message}" },
	{ NULL, "ports.exhausted == true",
	  "Cannot assign requested address: no port left after {ports.first_exhausted_s} s"
	  "{ports.predicted_exhaustion_s != null? (predicted: {ports.predicted_exhaustion_s} s)}." },
	{ NULL, "ports.exhausted == true and ports.prediction.made_at_s > 0",
	  "(A closed loop: predicted after {ports.prediction.made_at_s} s from the rate until then.)" },
	{ NULL, "ports.exhausted == true and ports.recovered_at_s != null",
	  "From {ports.recovered_at_s} s on ports came back, one by one;"
	  " in all there was none for {ports.exhausted_for_s} s." },
	{ NULL, "ports.exhausted == true and ports.recovered_at_s == null and config.on_exhaustion == stop",
	  "The run was ended then (--on-exhaustion stop)." },
	{ NULL, "ports.exhausted == true and ports.recovered_at_s == null and config.on_exhaustion != stop",
	  "That lasted {ports.exhausted_for_s} s, to the end of the run." },
	{ NULL, "ports.exhausted != true and totals.connects_ok > 0",
	  "The ports did not run out"
	  "{ports.peak_in_use != null?: at most {ports.peak_in_use} of {ports.budget} were in use}." },
	{ NULL, "ports.exhausted != true and totals.connects_ok > 0 and ports.predicted_exhaustion_s != null",
	  "Predicted for {ports.predicted_exhaustion_s} s of a run that lasted {run.duration_s} s." },
	{ NULL, "host.loopback_reuse_warning != null and totals.connects_ok > 0",
	  "Careful: {host.loopback_reuse_warning}" },
	{ NULL, NULL, "" },
};
/* clang-format on */

static void say_ledger(FILE *to, const json_t *doc)
{
	const json_t *list = result_at(doc, "ledger.explanation"),
		     *checks = result_at(doc, "ledger.checks");
	size_t i;
	json_t *item;

	fprintf(to, FIGURE_LABEL "%s\n", "ledger",
		json_is_true(result_at(doc, "ledger.balanced"))
			? "balanced: every connection accounted for, by us and by the "
			  "kernel"
			: "NOT balanced:");
	json_array_foreach ((json_t *)checks, i, item)
		if (!json_is_true(json_object_get(item, "ok")))
			fprintf(to, FIGURE_LABEL "! %s\n", "",
				json_string_value(json_object_get(item, "what")));
	json_array_foreach ((json_t *)list, i, item)
		wrap_words(to, fprintf(to, FIGURE_LABEL "- ", ""), 15,
			   json_string_value(item));
}

static void say_expectation(FILE *to, const json_t *e)
{
	const char *reason = json_string_value(json_object_get(e, "reason"));
	char *value = json_dumps(json_object_get(e, "value"),
				 JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
	char text[128];
	struct wrap w;

	wrap_begin(&w, to,
		   fprintf(to, FIGURE_LABEL,
			   json_is_true(json_object_get(e, "ok")) ? "true" : "FALSE"));
	wrap_text(&w, json_string_value(json_object_get(e, "expr")));
	snprintf(text, sizeof(text), "(it is %.60s)", value ? value : "?");
	wrap_text(&w, text);
	if (reason)
		wrap_text(&w, reason);
	fputc('\n', to);
	free(value);
}

static void say_expectations(FILE *to, const json_t *doc)
{
	size_t i;
	json_t *e;

	json_array_foreach (result_at(doc, "expectations"), i, e)
		say_expectation(to, e);
}

void result_text(FILE *to, const json_t *doc)
{
	figure_lines(to, doc, what_happened,
		     sizeof(what_happened) / sizeof(*what_happened));
	result_figures(to, doc);
	say_ledger(to, doc);
	say_expectations(to, doc);
}
