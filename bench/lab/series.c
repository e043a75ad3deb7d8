#include "bench/lab/series.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench/judge/judge.h"
#include "bench/lab/names.h"
#include "bench/lab/narrate.h"
#include "bench/lab/page.h"
#include "bench/lab/run.h"
#include "bench/lab/skeleton.h"
#include "bench/lab/summary.h"
#include "bench/scenario/plan.h"
#include "bench/text/next.h"
#include "common/base/signals.h"
#include "common/base/utf8.h"
#include "common/cli/command.h"
#include "common/cli/output.h"
#include "common/html/html.h"

struct series {
	const struct scenario *sc;
	const struct series_order *order;
	bool *chosen; /* owned: for each variant */
	size_t n_chosen;
	json_t *rows;                  /* owned: of every run */
	json_t *results;               /* owned: of the first round, for the report */
	json_t *labels;                /* owned: their names */
	json_t *columns;               /* owned: of the first plan */
	json_t *base;                  /* owned: the baseline's document of this round */
	char *baseline, *about, *next; /* owned: of the first plan */
	json_t *files; /* owned: what results will be called, without .json; a set */
	unsigned repeat;
	int code;                  /* of the first that failed */
	bool interrupted, stopped; /* ... and the others do not go on */
	bool has_table;            /* of verdicts or columns */
	FILE *story;               /* owned, where it is not order->out: of each run */
	struct lab_page page;      /* embedded: of the report so far */
};

/* ---- which variants */

static bool choose(struct series *s, const char *name)
{
	for (size_t i = 0; i < s->sc->n_variants; i++) {
		if (strcmp(s->sc->variants[i], name) != 0)
			continue;
		s->n_chosen += !s->chosen[i];
		s->chosen[i] = true;
		return true;
	}
	return false;
}

/* Those of one --variant. */
static int choose_some(struct series *s, const char *names, struct err *err)
{
	char *list, *rest, *one;
	int r = 0;

	list = rest = text_dup(names);
	while (r == 0 && (one = strsep(&rest, ",")))
		if (!choose(s, one))
			r = err_usage(err, "%s has no variant '%s'", s->sc->path, one);
	free(list);
	return r;
}

static int choose_all(struct series *s, struct err *err)
{
	const struct opt_texts *asked = &s->order->variants;
	int r = 0;

	for (size_t i = 0; asked->n == 0 && i < s->sc->n_variants; i++)
		choose(s, s->sc->variants[i]);
	for (size_t i = 0; r == 0 && i < asked->n; i++)
		r = choose_some(s, asked->at[i], err);
	if (r == 0 && *s->baseline)
		choose(s, s->baseline); /* what the others are compared with */
	return r;
}

/* ---- before anything runs */

static void take_texts(struct series *s, const struct plan *p)
{
	s->columns = judge_columns(p);
	s->has_table = p->columns.n || p->verdicts.n;
	s->baseline = text_dup(p->baseline);
	s->about = text_dup(p->about);
	s->next = text_dup(p->next);
	s->repeat = s->order->repeat ? s->order->repeat : p->repeat;
	s->repeat = s->order->dry_run ? 1 : s->repeat;
}

static int check_variant(struct series *s, const char *variant, json_t **base,
			 struct err *err)
{
	struct plan plan;
	int r = plan_build(s->sc, variant, s->order->quiet, &plan, err);

	if (r < 0)
		return r;
	r = names_check(&plan, s->files, err);
	if (!s->baseline)
		take_texts(s, &plan);
	if (r == 0 && base)
		r = skeleton_check(&plan, base, err);
	plan_done(&plan);
	return r;
}

/* A mistake anywhere in the file is told first, with `paths` also one in a path; the first plan's texts
 * are the scenario's. */
static int check(struct series *s, bool paths, struct err *err)
{
	json_t *base = NULL;
	int r = 0;

	json_object_set_new(s->files, "summary", json_true());
	for (size_t i = 0; r == 0 && i < s->sc->n_variants; i++)
		r = check_variant(s, s->sc->variants[i], paths ? &base : NULL, err);
	json_decref(base);
	return r ? r : choose_all(s, err);
}

