#include "bench/scenario/scenario.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "bench/scenario/reading.h"
#include "bench/scenario/variants.h"
#include "common/base/file.h"
#include "common/base/utf8.h"

#define SERVER_ARGS "--listen 0.0.0.0:9000"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

int scenario_fault(const struct scenario *sc, unsigned line, struct err *err,
		   const char *fmt, ...)
{
	char text[320];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_usage(err, "%s:%u: %s", sc->path, line, text);
}

static void check_text(struct reading *r, const char *line, size_t len)
{
	if (strlen(line) < len)
		fault(r, "a NUL byte: this is no text file");
	if (!utf8_is_tame(line, true))
		fault(r, "a control character: this is no text file");
	if (!utf8_valid(line))
		fault(r, "this is not UTF-8");
}

/* The last value goes on: bounded first, since what is there is copied. */
static void go_on(struct reading *r, const char *text)
{
	struct setting *last = &r->list->at[r->list->n - 1];

	if (strlen(last->value) + strlen(text) >= SCENARIO_VALUE)
		fault(r, "a value has at most %d characters", SCENARIO_VALUE);
	else
		setting_append(last, text);
}

static void take_line(struct reading *r, char *line, size_t len)
{
	char *text;

	if (len && line[len - 1] == '\r')
		line[--len] = '\0';
	check_text(r, line, len);
	if (r->line == 1 && strncmp(line, BYTE_ORDER_MARK, 3) == 0)
		line += 3;
	reading_trim(line);
	text = line + strspn(line, " \t");
	if (r->fault_at || !*text || *text == '#' || *text == ';')
		return;
	if (text > line && r->open)
		go_on(r, text);
	else if (*text == '[')
		reading_header(r, text);
	else
		reading_key(r, text);
}

/* Line by line until the first fault: what follows may be nonsense because of it. */
static void take_lines(struct reading *r, const char *text, size_t len)
{
	const char *end = text + len;

	while (text < end && !r->fault_at) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((stop ? stop : end) - text);
		char *line = text_checked(malloc(n + 1));

		memcpy(line, text, n);
		line[n] = '\0';
		r->line++;
		take_line(r, line, n);
		free(line);
		text += n + 1;
	}
}

static char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *name = text_dup(slash ? slash + 1 : path);
	size_t len = strlen(name);

	if (len > 4 && strcmp(name + len - 4, ".ini") == 0)
		name[len - 4] = '\0';
	return name;
}

/* A server that says nothing listens on the port that clients expect, at each IPv4 address of its host. */
static void give_args(struct settings *all)
{
	for (size_t i = 0, n = all->n; i < n; i++) {
		const struct setting *header = &all->at[i];

		if (header->section == SECTION_SERVER && !*header->key &&
		    !settings_find(all, SECTION_SERVER, header->name, "args"))
			settings_add(all,
				     (struct setting){ .section = SECTION_SERVER,
						       .name = text_dup(header->name),
						       .key = text_dup("args"),
						       .value = text_dup(SERVER_ARGS),
						       .line = header->line });
	}
}

/* Each variant is made of all that is outside of variants, and of its own. */
static void check_all(struct reading *r)
{
	const struct scenario *sc = r->sc;
	size_t size = sc->n_variants * settings_size(&sc->settings);

	for (size_t i = 0; i < sc->n_variants; i++)
		size += settings_size(&sc->overrides[i]);
	if (size > SCENARIO_ALL)
		fault(r,
		      "%zu variants, each with all that it inherits, come to %zu KiB: at "
		      "most %d KiB together",
		      sc->n_variants, size >> 10, SCENARIO_ALL >> 10);
}

int scenario_read(const char *text, size_t len, const char *path, struct scenario *out,
		  struct err *err)
{
	struct reading r = { .sc = out, .list = &out->settings, .err = err };

	*out = (struct scenario){ .name = name_of(path), .path = text_dup(path) };
	take_lines(&r, text, len);
	setting_done(&r.section);
	words_done(&r.columns);
	if (!r.fault_at && !out->settings.n) {
		r.line = 1;
		fault(&r, "expected [scenario]; there is nothing here");
	}
	give_args(&out->settings);
	if (!r.fault_at)
		check_all(&r);
	if (r.fault_at) {
		scenario_done(out);
		return -EINVAL;
	}
	out->has_variants = out->n_variants > 0;
	if (!out->has_variants)
		variants_add(out, out->name);
	return 0;
}

int scenario_load(const char *path, struct scenario *out, struct err *err)
{
	char *text;
	size_t len;
	int r = file_read_path(path, SCENARIO_BYTES, &text, &len, err);

	if (r < 0)
		return -EINVAL;
	r = scenario_read(text, len, path, out, err);
	free(text);
	return r;
}

void scenario_done(struct scenario *sc)
{
	free(sc->name);
	free(sc->path);
	settings_done(&sc->settings);
	for (size_t i = 0; i < sc->n_variants; i++) {
		free(sc->variants[i]);
		settings_done(&sc->overrides[i]);
	}
	free(sc->variants);
	free(sc->overrides);
	*sc = (struct scenario){ 0 };
}
