/* segment - a TCP segment in an Ethernet frame, read from its bytes. */
#ifndef TWSTORM_BENCH_WIRE_SEGMENT_H
#define TWSTORM_BENCH_WIRE_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* RFC 9293, 3.1: the bits of the header's byte 13. */
#define SEGMENT_FIN 0x01
#define SEGMENT_SYN 0x02
#define SEGMENT_RST 0x04
#define SEGMENT_PSH 0x08
#define SEGMENT_ACK 0x10
#define SEGMENT_URG 0x20

struct segment {
	int family; /* AF_INET or AF_INET6 */
	unsigned char from[16], to[16];
	uint16_t from_port, to_port;
	uint32_t seq, ack; /* ack is 0 without SEGMENT_ACK */
	uint16_t window;   /* not scaled */
	uint8_t flags;
	uint32_t len;        /* bytes of data */
	uint16_t mss;        /* options; 0 = not there */
	int8_t window_scale; /* -1 = not there */
	bool sack_permitted, timestamps, fast_open;
	uint32_t ts_value, ts_echo;
};

/* Of a frame without its frame check sequence; IPv4 or IPv6 without extension headers.  False if it is no
 * whole TCP segment.  Pure: any bytes will do. */
bool segment_read(const unsigned char *frame, size_t len, struct segment *out);
/* Of a frame that segment_read() refuses: it is TCP all the same, a fragment or cut. */
bool segment_is_part(const unsigned char *frame, size_t len);
/* How much of the sequence space it takes: its data, SYN and FIN. */
uint32_t segment_space(const struct segment *s);
/* "SYN", "FIN+ACK", ...; returns buf, which has room for SEGMENT_FLAGS_TEXT. */
#define SEGMENT_FLAGS_TEXT 32
char *segment_flags(const struct segment *s, char *buf);

#endif