/* One run is told in full, and so is each that no table tells of. */
static bool tells_each(const struct series *s)
{
	return s->order->verbose || !s->has_table || s->n_chosen * s->repeat < 2;
}

static int prepare_story(struct series *s, struct err *err)
{
	s->story = tells_each(s) ? s->order->out : fopen("/dev/null", "w");
	return s->story ? 0 : err_sys(err, "/dev/null");
}

static int prepare_dir(const struct series *s, struct err *err)
{
	char *file = text_printf("%s/summary.json", s->order->dir);
	int r = output_dirs(s->order->dir, err);

	r = r ? r : output_check(file, err);
	free(file);
	return r;
}

/* ---- one run */

static bool goes_on(const struct series *s)
{
	return !s->interrupted && !signals_got && (!s->stopped || s->order->keep_going);
}

/* The report shows the first round; the later ones are files of their own. */
static void add_results(struct series *s, const struct plan *p,
			const struct run_outcome *o)
{
	json_t *parts = json_object_get(o->doc, "part"), *one;
	const char *name;

	json_object_foreach (parts, name, one) {
		char *label;

		if (!json_object_get(one, "schema"))
			continue; /* it only ended */
		label = plan_label(p, plan_part(p, name));
		if (p->round == 1) {
			json_array_append(s->results, one);
			json_array_append_new(s->labels, utf8_json(label));
		}
		lab_page_tell(&s->page, label, p->round == 1 ? "final" : "gone",
			      p->round == 1 ? json_incref(one) : json_true());
		free(label);
	}
}

static void take_outcome(struct series *s, const struct plan *p, struct run_outcome *o)
{
	json_array_append(s->rows, o->row);
	add_results(s, p, o);
	lab_page_tell(&s->page, "", "row", json_incref(o->row));
	if (plan_is_baseline(p)) {
		json_decref(s->base);
		s->base = o->judged && !o->is_void ? json_deep_copy(o->doc) : NULL;
	}
	s->interrupted = o->interrupted;
	if (!o->code || (o->not_here && !s->interrupted))
		return;
	s->code = s->code ? s->code : o->code;
	s->stopped =
		s->stopped || !o->is_void; /* what is void is a row like the others */
}

static bool is_baseline(const struct series *s, const char *variant)
{
	return strcmp(variant, s->baseline) == 0;
}

static void run_one(struct series *s, const char *variant, unsigned round)
{
	struct lab_order order = { .dir = s->order->dir,
				   .round = round,
				   .base = is_baseline(s, variant) ? NULL : s->base,
				   .out = s->story,
				   .brief = json_array_size(s->rows) > 0 };
	struct run_outcome outcome;
	struct plan plan;
	struct err err;

	if (plan_build(s->sc, variant, s->order->quiet, &plan, &err) < 0) {
		s->code = command_failed("lab", &err);
		s->stopped = true;
		return;
	}
	if (s->order->dry_run) {
		narrate_before(s->order->out, &plan, false);
	} else {
		plan.relay = s->page.fd;
		plan.round = round;
		lab_run(&plan, &order, &outcome);
		putc('\n', s->story);
		fflush(s->story);
		take_outcome(s, &plan, &outcome);
		if (!s->order->quiet && !tells_each(s))
			summary_line(stderr, outcome.row);
		run_outcome_done(&outcome);
	}
	plan_done(&plan);
}

/* The baseline comes first, wherever it stands in the file. */
static void run_round(struct series *s, unsigned round)
{
	if (*s->baseline)
		run_one(s, s->baseline, round);
	for (size_t i = 0; goes_on(s) && i < s->sc->n_variants; i++)
		if (s->chosen[i] && !is_baseline(s, s->sc->variants[i]))
			run_one(s, s->sc->variants[i], round);
}

/* ---- what it comes to */

/* Nothing could be shown if all that was asked for is not on this kernel. */
static void check_any_ran(struct series *s)
{
	size_t i, not_here = 0, asked = 0;
	json_t *row;

	json_array_foreach (s->rows, i, row) {
		bool is_base = is_baseline(
			s, json_string_value(json_object_get(row, "variant")));

		if (is_base && s->n_chosen > 1)
			continue;
		asked++;
		not_here += json_integer_value(json_object_get(row, "code")) ==
			    EXIT_NO_SUPPORT;
	}
	if (!s->code && asked && asked == not_here)
		s->code = EXIT_NO_SUPPORT;
}

