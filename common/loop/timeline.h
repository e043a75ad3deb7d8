/* timeline - deadlines that all lie the same time ahead (a timeout, a hold), so the order of
 * arming is the order of expiry: a queue instead of a heap, nothing per connection in the
 * event loop.  Time is passed in.  One thread. */
#ifndef TWSTORM_COMMON_LOOP_TIMELINE_H
#define TWSTORM_COMMON_LOOP_TIMELINE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct timeline;

struct timeline_node { /* embedded in what waits; zeroed = on no timeline */
	TAILQ_ENTRY(timeline_node) link;
	struct timeline *on; /* where it waits; NULL = nowhere */
	uint64_t deadline_ns;
};

struct timeline {
	TAILQ_HEAD(timeline_head, timeline_node) waiting;
	uint64_t after_ns; /* 0 = never: arming does nothing */
};

void timeline_init(struct timeline *t, uint64_t after_ns);
static inline void timeline_disarm(struct timeline_node *node)
{
	if (!node->on)
		return;
	TAILQ_REMOVE(&node->on->waiting, node, link);
	node->on = NULL;
}
/* Arms node for now + after.  A node that is already waiting, here or elsewhere, starts
 * again. */
static inline void timeline_arm(struct timeline *t, struct timeline_node *node,
				uint64_t now_ns)
{
	timeline_disarm(node);
	if (t->after_ns == 0)
		return;
	node->on = t;
	node->deadline_ns = now_ns + t->after_ns;
	TAILQ_INSERT_TAIL(&t->waiting, node, link);
}
/* The earliest deadline, or UINT64_MAX. */
static inline uint64_t timeline_next_ns(const struct timeline *t)
{
	const struct timeline_node *first = TAILQ_FIRST(&t->waiting);

	return first ? first->deadline_ns : UINT64_MAX;
}
/* Takes the first node whose deadline has come, or NULL. */
static inline struct timeline_node *timeline_expired(struct timeline *t, uint64_t now_ns)
{
	struct timeline_node *first = TAILQ_FIRST(&t->waiting);

	if (!first || first->deadline_ns > now_ns)
		return NULL;
	timeline_disarm(first);
	return first;
}

#endif
