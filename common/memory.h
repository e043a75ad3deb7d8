/* memory - notices when an allocation for JSON fails.  jansson then leaves a part of a document
 * out, and most of its callers do not look: whoever hands a document on asks here whether all
 * of it can be there. */
#ifndef TWSTORM_COMMON_MEMORY_H
#define TWSTORM_COMMON_MEMORY_H

#include "common/err.h"

/* Once, by main, before any JSON is made. */
void memory_init(void);
/* 0, or -ENOMEM (EXIT_CANNOT_RUN): an allocation for JSON has failed, so any document may lack
 * parts. */
int memory_check(struct err *err);
/* For code that loses a figure of a document because it got no memory itself; any thread. */
void memory_lost(void);
/* What has failed so far does no harm: those documents are gone. */
void memory_forget(void);

#endif
