#include "bench/scenario/scenario.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "bench/scenario/variants.h"
#include "bench/text/text.h"
#include "common/base/file.h"
#include "common/base/utf8.h"

#define SECTION_TEXT    48 /* longest text between brackets; names make file names */
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

static const unsigned char section_named[SECTIONS] = {
#define X(id, name, named) [SECTION_##id] = named,
	SECTION_LIST(X)
#undef X
};

struct reading {
	struct scenario *sc;
	struct settings
		*list; /* of the section we are in: the scenario's or a variant's */
	struct setting section; /* its section and name; the key and value are not used */
	bool in_section;
	bool open;     /* a key of this section came before: an indented line goes on */
	unsigned line; /* number of the line we are at */
	unsigned fault_at; /* 0 = none yet */
	struct err *err;
};

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

/* Remembers the first fault only: what follows may be nonsense because of it. */
#define fault(r, ...)                                                                    \
	do {                                                                             \
		if (!(r)->fault_at) {                                                    \
			(r)->fault_at = (r)->line;                                       \
			scenario_fault((r)->sc, (r)->line, (r)->err, __VA_ARGS__);       \
		}                                                                        \
	} while (0)

/* "host client" to HOST and "client".  False, with a fault, if it is no section. */
static bool parse_section(struct reading *r, const char *text, struct setting *s)
{
	size_t len = strcspn(text, " \t");
	const char *name = text + len + strspn(text + len, " \t");
	unsigned i;

	for (i = 0; i < SECTIONS; i++)
		if (strlen(section_names[i]) == len &&
		    strncmp(section_names[i], text, len) == 0)
			break;
	if (i == SECTIONS)
		fault(r,
		      "there is no section '%s'; expected scenario, host NAME, server "
		      "NAME, client NAME, probe NAME, process NAME, expect, compare, "
		      "columns, verdict, cost or variant NAME",
		      text);
	else if (section_named[i] == 0 && *name)
		fault(r, "[%s] takes no name", section_names[i]);
	else if (section_named[i] == 1 && !*name)
		fault(r, "expected a name: [%s NAME]", section_names[i]);
	else if (*name && !text_is_name(name))
		fault(r, "'%s' is no name; expected letters, digits, '-' and '_'", name);
	else if (strlen(text) > SECTION_TEXT)
		fault(r, "a section's name has at most %d characters", SECTION_TEXT);
	if (r->fault_at)
		return false;
	s->section = i;
	s->name = text_dup(name);
	return true;
}

/* The variant's section begins, or goes on further down. */
static void enter_variant(struct reading *r, const char *name)
{
	if (strcmp(name, "summary") == 0) {
		fault(r, "no variant can be named summary: summary.json is that of all");
		return;
	}
	if (!variants_overrides(r->sc, name)) {
		if (r->sc->n_variants == SCENARIO_VARIANTS) {
			fault(r, "at most %d variants", SCENARIO_VARIANTS);
			return;
		}
		variants_add(r->sc, name);
	}
	r->list = (struct settings *)variants_overrides(r->sc, name);
}

/* What the list owns then is the setting's, whether there was room or not. */
static void add_setting(struct reading *r, struct setting *s)
{
	if (r->list->n == SCENARIO_KEYS)
		fault(r,
		      "at most %d sections and keys outside of variants, and as many in "
		      "a variant",
		      SCENARIO_KEYS);
	if (r->fault_at)
		setting_done(s);
	else
		settings_add(r->list, *s);
}

/* "[host client]": a header becomes a setting with an empty key, as a host may have none, and a
 * variant's an entry of the list. */