static json_t *summary(const struct series *s)
{
	return json_pack("{s:s, s:o, s:o, s:s, s:s, s:i, s:O, s:O}", "schema",
			 "twstorm.lab/1", "scenario", utf8_json(s->sc->name), "file",
			 utf8_json(s->sc->path), "about", s->about, "baseline",
			 s->baseline, "rounds", (int)s->repeat, "columns", s->columns,
			 "rows", s->rows);
}

static void write_document(struct series *s, const char *name, const json_t *doc,
			   int (*write)(const char *path, const json_t *doc,
					struct err *err))
{
	char *path = text_printf("%s/%s", s->order->dir, name);
	struct err err;
	int code = write(path, doc, &err) < 0 ? command_failed("lab", &err) : 0;

	s->code = s->code ? s->code : code;
	free(path);
}

static void keep_summary(struct series *s, json_t *doc)
{
	json_t *page;

	write_document(s, "summary.json", doc, output_json);
	if (json_array_size(s->results) > 0) {
		page = json_pack("{s:s, s:o, s:O, s:O, s:O}", "schema", HTML_SCHEMA,
				 "title", utf8_json(s->sc->name), "results", s->results,
				 "labels", s->labels, "lab", doc);
		write_document(s, "report.html", page, html_write);
		json_decref(page);
		fprintf(s->order->out, "Report: %s/report.html\n\n", s->order->dir);
	}
}

static void conclude(struct series *s)
{
	const struct summary_from from = { s->order->word, s->order->dir, tells_each(s),
					   json_array_size(s->results) > 0 };
	json_t *doc = summary(s);

	check_any_ran(s);
	summary_print(s->order->out, doc, &from);
	keep_summary(s, doc);
	json_decref(doc);
	if (s->code == EXIT_COMPLETE && *s->next) {
		fprintf(s->order->out, "File:   %s\n\n", s->sc->path);
		next_print(s->order->out, s->next);
	}
}

/* What the report is about; rows and results come as they are there. */
static void tell_page(const struct series *s)
{
	if (s->page.fd)
		lab_page_tell(&s->page, "", "lab", summary(s));
}

static void series_done(struct series *s)
{
	if (s->story && s->story != s->order->out)
		fclose(s->story);
	free(s->chosen);
	json_decref(s->files);
	free(s->baseline);
	free(s->about);
	free(s->next);
	json_decref(s->rows);
	json_decref(s->results);
	json_decref(s->labels);
	json_decref(s->columns);
	json_decref(s->base);
}

static void series_init(struct series *s, const struct scenario *sc,
			const struct series_order *order)
{
	*s = (struct series){ .sc = sc,
			      .order = order,
			      .files = json_object(),
			      .rows = json_array(),
			      .results = json_array(),
			      .labels = json_array(),
			      .chosen = text_checked(
				      calloc(sc->n_variants, sizeof(bool))) };
}

int series_check(const struct scenario *sc, const struct series_order *order,
		 struct err *err)
{
	struct series s;
	int r;

	series_init(&s, sc, order);
	r = check(&s, true, err);
	series_done(&s);
	return r ? r : skeleton_check_args(sc, err);
}

int series_run(const struct scenario *sc, const struct series_order *order)
{
	struct series s;
	struct err err;

	series_init(&s, sc, order);
	if (check(&s, false, &err) < 0 || prepare_story(&s, &err) < 0 ||
	    (!order->dry_run && (prepare_dir(&s, &err) < 0 || signals_catch(&err) < 0))) {
		s.code = command_failed("lab", &err);
	} else {
		lab_page_open(&s.page, order->dry_run ? NULL : order->admin,
			      order->admin_token_file, sc->name);
		tell_page(&s);
		for (unsigned round = 1; goes_on(&s) && round <= s.repeat; round++)
			run_round(&s, round);
		if (!order->dry_run)
			conclude(&s);
		lab_page_close(&s.page);
	}
	series_done(&s);
	/* The signal is the end of it all, whatever failed before; but not if it took the
	 * result. */
	return signals_got && s.code != EXIT_NOT_WRITTEN ? 128 + signals_got : s.code;
}
