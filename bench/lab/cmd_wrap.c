/* cmd_wrap - `twstorm lab wrap`: any program on a private host, its server on a second one, both observed; what it does to
 * its ports. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench/lab/cast.h"
#include "bench/lab/commands.h"
#include "bench/lab/load.h"
#include "bench/lab/run.h"
#include "bench/lab/seen.h"
#include "bench/lab/wrap.h"
#include "common/admin/admin.h"
#include "common/base/put.h"
#include "common/base/signals.h"
#include "common/base/utf8.h"
#include "common/cli/command.h"
#include "common/cli/opt_rows.h"
#include "common/kernel/admin_addr.h"

#define USER_MOST 65534

static const char *const format_names[] = { "text", "json", "none", NULL };
static const char *const variants[WRAP_MOST] = { "A", "B" };

#define OPT_FIELDS struct wrap_options

/* clang-format off */
static const struct opt rows[] = {
	{ "server", 's', TEXT(server), NULL, "'COMMAND'", "this program is the server; {server} is its address", NULL },
	{ "ports", 'p', TEXT(ports), NULL, "LO-HI", "local ports of the host that COMMAND is on", NULL },
	{ "sysctl", 0, TEXTS(sysctl), NULL, "NAME=VALUE", "on both hosts: net.ipv4.tcp_tw_reuse=1; repeatable", NULL },
	{ "user", 'u', COUNT(user), NULL, "UID", "both programs run as this user, not as root", NULL },
	{ "compare", 'c', TEXT(compare), NULL, "'COMMAND'", "then this one under the same conditions, side by side", NULL },
	{ "timeout", 't', DURATION(timeout_ns), NULL, "T", "COMMAND is ended then, if it still runs", NULL },
	{ "expect", 'e', TEXTS(expect), NULL, "'CONDITION'", "fail (exit 3) unless true; repeatable", NULL },
	{ "format", 'f', CHOICE(format), "text", NULL, "on stdout", format_names },
	{ "output", 'o', TEXT(output), NULL, "FILE", "the result as JSON too (- = stdout, instead)", NULL },
	{ "html", 0, TEXT(html), NULL, "FILE", "one page with a lane for each host (- = stdout, instead)", NULL },
	{ "admin", 0, TEXT(admin), NULL, ADMIN_ADDR_FORM, "HTTP: that page while it runs, /metrics, /result.json", NULL },
	{ "admin-token-file", 0, TEXT(admin_token_file), NULL, "FILE", "the token that --admin asks for; required off loopback", NULL },
	{ "quiet", 'q', FLAG(quiet), NULL, NULL, "no plan, no progress, and not what COMMAND says", NULL },
	{ 0 },
};
/* clang-format on */

/* ---- the command line */

/* Without `--` an option of the command's would be taken for one of ours. */
static int check_command(const struct opt_result *parsed, struct err *err)
{
	if (!parsed->n_words)
		return err_usage(err, "lab wrap needs a program: -- COMMAND, as "
				      "'-- curl http://{server}:9000/'");
	if (strcmp(parsed->words[-1], "--") != 0)
		return err_usage(err, "expected '-- COMMAND', not '%.60s'",
				 parsed->words[0]);
	return *parsed->words[0]
		       ? 0
		       : err_usage(err, "-- COMMAND: expected a program, not nothing");
}

static int check_compare(const char *text, struct err *err)
{
	struct words w = { 0 };
	int r = text ? words_split(&w, text, err) : 0;

	if (r < 0)
		r = err_prefix(r, err, "--compare");
	else if (text && !w.n)
		r = err_usage(err, "--compare: expected a program and its arguments");
	words_done(&w);
	return r;
}

static int check(const void *options, const struct opt_result *parsed, struct err *err)
{
	const struct wrap_options *o = options;
	int r = check_command(parsed, err);

	r = r ? r : wrap_scene_check(o, err);
	r = r ? r : check_compare(o->compare, err);
	if (r == 0 && o->user > USER_MOST)
		r = err_usage(err, "--user: expected a number from 1 to %d", USER_MOST);
	r = r ? r : admin_check(o->admin, o->admin_token_file, err);
	return r ? r : wrap_tell_check(o, err);
}

static const struct opt_command command = {
	.name = "lab",
	.usage = "wrap [options] -- COMMAND",
	.man = "lab-wrap",
	.about = "Shows what any program does to its ports, on a private host.",
	.examples =
		"  twstorm lab wrap -- curl http://{server}:9000/\n"
		"  twstorm lab wrap --ports 40000-40999 --server 'redis-server --port "
		"6379\n"
		"    --protected-mode no' -- redis-benchmark -h {server} -k 0 -n 3000\n",
	.rows = rows,
	.positional = true,
	.check = check,
};

/* ---- the runs */

struct wrapped {
	const struct wrap_options *o;
	FILE *out;                /* borrowed: what happened is told there */
	json_t *results, *labels; /* owned */
	int code;                 /* of the first that did not end well */
};

