/* door - where the server's admin address is, for those who listen there and those who ask: an
 * address and port, a socket in the file system, or a descriptor that was handed in.  The
 * last two need nothing of the network that is measured: no port, no packet. */
#ifndef TWSTORM_COMMON_KERNEL_DOOR_H
#define TWSTORM_COMMON_KERNEL_DOOR_H

#include <stdbool.h>
#include <sys/un.h>
#include "common/base/err.h"
#include "common/kernel/addr.h"

#define DOOR_TEXT (sizeof(struct sockaddr_un) + 8)
#define DOOR_FORM "ADDR:PORT|unix:PATH|fd:N" /* as options take it */

struct door {
	enum door_kind { DOOR_ADDR, DOOR_PATH, DOOR_FD } kind;
	struct addr at; /* of TCP, a descriptor's too: its own end; else at.len is 0 */
	struct sockaddr_un un; /* of DOOR_PATH */
	int fd;                /* of DOOR_FD: borrowed until it is used, then -1 */
	bool in_network;       /* it is of the TCP of this network namespace */
	char text[DOOR_TEXT];  /* "127.0.0.1:9100", "unix:PATH", "fd:3" */
};

/* EXIT_USAGE with a sentence.  listens: for door_listen(), and port 0 is allowed. */
int door_parse(const char *text, bool listens, struct door *out, struct err *err);
/* A listening, non-blocking socket, or -errno with a sentence.  Port 0 has become a number.  A
 * path at which nobody listens any more is taken over. */
int door_listen(struct door *d, struct err *err);
/* Nobody listens there any more: its path goes. */
void door_leave(const struct door *d);
/* Of one that listens: can only programs of this host ask there? */
bool door_is_private(const struct door *d);
/* A non-blocking socket that is connected, or will be; or -errno: -ENOTCONN where the one that was
 * handed in has had its time. */
int door_connect(struct door *d);

#endif
