/* settings - what a scenario file is a list of: one value of one section each, with its line;
 * and how one of a variant goes over the same one of the base. */
#ifndef TWSTORM_BENCH_SCENARIO_SETTINGS_H
#define TWSTORM_BENCH_SCENARIO_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

/* X(identifier, name in the file, whether it takes a name: 0 no, 1 yes, 2 if it likes) */
#define SECTION_LIST(X)                                                                  \
	X(SCENARIO, "scenario", 0)                                                       \
	X(HOST, "host", 1)                                                               \
	X(SERVER, "server", 1)                                                           \
	X(CLIENT, "client", 1)                                                           \
	X(PROBE, "probe", 1)                                                             \
	X(PROCESS, "process", 1)                                                         \
	X(EXPECT, "expect", 2)                                                           \
	X(COMPARE, "compare", 0)                                                         \
	X(COLUMNS, "columns", 0)                                                         \
	X(VERDICT, "verdict", 0)                                                         \
	X(COST, "cost", 0)                                                               \
	X(VARIANT, "variant", 1)

enum section {
#define X(id, name, named) SECTION_##id,
	SECTION_LIST(X)
#undef X
		SECTIONS,
};
extern const char *const section_names[SECTIONS];

struct setting {
	enum section section; /* never SECTION_VARIANT: an override has its part's */
	char *name;    /* owned: "client" of [host client]; "" where there is none */
	char *key;     /* owned: without the '+'; "" stands for the section's header */
	char *value;   /* owned */
	unsigned hash; /* of section, name and key, see setting_hash() */
	bool append;   /* was "KEY+" */
	bool is_path; /* was "file.NAME < PATH": the value's first line is the path of a file */
	unsigned line;
};

struct settings {
	struct setting *at; /* owned */
	size_t n;
};

/* Appends it, with its hash; what it owns is the list's from then on. */
void settings_add(struct settings *s, struct setting one);
void settings_done(struct settings *s);
void setting_done(struct setting *s);

/* Sets the hash, which setting_same() looks at first. */
void setting_hash(struct setting *s);
/* The same section, name and key; both have their hash. */
bool setting_same(const struct setting *a, const struct setting *b);
/* More of its value: of a file on a line of its own, of anything else after a blank. */
void setting_append(struct setting *s, const char *more);
/* A key of a section; name "" where it has none, key "" for its header; NULL if it is not there. */
const struct setting *settings_find(const struct settings *s, enum section section,
				    const char *name, const char *key);
/* What reading them costs, in characters. */
size_t settings_size(const struct settings *s);
/* Puts a copy of `s` over the same one in the list, or at its end. */
void settings_apply(struct settings *to, const struct setting *s);

#endif