static void take_header(struct reading *r, char *text)
{
	struct setting s = { .line = r->line };
	char *end = strchr(text, ']');

	r->open = false;
	if (!end) {
		fault(r, "expected [SECTION], KEY = VALUE or # comment");
		return;
	}
	*end = '\0';
	if (!parse_section(r, text + 1, &s))
		return;
	r->in_section = true;
	setting_done(&r->section);
	r->section = (struct setting){ .section = s.section, .name = text_dup(s.name) };
	s.key = text_dup("");
	s.value = text_dup("");
	r->list = &r->sc->settings;
	if (s.section == SECTION_VARIANT) {
		enter_variant(r, s.name);
		setting_done(&s);
	} else {
		add_setting(r, &s);
	}
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

/* In [variant NAME] the key is "SECTION.KEY": moves the section out of it. */
static bool parse_override(struct reading *r, const char *key, struct setting *s)
{
	const char *dot = strchr(key, '.');
	char *section;
	bool ok;

	if (!dot || !dot[1]) {
		fault(r,
		      "expected SECTION.KEY = VALUE, as in 'client main.args = ...', not "
		      "'%s'",
		      key);
		return false;
	}
	free(s->name);
	s->name = NULL;
	section = text_dup(key);
	section[dot - key] = '\0';
	ok = parse_section(r, section, s);
	free(section);
	if (ok && s->section == SECTION_VARIANT)
		fault(r, "a variant cannot override another");
	s->key = text_dup(dot + 1);
	return !r->fault_at;
}

static void check_twice(struct reading *r, const struct setting *s)
{
	const struct settings *all = r->list;

	for (size_t i = 0; i < all->n; i++)
		if (setting_same(&all->at[i], s) && !s->append)
			fault(r, "'%s' was given before, on line %u", s->key,
			      all->at[i].line);
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

/* "KEY" or "KEY+", without the blanks around it. */
static void set_key(struct reading *r, const char *key, struct setting *s)
{
	size_t len;

	s->section = r->section.section;
	s->name = text_dup(r->section.name);
	if (s->section != SECTION_VARIANT)
		s->key = text_dup(key);
	else if (!parse_override(r, key, s))
		return;
	len = strlen(s->key);
	if (len > 1 && s->key[len - 1] == '+') {
		s->append = true;
		for (len--; len && isblank((unsigned char)s->key[len - 1]); len--)
			;
		s->key[len] = '\0';
	}
	setting_hash(s);
	check_twice(r, s);
}

static void trim_end(char *text)
{
	size_t len = strlen(text);

	while (len && isspace((unsigned char)text[len - 1]))
		len--;
	text[len] = '\0';
}

/* "file.NAME < PATH" of a process, which a phrase may look like elsewhere. */
static bool may_name_a_path(const struct reading *r, const char *text)
{
	bool variant = r->section.section == SECTION_VARIANT;

	return (r->section.section == SECTION_PROCESS && !strncmp(text, "file.", 5)) ||
	       (r->section.section == SECTION_HOST && !strncmp(text, "nft", 3)) ||
	       (variant && !strncmp(text, "host ", 5) && strstr(text, ".nft")) ||
	       (variant && !strncmp(text, "process ", 8) && strstr(text, ".file."));
}

/* "KEY = VALUE"; a key has no ':' and no '='. */
static void take_setting(struct reading *r, char *text)
{
	struct setting s = { .line = r->line };
	char *sign = text + strcspn(text, may_name_a_path(r, text) ? "<:=" : ":="),
	     *value;

	if (*sign == ':')
		fault(r, "expected KEY = VALUE; a key has no ':'");
	if (*sign != '=' && *sign != '<') {
		fault(r, "expected [SECTION], KEY = VALUE or # comment");
		return;
	}
	s.is_path = *sign == '<';
	*sign = '\0';
	value = sign + 1 + strspn(sign + 1, " \t");
	trim_end(text);
	if (!r->in_section)
		fault(r, "expected a [SECTION] before the first key");
	if (!*text)
		fault(r, "expected KEY = VALUE");
	if (strlen(value) >= SCENARIO_VALUE)
		fault(r, "a value has at most %d characters", SCENARIO_VALUE);
	if (!r->fault_at)
		set_key(r, text, &s);
	if (s.is_path && (s.append || !*value))
		fault(r, "expected KEY < PATH, or KEY+ = more");
	s.value = text_dup(value);
	add_setting(r, &s);
	r->open = !r->fault_at;
}

static void take_line(struct reading *r, char *line, size_t len)
{
	char *text;

	if (len && line[len - 1] == '\r')
		line[--len] = '\0';
	check_text(r, line, len);
	if (r->line == 1 && strncmp(line, BYTE_ORDER_MARK, 3) == 0)
		line += 3;
	trim_end(line);
	text = line + strspn(line, " \t");
	if (r->fault_at || !*text || *text == '#' || *text == ';')
		return;
	if (text > line && r->open)
		go_on(r, text);
	else if (*text == '[')
		take_header(r, text);
	else
		take_setting(r, text);
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
	if (!r.fault_at && !out->settings.n) {
		r.line = 1;
		fault(&r, "expected [scenario]; there is nothing here");
	}
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
