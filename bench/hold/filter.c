#include "bench/hold/filter.h"

#include <linux/filter.h>
#include <sys/socket.h>

#define FLAGS_AT  13 /* the header's byte with FIN and RST */
#define FLAG_FIN  0x01
#define FLAG_RST  0x04
#define TAKE_NONE 0
#define TAKE_ALL  0xffffffff

static int attach(int fd, struct sock_filter *code, unsigned short n, struct err *err)
{
	const struct sock_fprog program = { n, code };

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == -1)
		return err_sys(err, "SO_ATTACH_FILTER");
	return 0;
}

int hold_filter_all(int fd, struct err *err)
{
	struct sock_filter code[] = { BPF_STMT(BPF_RET | BPF_K, TAKE_NONE) };

	return attach(fd, code, 1, err);
}

int hold_filter_farewells(int fd, struct err *err)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, FLAGS_AT),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, FLAG_FIN | FLAG_RST, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, TAKE_NONE),
		BPF_STMT(BPF_RET | BPF_K, TAKE_ALL),
	};

	return attach(fd, code, sizeof(code) / sizeof(code[0]), err);
}
