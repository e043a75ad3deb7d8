#include "common/cli/terminal.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/signals.h"
#include "common/base/utf8.h"

#define ENTER "\033[?1049h\033[?25l" /* another screen, no cursor */
#define LEAVE "\033[?25h\033[?1049l"
#define HOME  "\033[H"
#define CLEAR "\033[K"
#define REST  "\033[J"

static struct termios before, ours;
static bool has_keys;                 /* standard input is a terminal */
static volatile sig_atomic_t changed; /* its size, or somebody else had it meanwhile */

bool terminal_can(int fd)
{
	const char *term = getenv("TERM");

	return isatty(fd) && tcgetpgrp(fd) == getpgrp() && term && *term &&
	       strcmp(term, "dumb") != 0;
}

void terminal_size(int fd, unsigned *lines, unsigned *columns)
{
	struct winsize size = { 0 };

	ioctl(fd, TIOCGWINSZ, &size);
	*lines = size.ws_row ? size.ws_row : 24;
	*columns = size.ws_col ? size.ws_col : 80;
}

/* ---- taking it, and giving it back; async-signal-safe */

static void put_all(const char *text, size_t n)
{
	while (n > 0) {
		ssize_t done = write(STDOUT_FILENO, text, n);

		if (done <= 0)
			return; /* it is gone */
		text += done;
		n -= (size_t)done;
	}
}

static void take(void)
{
	if (has_keys)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &ours);
	put_all(ENTER, strlen(ENTER));
	changed = 1;
}

static void give_back(void)
{
	put_all(LEAVE, strlen(LEAVE));
	if (has_keys)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
}

/* ^Z: the shell gets its terminal; the process goes on here after SIGCONT. */
static void on_stop(int signo)
{
	(void)signo;
	give_back();
	raise(SIGSTOP);
	take();
}

static void on_resize(int signo)
{
	(void)signo;
	changed = 1;
}

/* They are let in while keys are waited for, and at no other time. */
static void heed(int signo, void (*handler)(int))
{
	struct sigaction sa = { .sa_handler = handler };
	sigset_t one;

	sigemptyset(&one);
	sigaddset(&one, signo);
	sigprocmask(SIG_BLOCK, &one, NULL);
	sigaction(signo, &sa, NULL);
}

int terminal_enter(struct err *err)
{
	has_keys = isatty(STDIN_FILENO);
	if (has_keys && tcgetattr(STDIN_FILENO, &before) == -1)
		return err_sys(err, "the terminal");
	ours = before;
	ours.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	ours.c_cc[VMIN] = 1;
	ours.c_cc[VTIME] = 0;
	ours.c_cc[VQUIT] = _POSIX_VDISABLE; /* it would leave the terminal as it is */
	heed(SIGTSTP, on_stop);
	heed(SIGWINCH, on_resize);
	take();
	return 0;
}

void terminal_leave(void)
{
	give_back();
	heed(SIGTSTP, SIG_DFL);
	heed(SIGWINCH, SIG_DFL);
}

/* ---- the screen */

/* How many bytes of a line fit; what is drawn is ASCII, and escapes that take no room. */
static size_t fitting(const char *line, size_t len, unsigned columns)
{
	size_t i = 0;

	for (unsigned n = 0; i < len; i++) {
		if (line[i] == '\033')
			i += strcspn(line + i, "m");
		else if (++n > columns)
			break;
	}
	return i < len ? i : len;
}

void terminal_draw(const char *text)
{
	unsigned lines, columns;
	char *out = NULL;
	size_t size;
	FILE *to = open_memstream(&out, &size);

	if (!to)
		return;
	terminal_size(STDOUT_FILENO, &lines, &columns);
	fputs(HOME, to);
	for (unsigned i = 0; *text && i < lines; i++) {
		size_t len = strcspn(text, "\n");

		fprintf(to, "%s%.*s" CLEAR, i ? "\r\n" : "",
			(int)fitting(text, len, columns), text);
		text += len + (text[len] == '\n');
	}
	fputs(REST, to);
	if (fclose(to) == 0)
		put_all(out, size);
	free(out);
}

/* ---- keys */

static int read_key(void)
{
	struct pollfd more = { .fd = STDIN_FILENO, .events = POLLIN };
	unsigned char key, rest[16];

	if (read(STDIN_FILENO, &key, 1) != 1) {
		has_keys = false; /* nobody is there any more */
		return 0;
	}
	/* A key that has no character sends some behind this one. */
	if (key == TERMINAL_ESCAPE && poll(&more, 1, 0) == 1 &&
	    read(STDIN_FILENO, rest, sizeof(rest)) < 0)
		has_keys = false;
	if (key == '\r')
		return TERMINAL_ENTER;
	return key == '\b' ? TERMINAL_ERASE : key;
}

int terminal_key(uint64_t until_ns)
{
	struct pollfd fds[] = { { .fd = signals_fd(), .events = POLLIN },
				{ .fd = STDIN_FILENO, .events = POLLIN } };
	sigset_t open;
	uint64_t now;

	sigprocmask(SIG_SETMASK, NULL, &open);
	sigdelset(&open, SIGTSTP);
	sigdelset(&open, SIGWINCH);
	while (!signals_got && !changed && (now = clock_ns()) < until_ns) {
		const struct timespec left = { (time_t)((until_ns - now) / NS_PER_S),
					       (long)((until_ns - now) % NS_PER_S) };
		int n = ppoll(fds, has_keys ? 2 : 1, &left, &open);

		if (n > 0 && has_keys && fds[1].revents)
			return read_key();
	}
	if (!changed)
		return 0;
	changed = 0;
	return TERMINAL_DRAW;
}
