/* Formulas and conditions, of --expect and of scenario files: arithmetic on figures of results,
 * what is not measured, durations, and what is said of a mistake. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/result/condition.h"
#include "common/result/formula.h"
#include "common/result/formula_path.h"
#include "tests/check_main.h"

static json_t *doc(void)
{
	return json_loads(
		"{\"totals\": {\"ok\": 12, \"zero\": 0, \"none\": null},"
		" \"counters\": {\"Tcp.OutSegs\": 60},"
		" \"close\": {\"client-fin\": 3}, \"yes\": true, \"word\": \"made\","
		" \"errors\": {\"connect\": {}}, \"server\": null,"
		" \"base\": {\"errors\": {}, \"totals\": {\"ok\": 4},"
		"            \"connect_by_fill\": {\"90\": {\"p50\": 1500}}},"
		" \"b\": {\"errors\": {}, \"totals\": {\"ok\": 24}},"
		" \"part\": {\"b\": {\"errors\": {\"connect\": {\"EMFILE\": 3}}},"
		"            \"no\": {\"totals\": {}},"
		"            \"p\": {\"probe\": \"states\", \"complete\": true,"
		"                    \"states\": {\"exact\": true, \"counts\": {}}}},"
		" \"latency_us\": {\"connect\": {\"p99\": 4000, \"count\": 7, "
		"\"sum_ns\": 28000}},"
		" \"series\": [{\"t\": 0}, {\"t\": 0.2}],"
		" \"run\": {\"duration_s\": 2.5}, \"rate\": {\"connections_per_s\": 80},"
		" \"cpu\": {\"us_per_connection\": 30},"
		" \"workers\": [{\"accepted\": 3}, {\"accepted\": 4}],"
		" \"targets\": [{\"address\": \"127.0.0.1:9000\", \"ok\": 5, \"failed\": "
		"{}},"
		"               {\"address\": \"[::1]:9000\", \"ok\": 6,"
		"                \"failed\": {\"EPIPE\": 2}}],"
		" \"http\": {\"status\": {\"code\": {\"502\": 4}}},"
		" \"hosts\": {\"p\": {\"others\": {\"ends\": 0}, \"to\": {"
		"   \"10.0.0.1:80\": {\"ports\": {\"full_at_s\": 1.5}}}},"
		"             \"q\": {\"others\": {\"ends\": 1}, \"to\": {}}},"
		" \"error_times\": {\"connect\": {\"EPIPE\": {\"first_s\": 1.5}}}}",
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
	{ "b.totals.ok", 24 },
	{ "b.errors.connect.EADDRNOTAVAIL", 0 },
	{ "totals.none", NAN },
	{ "totals.none + 1", NAN },
	{ "nothing.here", NAN },
	{ "1 / totals.zero", NAN },
	{ "1e308 * 10", NAN },
	{ "word + 1", NAN },
	{ "workers.1.accepted", 4 },
	{ "workers.2.accepted", NAN },
	{ "targets.127.0.0.1:9000.ok", 5 },
	{ "targets.[::1]:9000.ok + 1", 7 },
	{ "targets.127.0.0.1:9001.ok", NAN },
	{ "targets.[::1]:9000.failed.EPIPE", 2 },
	{ "targets.127.0.0.1:9000.failed.EPIPE", 0 },
	{ "targets.127.0.0.1:9001.failed.EPIPE", NAN },
	{ "hosts.p.to.10.0.0.1:80.ports.full_at_s", 1.5 },
	{ "hosts.p.to.10.0.0.1:80.ports.full_at_s + 500ms", 2 },
	{ "hosts.p.to.10.0.0.1:80.states.peak.TIME_WAIT", NAN },
	{ "hosts.p.to.10.0.0.2:80.states.peak.TIME_WAIT", 0 }, /* not seen */
	{ "hosts.p.to.10.0.0.2:80.ports.used_peak", 0 },
	{ "hosts.p.to.10.0.0.2:80.ports.full_at_s", NAN },
	{ "hosts.q.to.10.0.0.2:80.states.peak.TIME_WAIT", NAN }, /* may be in the rest */
	{ "http.status.code.502", 4 },
	{ "http.status.code.503", 0 },
	{ "part.no.http.status.code.503", NAN }, /* it spoke no HTTP */
	{ "error_times.connect.EPIPE.first_s", 1.5 },
	{ "error_times.connect.EMFILE.first_s", NAN }, /* not at 0 s: never */
	{ "run.duration_s + 500ms", 3 },
	{ "latency_us.connect.p99 + 2 * 1ms", 6000 },
	{ "run.duration_s - latency_us.connect.p99", 2.496 },
	{ "1000000 * run.duration_s", 2500000 },
	{ "totals.ok / run.duration_s", 4.8 },
};

