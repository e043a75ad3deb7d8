#include "bench/scenario/reading.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "bench/scenario/variants.h"

#define SECTION_TEXT 48 /* longest text between brackets; names make file names */
#define TABLE        "variants"

static const unsigned char section_named[SECTIONS] = {
#define X(id, name, named) [SECTION_##id] = named,
	SECTION_LIST(X)
#undef X
};

/* ---- [variants KEY | KEY] */

static bool is_alone(const char *text, const char *bar)
{
	return (bar == text || isblank((unsigned char)bar[-1])) &&
	       (!bar[1] || isblank((unsigned char)bar[1]));
}

char *reading_cell(char **rest)
{
	char *cell = *rest, *bar = cell, *end;

	if (!cell)
		return NULL;
	while ((bar = strchr(bar, '|')) && !is_alone(cell, bar))
		bar++;
	*rest = bar ? bar + 1 : NULL;
	end = bar ? bar : cell + strlen(cell);
	cell += strspn(cell, " \t");
	while (end > cell && isblank((unsigned char)end[-1]))
		end--;
	*end = '\0';
	return cell;
}

static bool is_table(const char *text)
{
	size_t len = strlen(TABLE);

	return strncmp(text, TABLE, len) == 0 &&
	       (!text[len] || isblank((unsigned char)text[len]));
}

/* Its rows are variants, its columns keys that they override. */
static void begin_table(struct reading *r, char *keys)
{
	char *key;

	r->in_section = true;
	setting_done(&r->section);
	r->section = (struct setting){ .section = SECTION_VARIANT, .name = text_dup("") };
	while ((key = reading_cell(&keys))) {
		if (!*key)
			fault(r,
			      "expected keys of variants: [" TABLE " SECTION.KEY | ...]");
		words_add(&r->columns, text_dup(key));
	}
}

/* ---- the others */

bool reading_section(struct reading *r, const char *text, struct setting *s)
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
		      "columns, verdict, cost, variant NAME or variants KEY | ...",
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

void reading_variant(struct reading *r, const char *name)
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

void reading_add(struct reading *r, struct setting *s)
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

/* "process load on client": cuts the text before " on ", and says which host; NULL if it says none. */
static char *cut_host(char *text)
{
	char *on = strstr(text, " on ");

	if (!on)
		return NULL;
	*on = '\0';
	reading_trim(text);
	return on + strlen(" on ");
}

/* As "host = NAME" on a line of its own. */
static void set_host(struct reading *r, const char *host)
{
	char *line = text_printf("host = %s", host);

	if (r->section.section < SECTION_SERVER || r->section.section > SECTION_PROCESS)
		fault(r,
		      "[%s] is on no host; expected [server|client|probe|process NAME on "
		      "HOST]",
		      section_names[r->section.section]);
	reading_key(r, line);
	r->open = false;
	free(line);
}

/* "[host client]": a header becomes a setting with an empty key, as a host may have none, and a
 * variant's an entry of the list. */
void reading_header(struct reading *r, char *text)
{
	struct setting s = { .line = r->line };
	char *end = strchr(text, ']'), *host;

	r->open = false;
	if (!end) {
		fault(r, "expected [SECTION], KEY = VALUE or # comment");
		return;
	}
	*end = '\0';
	words_done(&r->columns);
	if (is_table(text + 1)) {
		begin_table(r, text + 1 + strlen(TABLE));
		return;
	}
	host = cut_host(text + 1);
	if (!reading_section(r, text + 1, &s))
		return;
	r->in_section = true;
	setting_done(&r->section);
	r->section = (struct setting){ .section = s.section, .name = text_dup(s.name) };
	s.key = text_dup("");
	s.value = text_dup("");
	r->list = &r->sc->settings;
	if (s.section == SECTION_VARIANT) {
		reading_variant(r, s.name);
		setting_done(&s);
	} else {
		reading_add(r, &s);
	}
	if (host)
		set_host(r, host);
}
