/* endpoint - an address with a port as ss, netstat and lsof print it: "192.0.2.1:80", "[::1]:80",
 * "::1:58056" (the last colon), "*:https", "localhost:5000", "127.0.0.1.9200" (BSD), "10.0.0.1%eth0:80",
 * "::ffff:192.0.2.1:80" (IPv4). */
#ifndef TWSTORM_BENCH_DOCTOR_ENDPOINT_H
#define TWSTORM_BENCH_DOCTOR_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>
#include "bench/doctor/names.h"

#define ENDPOINT_TEXT 96

enum host_kind {
	HOST_ANY,
	HOST_OTHERS =
		1, /* one of those that are not told apart: crowd; of a local end the first byte says whether both are here */
	HOST_V4 = 4,
	HOST_V6 = 6,
	HOST_NAME = 9
};

struct endpoint {
	unsigned char host[16]; /* network order; of a name its number */
	uint16_t port;          /* 0 = "*" */
	uint8_t kind;           /* enum host_kind; HOST_ANY also for 0.0.0.0 and [::] */
	bool dotted;            /* a dot before the port: BSD, macOS */
};

/* The whole word; a name is put into `names`. */
bool endpoint_read(const char *word, struct names *names, struct endpoint *out);
/* "192.0.2.1", "2001:db8::1", "localhost", "*"; into room for ENDPOINT_TEXT. */
char *endpoint_host(const struct endpoint *e, const struct names *names, char *buf);
/* With the port: "[::1]:9200". */
char *endpoint_print(const struct endpoint *e, const struct names *names, char *buf);
bool endpoint_is_loopback(const struct endpoint *e, const struct names *names);
bool endpoint_same_host(const struct endpoint *a, const struct endpoint *b);
/* Of bytes in network order: 4 or 16, by AF_INET or AF_INET6. */
void endpoint_of_bytes(const unsigned char *host, int family, uint16_t port,
		       struct endpoint *out);
/* An address alone, IPv4 or IPv6, v4-mapped as IPv4. */
bool endpoint_read_host(const char *text, struct endpoint *out);
/* The number of a service as /etc/services has it; 0 = not among those that are common. */
uint16_t endpoint_service(const char *name);

#endif
