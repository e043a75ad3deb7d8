#include "bench/doctor/print.h"

#include <string.h>
#include "bench/text/text.h"
#include "common/base/units.h"
#include "common/base/utf8.h"
#include "common/base/wrap.h"
#include "common/kernel/tcp_state.h"
#include "common/result/figure.h"
#include "common/result/result.h"

#define REMOTES_SHOWN 5
#define LABEL         13

static void print_label(FILE *to, const char *label)
{
	fprintf(to, "%-*s", LABEL, label);
}

static void print_states(FILE *to, const json_t *doc)
{
	const json_t *states = json_object_get(doc, "states");
	struct wrap w;
	char item[64];
	bool any = false;

	for (unsigned i = 1; i < TCP_STATE_MAX; i++) {
		json_t *n = json_object_get(states, tcp_state_name(i));

		if (!json_is_integer(n) || !json_integer_value(n))
			continue;
		if (!any) {
			print_label(to, "sockets");
			wrap_begin(&w, to, LABEL);
			any = true;
		}
		snprintf(item, sizeof(item), "%s %s", tcp_state_name(i),
			 units_grouped((uint64_t)json_integer_value(n)));
		wrap_text(&w, item);
	}
	if (any)
		fputc('\n', to);
}

static void print_remotes(FILE *to, const json_t *doc)
{
	json_int_t folded = json_integer_value(result_at(doc, "facts.folded"));
	json_t *one;
	size_t i;

	json_array_foreach (json_object_get(doc, "remote"), i, one) {
		json_t *used = json_object_get(one, "ports_used");
		json_int_t n = json_integer_value(json_object_get(one, "sockets"));

		if (i == REMOTES_SHOWN)
			break;
		print_label(to, i ? "" : "remote");
		fprintf(to, "%s  %s socket%s", utf8_at(one, "address"),
			units_grouped((uint64_t)n), n == 1 ? "" : "s");
		if (json_is_integer(used))
			fprintf(to, ", %s local port%s",
				units_grouped((uint64_t)json_integer_value(used)),
				json_integer_value(used) == 1 ? "" : "s");
		fputc('\n', to);
	}
	if (folded) {
		print_label(to, "");
		fprintf(to,
			"others  %s socket%s with remote ends too many to be told "
			"apart\n",
			units_grouped((uint64_t)folded), folded == 1 ? "" : "s");
	}
}

static void print_when(FILE *to, const json_t *finding)
{
	json_t *in_s = json_object_get(finding, "in_s");

	if (!json_is_number(in_s))
		return;
	if (json_number_value(in_s) == 0)
		fputs(", now", to);
	else
		fprintf(to, ", in %.0f s", json_number_value(in_s));
}

static void print_read_from(FILE *to, const json_t *finding)
{
	json_t *one;
	size_t i;

	json_array_foreach (json_object_get(finding, "read_from"), i, one)
		fprintf(to, "%s%s", i ? ", " : "  read from: ",
			json_is_string(one) ? json_string_value(one) : "?");
	if (i)
		fputc('\n', to);
}

/* Lines to paste are not wrapped. */
void doctor_print_finding(FILE *to, const json_t *finding)
{
	const char *lab = json_string_value(json_object_get(finding, "lab"));
	json_t *line;
	size_t i;

	fprintf(to, "\n%s (%s", utf8_at(finding, "name"), utf8_at(finding, "exact"));
	print_when(to, finding);
	fputs(")\n", to);
	text_wrap(to, 2, utf8_at(finding, "sentence"));
	print_read_from(to, finding);
	json_array_foreach (json_object_get(finding, "cure"), i, line)
		if (json_is_string(line))
			fprintf(to, "      %s\n", json_string_value(line));
	if (lab)
		fprintf(to, "  shown by: %s\n", lab);
}

