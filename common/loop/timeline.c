#include "common/loop/timeline.h"

void timeline_init(struct timeline *t, uint64_t after_ns)
{
	TAILQ_INIT(&t->waiting);
	t->after_ns = after_ns;
}
