/* What the kernel answers, and what no kernel should: netlink.h and sock_diag.h. */
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include "common/kernel/netlink.h"
#include "common/kernel/sock_diag.h"
#include "tests/check_main.h"

#define SEQ    7
#define PORTID 4711
#define WHOLE  (NLMSG_HDRLEN + sizeof(struct inet_diag_msg))

struct datagram {
	_Alignas(struct nlmsghdr) unsigned char bytes[1024];
	size_t len;
};

/* A message that says it has `says` bytes, and has `has`. */
static void add(struct datagram *d, uint16_t type, uint32_t says, size_t has, int32_t no)
{
	struct nlmsghdr head = { .nlmsg_len = says,
				 .nlmsg_type = type,
				 .nlmsg_seq = SEQ,
				 .nlmsg_pid = PORTID };
	struct inet_diag_msg m = { .idiag_family = AF_INET,
				   .idiag_state = STATE_TIME_WAIT };
	unsigned char *at = d->bytes + d->len;

	ck_assert_uint_le(d->len + WHOLE, sizeof(d->bytes));
	memcpy(at, &head, sizeof(head));
	if (type == SOCK_DIAG_BY_FAMILY)
		memcpy(at + NLMSG_HDRLEN, &m, sizeof(m));
	else
		memcpy(at + NLMSG_HDRLEN, &no, sizeof(no));
	d->len += has;
}

static int count(const struct sock_diag_row *row, void *arg)
{
	ck_assert_uint_eq(row->state, STATE_TIME_WAIT);
	++*(unsigned *)arg;
	return 0;
}

/* clang-format off */
static const struct {
	const char *what;
	uint16_t type;
	uint32_t says;
	size_t has;
	int32_t no;
	int code;
	unsigned rows; /* besides the good one in front of it */
	bool done;
} second[] = {
	{ "a whole message", SOCK_DIAG_BY_FAMILY, WHOLE, WHOLE, 0,            0, 1, false },
	{ "one too short for a socket", SOCK_DIAG_BY_FAMILY, 20, 20, 0,       0, 0, false },
	{ "the end", NLMSG_DONE, 20, 20, 0,                                   0, 0, true },
	{ "an end without a number", NLMSG_DONE, 16, 16, 0,                   0, 0, true },
	{ "an end with an error", NLMSG_DONE, 20, 20, -EPERM,            -EPERM, 0, true },
	{ "an error", NLMSG_ERROR, 20, 20, -ENOENT,                     -ENOENT, 0, true },
	{ "an error without a number", NLMSG_ERROR, 16, 16, 0,          -EPROTO, 0, true },
	{ "an error that is no errno", NLMSG_ERROR, 20, 20, INT32_MIN,  -EPROTO, 0, true },
	{ "a length of 0", SOCK_DIAG_BY_FAMILY, 0, WHOLE, 0,            -EPROTO, 0, false },
	{ "a length below the header's", SOCK_DIAG_BY_FAMILY, 15, WHOLE, 0,
	  -EPROTO, 0, false },
	{ "a length beyond the datagram", SOCK_DIAG_BY_FAMILY, WHOLE + 1, WHOLE, 0,
	  -EPROTO, 0, false },
	{ "a length that is negative as an int: it stood still", SOCK_DIAG_BY_FAMILY,
	  UINT32_MAX, WHOLE, 0,                                         -EPROTO, 0, false },
	{ "a length of 2 GiB", SOCK_DIAG_BY_FAMILY, 1u << 31, WHOLE, 0, -EPROTO, 0, false },
	{ "half a header", SOCK_DIAG_BY_FAMILY, WHOLE, 8, 0,            -EPROTO, 0, false },
};
/* clang-format on */

TEST_ROWS(reads_any_datagram_to_its_end, second)
{
	unsigned rows = 0;
	struct sock_diag_reading r = { .seq = SEQ,
				       .portid = PORTID,
				       .states = SOCK_DIAG_ALL_STATES,
				       .row = count,
				       .arg = &rows };
	struct datagram d = { .len = 0 };
	struct err err;

	add(&d, SOCK_DIAG_BY_FAMILY, WHOLE, WHOLE, 0);
	add(&d, row->type, row->says, row->has, row->no);
	ck_assert_msg(sock_diag_read(&r, d.bytes, d.len, &err) == row->code, "%s",
		      row->what);
	ck_assert_msg(rows == 1 + row->rows, "%s", row->what);
	ck_assert_msg(r.done == row->done, "%s", row->what);
}

TEST(passes_over_messages_for_others)
{
	unsigned rows = 0;
	struct sock_diag_reading r = { .seq = SEQ + 1,
				       .portid = PORTID,
				       .states = SOCK_DIAG_ALL_STATES,
				       .row = count,
				       .arg = &rows };
	struct datagram d = { .len = 0 };

	add(&d, SOCK_DIAG_BY_FAMILY, WHOLE, WHOLE, 0);
	add(&d, NLMSG_DONE, 20, 20, 0);
	ck_assert_int_eq(sock_diag_read(&r, d.bytes, d.len, NULL), 0);
	ck_assert_uint_eq(rows, 0);
	ck_assert(!r.done);
}

TEST(a_message_may_end_without_its_padding)
{
	struct datagram d = { .len = 0 };
	const struct nlmsghdr *nlh;

	add(&d, NLMSG_DONE, 17, 17, 0);
	nlh = netlink_first(d.bytes, d.len);
	ck_assert_ptr_nonnull(nlh);
	ck_assert_uint_eq(netlink_rest(nlh, d.len), 0);
	ck_assert_uint_eq(netlink_rest(nlh, 40), 20);
}

CHECK_MAIN("netlink")
