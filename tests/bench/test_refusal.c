/* Which cause is named, on systems made of files. */
#include "bench/stage/refusal.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/check_main.h"

#define ROOT_MOUNT "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
#define SUB_MOUNT  "40 22 0:5 / /proc rw - proc proc rw\n"
#define NO_CAPS    "Name:\tx\nCapEff:\t0000000000000000\n"
#define ALL_CAPS   "Name:\tx\nCapEff:\t000001ffffffffff\n"
#define REFUSED    "the kernel refused: Operation not permitted"
#define CHROOTED   "the kernel refuses it to a process in a chroot(2)"

struct a_file {
	const char *path, *text;
};

/* clang-format off */
static const struct {
	const char *what;
	int no;
	struct a_file files[5]; /* besides self/ns/mnt */
	const char *says;
} systems[] = {
	{ "nothing is known", EPERM, { { 0 } }, REFUSED },
	{ "all is as usual", EPERM,
	  { { "self/mountinfo", SUB_MOUNT ROOT_MOUNT }, { "self/status", NO_CAPS "Seccomp:\t0\n" },
	    { "sys/kernel/unprivileged_userns_clone", "1\n" },
	    { "sys/kernel/apparmor_restrict_unprivileged_userns", "0\n" } }, REFUSED },
	{ "a chroot without a mount of its own", EPERM,
	  { { "self/mountinfo", SUB_MOUNT }, { "sys/kernel/unprivileged_userns_clone", "0\n" },
	    { "self/status", NO_CAPS } }, CHROOTED },
	{ "its mounts cannot be made private", EINVAL,
	  { { "self/mountinfo", SUB_MOUNT } }, CHROOTED },
	{ "a chroot, and init's root is another", EPERM,
	  { { "self/mountinfo", ROOT_MOUNT }, { "1/ns/mnt", NULL }, { "1/root/x", "" },
	    { "self/root/x", "" } }, CHROOTED },
	{ "init's root is ours", EPERM,
	  { { "self/mountinfo", ROOT_MOUNT }, { "1/ns/mnt", NULL }, { "1/root/x", "" },
	    { "self/root", "../1/root" } }, REFUSED },
	{ "init has other mounts", EPERM,
	  { { "self/mountinfo", ROOT_MOUNT }, { "1/ns/mnt", "" }, { "1/root/x", "" },
	    { "self/root/x", "" } }, REFUSED },
	{ "Debian's sysctl", EPERM,
	  { { "self/mountinfo", ROOT_MOUNT }, { "self/status", NO_CAPS },
	    { "sys/kernel/unprivileged_userns_clone", "0\n" } },
	  "users may make none (sysctl kernel.unprivileged_userns_clone is 0)" },
	{ "root is not asked by it", EPERM,
	  { { "self/status", ALL_CAPS }, { "sys/kernel/unprivileged_userns_clone", "0\n" } },
	  REFUSED },
	{ "AppArmor's", EACCES,
	  { { "self/status", ALL_CAPS },
	    { "sys/kernel/apparmor_restrict_unprivileged_userns", "1\n" } },
	  "users have no rights in theirs (sysctl kernel.apparmor_restrict_unprivileged_userns is 1)" },
	{ "a container's filter", EPERM,
	  { { "self/status", NO_CAPS "Seccomp:\t2\n" } },
	  "refused under the seccomp filter that this process has, as in a container" },
	{ "a profile of AppArmor", EACCES,
	  { { "self/attr/current", "docker-default (enforce)\n" }, { "self/status", NO_CAPS "Seccomp:\t2\n" } },
	  "refused by the AppArmor profile that this process has, as in a container" },
	{ "a label of SELinux", EACCES,
	  { { "self/attr/current", "system_u:system_r:container_t:s0:c1,c2" } },
	  "the kernel refused: Permission denied" },
	{ "a profile that refuses nothing", EACCES,
	  { { "self/attr/current", "unconfined\n" } }, "the kernel refused: Permission denied" },
	{ "none may be made", ENOSPC,
	  { { "sys/user/max_user_namespaces", "0\n" } },
	  "none may be made (sysctl user.max_user_namespaces is 0)" },
	{ "a limit further out", ENOSPC,
	  { { "sys/user/max_user_namespaces", "1000\n" } },
	  "no more can be made, a limit is reached (ENOSPC)" },
	{ "not built in", EINVAL,
	  { { "self/mountinfo", ROOT_MOUNT } }, "this kernel has none (CONFIG_USER_NS)" },
	{ "built in", EINVAL,
	  { { "self/mountinfo", ROOT_MOUNT }, { "self/ns/user", "" } },
	  "the kernel refused: Invalid argument" },
};
/* clang-format on */

static char proc[] = "/tmp/twstorm-refusal.XXXXXX";

/* NULL: a hard link to self/ns/mnt; "../...": a symbolic link. */
static void put(const char *name, const char *text)
{
	char path[256], mnt[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", proc, name);
	for (char *c = path + strlen(proc) + 1; (c = strchr(c, '/')); c++) {
		*c = '\0';
		mkdir(path, 0700);
		*c = '/';
	}
	snprintf(mnt, sizeof(mnt), "%s/self/ns/mnt", proc);
	if (!text) {
		ck_assert_int_eq(link(mnt, path), 0);
		return;
	}
	if (strncmp(text, "../", 3) == 0) {
		ck_assert_int_eq(symlink(text, path), 0);
		return;
	}
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

TEST_ROWS(names_what_it_finds, systems)
{
	char why[REFUSAL_TEXT], flag[REFUSAL_TEXT], command[64];

	ck_assert_ptr_nonnull(mkdtemp(proc));
	put("self/ns/mnt", "");
	for (const struct a_file *f = row->files; f->path; f++)
		put(f->path, f->text);
	refusal_why(proc, row->no, why);
	refusal_flag(proc, row->no, flag);
	snprintf(command, sizeof(command), "rm -r %s", proc);
	ck_assert_int_eq(system(command), 0);
	ck_assert_msg(strcmp(why, row->says) == 0, "%s: %s", row->what, why);
	ck_assert_msg((*flag != '\0') == (strstr(why, "as in a container") != NULL),
		      "%s: %s", row->what, flag);
}

CHECK_MAIN("refusal")
