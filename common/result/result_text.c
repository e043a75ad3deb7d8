#include "common/result/result_text.h"

#include <stdlib.h>

#include "common/base/units.h"
#include "common/base/wrap.h"
#include "common/result/figure.h"
#include "common/result/result.h"
#include "common/result/result_figures.h"

static void say_exhaustion(FILE *to, const json_t *doc)
{
	double made_at = figure_real(doc, "ports.prediction.made_at_s");
	double first = figure_real(doc, "ports.first_exhausted_s");

	if (figure_known(doc, "ports.predicted_exhaustion_s"))
		figure_say(to, NULL,
			   "Cannot assign requested address: no port left after %.2f s "
			   "(predicted: %.2f s).",
			   first, figure_real(doc, "ports.predicted_exhaustion_s"));
	else
		figure_say(to, NULL,
			   "Cannot assign requested address: no port left after %.2f s.",
			   first);
	if (made_at > 0)
		figure_say(to, NULL,
			   "(A closed loop: predicted after %.2f s from the rate until "
			   "then.)",
			   made_at);
	if (figure_known(doc, "ports.recovered_at_s"))
		figure_say(to, NULL,
			   "From %.2f s on ports came back, one by one; in all there was "
			   "none "
			   "for %.2f s.",
			   figure_real(doc, "ports.recovered_at_s"),
			   figure_real(doc, "ports.exhausted_for_s"));
	else if (figure_is(doc, "config.on_exhaustion", "stop"))
		figure_say(to, NULL, "The run was ended then (--on-exhaustion stop).");
	else
		figure_say(to, NULL, "That lasted %.2f s, to the end of the run.",
			   figure_real(doc, "ports.exhausted_for_s"));
}

static void say_no_exhaustion(FILE *to, const json_t *doc)
{
	if (figure_known(doc, "ports.peak_in_use"))
		figure_say(to, NULL,
			   "The ports did not run out: at most %s of %s were in use.",
			   units_grouped(figure_count(doc, "ports.peak_in_use")),
			   units_grouped(figure_count(doc, "ports.budget")));
	else
		figure_say(to, NULL, "The ports did not run out.");
	if (figure_known(doc, "ports.predicted_exhaustion_s"))
		figure_say(to, NULL, "Predicted for %.2f s of a run that lasted %.2f s.",
			   figure_real(doc, "ports.predicted_exhaustion_s"),
			   figure_real(doc, "run.duration_s"));
}

static void say_what_happened(FILE *to, const json_t *doc)
{
	const char *warning =
		json_string_value(result_at(doc, "host.loopback_reuse_warning"));
	const char *error = json_string_value(result_at(doc, "error.message"));

	if (error)
		wrap_words(to, fprintf(to, "Incomplete: "), 0, error);
	if (json_is_true(result_at(doc, "ports.exhausted")))
		say_exhaustion(to, doc);
	else if (figure_count(doc, "totals.connects_ok"))
		say_no_exhaustion(to, doc);
	if (warning && figure_count(doc, "totals.connects_ok"))
		wrap_words(to, fprintf(to, "Careful: "), 0, warning);
	fputc('\n', to);
}

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
	say_what_happened(to, doc);
	result_figures(to, doc);
	say_ledger(to, doc);
	say_expectations(to, doc);
}