TEST_ROWS(formula_value, formulas)
{
	json_t *d = doc(), *v = formula_eval(row->text, d);

	if (isnan(row->is))
		ck_assert_msg(json_is_null(v), "%s", row->text);
	else
		ck_assert_msg(json_number_value(v) == row->is, "%s: %f", row->text,
			      json_number_value(v));
	ck_assert_int_eq(formula_check(row->text, NULL), 0);
	json_decref(v);
	json_decref(d);
}

TEST(a_path_may_name_a_word)
{
	json_t *d = doc(), *v = formula_eval("word", d);

	ck_assert_str_eq(json_string_value(v), "made");
	json_decref(v);
	json_decref(d);
}

/* clang-format off */
static const struct {
	const char *text;
	bool holds, known;
	const char *shown;
} conditions[] = {
	{ "totals.ok > 3", true, true, "totals ok = 12 > 3" },
	{ "totals.ok < 3", false, true, "totals ok = 12, not < 3" },
	{ "totals.ok == 12 and totals.zero != 0", false, true, "totals zero = 0, not != 0" },
	{ "totals.ok == 12 and totals.zero == 0", true, true, "totals ok = 12 == 12" },
	{ "totals.ok ~ 13 10%", true, true, "totals ok = 12 13, +-10%" },
	{ "totals.ok ~ 13 5%", false, true, NULL },
	{ "totals.none > 3", false, false, "totals none = not measured, not > 3" },
	{ "totals.none <= 3", false, false, NULL },
	{ "totals.none != 3", false, false, NULL },
	{ "word == word", true, true, "word = made == made" },
	{ "word < word", false, true, NULL },
	{ "yes == true", true, true, NULL },
	{ "yes != false and totals.ok >= 2 * 6", true, true, NULL },
	{ "totals.ok > 3 or totals.zero > 3", true, true, "totals ok = 12 > 3" },
	{ "totals.ok < 3 or totals.zero == 0", true, true, "totals zero = 0 == 0" },
	{ "totals.ok < 3 or totals.zero > 3", false, true, "totals ok = 12, not < 3" },
	{ "totals.ok < 3 or totals.ok > 3 and totals.zero > 3", false, true, "totals ok = 12, not < 3" },
	{ "totals.ok > 3 and totals.zero > 3 or yes == true", true, true, NULL },
	{ "totals.none > 3 or totals.ok > 3", true, true, "totals ok = 12 > 3" },
	{ "totals.none > 3 or totals.ok < 3", false, false, NULL },
	{ "totals.ok > 3 or totals.none > 3", true, true, "totals ok = 12 > 3" },
	{ "totals.none == null", true, true, "totals none = not measured == null" },
	{ "totals.ok == null", false, true, "totals ok = 12, not == null" },
	{ "totals.ok != null", true, true, NULL },
	{ "totals.none != null", false, true, NULL },
	{ "totals.none > null", false, false, NULL },
	{ "word == null", false, true, NULL },
	/* a word, where no path has that name */
	{ "word == made", true, true, "word = made == made" },
	{ "word != taken", true, true, "word = made != taken" },
	{ "word == taken and yes == true", false, true, "word = made, not == taken" },
	{ "word == mad", false, true, NULL },
	/* true is 1, and is shown as what it is */
	{ "yes == 1", true, true, "yes = true == 1" },
	{ "yes == false", false, true, "yes = true, not == false" },
	{ "yes > 0", true, true, NULL },
	/* durations, in the unit of the left side */
	{ "latency_us.connect.p99 < 5ms", true, true, "connect, p99 = 4,000 us < 5,000 us" },
	{ "latency_us.connect.p99 < 4ms", false, true, NULL },
	{ "5ms > latency_us.connect.p99", true, true, NULL },
	{ "latency_us.connect.p99 ~ 4.1ms 5%", true, true, NULL },
	{ "run.duration_s == 2500ms", true, true, "duration = 2.500 s == 2.500 s" },
	{ "run.duration_s > latency_us.connect.p99", true, true, NULL },
	/* a plain number is in the unit of what it is compared with */
	{ "run.duration_s > 1.5 * 1", true, true, "duration = 2.500 s > 1.500 s" },
	{ "cpu.us_per_connection <= 30us", true, true, NULL },
	{ "latency_us.connect.p99 < 4001", true, true, NULL },
	{ "latency_us.connect.count == 7", true, true, NULL },
	{ "latency_us.connect.sum_ns < 29us", true, true, NULL },
	{ "base.connect_by_fill.90.p50 < 2ms", true, true, NULL },
	{ "series.1.t == 200ms", true, true, NULL },
	{ "targets.127.0.0.1:9000.ok + targets.[::1]:9000.ok == totals.ok - 1", true, true, NULL },
	/* the same number, however it is written */
	{ "totals.ok == 12.0", true, true, NULL },
	{ "totals.ok == 1.2e1", true, true, NULL },
	{ "totals.ok == 0xc", true, true, NULL },
	{ "totals.ok ~ 12 0%", true, true, NULL },
	{ "0 - totals.ok ~ -11 10%", true, true, NULL },
	{ "totals.ok==12", true, true, NULL },
};
/* clang-format on */

