#include "common/talk/proto_raw.h"

#include "common/talk/closing.h"

const unsigned char raw_mark[RAW_MARK] = { RAW_MARK_BYTES };

static void put32(unsigned char *p, uint32_t v)
{
	p[0] = (unsigned char)(v >> 24);
	p[1] = (unsigned char)(v >> 16);
	p[2] = (unsigned char)(v >> 8);
	p[3] = (unsigned char)v;
}

static uint32_t get32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool lingers(uint8_t flags)
{
	return flags & (RAW_LINGER | RAW_LINGER2);
}

void raw_encode(const struct raw_header *h, unsigned char out[RAW_HEADER])
{
	out[0] = RAW_MAGIC;
	out[1] = RAW_VERSION;
	out[2] = h->strategy;
	out[3] = h->flags;
	put32(out + 4,
	      h->hold_ms << 8 | (lingers(h->flags) ? (uint8_t)h->seconds : h->run));
	put32(out + 8, h->response);
	put32(out + 12, h->request);
}

enum raw_verdict raw_decode(const unsigned char in[RAW_HEADER], struct raw_header *out)
{
	if (in[0] != RAW_MAGIC)
		return RAW_BAD_MAGIC;
	if (in[1] != RAW_VERSION)
		return RAW_BAD_VERSION;
	if (!closing_by_number(in[2]))
		return RAW_BAD_STRATEGY;
	if (in[3] & ~RAW_FLAGS || (in[3] & RAW_LINGER && in[3] & RAW_LINGER2))
		return RAW_BAD_FLAGS;
	/* A negative SO_LINGER time is none at all for the kernel: close() would block for ever. */
	if (in[3] & RAW_LINGER && (int8_t)in[7] < 0)
		return RAW_BAD_FLAGS;
	out->strategy = in[2];
	out->flags = in[3];
	out->hold_ms = get32(in + 4) >> 8;
	out->seconds = lingers(in[3]) ? (int8_t)in[7] : 0;
	out->run = lingers(in[3]) ? 0 : in[7];
	out->response = get32(in + 8);
	out->request = get32(in + 12);
	return RAW_OK;
}
