#include "bench/sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "bench/text.h"

char *sysctl_path(const char *root, const char *name)
{
	char *path = text_printf("%s/sys/%s", root, name);

	for (char *c = path + strlen(root) + strlen("/sys/"); *c; c++)
		if (*c == '.')
			*c = '/';
	return path;
}

static int refused(const struct plan *p, const struct setting *s, const char *name,
		   struct err *err)
{
	switch (errno) {
	case ENOENT:
		return err_support(err, "this kernel has no %s", name);
	case EROFS:
		return err_support(
			err, "/proc/sys is read-only here, so %s cannot be set", name);
	case EACCES:
	case EPERM:
		return err_support(err, "no right to set %s in a namespace of our own",
				   name);
	case EINVAL:
	case ERANGE:
		return scenario_fault(p->scenario, s->line, err,
				      "the kernel refuses '%s' for %s", s->value, name);
	default:
		return err_sys(err, "set %s to '%s'", name, s->value);
	}
}

static int write_one(const struct plan *p, const struct setting *s, struct err *err)
{
	const char *name = s->key + strlen("sysctl.");
	char *path = sysctl_path("/proc", name);
	size_t len = strlen(s->value);
	int fd = open(path, O_WRONLY | O_CLOEXEC), r = 0;

	if (fd == -1 || write(fd, s->value, len) != (ssize_t)len)
		r = refused(p, s, name, err);
	if (fd != -1)
		close(fd);
	free(path);
	return r;
}

int sysctl_write_all(const struct plan *p, const struct netns *n, struct err *err)
{
	int r = 0;

	for (size_t h = 0; r == 0 && h < p->n_hosts; h++) {
		const struct plan_host *host = &p->hosts[h];

		if (host->n_sysctls)
			r = netns_enter(n, h, err);
		for (size_t i = 0; r == 0 && i < host->n_sysctls; i++)
			r = write_one(p, host->sysctls[i], err);
	}
	return r;
}