static int words_of(const struct wrap_options *o, size_t i, struct words *out,
		    struct err *err)
{
	*out = (struct words){ 0 };
	if (i)
		return words_split(out, o->compare, err);
	for (char *const *word = o->command; *word; word++)
		words_add(out, text_dup(*word));
	return 0;
}

static int plan_of(const struct wrap_options *o, size_t i, struct scenario *sc,
		   struct plan *plan, struct err *err)
{
	struct words words;
	int r = words_of(o, i, &words, err);

	return r ? r
		 : wrap_scene(o, &words, o->compare ? variants[i] : NULL, sc, plan, err);
}

/* What each result can have, to check conditions by; wrong options are found here, too. */
static int check_plans(const struct wrap_options *o, size_t n, struct err *err)
{
	json_t *skeletons = json_array();
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		struct scenario sc;
		struct plan plan;
		json_t *one;

		r = plan_of(o, i, &sc, &plan, err);
		if (r < 0)
			break;
		one = load_skeleton(plan_main(&plan));
		seen_skeleton(&plan, one);
		json_array_append_new(skeletons, one);
		plan_done(&plan);
		scenario_done(&sc);
	}
	r = r ? r : wrap_expect_check(o, skeletons, err);
	json_decref(skeletons);
	return r;
}

static json_t *argv_json(char *const *argv)
{
	json_t *words = json_array();

	for (; *argv; argv++)
		json_array_append_new(words, utf8_json(*argv));
	return words;
}

static void take(struct wrapped *w, const struct plan *p,
		 const struct run_outcome *outcome)
{
	json_t *result =
		json_object_get(json_object_get(outcome->doc, "part"), WRAP_COMMAND);
	char *label;

	w->code = w->code ? w->code : outcome->code;
	if (json_object_get(result, "schema")) {
		put(json_object_get(result, "lab"), "argv", argv_json(w->o->argv));
		json_array_append(w->results, result);
		json_array_append_new(w->labels, utf8_json(p->label));
		label = plan_label(p, plan_main(p));
		lab_page_tell(&w->o->page, label, "final", json_incref(result));
		free(label);
	}
}

static int run_one(struct wrapped *w, size_t i, struct err *err)
{
	struct lab_order order = { .round = 1, .out = w->out, .brief = i > 0 };
	struct run_outcome outcome;
	struct scenario sc;
	struct plan plan;
	int r = plan_of(w->o, i, &sc, &plan, err);
	char *label;

	if (r < 0)
		return r;
	plan.label = label = words_join(&plan_main(&plan)->argv, " ");
	if (i && strcmp(label, json_string_value(json_array_get(w->labels, 0))) == 0)
		plan.round = 2; /* the same command again */
	plan.relay = w->o->page.fd;
	lab_run(&plan, &order, &outcome);
	putc('\n', w->out);
	fflush(w->out);
	take(w, &plan, &outcome);
	run_outcome_done(&outcome);
	free(label);
	plan_done(&plan);
	scenario_done(&sc);
	return 0;
}

/* A run that left no result has said why, and then there is nothing to compare. */
static int run_all(struct wrapped *w, size_t n, struct err *err)
{
	bool expected = false;
	int r = signals_catch(err);

	for (size_t i = 0;
	     r == 0 && i < n && !signals_got && json_array_size(w->results) == i; i++)
		r = run_one(w, i, err);
	if (r < 0 || !json_array_size(w->results))
		return r < 0 ? r : w->code;
	r = wrap_tell(w->o, w->results, w->labels, &expected, err);
	if (r < 0 || (w->code == EXIT_INCOMPLETE && expected))
		return r;
	return w->code ? w->code : r;
}

static bool tells(const struct wrap_options *o)
{
	bool other = (o->output && strcmp(o->output, "-") == 0) ||
		     (o->html && strcmp(o->html, "-") == 0);

	return o->format == WRAP_TEXT && !other;
}

static int run(void *options, const struct opt_result *parsed, struct err *err)
{
	struct wrap_options *o = options;
	struct wrapped w = { .o = o, .results = json_array(), .labels = json_array() };
	size_t n = o->compare ? WRAP_MOST : 1;
	int r;

	o->command = parsed->words;
	r = check_plans(o, n, err);
	w.out = tells(o) ? stdout : fopen("/dev/null", "w");
	if (r == 0 && !w.out)
		r = err_sys(err, "/dev/null");
	if (r == 0) {
		lab_page_open(&o->page, o->admin, o->admin_token_file, NULL);
		r = run_all(&w, n, err);
		lab_page_close(&o->page);
	}
	if (w.out && w.out != stdout)
		fclose(w.out);
	json_decref(w.results);
	json_decref(w.labels);
	return r;
}

int lab_wrap_main(int argc, char **argv)
{
	struct wrap_options o = { .argv = argv };

	return command_main(&command, run, argc, argv, &o);
}
