#include "bench/stage/sysctl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "common/base/near.h"

char *sysctl_path(const char *root, const char *name)
{
	char *path = text_printf("%s/sys/%s", root, name);

	for (char *c = path + strlen(root) + strlen("/sys/"); *c; c++)
		if (*c == '.')
			*c = '/';
	return path;
}

/* ---- a name that this kernel has not */

/* A name in the same directory that is hardly different; false if there is none. */
static bool near_name(const char *path, char *out, size_t size)
{
	const char *slash = strrchr(path, '/');
	char *dir = strndup(path, (size_t)(slash - path));
	unsigned best = 3;
	struct dirent *entry;
	DIR *d;

	d = dir ? opendir(dir) : NULL;
	while (d && (entry = readdir(d))) {
		unsigned n = near_distance(slash + 1, entry->d_name);

		if (n >= best)
			continue;
		best = n;
		snprintf(out, size, "%s", entry->d_name);
	}
	if (d)
		closedir(d);
	free(dir);
	return best < 3;
}

/* A name that is nearly a known one is a mistake in the file; any other name may be of
 * another kernel. */
static int no_such(const struct plan *p, const struct setting *s, const char *name,
		   const char *path, struct err *err)
{
	char near[NAME_MAX + 1];

	if (near_name(path, near, sizeof(near)))
		return scenario_fault(p->scenario, s->line, err,
				      "this kernel has no %s; it has %s", name, near);
	return err_support(err, "this kernel has no %s", name);
}

static bool is_outside(const struct words *outside, const char *name)
{
	for (size_t i = 0; i < outside->n; i++)
		if (strcmp(outside->at[i], name) == 0)
			return true;
	return false;
}

static int refused(const struct plan *p, const struct setting *s, const char *name,
		   const char *path, int error, struct err *err)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		return no_such(p, s, name, path, err);
	case EISDIR:
		return scenario_fault(p->scenario, s->line, err,
				      "%s is not a sysctl but a group of them", name);
	case EACCES:
	case EPERM:
		return err_support(err, "no right to set %s in a namespace of our own",
				   name);
	case EINVAL:
	case ERANGE:
		return scenario_fault(p->scenario, s->line, err,
				      "the kernel refuses '%s' for %s", s->value, name);
	default:
		errno = error;
		return err_sys(err, "set %s to '%s'", name, s->value);
	}
}

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), r = 0;

	if (fd == -1 || write(fd, text, strlen(text)) == -1)
		r = -errno;
	if (fd != -1)
		close(fd);
	return r;
}

int sysctl_set(const char *name, const char *value)
{
	char *path = sysctl_path("/proc", name);
	int r = write_text(path, value);

	free(path);
	return r;
}

static int write_one(const struct plan *p, const struct setting *s,
		     const struct words *outside, struct err *err)
{
	const char *name = s->key + strlen("sysctl.");
	char *path = sysctl_path("/proc", name);
	int r = write_text(path, s->value);

	if (r == -ENOENT && is_outside(outside, name))
		r = scenario_fault(p->scenario, s->line, err,
				   "%s is one for the whole machine: a host has none of "
				   "its own",
				   name);
	else if (r < 0)
		r = refused(p, s, name, path, -r, err);
	free(path);
	return r;
}

int sysctl_check(const struct plan *p, struct err *err)
{
	size_t n = 0;

	for (size_t h = 0; h < p->n_hosts; h++)
		n += p->hosts[h].n_sysctls;
	if (n && access("/proc/sys/net/ipv4/tcp_rfc1337", W_OK) == -1 && errno == EROFS)
		return err_support(err,
				   "/proc/sys is read-only here, so no sysctl can be "
				   "set for a host; in a container, Docker makes it "
				   "writable with --security-opt systempaths=unconfined, "
				   "Podman with --security-opt unmask=/proc/sys");
	return 0;
}

void sysctl_outside(const struct plan *p, struct words *out)
{
	for (size_t h = 0; h < p->n_hosts; h++)
		for (size_t i = 0; i < p->hosts[h].n_sysctls; i++) {
			const char *name =
				p->hosts[h].sysctls[i]->key + strlen("sysctl.");
			char *path = sysctl_path("/proc", name);

			if (access(path, F_OK) == 0)
				words_add(out, text_dup(name));
			free(path);
		}
}

int sysctl_write_all(const struct plan *p, const struct netns *n,
		     const struct words *outside, struct err *err)
{
	int r = 0;

	for (size_t h = 0; r == 0 && h < p->n_hosts; h++) {
		const struct plan_host *host = &p->hosts[h];

		if (host->n_sysctls)
			r = netns_enter(n, h, err);
		for (size_t i = 0; r == 0 && i < host->n_sysctls; i++)
			r = write_one(p, host->sysctls[i], outside, err);
	}
	return r;
}
