#include <termios.h>
#include <unistd.h>
#include "bench/lab/trace.h"

static struct termios before;
static bool changed;

/* ^C stays a signal.  ^Z and ^\ are not for now: a shell would get a terminal that waits for keys. */
int trace_keys_begin(struct err *err)
{
	struct termios now;

	if (tcgetattr(STDIN_FILENO, &before) == -1)
		return err_usage(err, "--step waits for keys, but stdin is no terminal");
	now = before;
	now.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	now.c_cc[VMIN] = 1;
	now.c_cc[VTIME] = 0;
	now.c_cc[VSUSP] = now.c_cc[VQUIT] = _POSIX_VDISABLE;
	if (tcsetattr(STDIN_FILENO, TCSANOW, &now) == -1)
		return err_sys(err, "the terminal");
	changed = true;
	return 0;
}

void trace_keys_end(void)
{
	if (changed)
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
	changed = false;
}
