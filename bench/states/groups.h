/* groups - counts sockets per key (a peer's address, or a port and whose it is) in a
 * table that never grows: allocated once, nothing per socket.  Keys past its capacity are
 * counted together and not told apart. */
#ifndef TWSTORM_BENCH_STATES_GROUPS_H
#define TWSTORM_BENCH_STATES_GROUPS_H

#include <stddef.h>
#include <stdint.h>
#include "common/base/err.h"
#include "common/base/keyed.h"
#include "common/kernel/tcp_state.h"

#define STATES_GROUPS_MAX 65536
#define STATES_KEY_TEXT   64

/* Compared as bytes: clear it before it is filled. */
struct states_key {
	unsigned char host[16]; /* of a peer; network order, IPv4 in the first 4 */
	uint16_t family;        /* AF_INET, AF_INET6; 0 = this key is a port */
	uint16_t port;          /* 0 = this key is an address alone */
	uint32_t is_client;     /* the port is the peer's, this host is its client */
};

struct states_group {
	struct states_key key;
	uint32_t n[TCP_STATE_MAX];
	uint32_t total; /* LISTEN included */
};

struct states_groups {
	struct states_group at[STATES_GROUPS_MAX];
	size_t n;
	uint64_t over_limit; /* sockets whose key found no room */
	struct keyed keyed;  /* of `at` */
};

struct states_groups *states_groups_new(struct err *err); /* ~6 MB, or NULL */
void states_groups_free(struct states_groups *g);
void states_groups_clear(struct states_groups *g);
void states_groups_add(struct states_groups *g, const struct states_key *key,
		       unsigned state);
/* Largest total first, ties by key; nothing may be added until the next clear. */
void states_groups_sort(struct states_groups *g);
/* "198.18.0.1", "2001:db8::1"; "9000/server", "443/client"; "198.18.0.1:443", "[2001:db8::1]:443".  Returns buf. */
char *states_key_print(const struct states_key *key, char buf[STATES_KEY_TEXT]);

#endif
