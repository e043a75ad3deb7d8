/* Formulas and conditions of scenario files: arithmetic on figures of results, what is not
 * measured, and what is said of a mistake. */
#include <math.h>
#include <string.h>
#include "bench/formula/formula.h"
#include "tests/check_main.h"

static json_t *doc(void)
{
	return json_loads(
		"{\"totals\": {\"ok\": 12, \"zero\": 0, \"none\": null},"
		" \"counters\": {\"Tcp.OutSegs\": 60},"
		" \"close\": {\"client-fin\": 3}, \"yes\": true, \"word\": \"made\","
		" \"errors\": {\"connect\": {}}, \"server\": null,"
		" \"base\": {\"errors\": {}, \"totals\": {\"ok\": 4}},"
		" \"part\": {\"b\": {\"errors\": {\"connect\": {\"EMFILE\": 3}}},"
		"            \"no\": {\"totals\": {}},"
		"            \"p\": {\"probe\": \"states\", \"complete\": true,"
		"                    \"states\": {\"exact\": true, \"counts\": {}}}}}",
		0, NULL);
}

static const struct {
	const char *text;
	double is; /* NAN = not measured */
} formulas[] = {
	{ "1", 1 },
	{ "-1.5", -1.5 },
	{ "1 + 2 * 3", 7 },
	{ "(1 + 2) * 3", 9 },
	{ "2 - 3 - 4", -5 },
	{ "8 / 2 / 2", 2 },
	{ "totals.ok", 12 },
	{ "counters.Tcp.OutSegs / totals.ok", 5 },
	{ "close.client-fin", 3 },
	{ "totals.ok - close.client-fin", 9 },
	{ "yes + 1", 2 },
	{ "errors.connect.EADDRNOTAVAIL", 0 },
	{ "base.errors.connect.EADDRNOTAVAIL", 0 },
	{ "part.b.errors.connect.EMFILE", 3 },
	{ "part.b.errors.connect.EPIPE", 0 },
	{ "part.no.errors.connect.EPIPE", NAN }, /* it counted none */
	{ "part.nobody.errors.connect.EPIPE", NAN },
	{ "base.totals.ok", 4 },
	{ "totals.none", NAN },
	{ "totals.none + 1", NAN },
	{ "nothing.here", NAN },
	{ "1 / totals.zero", NAN },
	{ "1e308 * 10", NAN },
	{ "word + 1", NAN },
};

START_TEST(formula_value)
{
	json_t *d = doc(), *v = formula_eval(formulas[_i].text, d);

	if (isnan(formulas[_i].is))
		ck_assert_msg(json_is_null(v), "%s", formulas[_i].text);
	else
		ck_assert_msg(json_number_value(v) == formulas[_i].is, "%s: %f",
			      formulas[_i].text, json_number_value(v));
	ck_assert_int_eq(formula_check(formulas[_i].text, NULL), 0);
	json_decref(v);
	json_decref(d);
}
END_TEST

START_TEST(a_path_may_name_a_word)
{
	json_t *d = doc(), *v = formula_eval("word", d);

	ck_assert_str_eq(json_string_value(v), "made");
	json_decref(v);
	json_decref(d);
}
END_TEST

static const struct {
	const char *text;
	bool holds, known;
	const char *shown;
} conditions[] = {
	{ "totals.ok > 3", true, true, "totals.ok = 12 > 3" },
	{ "totals.ok < 3", false, true, "totals.ok = 12, not < 3" },
	{ "totals.ok == 12 and totals.zero != 0", false, true,
	  "totals.zero = 0, not != 0" },
	{ "totals.ok == 12 and totals.zero == 0", true, true, "totals.ok = 12 == 12" },
	{ "totals.ok ~ 13 10%", true, true, "totals.ok = 12 13, +-10%" },
	{ "totals.ok ~ 13 5%", false, true, NULL },
	{ "totals.none > 3", false, false, "totals.none = not measured, not > 3" },
	{ "totals.none <= 3", false, false, NULL },
	{ "totals.none != 3", false, false, NULL },
	{ "word == word", true, true, "word = made == made" },
	{ "word < word", false, true, NULL },
	{ "yes == true", true, true, NULL },
	{ "yes != false and totals.ok >= 2 * 6", true, true, NULL },
	{ "totals.ok > 3 or totals.zero > 3", true, true, "totals.ok = 12 > 3" },
	{ "totals.ok < 3 or totals.zero == 0", true, true, "totals.zero = 0 == 0" },
	{ "totals.ok < 3 or totals.zero > 3", false, true, "totals.ok = 12, not < 3" },
	{ "totals.ok < 3 or totals.ok > 3 and totals.zero > 3", false, true,
	  "totals.ok = 12, not < 3" },
	{ "totals.ok > 3 and totals.zero > 3 or yes == true", true, true, NULL },
	{ "totals.none > 3 or totals.ok > 3", true, true, "totals.ok = 12 > 3" },
	{ "totals.none > 3 or totals.ok < 3", false, false, NULL },
	{ "totals.ok > 3 or totals.none > 3", true, true, "totals.ok = 12 > 3" },
	{ "totals.none == null", true, true, "totals.none = not measured == null" },
	{ "totals.ok == null", false, true, "totals.ok = 12, not == null" },
	{ "totals.ok != null", true, true, NULL },
	{ "totals.none != null", false, true, NULL },
	{ "totals.none > null", false, false, NULL },
	{ "word == null", false, true, NULL },
};

