/* Ladders are compared line by line, without their times: a line is what `lab trace` prints, whether it was kept as
 * text or as JSON. */
#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench/lab/trace.h"
#include "bench/text/text.h"
#include "bench/wire/ladder.h"
#include "common/base/file.h"

#define LADDER_MOST (16 << 20) /* bytes of such a file */

/* ---- text */

/* "  12.3 ms  ...", "      end  ...": what follows; NULL if it is another line. */
static const char *after_time(const char *line)
{
	const char *at = line + strspn(line, " ");
	size_t digits = strspn(at, "0123456789.");

	if (strncmp(at, "end  ", 5) == 0)
		return at + 5;
	return digits && strncmp(at + digits, " ms  ", 5) == 0 ? at + digits + 5 : NULL;
}

static void read_text(char *text, struct words *out)
{
	char *line, *rest = text;

	while ((line = strsep(&rest, "\n"))) {
		const char *ladder = after_time(line);
		size_t len = ladder ? strlen(ladder) : 0;

		while (len && isspace((unsigned char)ladder[len - 1]))
			len--;
		if (len)
			words_add(out, text_printf("%.*s", (int)len, ladder));
	}
}

/* ---- JSON */

static uint8_t state_in(const json_t *o, const char *key)
{
	const char *name = json_string_value(json_object_get(o, key));

	return name ? (uint8_t)tcp_state_by_name(name) : 0;
}

static bool is_word_of(const char *word, const char *sum)
{
	const char *at = strstr(sum, word);

	return at && (at == sum || at[-1] == '+') && strchr("+", at[strlen(word)]);
}

static uint8_t flags_in(const char *text)
{
	uint8_t flags = 0;

	for (unsigned bit = 1; bit < 0x40; bit <<= 1) {
		struct segment one = { .flags = (uint8_t)bit };
		char name[SEGMENT_FLAGS_TEXT];

		segment_flags(&one, name);
		if (*name && text && is_word_of(name, text))
			flags |= (uint8_t)bit;
	}
	return flags;
}

static void read_step(const json_t *o, struct words *out)
{
	const char *from = json_string_value(json_object_get(o, "from"));
	const char *fate = json_string_value(json_object_get(o, "fate"));
	json_int_t bytes = json_integer_value(json_object_get(o, "bytes"));
	struct step s = {
		.from = from && strcmp(from, "server") == 0 ? END_SERVER : END_CLIENT,
		.state = { state_in(o, "client"), state_in(o, "server") },
	};
	char line[LADDER_LINE];

	s.segment.flags = flags_in(json_string_value(json_object_get(o, "flags")));
	s.segment.len = (uint32_t)bytes;
	for (int f = 0; fate && f < FATES; f++)
		if (strcmp(fate, fate_names[f]) == 0)
			s.fate = (enum fate)f;
	words_add(out, text_dup(ladder_line(&s, line)));
}

static bool read_json(const char *text, struct words *out)
{
	json_t *doc = json_loads(text, 0, NULL), *end = json_object_get(doc, "end"),
	       *step;
	const char *schema = json_string_value(json_object_get(doc, "schema"));
	bool ok = schema && strcmp(schema, TRACE_SCHEMA) == 0;
	char line[LADDER_LINE];
	size_t i;

	if (ok) {
		json_array_foreach (json_object_get(doc, "steps"), i, step)
			read_step(step, out);
		words_add(out, text_dup(ladder_end_line(
				       state_in(json_object_get(end, "client"), "state"),
				       state_in(json_object_get(end, "server"), "state"),
				       line)));
	}
	json_decref(doc);
	return ok;
}

/* ---- both */

int trace_expect_read(const char *path, struct words *out, struct err *err)
{
	char *text;
	size_t len;
	int r = file_read_path(path, LADDER_MOST, &text, &len, err);

	if (r < 0)
		return r;
	if (text[strspn(text, " \t\r\n")] != '{')
		read_text(text, out);
	else
		read_json(text, out);
	free(text);
	return out->n ? 0
		      : err_usage(
				err,
				"--expect-ladder: %s has no ladder, neither as `twstorm "
				"lab trace` prints it nor as JSON",
				path);
}

static void lines_of(const struct wire_trace *t, struct words *out)
{
	char line[LADDER_LINE];

	for (unsigned i = 0; i < t->n; i++)
		words_add(out, text_dup(ladder_line(&t->at[i], line)));
	words_add(out, text_dup(ladder_end_line(t->end[END_CLIENT].state,
						t->end[END_SERVER].state, line)));
}

static const char *line_at(const struct words *w, size_t i)
{
	return i < w->n ? w->at[i] : "(no more)";
}

bool trace_expect_same(const struct words *expected, const struct wire_trace *t,
		       const char *path)
{
	struct words got = { 0 };
	size_t i = 0;
	bool same;

	lines_of(t, &got);
	while (i < got.n && i < expected->n && strcmp(got.at[i], expected->at[i]) == 0)
		i++;
	same = i == got.n && i == expected->n;
	if (!same)
		fprintf(stderr,
			"twstorm lab: step %zu is another than in %s\n"
			"  expected  %s\n  got       %s\n",
			i + 1, path, line_at(expected, i), line_at(&got, i));
	words_done(&got);
	return same;
}