TEST_ROWS(condition_value, conditions)
{
	struct condition c;
	json_t *d = doc();

	condition_eval(row->text, d, &c);
	ck_assert_msg(c.holds == row->holds, "%s: %d", row->text, c.holds);
	ck_assert_msg(c.known == row->known, "%s: %d", row->text, c.known);
	if (row->shown)
		ck_assert_str_eq(c.shown, row->shown);
	ck_assert_int_eq(condition_check(row->text, NULL), 0);
	json_decref(d);
}

static const struct {
	const char *path, *words;
} words[] = {
	{ "totals.connects_ok", "connections made" }, /* as `twstorm report` calls it */
	{ "states.client.peak.TIME_WAIT", "client TIME_WAIT, peak" },
	{ "base.lost.to_server_bytes", "the baseline's lost to the server" },
	{ "part.b.totals.closes", "totals closes" },
	{ "ports.first_exhausted_due_s",
	  "ports first exhausted due" }, /* without the unit */
	{ "latency_us.close.p50", "latency close p50" },
	{ "server_counters.TcpExt.TW", "TcpExt.TW" }, /* the kernel's name */
};

TEST_ROWS(a_path_is_said_in_words, words)
{
	char buf[PATH_TEXT];

	ck_assert_str_eq(path_words(row->path, buf, sizeof(buf)), row->words);
}

TEST(a_formula_is_said_in_words)
{
	const char *text = "2 * totals.closes + run.duration_s / 5ms > 3";
	char buf[80];

	formula_words(text, strlen(text) - 4, buf, sizeof(buf));
	ck_assert_str_eq(buf, "2 * totals closes + duration / 5ms");
}

TEST(without_errors_none_is_known)
{
	json_t *d = json_pack("{s:{}}", "part"),
	       *v = formula_eval("errors.connect.EADDRNOTAVAIL", d);

	ck_assert(json_is_null(v));
	json_decref(v);
	json_decref(d);
}

/* clang-format off */
static const struct {
	const char *path, *meant; /* NULL: it is right; "": nothing is near */
} paths[] = {
	{ "totals.ok", NULL },
	{ "totals.none", NULL },
	{ "totals.okay", "totals.ok" },
	{ "total.ok", "totals.ok" },
	{ "total.failed", "" },
	{ "duration_s", "run.duration_s" }, /* the end of it */
	{ "counters.Tcp.OutSegs", NULL },
	{ "counters.Tcp.OutSeg", "counters.Tcp.OutSegs" },
	{ "errors.connect.EPIPE", NULL },
	{ "base.totals.okay", "totals.ok" },
	{ "c.totals.ok", "b.totals.ok" },
	{ "base.totals.ok", NULL },
	{ "part.b.connect_ok", "totals.connect_ok" },
	{ "part.no.totals.okay", NULL }, /* nothing is known of it */
	{ "part.nobody.totals.okay", NULL },
	{ "part.p.states.exact", NULL },
	{ "part.p.states.exat", "states.exact" },
	{ "part.p.reconnect.tries", NULL }, /* another probe's */
};
/* clang-format on */

