#include "common/base/companion.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int companion_begun(int over)
{
	return write(over, "", 1) == 1 ? 0 : -1;
}

void companion_could_not(int over, const struct err *why)
{
	if (write(over, why->text, strlen(why->text)) == -1)
		return; /* nobody waits for it any more */
}

static int hear(int over, const char *early, struct err *err)
{
	char text[sizeof(err->text)];
	ssize_t n = read(over, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	if (n > 0 && !*text)
		return 0;
	return err_run(err, "%s", n > 0 ? text : early);
}

int companion_start(struct companion *out, companion_fn *work, const void *plan,
		    const char *early, struct err *err)
{
	int stop[2], over[2];
	pid_t pid;

	*out = COMPANION_NONE;
	if (pipe2(stop, O_CLOEXEC) == -1)
		return err_sys(err, "pipe");
	if (pipe2(over, O_CLOEXEC) == -1) {
		err_sys(err, "pipe");
		close(stop[0]);
		close(stop[1]);
		return -EMFILE;
	}
	pid = fork();
	if (pid == 0) {
		close(stop[1]);
		close(over[0]);
		_exit(work(plan, stop[0], over[1]));
	}
	close(stop[0]);
	close(over[1]);
	*out = (struct companion){ .stop = stop[1], .over = over[0], .pid = pid };
	return pid == -1 ? err_sys(err, "fork") : hear(out->over, early, err);
}

void companion_end(struct companion *c)
{
	char none;

	if (c->stop == -1)
		return;
	close(c->stop);
	while (read(c->over, &none, 1) == -1 && errno == EINTR)
		;
	close(c->over);
	if (c->pid > 0)
		waitpid(c->pid, NULL, 0); /* so its CPU time is that of a child */
	*c = COMPANION_NONE;
}
