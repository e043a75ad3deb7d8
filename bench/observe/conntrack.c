#include "bench/observe/conntrack.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_ROOM 300
#define COLUMNS   32

static const struct {
	const char *name;
	size_t at;
} columns[] = {
	{ "found", offsetof(struct conntrack_counts, found) },
	{ "insert_failed", offsetof(struct conntrack_counts, insert_failed) },
	{ "drop", offsetof(struct conntrack_counts, drop) },
	{ "early_drop", offsetof(struct conntrack_counts, early_drop) },
};

/* Where that column is added to; NULL: it is passed over. */
static uint64_t *column(struct conntrack_counts *c, const char *name)
{
	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
		if (strcmp(columns[i].name, name) == 0)
			return (uint64_t *)((char *)c + columns[i].at);
	return NULL;
}

/* Names in the first line, then hexadecimal numbers, a line for each CPU. */
static void read_stat(FILE *f, struct conntrack_counts *to)
{
	uint64_t *into[COLUMNS], n;
	char line[600], *rest, *word;
	unsigned known = 0, i;

	rewind(f);
	if (!fgets(line, sizeof(line), f))
		return;
	for (word = strtok_r(line, " \n", &rest); word && known < COLUMNS;
	     word = strtok_r(NULL, " \n", &rest))
		into[known++] = column(to, word);
	while (fgets(line, sizeof(line), f)) {
		word = strtok_r(line, " \n", &rest);
		for (i = 0; word && i < known; i++) {
			if (into[i] && sscanf(word, "%" SCNx64, &n) == 1)
				*into[i] += n;
			word = strtok_r(NULL, " \n", &rest);
		}
	}
}

/* Not by stdio, which after rewind() gives what it read before. */
static uint64_t read_number(int fd)
{
	char text[24];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return strtoull(text, NULL, 10);
}

static int open_sysctl(const char *proc, const char *name)
{
	char path[PATH_ROOM];

	snprintf(path, sizeof(path), "%s/sys/net/netfilter/%s", proc, name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

void conntrack_open(struct conntrack *c, const char *proc)
{
	char path[PATH_ROOM];
	int max = open_sysctl(proc, "nf_conntrack_max");

	snprintf(path, sizeof(path), "%s/thread-self/net/stat/nf_conntrack", proc);
	*c = (struct conntrack){ .stat = fopen(path, "re"),
				 .list = -1,
				 .count = open_sysctl(proc, "nf_conntrack_count") };
	if (!c->stat || c->count == -1 || max == -1)
		conntrack_close(c);
	if (c->stat) {
		read_stat(c->stat, &c->first);
		c->now.max = read_number(max);
	}
	snprintf(path, sizeof(path), "%s/thread-self/net/nf_conntrack", proc);
	c->list = c->stat ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (max != -1)
		close(max);
}

void conntrack_close(struct conntrack *c)
{
	if (c->stat)
		fclose(c->stat);
	if (c->count != -1)
		close(c->count);
	if (c->list != -1)
		close(c->list);
	c->stat = NULL;
	c->count = c->list = -1;
}

bool conntrack_is_there(const struct conntrack *c)
{
	return c->stat != NULL;
}

void conntrack_forget_expired(const struct conntrack *c)
{
	char buf[16384];

	if (c->list == -1 || lseek(c->list, 0, SEEK_SET) == -1)
		return;
	while (read(c->list, buf, sizeof(buf)) > 0)
		;
}

uint64_t conntrack_count(const struct conntrack *c)
{
	return conntrack_is_there(c) ? read_number(c->count) : 0;
}

void conntrack_read(struct conntrack *c, uint64_t before, uint64_t t_ns)
{
	struct conntrack_counts now = { .max = c->now.max };

	if (!conntrack_is_there(c))
		return;
	read_stat(c->stat, &now);
	now.count = conntrack_count(c);
	if (now.count > before)
		now.count = before;
	c->now = now;
	if (now.count > c->count_peak)
		c->count_peak = now.count;
	if (now.count)
		c->last_ns = t_ns;
}