TEST_ROWS(tells_a_misspelt_path, paths)
{
	json_t *d = doc(), *part = json_object_get(d, "part");
	json_t *results[] = { d, json_object_get(d, "base"), json_object_get(part, "b"),
			      json_object_get(part, "p") };
	struct err err;
	char meant[80];

	for (unsigned i = 0; i < sizeof(results) / sizeof(results[0]); i++)
		json_object_set_new(results[i], "schema", json_string("x"));
	json_object_set_new(results[2], "totals", json_pack("{s:i}", "connect_ok", 1));
	if (!row->meant) {
		ck_assert_msg(path_check_run(d, row->path, &err) == 0, "%s", row->path);
	} else {
		ck_assert_msg(path_check_run(d, row->path, &err) < 0, "%s", row->path);
		snprintf(meant, sizeof(meant), "the result; did you mean %s?",
			 row->meant);
		ck_assert_msg(strstr(err.text, *row->meant ? meant : "of the result"),
			      "%s: %s", row->path, err.text);
		ck_assert(*row->meant || !strchr(err.text, '?'));
	}
	json_decref(d);
}

/* clang-format off */
static const struct {
	const char *text, *says;
	bool condition;
} faults[] = {
	{ "", "expected a number or a path of a result at the end", false },
	{ "1 +", "expected a number or a path of a result at the end", false },
	{ "1 2", "expected + - * / or the end at '2'", false },
	{ "(1", "expected ')' at the end", false },
	{ "* 2", "expected a number or a path of a result at '* 2'", false },
	{ "((((((((((((((((((((((1))))))))))))))))))))))", "expected fewer parentheses", false },
	{ "a.b", "expected one of == != < <= > >= ~ at the end", true },
	{ "a = 1", "expected one of == != < <= > >= ~ at '= 1'", true },
	{ "a ~ 1", "expected a percentage", true },
	{ "a > 1 xor b > 2", "expected 'and', 'or' or the end at 'xor b > 2'", true },
	{ "a > 1 and", "expected 'and', 'or' or the end at 'and'", true },
	{ "a > 1 or b", "expected one of == != < <= > >= ~ at the end", true },
	{ "", "expected a number or a path of a result at the end", true },
	{ "a ==", "expected a number or a path of a result at the end", true },
	{ "a === 1", "expected a number or a path of a result at '= 1'", true },
	{ "a => 1", "expected one of == != < <= > >= ~ at '=> 1'", true },
	{ "a is 1", "expected one of == != < <= > >= ~ at 'is 1'", true },
	{ "a == 1 2", "expected 'and', 'or' or the end at '2'", true },
	{ "a == 1 10%", "expected 'and', 'or' or the end at '10%'", true },
	{ "a ~ 1 -1%", "expected a percentage", true },
	{ "a ~ 1 nan%", "expected a percentage", true },
	{ "a ~ 1 inf%", "expected a percentage", true },
	{ "1 == 1", "expected a path of a result in each comparison at the end", true },
	{ "a.b < 1 and 1 == 1", "expected a path of a result in each comparison", true },
	{ "run.duration_s < 5 parsecs", "expected 'and', 'or' or the end at 'parsecs'", true },
	{ "run.duration_s < 5parsecs", "expected a number or a duration, as in 5ms, at '5parsecs'", true },
	{ "a.b < 5ms", "expected a duration on both sides, or on none, at the end", true },
	{ "rate.connections_per_s < 5ms", "expected a duration on both sides, or on none,", true },
	{ "latency_us.close.p99 / 1000 < 5ms", "expected a duration on both sides, or on none,", true },
	{ "5ms + 5", "expected a duration and not a number at the end", false },
};
/* clang-format on */

