/* read_proc - rows of /proc/net/tcp and /proc/net/tcp6. */
#include <string.h>
#include "bench/doctor/reading.h"

#define TICK_MS 10 /* of clock_t in /proc */

/* "C60200C0:B57C": words of 32 bits, each in the byte order of a little-endian machine. */
static bool read_end(const char *word, unsigned char host[16], uint8_t *kind,
		     uint16_t *port)
{
	size_t digits = strcspn(word, ":");
	uint64_t n, p;

	if ((digits != 8 && digits != 32) || strlen(word) != digits + 5 ||
	    !word_hex(word + digits + 1, 4, &p))
		return false;
	memset(host, 0, 16);
	for (unsigned i = 0; i < digits / 8; i++) {
		if (!word_hex(word + 8 * i, 8, &n))
			return false;
		for (unsigned b = 0; b < 4; b++)
			host[4 * i + b] = (unsigned char)(n >> (8 * b));
	}
	*port = (uint16_t)p;
	*kind = digits == 8 ? HOST_V4 : HOST_V6;
	if (digits == 32 && memcmp(host, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) == 0) {
		memmove(host, host + 12, 4);
		memset(host + 4, 0, 12);
		*kind = HOST_V4;
	}
	if (memcmp(host, (unsigned char[16]){ 0 }, 16) == 0)
		*kind = HOST_ANY;
	return true;
}

static void read_queues(const char *word, struct noted_socket *s)
{
	uint64_t send, recv;

	if (strlen(word) != 17 || word[8] != ':' || !word_hex(word, 8, &send) ||
	    !word_hex(word + 9, 8, &recv))
		return;
	s->send_q = (uint32_t)send;
	s->recv_q = (uint32_t)recv;
}

static void read_timer(const char *word, struct noted_socket *s)
{
	uint64_t kind, ticks;

	if (s->state != STATE_TIME_WAIT || strlen(word) != 11 || word[2] != ':' ||
	    !word_hex(word, 2, &kind) || kind != 3 || !word_hex(word + 3, 8, &ticks))
		return;
	s->left_ms = ticks < 1000000 ? (int32_t)ticks * TICK_MS : 0;
}

bool read_proc_tcp(struct reading *r, const struct line *l, bool last)
{
	struct noted_socket s = { .left_ms = -1, .age_ms = -1 };
	uint64_t state, inode;

	if (l->n >= 3 && strcmp(l->word[1], "local_address") == 0) {
		r->block++;
		r->whole_lists++;
		/* tcp6 calls it remote_address; each file has its own half. */
		r->proc_v4 = r->proc_v4 || strcmp(l->word[2], "rem_address") == 0;
		r->proc_v6 = r->proc_v6 || strcmp(l->word[2], "remote_address") == 0;
		r->any_all = r->any_all || (r->proc_v4 && r->proc_v6);
		r->filtered = r->filtered || r->command.filtered;
		r->linux_seen = true;
		return true;
	}
	if (l->n < 4 || !strchr(l->word[0], ':') || strlen(l->word[3]) != 2 ||
	    !read_end(l->word[1], s.local, &s.local_kind, &s.local_port) ||
	    !read_end(l->word[2], s.remote, &s.remote_kind, &s.remote_port) ||
	    !word_hex(l->word[3], 2, &state))
		return false;
	r->linux_seen = true;
	if (l->n < 10 || state == 0 || state > TCP_STATE_MAX) {
		r->cut = r->cut || last || l->n < 10;
		return true;
	}
	/* 12 is a request in SYN_RECV. */
	s.state = state == TCP_STATE_MAX ? STATE_SYN_RECV : (uint8_t)state;
	read_queues(l->word[4], &s);
	read_timer(l->word[5], &s);
	if (word_number(l->word[9], &inode))
		s.flags |= NOTED_INODE_SHOWN | (inode ? 0 : NOTED_NO_INODE);
	/* Of a listener both are the queue: rx is what waits, tx is always 0. */
	s.block = r->block;
	r->sockets_listed++;
	noted_add(&r->seen, &s);
	return true;
}
