/* Assertions on a result: what is understood, what is refused before the run, what is true. */
#include "common/expect.h"

#include <errno.h>
#include <string.h>
#include "tests/check_main.h"

/* clang-format off */
static const struct {
	const char *text, *path, *value;
	enum expect_op op;
	double percent;
} good[] = {
	{ "totals.connects_ok == 100", "totals.connects_ok", "100", OP_EQ, 0 },
	{ "  a.b   !=\tfalse ", "a.b", "false", OP_NE, 0 },
	{ "a < 1", "a", "1", OP_LT, 0 },
	{ "a <= -1e3", "a", "-1e3", OP_LE, 0 },
	{ "a > b.c", "a", "b.c", OP_GT, 0 },
	{ "a >= 0.5", "a", "0.5", OP_GE, 0 },
	{ "a ~ b.c 10%", "a", "b.c", OP_NEAR, 10 },
	{ "a ~ 100 0.5%", "a", "100", OP_NEAR, 0.5 },
	{ "a ~ 100 0%", "a", "100", OP_NEAR, 0 },
	{ "counters.TcpExt.TW == null", "counters.TcpExt.TW", "null", OP_EQ, 0 },
};

static const struct {
	const char *what, *text, *says;
} bad[] = {
	{ "nothing", "", "three words" },
	{ "blanks", "  \t ", "three words" },
	{ "a path", "a", "three words" },
	{ "no value", "a ==", "three words" },
	{ "no blanks", "a==1", "three words" },
	{ "one =", "a = 1", "OP is one of" },
	{ "===", "a === 1", "OP is one of" },
	{ "=>", "a => 1", "OP is one of" },
	{ "<>", "a <> 1", "OP is one of" },
	{ "a word for an operator", "a is 1", "OP is one of" },
	{ "a long operator", "a ============ 1", "OP is one of" },
	{ "a word too many", "a == 1 2", "words too many" },
	{ "many words too many", "a == 1 2 3 4 5 6 7", "words too many" },
	{ "percent without ~", "a == 1 10%", "words too many" },
	{ "~ without percent", "a ~ 1", "a value and then a percentage" },
	{ "no % sign", "a ~ 1 10", "a value and then a percentage" },
	{ "blank before %", "a ~ 1 10 %", "a value and then a percentage" },
	{ "percent below 0", "a ~ 1 -1%", "a value and then a percentage" },
	{ "percent a word", "a ~ 1 ten%", "a value and then a percentage" },
	{ "percent not a number", "a ~ 1 nan%", "a value and then a percentage" },
	{ "percent without end", "a ~ 1 inf%", "a value and then a percentage" },
	{ "%%", "a ~ 1 1%%", "a value and then a percentage" },
};
/* clang-format on */

START_TEST(understands)
{
	struct expect e;
	struct err err = { 0 };

	ck_assert_msg(expect_parse(good[_i].text, &e, &err) == 0, "%s", err.text);
	ck_assert_str_eq(e.text, good[_i].text);
	ck_assert_str_eq(e.path, good[_i].path);
	ck_assert_str_eq(e.value, good[_i].value);
	ck_assert_int_eq(e.op, good[_i].op);
	ck_assert_double_eq(e.percent, good[_i].percent);
}
END_TEST

START_TEST(refuses)
{
	struct expect e;
	struct err err = { 0 };

	ck_assert_msg(expect_parse(bad[_i].text, &e, &err) == -EINVAL, "%s",
		      bad[_i].what);
	ck_assert_int_eq(err.exit, EXIT_USAGE);
	ck_assert_msg(strstr(err.text, bad[_i].says), "%s: %s", bad[_i].what, err.text);
}
END_TEST

static const size_t lengths[] = {
	1, 126, 127, 128, 129, 200, 249, 250, 251, 255, 256, 500
};

START_TEST(refuses_what_is_too_long)
{
	char text[600];
	struct expect e;
	struct err err = { 0 };
	size_t n = lengths[_i];

	memset(text, 'a', n);
	strcpy(text + n, " == 1");
	ck_assert_int_eq(expect_parse(text, &e, &err) == 0, n < sizeof(e.path));
	strcpy(text, "a == ");
	memset(text + 5, '1', n);
	text[5 + n] = '\0';
	ck_assert_int_eq(expect_parse(text, &e, &err) == 0, n < sizeof(e.value));
}
END_TEST

