#include "bench/wire/idle.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "common/base/clock.h"

#define LOOK_NS (100 * NS_PER_US)

static bool is_own_proc(void)
{
	char text[24];
	ssize_t n = readlink("/proc/self", text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	return atoi(text) == (int)getpid();
}

/* "42 (name) R ...": the name may have anything in it. */
static bool runs(int dir, const char *task)
{
	char path[300], stat[512], *state;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/stat", task);
	fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return false;
	n = read(fd, stat, sizeof(stat) - 1);
	close(fd);
	stat[n > 0 ? n : 0] = '\0';
	state = strrchr(stat, ')');
	return state && (strncmp(state, ") R", 3) == 0 || strncmp(state, ") D", 3) == 0);
}

static bool any_runs(const char *process)
{
	char path[300];
	const struct dirent *task;
	bool found = false;
	DIR *tasks;

	snprintf(path, sizeof(path), "/proc/%s/task", process);
	tasks = opendir(path);
	while (tasks && !found && (task = readdir(tasks)))
		found = isdigit((unsigned char)*task->d_name) &&
			runs(dirfd(tasks), task->d_name);
	if (tasks)
		closedir(tasks);
	return found;
}

static bool somebody_runs(void)
{
	const struct dirent *process;
	bool found = false;
	DIR *proc = opendir("/proc");

	while (proc && !found && (process = readdir(proc)))
		found = isdigit((unsigned char)*process->d_name) &&
			atoi(process->d_name) != (int)getpid() &&
			any_runs(process->d_name);
	if (proc)
		closedir(proc);
	return found;
}

void idle_wait(uint64_t for_ns)
{
	const struct timespec pause = { .tv_nsec = LOOK_NS };
	uint64_t until = clock_ns() + for_ns;

	if (!is_own_proc())
		return;
	while (somebody_runs() && clock_ns() < until)
		nanosleep(&pause, NULL);
}
