#include "bench/hold_filter.h"

#include <linux/filter.h>
#include <sys/socket.h>

#define FLAGS_AT  13 /* the header's byte with SYN and ACK */
#define FLAG_SYN  0x02
#define FLAG_ACK  0x10
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

int hold_filter_all_but_syn(int fd, struct err *err)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, FLAGS_AT),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, FLAG_SYN | FLAG_ACK),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FLAG_SYN, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, TAKE_ALL),
		BPF_STMT(BPF_RET | BPF_K, TAKE_NONE),
	};

	return attach(fd, code, sizeof(code) / sizeof(code[0]), err);
}
