/* admin_addr - where the server's admin address is, for those who listen there and those who ask: an
 * address and port, a socket in the file system, or a descriptor that was handed in.  The
 * last two need nothing of the network that is measured: no port, no packet. */
#ifndef TWSTORM_COMMON_KERNEL_ADMIN_ADDR_H
#define TWSTORM_COMMON_KERNEL_ADMIN_ADDR_H

#include <stdbool.h>
#include <sys/un.h>
#include "common/base/err.h"
#include "common/kernel/addr.h"

#define ADMIN_ADDR_TEXT (sizeof(struct sockaddr_un) + 8)
#define ADMIN_ADDR_FORM "ADDR:PORT|unix:PATH|fd:N" /* as options take it */

struct admin_addr {
	enum admin_addr_kind { ADMIN_TCP, ADMIN_PATH, ADMIN_FD } kind;
	struct addr at; /* of TCP, a descriptor's too: its own end; else at.len is 0 */
	struct sockaddr_un un;      /* of ADMIN_PATH */
	int fd;                     /* of ADMIN_FD: borrowed until it is used, then -1 */
	bool in_network;            /* it is of the TCP of this network namespace */
	char text[ADMIN_ADDR_TEXT]; /* "127.0.0.1:9100", "unix:PATH", "fd:3" */
};

/* EXIT_USAGE with a sentence.  listens: for admin_addr_listen(), and port 0 is allowed. */
int admin_addr_parse(const char *text, bool listens, struct admin_addr *out,
		     struct err *err);
/* A listening, non-blocking socket, or -errno with a sentence.  Port 0 has become a number.  A
 * path at which nobody listens any more is taken over. */
int admin_addr_listen(struct admin_addr *d, struct err *err);
/* Nobody listens there any more: its path goes. */
void admin_addr_leave(const struct admin_addr *d);
/* Of one that listens: can only programs of this host ask there? */
bool admin_addr_is_private(const struct admin_addr *d);
/* A non-blocking socket that is connected, or will be; or -errno: -ENOTCONN where the one that was
 * handed in has had its time. */
int admin_addr_connect(struct admin_addr *d);

#endif
