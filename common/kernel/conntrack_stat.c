#include "common/kernel/conntrack_stat.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#define COLUMNS 32

static const struct {
	const char *name;
	size_t at;
} columns[] = {
	{ "found", offsetof(struct conntrack_stat, found) },
	{ "insert", offsetof(struct conntrack_stat, insert) },
	{ "insert_failed", offsetof(struct conntrack_stat, insert_failed) },
	{ "drop", offsetof(struct conntrack_stat, drop) },
	{ "early_drop", offsetof(struct conntrack_stat, early_drop) },
};

/* Where that column is added to; NULL: it is passed over. */
static uint64_t *column(struct conntrack_stat *c, const char *name)
{
	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
		if (strcmp(columns[i].name, name) == 0)
			return (uint64_t *)((char *)c + columns[i].at);
	return NULL;
}

unsigned conntrack_stat_add(FILE *f, struct conntrack_stat *to)
{
	uint64_t *into[COLUMNS], n;
	char line[600], *rest, *word;
	unsigned known = 0, cpus = 0, i;

	rewind(f);
	if (!fgets(line, sizeof(line), f))
		return 0;
	for (word = strtok_r(line, " \n", &rest); word && known < COLUMNS;
	     word = strtok_r(NULL, " \n", &rest))
		into[known++] = column(to, word);
	for (; fgets(line, sizeof(line), f); cpus++) {
		word = strtok_r(line, " \n", &rest);
		for (i = 0; word && i < known; i++) {
			if (into[i] && sscanf(word, "%" SCNx64, &n) == 1)
				*into[i] += n;
			word = strtok_r(NULL, " \n", &rest);
		}
	}
	return cpus;
}