START_TEST(condition_value)
{
	struct condition c;
	json_t *d = doc();

	condition_eval(conditions[_i].text, d, &c);
	ck_assert_msg(c.holds == conditions[_i].holds, "%s: %d", conditions[_i].text,
		      c.holds);
	ck_assert_msg(c.known == conditions[_i].known, "%s: %d", conditions[_i].text,
		      c.known);
	if (conditions[_i].shown)
		ck_assert_str_eq(c.shown, conditions[_i].shown);
	ck_assert_int_eq(condition_check(conditions[_i].text, NULL), 0);
	json_decref(d);
}
END_TEST

START_TEST(without_errors_none_is_known)
{
	json_t *d = json_pack("{s:{}}", "part"),
	       *v = formula_eval("errors.connect.EADDRNOTAVAIL", d);

	ck_assert(json_is_null(v));
	json_decref(v);
	json_decref(d);
}
END_TEST

static const struct {
	const char *path;
	bool known;
} paths[] = {
	{ "totals.ok", true },
	{ "totals.none", true },
	{ "totals.okay", false },
	{ "total.ok", false },
	{ "counters.Tcp.OutSegs", true },
	{ "counters.Tcp.OutSeg", false },
	{ "server.totals.accepted", true }, /* server is null: not measured */
	{ "server_reason", true },          /* there only if it is */
	{ "errors.connect.EPIPE", true },
	{ "base.totals.okay", false },
	{ "part.b.totals.okay", false },
	{ "part.nobody.totals.okay", true }, /* nothing can be said */
	{ "part.p.states.exact", true },
	{ "part.p.states.exat", false },
	{ "part.p.states.counts.CLOSING", true }, /* if it was asked for */
	{ "part.p.reconnect.tries", true },       /* another probe's */
};

START_TEST(tells_a_misspelt_path)
{
	json_t *d = doc();

	ck_assert_msg(formula_path_known(d, paths[_i].path) == paths[_i].known, "%s",
		      paths[_i].path);
	json_decref(d);
}
END_TEST

static const struct {
	const char *text, *says;
	bool condition;
} faults[] = {
	{ "", "expected a number or a path of a result at the end", false },
	{ "1 +", "expected a number or a path of a result at the end", false },
	{ "1 2", "expected + - * / or the end at '2'", false },
	{ "(1", "expected ')' at the end", false },
	{ "* 2", "expected a number or a path of a result at '* 2'", false },
	{ "((((((((((((((((((((((1))))))))))))))))))))))", "expected fewer parentheses",
	  false },
	{ "a.b", "expected one of == != < <= > >= ~ at the end", true },
	{ "a = 1", "expected one of == != < <= > >= ~ at '= 1'", true },
	{ "a ~ 1", "expected a percentage", true },
	{ "a > 1 xor b > 2", "expected 'and', 'or' or the end at 'xor b > 2'", true },
	{ "a > 1 and", "expected 'and', 'or' or the end at 'and'", true },
	{ "a > 1 or b", "expected one of == != < <= > >= ~ at the end", true },
};

START_TEST(fault_is_named)
{
	struct err err;
	int r = faults[_i].condition ? condition_check(faults[_i].text, &err)
				     : formula_check(faults[_i].text, &err);

	ck_assert_int_lt(r, 0);
	ck_assert_int_eq(err.exit, EXIT_USAGE);
	ck_assert_msg(strncmp(err.text, faults[_i].says, strlen(faults[_i].says)) == 0,
		      "%s: %s", faults[_i].text, err.text);
}
END_TEST

int main(void)
{
	return check_main("formula", (const struct check_test[]){
					     { formula_value, ROWS(formulas) },
					     { a_path_may_name_a_word, 1 },
					     { condition_value, ROWS(conditions) },
					     { without_errors_none_is_known, 1 },
					     { tells_a_misspelt_path, ROWS(paths) },
					     { fault_is_named, ROWS(faults) },
					     { 0 },
				     });
}
