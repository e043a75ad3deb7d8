#include "bench/stage/refusal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CAP_SYS_ADMIN_BIT 21

static FILE *open_below(const char *proc, const char *file)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", proc, file);
	return fopen(path, "re");
}

/* A sysctl that is a number: whether it is there and has this value. */
static bool sysctl_is(const char *proc, const char *file, long long value)
{
	FILE *f = open_below(proc, file);
	long long is;
	bool same = f && fscanf(f, "%lld", &is) == 1 && is == value;

	if (f)
		fclose(f);
	return same;
}

/* "NAME:\tVALUE" of status; false where it is not there. */
static bool status_of(const char *proc, const char *name, int base,
		      unsigned long long *value)
{
	FILE *f = open_below(proc, "self/status");
	size_t len = strlen(name);
	bool found = false;
	char line[256];

	while (f && !found && fgets(line, sizeof(line), f)) {
		found = strncmp(line, name, len) == 0 && line[len] == ':';
		if (found)
			*value = strtoull(line + len + 1, NULL, base);
	}
	if (f)
		fclose(f);
	return found;
}

/* ---- in a chroot */

/* A root that is no mount point: mountinfo has the mounts below it, and none of its own. */
static bool has_no_root_mount(const char *proc)
{
	FILE *f = open_below(proc, "self/mountinfo");
	bool any = false, root = false;
	char *line = NULL, at[3];
	size_t size = 0;

	while (f && !root && getline(&line, &size, f) > 0) {
		any = sscanf(line, "%*s %*s %*s %*s %2s", at) == 1 || any;
		root = any && strcmp(at, "/") == 0;
	}
	free(line);
	if (f)
		fclose(f);
	return any && !root;
}

static bool look(const char *proc, const char *who, const char *what, struct statx *out)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s/%s", proc, who, what);
	return statx(AT_FDCWD, path, 0, STATX_INO | STATX_MNT_ID, out) == 0;
}

static bool same_inode(const struct statx *a, const struct statx *b)
{
	return a->stx_ino == b->stx_ino && a->stx_dev_major == b->stx_dev_major &&
	       a->stx_dev_minor == b->stx_dev_minor;
}

/* Process 1, where it shares our mounts and we may look, has another root. */
static bool root_is_not_inits(const char *proc)
{
	struct statx ours, inits, our_ns, inits_ns;

	if (!look(proc, "self", "ns/mnt", &our_ns) ||
	    !look(proc, "1", "ns/mnt", &inits_ns) || !same_inode(&our_ns, &inits_ns) ||
	    !look(proc, "self", "root", &ours) || !look(proc, "1", "root", &inits))
		return false;
	return !same_inode(&ours, &inits) ||
	       (ours.stx_mask & inits.stx_mask & STATX_MNT_ID &&
		ours.stx_mnt_id != inits.stx_mnt_id);
}

static bool in_chroot(const char *proc, int no)
{
	return (no == EPERM || no == EINVAL) &&
	       (has_no_root_mount(proc) || root_is_not_inits(proc));
}

/* ---- the others */

static bool not_built_in(const char *proc, int no)
{
	struct statx st;

	return no == EINVAL && look(proc, "self", "ns/mnt", &st) &&
	       !look(proc, "self", "ns/user", &st);
}

static bool none_allowed(const char *proc, int no)
{
	return no == ENOSPC && sysctl_is(proc, "sys/user/max_user_namespaces", 0);
}

static bool at_a_limit(const char *proc, int no)
{
	(void)proc;
	return no == ENOSPC;
}

/* Debian's kernels have this sysctl; it does not matter to a process with CAP_SYS_ADMIN. */
static bool not_for_users(const char *proc, int no)
{
	unsigned long long caps;

	return no == EPERM &&
	       sysctl_is(proc, "sys/kernel/unprivileged_userns_clone", 0) &&
	       status_of(proc, "CapEff", 16, &caps) && !(caps >> CAP_SYS_ADMIN_BIT & 1);
}

static bool restricted(const char *proc, int no)
{
	return (no == EPERM || no == EACCES) &&
	       sysctl_is(proc, "sys/kernel/apparmor_restrict_unprivileged_userns", 1);
}

static bool filtered(const char *proc, int no)
{
	unsigned long long mode;

	return (no == EPERM || no == ENOSYS) && status_of(proc, "Seccomp", 10, &mode) &&
	       mode == 2;
}

/* What AppArmor calls this process: "docker-default (enforce)". */
static bool has_profile(const char *proc, int no)
{
	FILE *f = no == EACCES ? open_below(proc, "self/attr/current") : NULL;
	char label[256];
	bool enforced =
		f && fgets(label, sizeof(label), f) && strstr(label, " (enforce)");

	if (f)
		fclose(f);
	return enforced;
}

/* Those that leave no choice come first. */
static const struct cause {
	bool (*is)(const char *proc, int no);
	const char *text;
	const char *flag; /* of `docker run` and `podman run`; NULL = not known */
} causes[] = {
	{ in_chroot, "the kernel refuses it to a process in a chroot(2)", NULL },
	{ not_built_in, "this kernel has none (CONFIG_USER_NS)", NULL },
	{ none_allowed, "none may be made (sysctl user.max_user_namespaces is 0)", NULL },
	{ at_a_limit, "no more can be made, a limit is reached (ENOSPC)", NULL },
	{ not_for_users,
	  "users may make none (sysctl kernel.unprivileged_userns_clone is 0)", NULL },
	{ has_profile,
	  "refused by the AppArmor profile that this process has, as in a container",
	  "--security-opt apparmor=unconfined" },
	{ restricted,
	  "users have no rights in theirs (sysctl "
	  "kernel.apparmor_restrict_unprivileged_userns is 1)",
	  NULL },
	{ filtered,
	  "refused under the seccomp filter that this process has, as in a "
	  "container",
	  "--security-opt seccomp=unconfined" },
};

static const struct cause *find(const char *proc, int no)
{
	for (size_t i = 0; i < sizeof(causes) / sizeof(*causes); i++)
		if (causes[i].is(proc, no))
			return &causes[i];
	return NULL;
}

void refusal_why(const char *proc, int no, char out[REFUSAL_TEXT])
{
	const struct cause *cause = find(proc, no);

	if (cause)
		snprintf(out, REFUSAL_TEXT, "%s", cause->text);
	else
		snprintf(out, REFUSAL_TEXT, "the kernel refused: %s", strerror(no));
}

void refusal_flag(const char *proc, int no, char out[REFUSAL_TEXT])
{
	const struct cause *cause = find(proc, no);

	*out = '\0';
	if (cause && cause->flag)
		snprintf(out, REFUSAL_TEXT, "; Docker and Podman allow it with %s",
			 cause->flag);
}
