/* host - facts about this machine and network namespace that a result must carry: kernel,
 * CPUs, limits, and the sysctls that decide what TIME_WAIT does.  Reads only. */
#ifndef TWSTORM_COMMON_KERNEL_HOST_H
#define TWSTORM_COMMON_KERNEL_HOST_H

#include <stddef.h>
#include <stdint.h>
#include "common/base/err.h"
#include "common/kernel/port.h"

/* X(sysctl below net., as sysctl(8) writes it) : reported in host.sysctls */
#define HOST_SYSCTL_LIST(X)                                                              \
	X("ipv4.ip_local_port_range")                                                    \
	X("ipv4.ip_local_reserved_ports")                                                \
	X("ipv4.tcp_tw_reuse")                                                           \
	X("ipv4.tcp_tw_reuse_delay")                                                     \
	X("ipv4.tcp_timestamps")                                                         \
	X("ipv4.tcp_fin_timeout")                                                        \
	X("ipv4.tcp_keepalive_time")                                                     \
	X("ipv4.tcp_max_tw_buckets")                                                     \
	X("ipv4.tcp_rfc1337")                                                            \
	X("ipv4.ip_autobind_reuse")                                                      \
	X("ipv4.tcp_abort_on_overflow")                                                  \
	X("ipv4.tcp_syncookies")                                                         \
	X("ipv4.tcp_max_syn_backlog")                                                    \
	X("ipv4.tcp_syn_retries")                                                        \
	X("ipv4.tcp_fastopen")                                                           \
	X("core.somaxconn")

/* Value of a sysctl as text ("32768\t60999" becomes "32768 60999"), from
 * ROOT/sys/net/... where root is "/proc".  -ENOENT when this kernel has none, -ENOBUFS when it
 * does not fit. */
int host_sysctl(const char *root, const char *name, char *buf, size_t size);
/* The same as a number; `fallback` when there is none or it is not a number. */
int64_t host_sysctl_int(const char *root, const char *name, int64_t fallback);

struct host_ports {
	uint16_t lo, hi;          /* ip_local_port_range */
	struct port_set reserved; /* ip_local_reserved_ports */
};
int host_ports(const char *root, struct host_ports *out, struct err *err);
/* Reserved ports within lo..hi. */
unsigned host_ports_reserved(const struct host_ports *p, uint16_t lo, uint16_t hi);

struct host {
	char kernel[96];  /* uname release */
	char machine[32]; /* uname machine */
	char boot_id[40]; /* /proc/sys/kernel/random/boot_id; "" = hidden from us */
	uint64_t netns;   /* inode of the calling thread's network namespace */
	unsigned cpus;    /* this process may run on */
};
int host_read(struct host *out, struct err *err);
/* The most memory this process ever had resident, kB (VmHWM); 0 = not told. */
uint64_t host_memory_peak_kb(const char *root);
/* Raises the soft RLIMIT_NOFILE to the hard one; returns the limit in force. */
uint64_t host_raise_nofile(void);
/* Makes room for n descriptors (as many as the limit allows) in this process's table.  Call
 * this before any thread is started.  A table that grows while threads share it stops the
 * thread that opens a descriptor for 5 to 30 ms, at 256, 512, 1,024 ... descriptors (the
 * kernel's expand_files() waits for an RCU grace period). */
void host_reserve_descriptors(uint64_t n);

#endif
