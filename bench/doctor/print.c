#include "bench/doctor/print.h"

#include <string.h>
#include "bench/text/text.h"
#include "common/base/units.h"
#include "common/base/utf8.h"
#include "common/base/wrap.h"
#include "common/kernel/tcp_state.h"
#include "common/result/result.h"

#define REMOTES_SHOWN 5
#define LABEL         14

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

static void print_text(FILE *to, const json_t *doc, const char *label, const char *path)
{
	const char *text = json_string_value(result_at(doc, path));

	if (!text)
		return;
	print_label(to, label);
	wrap_words(to, LABEL, LABEL, text);
}

static void print_remotes(FILE *to, const json_t *doc)
{
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

/* Lines to paste are not wrapped. */
static void print_finding(FILE *to, const json_t *finding)
{
	const char *lab = json_string_value(json_object_get(finding, "lab"));
	json_t *line;
	size_t i;

	fprintf(to, "\n%s (%s", utf8_at(finding, "name"), utf8_at(finding, "exact"));
	print_when(to, finding);
	fputs(")\n", to);
	text_wrap(to, 2, utf8_at(finding, "sentence"));
	json_array_foreach (json_object_get(finding, "cure"), i, line)
		fprintf(to, "      %s\n", json_string_value(line));
	if (lab)
		fprintf(to, "  shown by: %s\n", lab);
}

static void print_unsupported(FILE *to, const json_t *doc)
{
	json_t *one, *list = json_object_get(doc, "unsupported");
	struct wrap w;
	char item[160];
	size_t i;

	if (!json_array_size(list))
		return;
	fputc('\n', to);
	print_label(to, "cannot tell");
	wrap_begin(&w, to, LABEL);
	json_array_foreach (list, i, one) {
		snprintf(item, sizeof(item), "%s (%s)", utf8_at(one, "name"),
			 utf8_at(one, "needs"));
		wrap_text(&w, item);
	}
	fputc('\n', to);
}

void doctor_print(FILE *to, const json_t *doc)
{
	json_t *one;
	size_t i;

	if (json_is_integer(json_object_get(doc, "netns")))
		fprintf(to, "this host, netns %" JSON_INTEGER_FORMAT "\n",
			json_integer_value(json_object_get(doc, "netns")));
	if (json_array_size(json_object_get(doc, "findings")) == 0) {
		fprintf(to, "%s: ", utf8_at(doc, "first"));
		wrap_words(to, (int)strlen(utf8_at(doc, "first")) + 2, 0,
			   utf8_at(doc, "says"));
	}
	if (json_integer_value(result_at(doc, "lines.understood")) == 0)
		return;
	print_states(to, doc);
	print_text(to, doc, "counts are", "facts.worth");
	print_text(to, doc, "closes first", "facts.closes_first");
	print_remotes(to, doc);
	json_array_foreach (json_object_get(doc, "findings"), i, one)
		print_finding(to, one);
	print_unsupported(to, doc);
}
