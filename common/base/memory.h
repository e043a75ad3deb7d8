/* memory - notices when an allocation in a library fails.  jansson then leaves a part of a
 * document out, and most callers of jansson do not notice.  So before a document is handed on, ask
 * here whether all of it can be there.  libevent then crashes (2.1 frees an HTTP connection that is
 * half made) or sleeps without its timer, so the process cannot go on. */
#ifndef TWSTORM_COMMON_BASE_MEMORY_H
#define TWSTORM_COMMON_BASE_MEMORY_H

#include <stdbool.h>
#include "common/base/err.h"

/* Once, by main, before the libraries are used.  end: ends the process; called by any thread
 * when an allocation has failed that there is no going on without. */
void memory_init(void (*end)(void));
/* 0, or -ENOMEM (EXIT_CANNOT_RUN): an allocation for JSON has failed, so any document may lack
 * parts. */
int memory_check(struct err *err);
/* For code that loses a figure of a document because it got no memory itself; any thread. */
void memory_lost(void);
/* Around jansson's parser, for the calling thread: its lexer (2.14) reads beyond its buffer when
 * that cannot grow, so an allocation that fails there ends the process. */
void memory_needed(bool now);
/* What has failed so far does no harm: those documents are gone. */
void memory_forget(void);

#endif
