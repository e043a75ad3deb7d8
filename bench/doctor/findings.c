#include "bench/doctor/findings.h"

#include <string.h>
#include "common/base/clock.h"
#include "common/base/put.h"
#include "common/result/condition.h"
#include "common/result/figure.h"
#include "common/result/result.h"

enum when { NOW, SOON, SINCE };
enum worth { EXACT, ESTIMATE };

static const struct finding {
	const char *name;
	enum when when;
	enum worth worth;
	const char *condition, *sentence, *cure, *lab;
} findings[] = {
#define FINDING(name, when, worth, condition, sentence, cure, lab)                       \
	{ #name, when, worth, condition, sentence, cure, lab },
#include "bench/doctor/findings.def"
};

static const struct answer {
	const char *name, *condition, *sentence;
} answers[] = {
#define ANSWER(name, condition, sentence) { #name, condition, sentence },
#include "bench/doctor/findings.def"
};

static const struct need {
	const char *name, *path, *what, *why_not_here;
} needs[] = {
#define NEEDS(name, path, what, why_not_here) { #name, path, what, why_not_here },
#include "bench/doctor/findings.def"
};

#define N(rows) (sizeof(rows) / sizeof((rows)[0]))

/* Where the figures of a live look are read: by the beginning of their path, the first that fits. */
static const struct {
	const char *path, *where;
} sources[] = {
	{ "facts.sysctl", "/proc/sys" },
	{ "facts.range", "/proc/sys" },
	{ "facts.tcp_mem", "/proc/sys" },
	{ "facts.conntrack", "/proc/sys" },
	{ "facts.counters", "/proc/net/netstat" },
	{ "facts.grown", "/proc/net/netstat" },
	{ "facts.per_s", "/proc/net/netstat" },
	{ "facts.sockstat", "/proc/net/sockstat" },
	{ "facts.descriptors", "/proc/PID" },
	{ "facts.failing", "sock_diag's events" },
	{ "facts.pool", "sock_diag's events" },
	{ "facts.log", NULL },
	{ "facts.interval_s", NULL },
	{ "facts.at_least", NULL },
	{ "source", NULL },
	{ "", "sock_diag" },
};

static json_t *read_from(const json_t *doc, const json_t *evidence)
{
	const char *method = json_string_value(result_at(doc, "facts.method")), *path;
	json_t *list = json_array(), *value;
	bool is_in[N(sources)] = { false };

	json_object_foreach ((json_t *)evidence, path, value) {
		size_t i = 0;

		while (strncmp(path, sources[i].path, strlen(sources[i].path)) != 0)
			i++;
		for (size_t k = 0; k < i; k++)
			if (sources[k].where && sources[i].where &&
			    strcmp(sources[k].where, sources[i].where) == 0)
				i = k;
		is_in[i] = true;
	}
	for (size_t i = N(sources); i-- && method;)
		if (is_in[i] && sources[i].where)
			json_array_append_new(list, json_string(*sources[i].path
									? sources[i].where
									: method));
	return list;
}

struct evidence {
	const json_t *doc;
	json_t *found; /* owned by the finding */
};

static bool keep_figure(const char *path, void *arg)
{
	struct evidence *e = arg;
	json_t *figure = result_at(e->doc, path);

	if (json_is_number(figure) || json_is_boolean(figure) || json_is_string(figure))
		json_object_set(e->found, path, figure);
	return false;
}

/* A sentence begins with a capital, whatever was put in front of it. */
static const char *capital(char *text)
{
	if (*text >= 'a' && *text <= 'z' && strncmp(text, "connect()", 9) != 0 &&
	    strncmp(text, "bind()", 6) != 0 && strncmp(text, "tcp_", 4) != 0)
		*text = (char)(*text - 'a' + 'A');
	return text;
}

static json_t *cure_lines(const json_t *doc, const char *cure)
{
	json_t *list = json_array();
	char line[FIGURE_TEXT], text[FIGURE_TEXT];

	while (*cure) {
		size_t len = strcspn(cure, "\n");

		snprintf(line, sizeof(line), "%.*s", (int)len, cure);
		figure_fill(doc, line, text);
		if (*text)
			json_array_append_new(list, json_string(text));
		cure += len + (cure[len] == '\n');
	}
	return list;
}

/* A finding that says "at least" where the list is cut is a lower bound then. */
static const char *worth_of(const struct finding *f, const json_t *evidence)
{
	if (f->worth == ESTIMATE)
		return "estimate";
	return json_is_true(json_object_get(evidence, "facts.at_least")) ||
			       json_integer_value(
				       json_object_get(evidence, "facts.failing.lost"))
		       ? "lower bound"
		       : "exact";
}

static json_t *finding_json(const json_t *doc, const struct finding *f)
{
	struct evidence e = { doc, json_object() };
	char sentence[FIGURE_TEXT];
	json_t *o = json_object(), *in_s = NULL;

	condition_any_path(f->condition, keep_figure, &e);
	figure_any_path(f->sentence, keep_figure, &e);
	if (f->when == SOON)
		in_s = result_at(doc, "facts.soonest.full_in_s");
	put_text(o, "name", f->name);
	put_text(o, "exact", worth_of(f, e.found));
	put(o, "in_s",
	    f->when == NOW ? json_integer(0)
	    : in_s         ? json_incref(in_s)
			   : json_null());
	put_text(o, "sentence", capital(figure_fill(doc, f->sentence, sentence)));
	put(o, "evidence", e.found);
	put(o, "read_from", read_from(doc, e.found));
	put(o, "cure", cure_lines(doc, f->cure));
	put_text(o, "lab", *f->lab ? f->lab : NULL);
	return o;
}

static bool is_found(const json_t *list, const char *name)
{
	json_t *one;
	size_t i;

	json_array_foreach ((json_t *)list, i, one)
		if (strcmp(json_string_value(json_object_get(one, "name")), name) == 0)
			return true;
	return false;
}

static bool is_linux(const json_t *doc)
{
	const char *system = json_string_value(result_at(doc, "facts.system"));

	return !system || strcmp(system, "linux") == 0;
}

static json_t *find_all(const json_t *doc)
{
	json_t *list = json_array();

	for (int when = NOW; when <= SINCE && is_linux(doc); when++)
		for (size_t i = 0; i < N(findings); i++)
			if ((int)findings[i].when == when &&
			    !is_found(list, findings[i].name) &&
			    figure_holds(doc, findings[i].condition))
				json_array_append_new(list,
						      finding_json(doc, &findings[i]));
	return list;
}

static bool can_be_told(const json_t *doc, const char *name)
{
	for (size_t i = 0; i < N(needs); i++)
		if (strcmp(needs[i].name, name) == 0 &&
		    !json_is_null(result_at(doc, needs[i].path)))
			return true;
	return false;
}

static json_t *find_unsupported(const json_t *doc, const json_t *found)
{
	const char *source = json_string_value(json_object_get(doc, "source"));
	bool live = source && strcmp(source, "live") == 0;
	json_t *list = json_array();

	for (size_t i = 0; i < N(needs) && is_linux(doc); i++)
		if (!can_be_told(doc, needs[i].name) && !is_found(found, needs[i].name))
			json_array_append_new(
				list,
				json_pack("{s:s, s:s}", "name", needs[i].name, "needs",
					  live ? needs[i].why_not_here : needs[i].what));
	return list;
}

void findings_add(json_t *doc)
{
	json_t *found = find_all(doc), *first = json_array_get(found, 0);
	char sentence[FIGURE_TEXT];

	put(doc, "findings", found);
	put(doc, "unsupported", find_unsupported(doc, found));
	if (first) {
		put(doc, "first", json_incref(json_object_get(first, "name")));
		put(doc, "says", json_incref(json_object_get(first, "sentence")));
		return;
	}
	for (size_t i = 0; i < N(answers); i++)
		if (figure_holds(doc, answers[i].condition)) {
			put_text(doc, "first", answers[i].name);
			figure_fill(doc, answers[i].sentence, sentence);
			put_text(doc, "says", capital(sentence));
			return;
		}
}

void findings_add_skeleton(json_t *doc)
{
	json_t *found;

	findings_add(doc);
	found = json_object_get(doc, "findings");
	for (size_t i = 0; i < N(needs); i++)
		json_array_append_new(found, json_pack("{s:s, s:s, s:n, s:s, s:n}",
						       "name", "", "exact", "", "in_s",
						       "sentence", "", "lab"));
}

bool findings_within(const json_t *doc, uint64_t horizon_ns)
{
	json_t *one;
	size_t i;

	json_array_foreach (json_object_get(doc, "findings"), i, one) {
		json_t *in_s = json_object_get(one, "in_s");

		if (json_is_number(in_s) &&
		    json_number_value(in_s) <= (double)horizon_ns / NS_PER_S)
			return true;
	}
	return false;
}

void findings_each_text(void (*condition)(const char *text, void *arg),
			void (*sentence)(const char *text, void *arg), void *arg)
{
	for (size_t i = 0; i < N(findings); i++) {
		condition(findings[i].condition, arg);
		sentence(findings[i].sentence, arg);
		sentence(findings[i].cure, arg);
	}
	for (size_t i = 0; i < N(answers); i++) {
		condition(answers[i].condition, arg);
		sentence(answers[i].sentence, arg);
	}
	for (size_t i = 0; i < N(needs); i++)
		condition(needs[i].path, arg);
}
