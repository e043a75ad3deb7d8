/* sock (probe) - both ends of connections, non-blocking; a deadline ends each wait. */
#ifndef TWSTORM_BENCH_PROBE_SOCK_H
#define TWSTORM_BENCH_PROBE_SOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/base/err.h"
#include "common/kernel/addr.h"

struct probe_run;

/* A TCP socket of the address' family, non-blocking; its fd or -errno. */
int probe_socket(const struct addr *at, bool reuseaddr, struct err *err);
/* The same, bound to `at` and listening; *at gets the port. */
int probe_listen(struct addr *at, bool reuseaddr, struct err *err);
/* Waits until it is connected: 0, the errno of connect() as a positive number, ETIMEDOUT
 * when the deadline came first, or -errno. */
int probe_connect(struct probe_run *run, int fd, const struct addr *to,
		  uint64_t deadline_ns, struct err *err);
int probe_accept(struct probe_run *run, int listener, uint64_t deadline_ns,
		 struct err *err);
/* Both ends of one connection: owned descriptors, -1 = none. */
struct probe_pair {
	int client, server;
	uint64_t connect_ns; /* from the call of connect() to established */
};
#define PROBE_NO_PAIR ((struct probe_pair){ .client = -1, .server = -1 })
/* Connects from *from (port 0 = any: it gets the number) to the listener and accepts.  0, the
 * errno of bind() or connect() as a positive number, ETIMEDOUT, or -errno. */
int probe_pair_open(struct probe_run *run, int listener, const struct addr *to,
		    struct addr *from, bool reuseaddr, uint64_t deadline_ns,
		    struct probe_pair *out, struct err *err);
void probe_pair_close(struct probe_pair *pair);
/* All n bytes at once, which an empty send buffer takes, or -errno. */
int probe_send(int fd, const char *bytes, size_t n, struct err *err);
/* Reads until `want` bytes are there, the peer's FIN, or the deadline: how many, or -errno. */
int probe_read(struct probe_run *run, int fd, char *buf, size_t want,
	       uint64_t deadline_ns, struct err *err);
/* Sends one byte by `from` and reads it by `to`. */
int probe_exchange(struct probe_run *run, int from, int to, struct err *err);
/* Waits for the peer's FIN, which must be the next thing to read. */
int probe_wait_eof(struct probe_run *run, int fd, struct err *err);
/* Waits until of the sockets between a port and a peer's (0 = any) none is in another state
 * than TIME_WAIT; *time_wait: how many the port's side has.  0, or -ETIMEDOUT. */
int probe_wait_settled(struct probe_run *run, uint16_t port, uint16_t peer,
		       uint64_t *time_wait, struct err *err);
/* close(*fd) unless it is negative (none, or an error), and makes it -1. */
void probe_close(int *fd);

#endif
