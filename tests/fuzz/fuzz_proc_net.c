/* Files of /proc/net.  The first byte says which the rest is; the others are as a kernel has
 * them. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "common/kernel/proc_net.h"
#include "tests/fuzz/fuzz.h"

static const char *const files[] = { "snmp",      "netstat", "sockstat",
				     "sockstat6", "tcp",     "tcp6" };
#define FILES (sizeof(files) / sizeof(*files))

static char root[64];

static void put(const char *name, const void *bytes, size_t n)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/net/%s", root, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd == -1 || write(fd, bytes, n) != (ssize_t)n)
		abort();
	close(fd);
}

static void remove_all(void)
{
	char path[128];

	for (size_t i = 0; i < FILES; i++) {
		snprintf(path, sizeof(path), "%s/net/%s", root, files[i]);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/net", root);
	rmdir(path);
	rmdir(root);
}

static void make_root(void)
{
	char path[128];

	if (*root)
		return;
	snprintf(root, sizeof(root), "/dev/shm/fuzz_proc_net.XXXXXX");
	if (!mkdtemp(root))
		abort();
	snprintf(path, sizeof(path), "%s/net", root);
	mkdir(path, 0700);
	atexit(remove_all);
}

static int look(const struct proc_tcp_row *row, void *arg)
{
	return row->family == *(const int *)arg ? 42 : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kernel_counters counters;
	struct sockstat sockstat;
	int never = -1;

	if (!size)
		return 0;
	make_root();
	for (size_t i = 0; i < FILES; i++)
		put(files[i], "", 0);
	put(files[data[0] % FILES], data + 1, size - 1);
	if (data[0] % FILES == 5)
		put("tcp", "header\n", 7);
	proc_net_counters(root, &counters, NULL);
	proc_net_sockstat(root, &sockstat, NULL);
	proc_net_tcp(root, look, &never, NULL);
	return 0;
}
