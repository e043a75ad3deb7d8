/* taken_ask - asks the kernel whether a port is free, without a packet. */
#ifndef TWSTORM_COMMON_PORTS_TAKEN_ASK_H
#define TWSTORM_COMMON_PORTS_TAKEN_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/ports/taken_look.h"

/* One for many questions; nothing of it is open at first ({ .fd = -1 }). */
struct taken_asker {
	int fd; /* owned: for connect(); or -1 */
};

/* False: taken_ask() is not to be called, a packet might be sent. */
bool taken_ask_sends_nothing(const struct taken_plan *p);
/* As taken_plan.ask.  connect(): has any socket the port by a bind() of its own?  bind(): can the
 * source have it, with SO_REUSEADDR?  -1 for connect() where there is no IP_LOCAL_PORT_RANGE
 * (before Linux 6.3), or net.ipv4.tcp_fastopen keeps clients from TCP Fast Open. */
int taken_ask(struct taken_asker *a, const struct taken_plan *p, size_t source,
	      uint16_t port);
void taken_ask_done(struct taken_asker *a);

#endif
