#include "client/leak.h"

#include <stdlib.h>
#include <unistd.h>

#include "client/worker.h"
#include "common/base/clock.h"
#include "common/base/container.h"

void leak_keep(struct client_worker *w, int fd)
{
	struct leak *l = calloc(1, sizeof(*l));

	if (!l) {
		close(fd); /* out of memory: not leaked after all */
		return;
	}
	l->fd = fd;
	TAILQ_INSERT_TAIL(&w->leaks, l, link);
	timeline_arm(&w->leak_hold, &l->due, clock_ns());
}

static void drop(struct client_worker *w, struct leak *l)
{
	timeline_disarm(&l->due);
	TAILQ_REMOVE(&w->leaks, l, link);
	close(l->fd);
	free(l);
}

void leaks_expire(struct client_worker *w)
{
	struct timeline_node *node;

	while ((node = timeline_expired(&w->leak_hold, w->now_ns)))
		drop(w, container_of(node, struct leak, due));
}

void leaks_drop(struct client_worker *w)
{
	struct leak *l;

	while ((l = TAILQ_FIRST(&w->leaks)))
		drop(w, l);
}
