/* line - a cable with two ends: frames come in at one and go out at the other, late, lost or twice as it is impaired. */
#ifndef TWSTORM_BENCH_WIRE_LINE_H
#define TWSTORM_BENCH_WIRE_LINE_H

#include <stdio.h>
#include <sys/queue.h>
#include "bench/wire/impair.h"
#include "bench/wire/wire.h"
#include "common/base/hist.h"

#define LINE_VNET_HEADER 10 /* struct virtio_net_hdr: what offload left to do */
#define LINE_FRAME_MAX   (LINE_VNET_HEADER + 65550) /* with segmentation offload */

struct frame {
	STAILQ_ENTRY(frame) next;
	uint64_t due_ns;
	size_t len;
	unsigned char bytes[];
};
STAILQ_HEAD(frames, frame);

struct line {
	int packets[ENDS]; /* owned: a packet socket on the interface at each end */
	struct impaired way[ENDS];   /* by where a frame comes in */
	struct frames waiting[ENDS]; /* the first is due first */
	unsigned n_waiting;
	size_t waiting_bytes;
	struct drops *drops; /* owned: NULL = no segment is named */
	struct hist late;    /* owned: how much later than asked for each was carried */
	struct wire_stats *stats; /* borrowed */
	FILE *pcap;               /* borrowed: what is sent on goes there, too; or NULL */
};

/* NULL without memory. */
struct frame *frame_new(const void *bytes, size_t len, uint64_t due_ns);

/* In the network namespace of the interfaces.  `cable`, the nth of all, is borrowed. */
int line_open(struct line *l, const struct wire_cable *cable, unsigned nth,
	      struct err *err);
/* A frame that came in at an end at that moment: judged, and sent on or kept until it is due. */
void line_take(struct line *l, enum end from, const void *bytes, size_t len,
	       uint64_t at_ns);
/* The same of a frame that comes now. */
void line_carry(struct line *l, enum end from, const void *bytes, size_t len);
/* Sends on what is due. */
void line_turn(struct line *l, uint64_t now_ns);
/* When the next frame is due; UINT64_MAX = none waits. */
uint64_t line_next_ns(const struct line *l);
/* Completes the stats. */
void line_end(struct line *l);

#endif
