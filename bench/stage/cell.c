#include "bench/stage/cell.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "bench/scenario/plan.h"
#include "bench/stage/refusal.h"

#define CELL_FLAGS (CLONE_NEWPID | CLONE_NEWNS)

/* fork() into new namespaces.  The bare system call, as glibc's clone() wants a stack. */
static pid_t fork_into(unsigned long flags)
{
	return (pid_t)syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);
}

static int put(const char *path, const char *text, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd == -1 ? -1 : write(fd, text, strlen(text));
	int r = n == -1 ? err_sys(err, "%s", path) : 0;

	if (fd != -1)
		close(fd);
	return r;
}

/* One user and group, in a user namespace that the calling process is new in. */
static int map_user(unsigned inside, unsigned uid, unsigned gid, struct err *err)
{
	char map[64];
	int r = put("/proc/self/setgroups", "deny", err);

	snprintf(map, sizeof(map), "%u %u 1", inside, uid);
	r = r ? r : put("/proc/self/uid_map", map, err);
	snprintf(map, sizeof(map), "%u %u 1", inside, gid);
	return r ? r : put("/proc/self/gid_map", map, err);
}

/* Root inside is the caller outside: files keep their owner, and nobody gains anything.  The
 * kernel refuses it to a root who has lost CAP_SETFCAP (a container's, since Linux 5.12). */
static int become_root(const struct cell_inside *inside, struct err *err)
{
	int r = map_user(0, inside->uid, inside->gid, err);

	if (r == -EPERM)
		return err_support(
			err,
			"the lab's user namespace cannot map user %u here (root "
			"without CAP_SETFCAP?)",
			inside->uid);
	return r;
}

int cell_become_user(unsigned user)
{
	unsigned uid = geteuid(), gid = getegid();

	if (unshare(CLONE_NEWUSER) == -1)
		return -1;
	return map_user(user, uid, gid, NULL) < 0 ? -1 : 0;
}

/* Whether root gets a user namespace with itself as root: tried by a process that ends. */
static bool root_can_map(const struct cell_inside *inside)
{
	int status;
	pid_t pid = fork_into(CLONE_NEWUSER);

	if (pid == 0)
		_exit(become_root(inside, NULL) ? EXIT_CANNOT_RUN : EXIT_COMPLETE);
	while (pid != -1 && waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return false;
	return pid != -1 && status == 0;
}

/* In a user namespace of its own; root may also do without, where it has the rights. */
static pid_t fork_keeper(struct cell_inside *inside, int *user_errno)
{
	bool mapped = inside->uid != 0 || root_can_map(inside);
	pid_t pid = -1;

	if (mapped) {
		pid = fork_into(CLONE_NEWUSER | CELL_FLAGS);
		*user_errno = errno;
	}
	if (pid == -1) {
		inside->own_user = false;
		pid = fork_into(CELL_FLAGS);
	}
	if (pid == -1 && !mapped) { /* the keeper will tell what is in the way */
		inside->own_user = true;
		pid = fork_into(CLONE_NEWUSER | CELL_FLAGS);
		*user_errno = errno;
	}
	return pid;
}

static int no_namespaces(int user_errno, struct err *err)
{
	char why[REFUSAL_TEXT], flag[REFUSAL_TEXT];

	refusal_why("/proc", user_errno, why);
	refusal_flag("/proc", user_errno, flag);
	return err_support(err, "the lab needs user namespaces, or root: %s%s", why,
			   flag);
}

int cell_start(int (*main)(const struct cell_inside *inside, void *arg), void *arg,
	       struct cell *out, struct err *err)
{
	struct cell_inside inside = { .own_user = true,
				      .uid = geteuid(),
				      .gid = getegid() };
	int ends[2], user_errno = 0;

	if (pipe2(ends, O_CLOEXEC) == -1)
		return err_sys(err, "pipe");
	out->pid = fork_keeper(&inside, &user_errno);
	if (out->pid == 0) {
		close(ends[1]);
		inside.leash = ends[0];
		_exit(main(&inside, arg));
	}
	close(ends[0]);
	out->leash = ends[1];
	out->own_user = inside.own_user;
	if (out->pid == -1) {
		close(ends[1]);
		return no_namespaces(user_errno, err);
	}
	return 0;
}

static void tie_to_runner(int leash)
{
	struct pollfd runner = { .fd = leash, .events = POLLIN };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (poll(&runner, 1, 0) != 0)
		_exit(EXIT_CANNOT_RUN); /* it was gone before */
}

/* ENOSYS: Linux before 5.12. */
static int set_attributes(const char *path, unsigned flags, const struct mount_attr *attr)
{
	int r = mount_setattr(AT_FDCWD, path, flags, (void *)attr, sizeof(*attr));

	return r == -1 && errno == ENOSYS ? 0 : r;
}

static const struct mount_attr read_only = { .attr_set = MOUNT_ATTR_RDONLY };
static const struct mount_attr writable = { .attr_clr = MOUNT_ATTR_RDONLY };

/* The kernel lets whoever is root outside write the whole machine's sysctls, in a user
 * namespace too: it looks at the owner of the file alone.  What is below net is the lab's
 * own, except what the kernel itself makes read-only there. */
static int guard_machine(struct err *err)
{
	static const char *const of_the_machine[] = { "/proc/sys", "/proc/sysrq-trigger",
						      "/proc/irq", "/sys" };
	const char *net = "/proc/sys/net";

	for (size_t i = 0; i < sizeof(of_the_machine) / sizeof(*of_the_machine); i++) {
		const char *path = of_the_machine[i];

		if (access(path, F_OK) == -1)
			continue;
		if (mount(path, path, NULL, MS_BIND | MS_REC, NULL) == -1 ||
		    set_attributes(path, AT_RECURSIVE, &read_only) == -1)
			return err_sys(err, "make %s read-only in the lab", path);
	}
	/* Where /proc/sys was read-only before, sysctl_check() will say so. */
	if (mount(net, net, NULL, MS_BIND | MS_REC, NULL) == 0)
		set_attributes(net, AT_RECURSIVE, &writable);
	return 0;
}

int cell_close_files(void)
{
	if (unshare(CLONE_NEWNS) == -1 ||
	    set_attributes("/", AT_RECURSIVE, &read_only) == -1)
		return -1;
	return set_attributes(PLAN_TMP, 0, &writable);
}

/* Mounts are made private first, so that none of ours shows up outside.  A /proc of our own
 * makes /proc/PID agree with getpid() (LeakSanitizer and third parties rely on that); where
 * a container forbids it, the outer one does: /proc/self works in either. */
static int mount_own(struct err *err)
{
	const unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
	char why[REFUSAL_TEXT], flag[REFUSAL_TEXT];
	int no;

	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1) {
		no = errno;
		refusal_why("/proc", no, why);
		refusal_flag("/proc", no, flag);
		return err_support(err, "the lab cannot have mounts of its own: %s%s",
				   why, flag);
	}
	mount("proc", "/proc", "proc", flags, NULL);
	if (mount("twstorm-lab", PLAN_TMP, "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777") ==
	    -1)
		return err_support(err, "cannot mount a tmpfs on %s: %s", PLAN_TMP,
				   strerror(errno));
	return 0;
}

int cell_enter(const struct cell_inside *inside, bool own_session, struct err *err)
{
	int r = 0;

	tie_to_runner(inside->leash);
	if (own_session)
		setsid();
	if (inside->own_user)
		r = become_root(inside, err);
	r = r ? r : mount_own(err);
	return r == 0 && inside->uid == 0 ? guard_machine(err) : r;
}