/* What a run may produce, every key there. */
#define SKELETON                                                                         \
	"{\"totals\": {\"connects_ok\": 0, \"closes\": 0},"                              \
	" \"complete\": true, \"run\": {\"id\": \"\"},"                                  \
	" \"errors\": {\"connect\": {}, \"transfer\": {},"                               \
	"              \"timeout\": {\"connect\": 0, \"transaction\": 0}},"              \
	" \"counters\": {\"TcpExt.TW\": 0}, \"ports\": {\"range\": [1, 2],"              \
	" \"first_exhausted_s\": null, \"predicted_exhaustion_s\": null}}"

static json_t *doc_of(const char *text)
{
	json_t *doc = json_loads(text, 0, NULL);

	ck_assert_ptr_nonnull(doc);
	return doc;
}

static const struct {
	const char *what, *text;
	bool ok;
} paths[] = {
	{ "a figure", "totals.connects_ok == 1", true },
	{ "a figure that is null there", "ports.first_exhausted_s == null", true },
	{ "a key with dots", "counters.TcpExt.TW == 0", true },
	{ "top level", "complete == true", true },
	{ "a path as value", "totals.connects_ok == totals.closes", true },
	{ "a word as value", "run.id == abc", true },
	{ "an errno not seen", "errors.connect.ECONNREFUSED == 0", true },
	{ "one without a name", "errors.transfer.UNKNOWN == 0", true },
	{ "as value", "totals.closes == errors.connect.EADDRNOTAVAIL", true },
	{ "misspelt", "totals.connect_ok == 1", false },
	{ "a misspelt value", "totals.connects_ok == totals.close", false },
	{ "a group", "totals == 1", false },
	{ "a list", "ports.range == 1", false },
	{ "nothing", "nothing == 1", false },
	{ "below a figure", "totals.connects_ok.x == 1", false },
	{ "no such errno", "errors.connect.ECONNREFUSD == 0", false },
	{ "an errno in lower case", "errors.connect.econnrefused == 0", false },
	{ "no such stage", "errors.conect.ECONNREFUSED == 0", false },
	{ "an errno elsewhere", "totals.ECONNREFUSED == 0", false },
	/* would be 0 for ever, so an expectation that cannot fail */
	{ "no stage", "errors.ECONNREFUSED == 0", false },
	{ "an errno of a timeout", "errors.timeout.ECONNREFUSED == 0", false },
	{ "only dots", ".. == 1", false },
	{ "a dot at the end", "totals. == 1", false },
	{ "a dot in front", ".totals == 1", false },
};

START_TEST(an_unknown_path_is_a_usage_error)
{
	json_t *skeleton = doc_of(SKELETON);
	struct expect e;
	struct err err = { 0 };

	ck_assert_int_eq(expect_parse(paths[_i].text, &e, &err), 0);
	ck_assert_msg((expect_check(&e, skeleton, &err) == 0) == paths[_i].ok, "%s",
		      paths[_i].what);
	if (!paths[_i].ok)
		ck_assert_int_eq(err.exit, EXIT_USAGE);
	json_decref(skeleton);
}
END_TEST

#define RESULT                                                                           \
	"{\"n\": 100, \"m\": 105, \"big\": 1000, \"x\": 2.5, \"neg\": -10, \"t\": true," \
	" \"f\": false, \"null\": null, \"word\": \"yes\", \"zero\": 0,"                 \
	" \"errors\": {\"connect\": {\"ECONNREFUSED\": 3}, \"transfer\": {}},"           \
	" \"c\": {\"TcpExt.TW\": 7, \"n\": 100}}"

