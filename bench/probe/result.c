/* result - what a probe found, as "twstorm.probe/1" and as text.  A figure that was not
 * measured is null. */
#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "bench/probe/probe_kit.h"
#include "bench/probe/result.h"
#include "common/base/clock.h"
#include "common/base/put.h"
#include "common/base/units.h"
#include "common/base/wrap.h"
#include "common/result/condition.h"
#include "common/result/formula_path.h"
#include "common/result/result.h"

/* ---- the figures */

/* The object that holds the figure and its name there: "latency_us.min" is min. */
static json_t *holder(json_t *section, const char *figure, const char **name)
{
	const char *dot = strchr(figure, '.');
	char group[64];
	json_t *o;

	*name = figure;
	if (!dot)
		return section;
	snprintf(group, sizeof(group), "%.*s", (int)(dot - figure), figure);
	o = json_object_get(section, group);
	if (!o) {
		put(section, group, json_object());
		o = json_object_get(section, group);
	}
	return holder(o, dot + 1, name);
}

json_t *probe_section(const struct probe *probe)
{
	json_t *section = json_object();
	const char *name;

	for (size_t i = 0; probe->figures[i]; i++) {
		json_t *o = holder(section, probe->figures[i], &name);

		put(o, name, json_null());
	}
	return section;
}

void probe_set(struct probe_run *run, const char *figure, json_t *value)
{
	const char *name;
	json_t *o = holder(run->section, figure, &name);

	assert(json_object_get(o, name)); /* a row of figures is missing: our bug */
	put(o, name, value);
}

void probe_set_count(struct probe_run *run, const char *figure, uint64_t n)
{
	probe_set(run, figure, json_integer((json_int_t)n));
}

void probe_set_bool(struct probe_run *run, const char *figure, bool is)
{
	probe_set(run, figure, json_boolean(is));
}

void probe_set_errno(struct probe_run *run, const char *figure, int no)
{
	const char *name = no ? strerrorname_np(no) : "ok";

	probe_set(run, figure, json_string(name ? name : "UNKNOWN"));
}

void probe_finding(struct probe_run *run, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(run->finding, sizeof(run->finding), fmt, args);
	va_end(args);
}

/* ---- the document */

static json_t *run_json(const struct probe_run *run)
{
	char started[32], id[64];

	clock_rfc3339(run->begin_wall_ns, started, sizeof(started));
	snprintf(id, sizeof(id), "%s-%d", started, (int)getpid());
	return json_pack("{s:s, s:o, s:s, s:o}", "id", id, "argv",
			 result_argv(run->argc, run->argv), "started_at", started,
			 "duration_s",
			 result_real((double)(run->over_ns - run->begin_ns) / NS_PER_S));
}

static const char *code_of(const struct probe_run *run, const struct err *why)
{
	if (run->signal)
		return "interrupted";
	if (why->exit == EXIT_INCOMPLETE)
		return "inconclusive";
	return why->exit == EXIT_NO_SUPPORT ? "no_support" : "failed";
}

/* "old-duplicate" has the section "old_duplicate". */
static void section_name(const char *probe, char *buf, size_t size)
{
	snprintf(buf, size, "%s", probe);
	for (; (buf = strchr(buf, '-'));)
		*buf = '_';
}

json_t *probe_json(const struct probe_run *run, const struct err *why, unsigned *failed)
{
	const struct probe_options *o = run->options;
	json_t *doc = json_object();
	char name[64];

	put_text(doc, "schema", PROBE_SCHEMA);
	put(doc, "complete", json_boolean(!why));
	if (why)
		put(doc, "error",
		    json_pack("{s:s, s:s}", "code", code_of(run, why), "message",
			      why->text));
	put(doc, "tool", result_tool());
	put(doc, "run", run_json(run));
	put_text(doc, "probe", run->probe->name);
	put(doc, "config", opt_dump(&run->probe->command, o));
	put(doc, "host", result_host(&run->host));
	put(doc, "counters", result_counters(&run->delta));
	put(doc, "finding", run->finding[0] ? json_string(run->finding) : json_null());
	section_name(run->probe->name, name, sizeof(name));
	json_object_set(doc, name, run->section);
	put(doc, "expectations", expect_answer(&o->expect, doc, failed));
	return doc;
}

