/* old_kernel - for LD_PRELOAD: the kernel says that it is Linux 5.10, and the size of a directory of descriptors is 0, as it was
 * before Linux 6.2. */
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

int uname(struct utsname *name)
{
	int r = (int)syscall(SYS_uname, name);

	strcpy(name->release, "5.10.0-test");
	return r;
}

int stat(const char *path, struct stat *st)
{
	int r = (int)syscall(SYS_newfstatat, -100, path, st, 0);
	size_t len = strlen(path);

	if (r == 0 && len > 3 && strcmp(path + len - 3, "/fd") == 0)
		st->st_size = 0;
	return r;
}