/* The findings that one command would tell of are named together. */
static void unsupported_item(struct wrap *w, const json_t *list, size_t first)
{
	const char *needs = utf8_at(json_array_get(list, first), "needs");
	char item[200] = "";
	json_t *one;
	size_t i;

	json_array_foreach ((json_t *)list, i, one) {
		size_t len = strlen(item);

		if (strcmp(utf8_at(one, "needs"), needs) != 0)
			continue;
		if (i < first)
			return;
		snprintf(item + len, sizeof(item) - len, "%s%s", len ? ", " : "",
			 utf8_at(one, "name"));
	}
	snprintf(item + strlen(item), sizeof(item) - strlen(item), " (%s)", needs);
	wrap_text(w, item);
}

static void print_unsupported(FILE *to, const json_t *doc)
{
	json_t *list = json_object_get(doc, "unsupported");
	struct wrap w;

	if (!json_array_size(list))
		return;
	fputc('\n', to);
	print_label(to, "cannot tell");
	wrap_begin(&w, to, LABEL);
	for (size_t i = 0; i < json_array_size(list); i++)
		unsupported_item(&w, list, i);
	fputc('\n', to);
}

/* What the figures are worth, and what they say of both ends. */
static const struct figure_line of_the_text[] = {
	{ "hosts", "facts.hosts.1 != null",
	  "the text is of several hosts, pods or namespaces ({facts.hosts.0}, "
	  "{facts.hosts.1}...), and their figures "
	  "are taken together: give each a FILE of its own" },
	{ "sockets", "facts.worth == nothing and lines.understood > 0",
	  "none in the text" },
	{ "counts are", "facts.worth != nothing",
	  "{facts.worth}{facts.listed > 0 and facts.cut == false and facts.filtered == "
	  "true?, of the part of a list that "
	  "the text shows}{facts.listed > 0 and facts.cut == false and facts.filtered == "
	  "false and facts.headed == false"
	  "?; without a header or a command the list may be a part}{facts.lost == true"
	  "?; rows that cannot be read are not counted}" },
	{ "closes first", "facts.closes_first != null", "{facts.closes_first}" },
};

/* Which host and namespace it is, and how it was looked at, if not as usual. */
static void print_source(FILE *to, const json_t *doc)
{
	const json_t *netns = json_object_get(doc, "netns");
	const char *by = json_string_value(result_at(doc, "facts.method"));
	const char *why = json_string_value(result_at(doc, "facts.method_why"));
	const char *no_events =
		json_string_value(result_at(doc, "facts.failing.why_not"));
	char text[700];
	json_t *one;
	size_t i;
	int len;

	if (!by)
		return;
	if (json_is_integer(netns))
		len = snprintf(text, sizeof(text),
			       "this host, netns %" JSON_INTEGER_FORMAT,
			       json_integer_value(netns));
	else
		len = snprintf(text, sizeof(text), "this host, netns not known");
	if (why)
		len += snprintf(text + len, sizeof(text) - (size_t)len, ", %s%s (%.160s)",
				strcmp(by, "nothing") == 0 ? "no sockets" : "sockets by ",
				strcmp(by, "nothing") == 0 ? "" : by, why);
	if (no_events)
		snprintf(text + len, sizeof(text) - (size_t)len,
			 ", without events of destroyed sockets (%.160s)", no_events);
	wrap_words(to, 0, 0, text);
	json_array_foreach (result_at(doc, "facts.not_told"), i, one) {
		print_label(to, i ? "" : "not told");
		wrap_words(to, LABEL, LABEL, json_string_value(one));
	}
}

void doctor_print(FILE *to, const json_t *doc)
{
	json_t *one;
	size_t i;

	print_source(to, doc);
	if (json_array_size(json_object_get(doc, "findings")) == 0) {
		fprintf(to, "%s: ", utf8_at(doc, "first"));
		wrap_words(to, (int)strlen(utf8_at(doc, "first")) + 2, 0,
			   utf8_at(doc, "says"));
	}
	if (!json_is_string(result_at(doc, "facts.method")) &&
	    json_integer_value(result_at(doc, "lines.understood")) == 0)
		return;
	print_states(to, doc);
	figure_lines(to, doc, of_the_text, sizeof(of_the_text) / sizeof(*of_the_text));
	print_remotes(to, doc);
	json_array_foreach (json_object_get(doc, "findings"), i, one)
		doctor_print_finding(to, one);
	print_unsupported(to, doc);
}
