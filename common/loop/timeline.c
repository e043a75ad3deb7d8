#include "common/loop/timeline.h"

void timeline_init(struct timeline *t, uint64_t after_ns)
{
	TAILQ_INIT(&t->waiting);
	t->after_ns = after_ns;
}

void timeline_arm(struct timeline *t, struct timeline_node *node, uint64_t now_ns)
{
	timeline_disarm(node);
	if (t->after_ns == 0)
		return;
	node->on = t;
	node->deadline_ns = now_ns + t->after_ns;
	TAILQ_INSERT_TAIL(&t->waiting, node, link);
}

struct timeline_node *timeline_expired(struct timeline *t, uint64_t now_ns)
{
	struct timeline_node *first = TAILQ_FIRST(&t->waiting);

	if (!first || first->deadline_ns > now_ns)
		return NULL;
	timeline_disarm(first);
	return first;
}

uint64_t timeline_next_ns(const struct timeline *t)
{
	const struct timeline_node *first = TAILQ_FIRST(&t->waiting);

	return first ? first->deadline_ns : UINT64_MAX;
}
