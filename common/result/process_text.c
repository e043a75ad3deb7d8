#include "common/result/process_text.h"

#include <string.h>
#include "common/base/units.h"
#include "common/base/wrap.h"
#include "common/kernel/tcp_state.h"
#include "common/result/figure.h"
#include "common/result/result.h"
#include "common/result/result_text.h"
#include "common/result/story.h"

/* clang-format off */
static const struct figure_line costs[] = {
	{ "command", "wall_s != null",
	  "{exit_code != null?exit code {exit_code}}{signal != null?signal {signal}}{exit_code == null and signal == null?told to end}"
	  " after {wall_s} s; CPU {cpu_s} s, memory {max_rss_kb} kB at most" },
	{ "", "left_behind > 0", "{left_behind} process{left_behind != 1?es} of it ran on" },
};
/* clang-format on */

void process_text_lines(FILE *to, const json_t *result, int indent)
{
	const json_t *lines = json_object_get(result, "lines");
	const char *name = json_string_value(json_object_get(result, "name"));
	json_t *line;
	size_t i;

	if (json_array_size(lines) < 2)
		return;
	fprintf(to, "%*sThe last that %s said:\n", indent, "", name ? name : "it");
	json_array_foreach ((json_t *)lines, i, line)
		fprintf(to, "%*s| %s\n", indent + 2, "", json_string_value(line));
}

static void say_state(struct wrap *w, const json_t *states, const char *state)
{
	json_int_t most = json_integer_value(
		json_object_get(json_object_get(states, "peak"), state));
	json_int_t end = json_integer_value(
		json_object_get(json_object_get(states, "end"), state));
	char text[96], number[32];

	if (most <= 0)
		return;
	snprintf(number, sizeof(number), "%s",
		 units_grouped((uint64_t)(end > 0 ? end : 0)));
	snprintf(text, sizeof(text), "%s %s (peak %s)", state, number,
		 units_grouped((uint64_t)most));
	wrap_text(w, text);
}

static void say_host(FILE *to, const char *label, const char *name, const json_t *host)
{
	struct wrap w;

	wrap_begin(&w, to, fprintf(to, FIGURE_LABEL "%-7s ", label, name));
	for (unsigned i = 1; i < TCP_STATE_MAX; i++)
		say_state(&w, json_object_get(host, "states"), tcp_state_name(i));
	figure_item(
		&w, host,
		"{counters.TcpExt.TW != null?TIME_WAIT entered {counters.TcpExt.TW}}");
	fputc('\n', to);
}

void process_text(FILE *to, const json_t *result)
{
	const char *name, *label = "hosts";
	json_t *host;

	story_print(to, result, 0);
	process_text_lines(to, result, 0);
	fputc('\n', to);
	figure_lines(to, result, costs, sizeof(costs) / sizeof(*costs));
	json_object_foreach (json_object_get(result, "hosts"), name, host) {
		say_host(to, label, name, host);
		label = "";
	}
	result_text_expectations(to, result);
}
