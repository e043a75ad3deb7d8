#include "bench/states/tree.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

int tree_begin(struct tree *t, struct err *err)
{
	char path[80];

	t->n = t->n_inodes = t->room = 0;
	t->inode = NULL;
	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	if (access(path, R_OK) == -1)
		return err_support(err,
				   "%s is not here: a program's processes cannot be "
				   "found",
				   path);
	return prctl(PR_SET_CHILD_SUBREAPER, 1) == -1
		       ? err_sys(err, "look after the children of others")
		       : 0;
}

/* ---- processes */

static void add_children(struct tree *t, pid_t pid, const char *task)
{
	char path[320];
	FILE *f;
	int child;

	snprintf(path, sizeof(path), "/proc/%d/task/%s/children", (int)pid, task);
	f = fopen(path, "re");
	while (f && t->n < TREE_PROCESSES && fscanf(f, "%d", &child) == 1)
		t->pid[t->n++] = child;
	if (f)
		fclose(f);
}

/* Each thread has children of its own. */
static void add_below(struct tree *t, pid_t pid)
{
	char path[40];
	struct dirent *d;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	dir = opendir(path);
	while (dir && (d = readdir(dir)))
		if (d->d_name[0] != '.')
			add_children(t, pid, d->d_name);
	if (dir)
		closedir(dir);
}

/* ---- sockets */

static int add_inode(struct tree *t, uint32_t inode, struct err *err)
{
	size_t room = t->room ? 2 * t->room : 256;
	uint32_t *more;

	if (t->n_inodes == t->room) {
		more = realloc(t->inode, room * sizeof(*more));
		if (!more)
			return err_memory(err);
		t->inode = more;
		t->room = room;
	}
	t->inode[t->n_inodes++] = inode;
	return 0;
}

static int add_descriptors(struct tree *t, pid_t pid, struct err *err)
{
	char path[40], link[64];
	struct dirent *d;
	DIR *dir;
	int r = 0;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	while (r == 0 && dir && (d = readdir(dir))) {
		ssize_t n = readlinkat(dirfd(dir), d->d_name, link, sizeof(link) - 1);

		link[n > 0 ? n : 0] = '\0';
		if (strncmp(link, "socket:[", 8) == 0)
			r = add_inode(t, (uint32_t)strtoul(link + 8, NULL, 10), err);
	}
	if (dir)
		closedir(dir);
	return r;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

int tree_look(struct tree *t, struct err *err)
{
	int r = 0;

	t->n = t->n_inodes = 0;
	add_below(t, getpid());
	for (size_t i = 0; r == 0 && i < t->n; i++) {
		add_below(t, t->pid[i]);
		r = add_descriptors(t, t->pid[i], err);
	}
	if (t->n_inodes)
		qsort(t->inode, t->n_inodes, sizeof(*t->inode), by_number);
	return r;
}

bool tree_has(const struct tree *t, uint32_t inode)
{
	return inode && t->n_inodes &&
	       bsearch(&inode, t->inode, t->n_inodes, sizeof(inode), by_number);
}

void tree_signal(const struct tree *t, int sig)
{
	for (size_t i = 0; i < t->n; i++)
		kill(t->pid[i], sig);
}

void tree_done(struct tree *t)
{
	free(t->inode);
	t->inode = NULL;
}
