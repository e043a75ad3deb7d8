#include "bench/scenario/settings.h"

#include <stdlib.h>
#include <string.h>
#include "bench/text/text.h"

#define KEY_OVERHEAD 16 /* characters that reading a key costs as much as */

const char *const section_names[SECTIONS] = {
#define X(id, name, named) [SECTION_##id] = name,
	SECTION_LIST(X)
#undef X
};

void setting_done(struct setting *s)
{
	free(s->name);
	free(s->key);
	free(s->value);
}

void settings_done(struct settings *s)
{
	for (size_t i = 0; i < s->n; i++)
		setting_done(&s->at[i]);
	free(s->at);
	*s = (struct settings){ 0 };
}

/* FNV-1a; the NUL counts as well. */
static unsigned hash_text(unsigned hash, const char *text)
{
	do
		hash = (hash ^ (unsigned char)*text) * 16777619u;
	while (*text++);
	return hash;
}

void setting_hash(struct setting *s)
{
	s->hash =
		hash_text(hash_text(2166136261u ^ (unsigned)s->section, s->name), s->key);
}

void settings_add(struct settings *s, struct setting one)
{
	setting_hash(&one);
	s->at = text_checked(realloc(s->at, (s->n + 1) * sizeof(*s->at)));
	s->at[s->n++] = one;
}

bool setting_same(const struct setting *a, const struct setting *b)
{
	return a->hash == b->hash && a->section == b->section &&
	       strcmp(a->name, b->name) == 0 && strcmp(a->key, b->key) == 0;
}

/* The text of a file: its lines are lines. */
static bool keeps_lines(const struct setting *s)
{
	return strncmp(s->key, "file.", 5) == 0 ||
	       (s->section == SECTION_HOST && strcmp(s->key, "nft") == 0);
}

void setting_append(struct setting *s, const char *more)
{
	size_t had = strlen(s->value), len = strlen(more);
	char *joined = text_checked(realloc(s->value, had + len + 2));

	if (had && len)
		joined[had++] = keeps_lines(s) ? '\n' : ' ';
	memcpy(joined + had, more, len + 1);
	s->value = joined;
}

const struct setting *settings_find(const struct settings *s, enum section section,
				    const char *name, const char *key)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->at[i].section == section && strcmp(s->at[i].name, name) == 0 &&
		    strcmp(s->at[i].key, key) == 0)
			return &s->at[i];
	return NULL;
}

size_t settings_size(const struct settings *all)
{
	size_t size = 0;

	for (size_t i = 0; i < all->n; i++)
		size += KEY_OVERHEAD + strlen(all->at[i].key) + strlen(all->at[i].value);
	return size;
}

void settings_apply(struct settings *to, const struct setting *s)
{
	struct setting *old = NULL;

	for (size_t i = 0; i < to->n; i++)
		if (setting_same(&to->at[i], s))
			old = &to->at[i];
	if (!old) {
		settings_add(to, (struct setting){ .section = s->section,
						   .name = text_dup(s->name),
						   .key = text_dup(s->key),
						   .value = text_dup(s->value),
						   .is_path = s->is_path,
						   .line = s->line });
		return;
	}
	old->line = s->line;
	if (s->append) {
		setting_append(old, s->value);
		return;
	}
	old->is_path = s->is_path;
	free(old->value);
	old->value = text_dup(s->value);
}
