#include "bench/observe/conntrack.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define PATH_ROOM 300

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
		conntrack_stat_add(c->stat, &c->first.stat);
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
	conntrack_stat_add(c->stat, &now.stat);
	now.count = conntrack_count(c);
	if (now.count > before)
		now.count = before;
	c->now = now;
	if (now.count > c->count_peak)
		c->count_peak = now.count;
	if (now.count)
		c->last_ns = t_ns;
}
