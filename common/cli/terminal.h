/* terminal - a screen that is drawn anew in place, with keys, on standard output and input.  Whatever ends or stops the
 * program, except SIGKILL, the terminal is given back as it was. */
#ifndef TWSTORM_COMMON_CLI_TERMINAL_H
#define TWSTORM_COMMON_CLI_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "common/base/err.h"

/* It is a terminal that is this process's to write to, and TERM says that its cursor can be moved. */
bool terminal_can(int fd);
/* 24 and 80 where it does not say. */
void terminal_size(int fd, unsigned *lines, unsigned *columns);

/* Takes the terminal over, until terminal_leave().  The caller has called signals_catch().  Keys come only where standard input
 * is a terminal. */
int terminal_enter(struct err *err);
void terminal_leave(void);
/* Each line of the text is one of the screen, cut where the screen ends; what was there is gone. */
void terminal_draw(const char *text);
/* Waits until until_ns (clock_ns()) at most: a key, or TERMINAL_DRAW where the screen has to be drawn again, or 0: time
 * is up, or a signal of signals.h came. */
int terminal_key(uint64_t until_ns);

#define TERMINAL_DRAW   (-1)
#define TERMINAL_ESCAPE 27 /* also what begins with it: keys that have no character */
#define TERMINAL_ENTER  '\n'
#define TERMINAL_ERASE  127

#endif
