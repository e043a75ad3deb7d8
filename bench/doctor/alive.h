/* alive - sockets that were seen alive in a look, by the number that the kernel gave each (its cookie): the same number
 * is in its TIME_WAIT, and in the event of its end, which tell no owner. */
#ifndef TWSTORM_BENCH_DOCTOR_ALIVE_H
#define TWSTORM_BENCH_DOCTOR_ALIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/base/err.h"

#define ALIVE_MAX 65536 /* more are not remembered */

struct alive_socket {
	uint64_t cookie;    /* 0 = a free place */
	uint32_t first_out; /* segments with data that it had sent in the first look */
	uint32_t inode;
	uint16_t holder; /* 1 + whose it is (look_sockets); 0 = not known */
	bool in_first_look;
	bool retries; /* SYN_SENT, and its SYN had been sent again */
};

struct alive {
	struct alive_socket *at; /* owned */
	size_t n;
};

int alive_init(struct alive *a, struct err *err); /* 0, or -ENOMEM */
void alive_done(struct alive *a);
/* The socket's place, made if it is new; NULL where there is no room. */
struct alive_socket *alive_add(struct alive *a, uint64_t cookie);
/* NULL = was not seen. */
const struct alive_socket *alive_find(const struct alive *a, uint64_t cookie);

#endif
