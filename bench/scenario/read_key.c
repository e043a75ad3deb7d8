#include "bench/scenario/reading.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "bench/scenario/variants.h"

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
	ok = reading_section(r, section, s);
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

void reading_trim(char *text)
{
	size_t len = strlen(text);

	while (len && isspace((unsigned char)text[len - 1]))
		len--;
	text[len] = '\0';
}

/* "file.NAME < PATH" and "files < FOLDER NAME ..." of a process, which a phrase may look like elsewhere. */
static bool may_name_a_path(const struct reading *r, const char *text)
{
	bool variant = r->section.section == SECTION_VARIANT;

	return (r->section.section == SECTION_PROCESS &&
		(!strncmp(text, "file.", 5) || !strncmp(text, "files", 5))) ||
	       (r->section.section == SECTION_HOST && !strncmp(text, "nft", 3)) ||
	       (variant && !strncmp(text, "host ", 5) && strstr(text, ".nft")) ||
	       (variant && !strncmp(text, "process ", 8) && strstr(text, ".file"));
}

static bool is_files(const char *key)
{
	size_t len = strlen(key), own = strlen("files");

	return len >= own && strcmp(key + len - own, "files") == 0 &&
	       (len == own || key[len - own - 1] == '.');
}

/* "files < FOLDER NAME NAME": each as "file.NAME < FOLDER/NAME" on a line of its own. */
static void take_files(struct reading *r, const char *key, char *value)
{
	int before = (int)(strlen(key) - strlen("files"));
	char *folder = strsep(&value, " \t"), *name;

	if (!value)
		fault(r, "files: expected files < FOLDER NAME ...");
	while ((name = strsep(&value, " \t"))) {
		char *line = text_printf("%.*sfile.%s < %s/%s", before, key, name, folder,
					 name);

		if (*name)
			reading_key(r, line);
		free(line);
	}
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
	reading_trim(text);
	if (!r->in_section)
		fault(r, "expected a [SECTION] before the first key");
	if (!*text)
		fault(r, "expected KEY = VALUE");
	if (strlen(value) >= SCENARIO_VALUE)
		fault(r, "a value has at most %d characters", SCENARIO_VALUE);
	if (s.is_path && is_files(text)) {
		take_files(r, text, value);
		return;
	}
	if (!r->fault_at)
		set_key(r, text, &s);
	if (s.is_path && (s.append || !*value))
		fault(r, "expected KEY < PATH, or KEY+ = more");
	s.value = text_dup(value);
	reading_add(r, &s);
	r->open = !r->fault_at;
}

/* ---- the row of a table */

/* What the row says of one of the table's keys; nothing: it is as outside of variants. */
static void take_cell(struct reading *r, const char *key, const char *value)
{
	struct setting s = { .line = r->line };

	if (!*value)
		return;
	if (strlen(value) >= SCENARIO_VALUE)
		fault(r, "a value has at most %d characters", SCENARIO_VALUE);
	else
		set_key(r, key, &s);
	s.value = text_dup(value);
	reading_add(r, &s);
	r->open = !r->fault_at;
}

/* "NAME = VALUE | VALUE": the last key has the rest of the line, and its '|'. */
static void take_row(struct reading *r, char *text)
{
	char *sign = strchr(text, '='), *rest;

	r->open = false;
	if (!sign) {
		fault(r, "expected NAME = VALUE | ..., a row of [variants]");
		return;
	}
	rest = sign + 1;
	*sign = '\0';
	reading_trim(text);
	if (!text_is_name(text))
		fault(r, "'%s' is no name; expected letters, digits, '-' and '_'", text);
	else if (variants_overrides(r->sc, text))
		fault(r, "[variant %s] was given before", text);
	else
		reading_variant(r, text);
	for (size_t i = 0; !r->fault_at && rest && i + 1 < r->columns.n; i++)
		take_cell(r, r->columns.at[i], reading_cell(&rest));
	if (!r->fault_at && rest)
		take_cell(r, r->columns.at[r->columns.n - 1], rest + strspn(rest, " \t"));
}

void reading_key(struct reading *r, char *text)
{
	if (r->columns.n)
		take_row(r, text);
	else
		take_setting(r, text);
}
