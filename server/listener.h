/* listener - one listening socket of one worker: bounded accept, and a pause instead of a
 * spin when descriptors or memory run out.  libevent's default would call back 900,000 times
 * a second then. */
#ifndef TWSTORM_SERVER_LISTENER_H
#define TWSTORM_SERVER_LISTENER_H

#include <event2/event_struct.h>
#include <stdbool.h>
#include "common/kernel/addr.h"
#include "common/base/err.h"
#include "common/kernel/sock.h"
#include "common/loop/watch.h"

struct server_worker;

#define ACCEPTS_A_TURN  64
#define ACCEPT_PAUSE_MS 50

struct listener {
	struct watch watch;           /* embedded: on fd */
	struct event resume;          /* embedded: the pause */
	struct server_worker *worker; /* borrowed */
	int fd;                       /* owned; -1 = closed */
	unsigned batch, full_batches; /* how many to expect a turn: see on_acceptable() */
	bool paused;
};

/* Listens; addr is the real one afterwards where port 0 was asked. */
int listener_open(struct listener *l, struct server_worker *w, struct addr *at,
		  enum sock_sharing sharing, struct err *err);
void listener_close(struct listener *l);
/* A connection ended where there is a limit: listeners that wait for room may accept again. */
void listeners_room(struct server_worker *w);

#endif