TEST_ROWS(fault_is_named, faults)
{
	struct err err;
	int r = row->condition ? condition_check(row->text, &err)
			       : formula_check(row->text, &err);

	ck_assert_int_lt(r, 0);
	ck_assert_int_eq(err.exit, EXIT_USAGE);
	ck_assert_msg(strncmp(err.text, row->says, strlen(row->says)) == 0, "%s: %s",
		      row->text, err.text);
}

TEST(a_path_has_a_bound)
{
	char text[400];

	for (size_t n = 150; n < 170; n++) {
		memset(text, 'a', n);
		strcpy(text + n, " == 1");
		ck_assert_int_eq(condition_check(text, NULL) == 0, n < 160);
	}
}

/* What a run may produce, every key there. */
static const char skeleton[] =
	"{\"totals\": {\"connects_ok\": 0, \"closes\": 0},"
	" \"complete\": true, \"run\": {\"id\": \"\"},"
	" \"errors\": {\"connect\": {}, \"transfer\": {},"
	"              \"timeout\": {\"connect\": 0, \"transaction\": 0}},"
	" \"counters\": {\"TcpExt.TW\": 0}, \"ports\": {\"range\": [1, 2],"
	" \"first_exhausted_s\": null, \"predicted_exhaustion_s\": null},"
	" \"workers\": [{\"accepted\": 0}],"
	" \"error_times\": {\"connect\": {}},"
	" \"targets\": [{\"address\": \"10.0.0.1:80\", \"ok\": 0, \"failed\": {}}],"
	" \"hosts\": {\"p\": {\"counters\": {\"TcpExt.TW\": 0}, \"to\": {\"*\":"
	"   {\"states\": {\"peak\": {\"TIME_WAIT\": 0}}}}}},"
	" \"http\": {\"status\": {\"5xx\": 0, \"code\": {}}}}";

static const struct {
	const char *what, *text;
	bool ok;
} expects[] = {
	{ "a figure", "totals.connects_ok == 1", true },
	{ "a figure that is null there", "ports.first_exhausted_s == null", true },
	{ "a key with dots", "counters.TcpExt.TW == 0", true },
	{ "top level", "complete == true", true },
	{ "a path as value", "totals.connects_ok == totals.closes", true },
	{ "a word as value", "run.id == abc", true },
	{ "an errno not seen", "errors.connect.ECONNREFUSED == 0", true },
	{ "one without a name", "errors.transfer.UNKNOWN == 0", true },
	{ "as value", "totals.closes == errors.connect.EADDRNOTAVAIL", true },
	{ "a target's", "targets.10.0.0.1:80.failed.ECONNREFUSED == 0", true },
	{ "a status", "http.status.code.502 == 0", true },
	{ "when an errno came", "error_times.connect.ECONNREFUSED.last_s < 1s", true },
	{ "arithmetic", "totals.closes / totals.connects_ok > 0.9", true },
	{ "several", "totals.closes == 1 and complete == true or run.id == abc", true },
	{ "an element", "workers.0.accepted == 1", true },
	{ "a host's counter", "hosts.p.counters.TcpExt.TW == 1", true },
	{ "a remote end", "hosts.p.to.198.18.0.11:80.states.peak.TIME_WAIT == 1", true },
	{ "of IPv6", "hosts.p.to.[fd00::1]:80.states.peak.TIME_WAIT == 1", true },
	{ "no address", "hosts.p.to.server:80.states.peak.TIME_WAIT == 1", false },
	{ "another host", "hosts.q.to.198.18.0.11:80.states.peak.TIME_WAIT == 1", false },
	{ "an end's, misspelt", "hosts.p.to.198.18.0.11:80.states.peak.TIMEWAIT == 1",
	  false },
	{ "all of an end", "hosts.p.to.198.18.0.11:80.states == 1", false },
	{ "misspelt", "totals.connect_ok == 1", false },
	{ "a misspelt value", "totals.connects_ok == totals.close", false },
	{ "misspelt behind or", "totals.closes == 1 or totals.close == 2", false },
	{ "misspelt in a sum", "totals.closes + totals.close == 2", false },
	{ "a group", "totals == 1", false },
	{ "a list", "ports.range == 1", false },
	{ "nothing", "nothing == 1", false },
	{ "below a figure", "totals.connects_ok.x == 1", false },
	{ "no such element", "workers.1.accepted == 1", false },
	{ "no such errno", "errors.connect.ECONNREFUSD == 0", false },
	{ "an errno in lower case", "errors.connect.econnrefused == 0", false },
	{ "no such stage", "errors.conect.ECONNREFUSED == 0", false },
	{ "an errno elsewhere", "totals.ECONNREFUSED == 0", false },
	/* would be 0 for ever, so an expectation that cannot fail */
	{ "no stage", "errors.ECONNREFUSED == 0", false },
	{ "an errno of a timeout", "errors.timeout.ECONNREFUSED == 0", false },
	{ "no such target", "targets.10.0.0.2:80.failed.ECONNREFUSED == 0", false },
	{ "a target's, misspelt", "targets.10.0.0.1:80.failed.ECONREFUSED == 0", false },
	{ "no status", "http.status.code.2xx == 0", false },
	{ "a status that cannot be", "http.status.code.600 == 0", false },
	{ "a time without a call", "error_times.ECONNREFUSED.first_s == 0", false },
	{ "no such time", "error_times.connect.ECONNREFUSED.third_s == 0", false },
	{ "a time of no errno", "error_times.connect.ECONREFUSED.first_s == 0", false },
	{ "only dots", ".. == 1", false },
	{ "a dot at the end", "totals. == 1", false },
	{ "a dot in front", ".totals == 1", false },
};

