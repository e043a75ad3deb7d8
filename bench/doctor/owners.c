#include "bench/doctor/owners.h"

#include <dirent.h>
#include <ftw.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "common/base/file.h"

#define MOST_DESCRIPTORS 200000 /* looked at for one socket */
#define MOST_CGROUPS     20000
#define DEEPEST          64
#define ROOT_CGROUP                                                                      \
	1 /* of cgroup2 where another hierarchy has the processes: it tells nothing */
#define NAMED 4 /* processes of a cgroup */

/* ---- the process that has the descriptor */

static bool is_number(const char *name)
{
	return name[0] >= '1' && name[0] <= '9';
}

static void read_name(const char *pid, char *out, size_t size)
{
	char path[64], *text;
	struct err unused;
	size_t len;

	snprintf(out, size, "?");
	snprintf(path, sizeof(path), "/proc/%.20s/comm", pid);
	if (file_read_path(path, 4096, &text, &len, &unused) < 0)
		return;
	text[strcspn(text, "\n")] = '\0';
	snprintf(out, size, "%s", text);
	free(text);
}

static bool has_descriptor(const char *pid, const char *wanted, unsigned *left)
{
	char path[64], is[64];
	struct dirent *e;
	bool found = false;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%.20s/fd", pid);
	dir = opendir(path);
	while (dir && !found && *left && (e = readdir(dir))) {
		ssize_t len = readlinkat(dirfd(dir), e->d_name, is, sizeof(is) - 1);

		--*left;
		if (len > 0) {
			is[len] = '\0';
			found = strcmp(is, wanted) == 0;
		}
	}
	if (dir)
		closedir(dir);
	return found;
}

static bool find_process(uint32_t inode, char *out, size_t size)
{
	DIR *dir = inode ? opendir("/proc") : NULL;
	unsigned left = MOST_DESCRIPTORS;
	char wanted[32], name[64];
	struct dirent *e;
	bool found = false;

	snprintf(wanted, sizeof(wanted), "socket:[%u]", inode);
	while (dir && !found && (e = readdir(dir))) {
		found = is_number(e->d_name) && has_descriptor(e->d_name, wanted, &left);
		if (!found)
			continue;
		read_name(e->d_name, name, sizeof(name));
		snprintf(out, size, "%s, process %.20s", name, e->d_name);
	}
	if (dir)
		closedir(dir);
	return found;
}

/* ---- the cgroup */

/* Of nftw(), which takes no argument. */
static struct {
	uint64_t wanted;
	unsigned left;
	char found[4096];
} walk;

static int look_at_directory(const char *path, const struct stat *st, int type,
			     struct FTW *at)
{
	(void)at;
	if (type != FTW_D)
		return 0;
	if (!walk.left--)
		return 1;
	if (st->st_ino != walk.wanted)
		return 0;
	snprintf(walk.found, sizeof(walk.found), "%s", path);
	return 1;
}

static bool find_mount(char *out, size_t size)
{
	FILE *mounts = setmntent("/proc/self/mounts", "r");
	const struct mntent *m;
	bool found = false;

	while (mounts && !found && (m = getmntent(mounts))) {
		found = strcmp(m->mnt_type, "cgroup2") == 0;
		if (found)
			snprintf(out, size, "%s", m->mnt_dir);
	}
	if (mounts)
		endmntent(mounts);
	return found;
}

/* The first processes of the cgroup, and how many there are. */
static unsigned name_processes(const char *directory, char *out, size_t size)
{
	char path[4200], pid[32], name[64];
	unsigned n = 0;
	size_t len = 0;
	FILE *list;

	out[0] = '\0';
	snprintf(path, sizeof(path), "%s/cgroup.procs", directory);
	list = fopen(path, "re");
	while (list && fgets(pid, sizeof(pid), list)) {
		pid[strcspn(pid, "\n")] = '\0';
		if (n++ >= NAMED || len >= size)
			continue;
		read_name(pid, name, sizeof(name));
		len += (size_t)snprintf(out + len, size - len, "%s%s %s",
					n > 1 ? ", " : "", name, pid);
	}
	if (list)
		fclose(list);
	return n;
}

static bool find_cgroup(uint64_t cgroup, uint32_t uid, char *out, size_t size)
{
	char mount[1024], names[160];
	unsigned n;

	if (cgroup <= ROOT_CGROUP || !find_mount(mount, sizeof(mount)))
		return false;
	walk.wanted = cgroup;
	walk.left = MOST_CGROUPS;
	walk.found[0] = '\0';
	nftw(mount, look_at_directory, DEEPEST, FTW_PHYS | FTW_MOUNT);
	if (!walk.found[0])
		return false;
	n = name_processes(walk.found, names, sizeof(names));
	snprintf(out, size, "cgroup %.80s, user %u%s%s%s", walk.found + strlen(mount),
		 uid,
		 n == 0   ? ", which has no process now"
		 : n == 1 ? ": "
			  : ": one of ",
		 names, n > NAMED ? " and others" : "");
	return true;
}

/* ---- all of them */

/* What nobody has accepted, or nobody has any more, is the listener's. */
static void find_listener(const struct reading *r, struct facts_place *p)
{
	for (size_t i = 0; i < r->seen.n && p->port && !p->holder; i++) {
		const struct noted_socket *s = &r->seen.at[i];

		if (s->state != STATE_LISTEN || s->local_port != p->port)
			continue;
		p->holder = s->owner;
		p->inode = s->inode;
	}
}

static void find_owner(const struct reading *r, struct facts_place *p)
{
	const struct holder *h;

	find_listener(r, p);
	h = p->holder ? &r->holder[p->holder - 1] : NULL;
	if (find_process(p->inode, p->owner, sizeof(p->owner)) || !h ||
	    find_cgroup(h->cgroup, h->uid, p->owner, sizeof(p->owner)))
		return;
	snprintf(p->owner, sizeof(p->owner), "a process of user %u", h->uid);
}

void owners_find(struct facts *f)
{
	if (!f->read->n_holders)
		return;
	if (f->n_listeners && f->listener[0].waiting)
		f->backlog.port = f->listener[0].port;
	find_owner(f->read, &f->backlog);
	find_owner(f->read, &f->not_accepted);
	find_owner(f->read, &f->close_wait);
	find_owner(f->read, &f->fin_wait2);
	find_owner(f->read, &f->syn_sent);
	f->served.holder = 0; /* TIME_WAIT has none of its own: the listener's */
	find_owner(f->read, &f->served);
	find_owner(f->read, &f->users);
}