/* clang-format off */
static const struct {
	const char *text;
	bool ok;
} truths[] = {
	{ "n == 100", true }, { "n == 101", false }, { "n == 100.0", true }, { "n == 1e2", true },
	{ "n != 100", false }, { "n != 99", true },
	{ "n < 100", false }, { "n < 100.5", true }, { "n <= 100", true }, { "n <= 99", false },
	{ "n > 100", false }, { "n > 99", true }, { "n >= 100", true }, { "n >= 101", false },
	{ "x == 2.5", true }, { "x > 2", true }, { "neg < 0", true }, { "neg == -10", true },
	{ "n ~ 100 0%", true }, { "m ~ 100 5%", true }, { "m ~ 100 4.9%", false }, { "n ~ 105 5%", true },
	{ "neg ~ -11 10%", true }, { "neg ~ 10 10%", false }, { "zero ~ 0 10%", true }, { "n ~ 0 50%", false },
	{ "n == c.n", true }, { "n < c.TcpExt.TW", false }, { "c.TcpExt.TW == 7", true }, { "n ~ c.n 1%", true },
	{ "t == true", true }, { "t == false", false }, { "f == false", true }, { "f != true", true },
	{ "t == 1", false }, { "word == yes", true }, { "word != no", true }, { "word == no", false },
	{ "null == null", true }, { "null != null", false }, { "n != null", true }, { "n == null", false },
	{ "null == 0", false }, { "null < 1", false }, { "null >= 0", false }, { "null ~ 0 100%", false },
	{ "n ~ c.nothing 100%", false }, { "n < c.nothing", false },
	{ "t > 0", false }, { "word > 0", false },
	{ "errors.connect.ECONNREFUSED == 3", true }, { "errors.connect.EADDRNOTAVAIL == 0", true },
	{ "errors.transfer.EPIPE < 1", true }, { "errors.transfer.EPIPE > 0", false },
	{ "zero == errors.transfer.EPIPE", true },
	/* the same number, however it is written */
	{ "n == 0x64", true }, { "big == +1000", true },
};
/* clang-format on */

START_TEST(is_true_or_not)
{
	json_t *doc = doc_of(RESULT), *o;
	struct expect e;
	struct err err = { 0 };
	bool ok = !truths[_i].ok;

	ck_assert_int_eq(expect_parse(truths[_i].text, &e, &err), 0);
	o = expect_eval(&e, doc, &ok);
	ck_assert_msg(ok == truths[_i].ok, "%s", truths[_i].text);
	ck_assert_str_eq(json_string_value(json_object_get(o, "expr")), truths[_i].text);
	ck_assert(json_is_boolean(json_object_get(o, "ok")));
	ck_assert_int_eq(json_is_true(json_object_get(o, "ok")), ok);
	ck_assert_ptr_nonnull(json_object_get(o, "value"));
	ck_assert_ptr_nonnull(json_object_get(o, "expected"));
	json_decref(o);
	json_decref(doc);
}
END_TEST

static const struct {
	const char *text, *reason;
} reasons[] = {
	{ "null == 5", "did not measure it" },
	{ "null ~ 5 10%", "did not measure it" },
	{ "n ~ null 10%", "not" },
	{ "n < c.nothing", "nothing to compare it with" },
	{ "word < 5", "not a number" },
};

START_TEST(what_cannot_be_compared_says_why)
{
	json_t *doc = doc_of(RESULT), *o;
	struct expect e;
	struct err err = { 0 };
	const char *reason;
	bool ok = true;

	ck_assert_int_eq(expect_parse(reasons[_i].text, &e, &err), 0);
	o = expect_eval(&e, doc, &ok);
	ck_assert(!ok);
	reason = json_string_value(json_object_get(o, "reason"));
	ck_assert_msg(reason && strstr(reason, reasons[_i].reason), "%s: %s",
		      reasons[_i].text, reason);
	json_decref(o);
	json_decref(doc);
}
END_TEST

int main(void)
{
	const struct check_test tests[] = {
		{ understands, ROWS(good) },
		{ refuses, ROWS(bad) },
		{ refuses_what_is_too_long, ROWS(lengths) },
		{ an_unknown_path_is_a_usage_error, ROWS(paths) },
		{ is_true_or_not, ROWS(truths) },
		{ what_cannot_be_compared_says_why, ROWS(reasons) },
		{ 0 },
	};

	return check_main("expect", tests);
}
