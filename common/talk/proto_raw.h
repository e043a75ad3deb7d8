/* proto_raw - the raw protocol: the 16-byte header in front of each request, and the mark that
 * each response begins with.  Pure functions over bytes.  Network byte order.  One request at a
 * time: the next may go when the response is there, so only a connection's last request may ask
 * for an empty one.
 *
 *     0  magic 0xf5 (never the first byte of an HTTP request)
 *     1  version, 1
 *     2  close strategy: index into closings[], 1..
 *     3  flags
 *     4  24 bits: hold in ms before the server's closing move, or before it lets go of a
 *        leaked connection; 8 bits: seconds for the linger flags, or without them the number
 *        that the server has given to the client's run (0: none), for its books
 *     8  response length in bytes
 *    12  request length in bytes, after this header
 */
#ifndef TWSTORM_COMMON_TALK_PROTO_RAW_H
#define TWSTORM_COMMON_TALK_PROTO_RAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RAW_HEADER      16
#define RAW_MAGIC       0xf5
#define RAW_VERSION     1
#define RAW_HOLD_MAX_MS 0xffffffu /* 4 h 39 min */
#define RAW_RUNS        256       /* numbers of runs, with 0 */

enum raw_flag {
	RAW_LAST = 1, /* the connection's last request: close by the strategy after it */
	RAW_GOODBYE = 2, /* no transaction, only the closing: not counted as a request */
	RAW_LINGER = 4,  /* SO_LINGER{1,seconds} before the server's close() */
	RAW_LINGER2 = 8, /* TCP_LINGER2 = seconds (signed) before the server's close() */
	RAW_FIN_RIDES = 16, /* the FIN goes in one segment with the data before it */
	RAW_FLAGS = 31,
};

struct raw_header {
	uint8_t strategy; /* a valid closing number */
	uint8_t flags;
	uint8_t run;      /* 0 with RAW_LINGER and RAW_LINGER2: there is no room then */
	int8_t seconds;   /* of RAW_LINGER or RAW_LINGER2; else 0 */
	uint32_t hold_ms; /* <= RAW_HOLD_MAX_MS */
	uint32_t response, request;
};

void raw_encode(const struct raw_header *h, unsigned char out[RAW_HEADER]);

/* Why a header was refused; RAW_OK = it was not. */
enum raw_verdict {
	RAW_OK,
	RAW_BAD_MAGIC,
	RAW_BAD_VERSION,
	RAW_BAD_STRATEGY,
	RAW_BAD_FLAGS,
};
enum raw_verdict raw_decode(const unsigned char in[RAW_HEADER], struct raw_header *out);

/* A response begins with the mark, or with as much of it as there is room for; zeros follow.  One
 * byte must do: 0xfa begins no text in ASCII or UTF-8, no TLS record and no Telnet command, and
 * an echo would begin with RAW_MAGIC. */
#define RAW_MARK       8
#define RAW_MARK_BYTES 0xfa, RAW_VERSION, 't', 'w', 's', 't', 'r', 'm'

extern const unsigned char raw_mark[RAW_MARK];

/* n bytes of what was received in place of a response, from its byte `done` on: can they be of
 * one?  Only the mark is looked at. */
static inline bool raw_is_response(uint64_t done, const unsigned char *bytes, size_t n)
{
	for (size_t i = 0; i < n && done + i < RAW_MARK; i++)
		if (bytes[i] != raw_mark[done + i])
			return false;
	return true;
}

#endif