TEST_ROWS(an_unknown_path_is_a_usage_error, expects)
{
	json_t *d = json_loads(skeleton, 0, NULL);
	struct err err = { 0 };
	int r = condition_check_paths(row->text, d, &err);

	ck_assert_msg((r == 0) == row->ok, "%s: %s", row->what, err.text);
	if (!row->ok)
		ck_assert_int_eq(err.exit, EXIT_USAGE);
	json_decref(d);
}

/* clang-format off */
static const struct {
	const char *text;
	bool ok;
	const char *value, *expected, *reason;
} answers[] = {
	{ "totals.ok == 12", true, "12", "12", NULL },
	{ "yes == false", false, "true", "false", NULL },
	{ "word == taken", false, "\"made\"", "\"taken\"", NULL },
	{ "latency_us.connect.p99 ~ 4.1ms 5%", true, "4000", "4100", NULL },
	{ "totals.ok / 5 > 2", true, "2.4", "2", NULL },
	{ "totals.ok > 3 and totals.zero > 3", false, "0", "3", NULL },
	{ "errors.connect.EPIPE == 0", true, "0", "0", NULL },
	{ "totals.none == null", true, "null", "null", NULL },
	{ "totals.none == 5", false, "null", "5", "n/a: this run did not measure it" },
	{ "totals.none ~ 5 10%", false, "null", "5", "n/a: this run did not measure it" },
	{ "totals.ok < totals.none", false, "12", "null", "n/a: this run has nothing to compare it with" },
	{ "word < 5", false, "\"made\"", "5", "a number and a word" },
	{ "word < word", false, "\"made\"", "\"made\"", "not a number" },
};
/* clang-format on */

TEST_ROWS(an_answer_shows_what_was_compared, answers)
{
	json_t *d = doc(), *o;
	bool ok;
	const char *const keys[] = { "value", "expected" }, *const wanted[] = {
		row->value, row->expected
	};
	const char *reason;

	o = condition_answer(row->text, d, &ok);
	ck_assert_msg(ok == row->ok, "%s", row->text);
	ck_assert_int_eq(json_is_true(json_object_get(o, "ok")), ok);
	ck_assert_str_eq(json_string_value(json_object_get(o, "expr")), row->text);
	for (unsigned i = 0; i < 2; i++) {
		char *text = json_dumps(json_object_get(o, keys[i]),
					JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));

		ck_assert_str_eq(text, wanted[i]);
		free(text);
	}
	reason = json_string_value(json_object_get(o, "reason"));
	ck_assert_pstr_eq(reason, row->reason);
	json_decref(o);
	json_decref(d);
}

CHECK_MAIN("formula")
