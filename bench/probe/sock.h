/* sock (probe) - both ends of connections, non-blocking; a deadline ends each wait. */
#ifndef TWSTORM_BENCH_PROBE_SOCK_H
#define TWSTORM_BENCH_PROBE_SOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "bench/probe/probe_kit.h"
#include "common/kernel/sock_diag.h"

/* An errno that is not 0 is the run's failure: "WHAT: ..." */
void probe_need(struct probe_run *run, int no, const char *what);
/* A TCP socket of the run's address family, non-blocking. */
int probe_socket(struct probe_run *run, bool reuseaddr);
/* The same as run->listener, at run->server, which gets the port. */
void probe_listen(struct probe_run *run, bool reuseaddr);
/* A pair that has no descriptors yet, from the run's address and any port. */
struct probe_pair probe_pair(const struct probe_run *run, bool reuseaddr);
/* Connects it to the listener and accepts.  0, the errno of bind() or connect(), or ETIMEDOUT
 * after timeout_ns. */
int probe_pair_open(struct probe_run *run, struct probe_pair *p, uint64_t timeout_ns);
/* The same, and needed. */
void probe_pair_need(struct probe_run *run, struct probe_pair *p, const char *what);
void probe_pair_close(struct probe_pair *p);
/* All n bytes at once, which an empty send buffer takes. */
void probe_send(struct probe_run *run, int fd, const char *bytes, size_t n);
/* Reads until `want` bytes are there, the peer's FIN, or timeout_ns have passed: how many. */
size_t probe_read(struct probe_run *run, int fd, char *buf, size_t want,
		  uint64_t timeout_ns);
/* Sends one byte by the client and reads it by the server. */
void probe_exchange(struct probe_run *run, const struct probe_pair *p);
/* Waits for the peer's FIN, which must be the next thing to read. */
void probe_wait_eof(struct probe_run *run, int fd);
/* Calls row() for each socket that the query is about, as sock_diag_dump() does. */
void probe_diag(struct probe_run *run, const struct sock_diag_query *q,
		int (*row)(const struct sock_diag_row *row, void *arg), void *arg);
/* Waits until of the sockets between a port and a peer's (0 = any) none is in another state
 * than TIME_WAIT: how many of those the port's side has. */
uint64_t probe_wait_settled(struct probe_run *run, uint16_t port, uint16_t peer);
/* close(*fd) unless it is negative (none, or an error), and makes it -1. */
void probe_close(int *fd);

#endif
