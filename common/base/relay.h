/* relay - documents of a run that goes on: from many processes, which inherit one descriptor, to the one
 * that serves a page of them.  A document is a file in memory whose descriptor is sent, so its length
 * has no limit, and a writer never waits for the reader. */
#ifndef TWSTORM_COMMON_BASE_RELAY_H
#define TWSTORM_COMMON_BASE_RELAY_H

#include <jansson.h>
#include <stdbool.h>

#include "common/base/err.h"

/* [0] is the reader's end, [1] the writers'.  Both are closed by exec. */
int relay_open(int ends[2], struct err *err);
/* In a child before exec: what is started finds the writers' end in its environment, with what its documents are about. */
void relay_bequeath(int fd, const char *about);
/* The writers' end that the environment names, or -1; *about is borrowed.  What this process starts does not inherit it. */
int relay_inherited(const char **about);

/* Sends {"about": about, key: value}.  wait: until there is room for it; otherwise, where the reader has not taken the
 * newest ones yet, the document is left out.  Where nobody reads it is, too. */
void relay_send(int fd, const char *about, const char *key, json_t *stolen, bool wait);
/* The next document, new reference; NULL where there is none: *over is set when there is no writer any more. */
json_t *relay_next(int fd, bool *over);

#endif