/* ---- the text */

static void value_text(const json_t *v, char *buf, size_t size)
{
	if (json_is_number(v))
		units_figure(json_number_value(v), buf, size);
	else
		snprintf(buf, size, "%s",
			 json_is_string(v)    ? json_string_value(v)
			 : json_is_boolean(v) ? (json_is_true(v) ? "yes" : "no")
					      : "n/a");
}

/* "states.ready_after_s" is "ready after", for the section's name goes without saying. */
static void say_figure(FILE *to, const char *path, const json_t *v)
{
	const char *unit = json_is_number(v) ? paths_unit(path) : "";
	size_t section = strcspn(path, ".") + 1;
	char label[PATH_TEXT], text[100];

	path_words(path, label, sizeof(label));
	value_text(v, text, sizeof(text));
	fprintf(to, "%-26s%s%s%s\n",
		strncmp(label, path, strcspn(path, "._")) == 0 ? label + section : label,
		text, *unit ? " " : "", unit);
}

static void say_figures(FILE *to, int indent, const char *group, const json_t *o,
			bool deep)
{
	const char *key;
	json_t *v;

	json_object_foreach ((json_t *)o, key, v) {
		char path[PATH_TEXT];

		snprintf(path, sizeof(path), "%s.%s", group, key);
		if (json_is_object(v)) {
			if (deep)
				say_figures(to, indent, path, v, true);
			continue;
		}
		fprintf(to, "%*s", indent, "");
		say_figure(to, path, v);
	}
}

void probe_figures(FILE *to, int indent, const json_t *doc, bool deep)
{
	char name[64];

	section_name(json_string_value(json_object_get(doc, "probe")), name,
		     sizeof(name));
	say_figures(to, indent, name, json_object_get(doc, name), deep);
}

static void say_counters(FILE *to, const json_t *counters)
{
	struct wrap w;
	const char *key;
	json_t *v;
	unsigned n = 0;

	wrap_begin(&w, to, fprintf(to, "%-26s", "counters"));
	json_object_foreach ((json_t *)counters, key, v) {
		char text[96];

		if (json_integer_value(v) == 0)
			continue;
		snprintf(text, sizeof(text), "%s +%" JSON_INTEGER_FORMAT, key,
			 json_integer_value(v));
		wrap_text(&w, text);
		n++;
	}
	fprintf(to, "%s\n", n ? "" : "none moved");
}

static void say_expectations(FILE *to, const json_t *list)
{
	size_t i;
	json_t *row;

	json_array_foreach (list, i, row) {
		bool ok = json_is_true(json_object_get(row, "ok"));
		const char *reason = json_string_value(json_object_get(row, "reason"));
		char *value = json_dumps(json_object_get(row, "value"),
					 JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));

		fprintf(to, "%-26s%s (it is %s)\n", ok ? "true" : "FALSE",
			json_string_value(json_object_get(row, "expr")),
			reason  ? reason
			: value ? value
				: "");
		free(value);
	}
}

void probe_text(FILE *to, const struct probe *probe, const json_t *doc)
{
	char name[64];
	const json_t *section;

	section_name(probe->name, name, sizeof(name));
	section = json_object_get(doc, name);
	wrap_words(to, 0, 0, json_string_value(json_object_get(doc, "finding")));
	fputc('\n', to);
	if (probe->text)
		probe->text(to, section);
	else
		probe_figures(to, 0, doc, true);
	say_counters(to, json_object_get(doc, "counters"));
	say_expectations(to, json_object_get(doc, "expectations"));
}
