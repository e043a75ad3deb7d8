/* Datagrams of a dump of sockets.  The first byte says which states are asked for, and where
 * the reader is told to stop. */
#include "common/kernel/sock_diag.h"
#include "tests/fuzz/fuzz.h"

struct seen {
	unsigned rows, stop_at;
	volatile unsigned char sum;
};

static int look(const struct sock_diag_row *row, void *arg)
{
	struct seen *seen = arg;
	unsigned len = row->family == 2 ? 4 : 16;

	if (row->state >= TCP_STATE_MAX)
		abort();
	for (unsigned i = 0; i < len; i++)
		seen->sum ^= row->local[i] ^ row->remote[i];
	return ++seen->rows == seen->stop_at ? 42 : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen seen = { .stop_at = size ? data[0] >> 4 : 0 };
	struct sock_diag_reading r = {
		.seq = 1, .portid = 1, .details = true, .row = look, .arg = &seen
	};
	struct err err;
	void *copy;

	if (!size)
		return 0;
	r.states = data[0] & 1 ? SOCK_DIAG_ALL_STATES | SOCK_DIAG_BOUND : data[0];
	copy = malloc(size - 1); /* aligned, and no byte longer */
	if (size > 1)
		memcpy(copy, data + 1, size - 1);
	sock_diag_read(&r, copy, size - 1, &err);
	free(copy);
	return 0;
}
