#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include "bench/lab/wrap.h"
#include "common/base/put.h"
#include "common/cli/output.h"
#include "common/html/html.h"
#include "common/result/compare.h"
#include "common/result/compare_text.h"
#include "common/result/condition.h"
#include "common/result/result_text.h"

static bool is_stdout(const char *path)
{
	return path && strcmp(path, "-") == 0;
}

/* Of the second command: out.json, out.compare.json.  Heap; NULL where there is no such file. */
static char *second_file(const struct wrap_options *o)
{
	size_t len = o->output ? strlen(o->output) : 0;

	if (!o->output || !o->compare || is_stdout(o->output))
		return NULL;
	if (len > 5 && strcmp(o->output + len - 5, ".json") == 0)
		len -= 5;
	return text_printf("%.*s.compare%s", (int)len, o->output, o->output + len);
}

int wrap_tell_check(const struct wrap_options *o, struct err *err)
{
	char *second = second_file(o);
	int r = 0;

	if (o->output && o->html && strcmp(o->output, o->html) == 0)
		r = err_usage(err, "--output and --html are the same file");
	r = r ? r : output_check(o->output, err);
	r = r ? r : output_check(second, err);
	r = r ? r : output_check(o->html, err);
	free(second);
	return r;
}

/* ---- --expect: paths of the result; of two as `twstorm report` has them, a.PATH and b.PATH */

static json_t *subject_of(const json_t *results)
{
	json_t *all, *one;
	char name[PATH_LETTERS];
	size_t i;

	if (json_array_size(results) == 1)
		return json_incref(json_array_get(results, 0));
	all = json_object();
	json_array_foreach ((json_t *)results, i, one)
		json_object_set(all, path_letter(i, name), one);
	return all;
}

int wrap_expect_check(const struct wrap_options *o, const json_t *skeletons,
		      struct err *err)
{
	json_t *doc = subject_of(skeletons);
	int r = expect_check(&o->expect, doc, err);

	json_decref(doc);
	return r;
}

static json_t *answers_of(const struct wrap_options *o, const json_t *results,
			  unsigned *failed)
{
	json_t *doc = subject_of(results);
	json_t *answers = expect_answer(&o->expect, doc, failed);

	json_decref(doc);
	return answers;
}

/* ---- where it goes */

static int print(const struct wrap_options *o, const json_t *doc, bool compared,
		 struct err *err)
{
	if (is_stdout(o->output) || o->format == WRAP_JSON)
		return output_json("-", doc, err);
	if (is_stdout(o->html) || o->format == WRAP_NONE)
		return 0;
	if (compared)
		compare_text(stdout, doc);
	result_text_expectations(stdout, doc);
	return output_flush_stdout(err);
}

static int write_files(const struct wrap_options *o, const json_t *results,
		       struct err *err)
{
	char *second = second_file(o);
	int r = 0;

	if (o->output && !is_stdout(o->output))
		r = output_json(o->output, json_array_get(results, 0), err);
	if (r == 0 && second && json_array_size(results) > 1)
		r = output_json(second, json_array_get(results, 1), err);
	free(second);
	return r;
}

static int write_page(const struct wrap_options *o, const json_t *results,
		      const json_t *labels, const json_t *answers, struct err *err)
{
	json_t *page;
	int r;

	if (!o->html)
		return 0;
	page = json_pack("{s:O, s:O, s:O}", "results", results, "labels", labels,
			 "expectations", answers);
	r = html_write(o->html, page, err);
	json_decref(page);
	return r;
}

int wrap_tell(const struct wrap_options *o, json_t *results, const json_t *labels,
	      bool *expected, struct err *err)
{
	bool compared = json_array_size(results) > 1;
	unsigned failed = 0;
	json_t *answers = answers_of(o, results, &failed);
	json_t *doc = compared ? compare_results(results, labels)
			       : json_incref(json_array_get(results, 0));
	int r;

	json_object_set(doc, "expectations", answers);
	lab_page_tell(&o->page, "", "expectations", json_incref(answers));
	*expected = !compared && expect_names_failure(answers);
	r = write_files(o, results, err);
	r = r ? r : write_page(o, results, labels, answers, err);
	r = r ? r : print(o, doc, compared, err);
	json_decref(doc);
	json_decref(answers);
	return r ? r : failed ? EXIT_EXPECTATION : 0;
}
