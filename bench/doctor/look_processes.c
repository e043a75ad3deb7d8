#include "bench/doctor/look_processes.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "common/base/file.h"

static bool read_text(const char *pid, const char *file, char *buf, size_t size)
{
	char path[64], *text;
	struct err unused;
	size_t len;

	snprintf(path, sizeof(path), "/proc/%.20s/%s", pid, file);
	if (file_read_path(path, 65536, &text, &len, &unused) < 0)
		return false;
	snprintf(buf, size, "%s", text);
	free(text);
	return true;
}

/* The number of a file there tells namespaces apart; ns/net can be read of one's own processes only. */
static bool same_namespace(const char *root, const char *pid)
{
	char path[64];
	struct stat here, there;

	snprintf(path, sizeof(path), "%s/net/sockstat", root);
	if (stat(path, &here) < 0)
		return false;
	snprintf(path, sizeof(path), "/proc/%.20s/net/sockstat", pid);
	return stat(path, &there) == 0 && here.st_ino == there.st_ino;
}

static void look_at_process(struct reading *r, const char *root, const char *pid)
{
	char path[64], limits[2048], name[32], line[128];
	unsigned long long limit;
	struct stat st;
	const char *at;

	/* Since Linux 6.2 the size is how many there are. */
	snprintf(path, sizeof(path), "/proc/%.20s/fd", pid);
	if (stat(path, &st) < 0 || st.st_size <= 0 || !same_namespace(root, pid) ||
	    !read_text(pid, "limits", limits, sizeof(limits)) ||
	    !read_text(pid, "comm", name, sizeof(name)))
		return;
	at = strstr(limits, "Max open files");
	if (!at || sscanf(at, "Max open files %llu", &limit) != 1)
		return;
	name[strcspn(name, "\n")] = '\0';
	snprintf(line, sizeof(line), "descriptors %.20s used %llu of %llu %s", pid,
		 (unsigned long long)st.st_size, limit, name);
	reading_line(r, line, strlen(line), true, false);
}

bool look_sees_descriptors(void)
{
	struct stat st;

	return stat("/proc/self/fd", &st) == 0 && st.st_size > 0;
}

void look_at_processes(struct reading *r, const char *root)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;

	while (dir && (e = readdir(dir)))
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9')
			look_at_process(r, root, e->d_name);
	if (dir)
		closedir(dir);
	/* Of those that are hidden from us nothing is known: only what is found is told. */
	if (access("/proc/1", F_OK) == -1 && r->fd_used.n * 10 < r->fd_limit.n * 8)
		r->fd_used.known = r->fd_limit.known = false;
}
