/* filtered COMMAND...: runs it under a seccomp filter that refuses namespaces and mounts, as Docker's
 * default filter does to who lacks CAP_SYS_ADMIN: EPERM, and ENOSYS for clone3(2). */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NAMESPACES                                                                       \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |   \
	 CLONE_NEWPID | CLONE_NEWNET)
#define LOAD(field)                                                                      \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define IS(value, n) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, n, 0)
#define REFUSE(no)   BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (no))
#define ALLOW        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

int main(int argc, char **argv)
{
	struct sock_filter rules[] = {
		LOAD(nr),
		IS(SYS_clone, 5), /* each: over so many rules */
		IS(SYS_clone3, 8),
		IS(SYS_unshare, 6),
		IS(SYS_setns, 5),
		IS(SYS_mount, 4),
		ALLOW,
		LOAD(args[0]), /* the low half, on a little-endian machine */
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, NAMESPACES, 1, 0),
		ALLOW,
		REFUSE(EPERM),
		REFUSE(ENOSYS),
	};
	struct sock_fprog filter = { .len = sizeof(rules) / sizeof(*rules),
				     .filter = rules };

	if (argc < 2 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == -1) {
		perror("filtered");
		return 1;
	}
	execvp(argv[1], argv + 1);
	perror(argv[1]);
	return 127;
}
