/* targets (client) - which counters the connections to each target are counted in: those of its
 * address, so that a target that was named twice is one; what is beyond the first TARGETS_TOLD
 * addresses is counted together. */
#ifndef TWSTORM_CLIENT_TARGETS_H
#define TWSTORM_CLIENT_TARGETS_H

#include <stdint.h>
#include "common/base/err.h"
#include "common/kernel/addr_list.h"

#define TARGETS_TOLD 64

struct targets {
	uint8_t *entry; /* owned: by number of the list; NULL = all are entry 0 */
	uint32_t first[TARGETS_TOLD]; /* the number of each entry's address */
	unsigned
		n; /* entries, in the order of the list; TARGETS_TOLD + 1: the last one is the others' */
};

/* 0, or -errno with a sentence: memory is out. */
int targets_make(struct targets *t, const struct addr_list *list, struct err *err);
void targets_done(struct targets *t);

/* The counters of a target of the list. */
static inline unsigned targets_entry(const struct targets *t, uint32_t target)
{
	return t->entry ? t->entry[target] : 0;
}

#endif
