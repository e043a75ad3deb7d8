/* system_call - the system calls of a connection, without what the C library adds in a program that has threads: there each
 * of them is a point at which a thread may be cancelled, and getting ready for that takes longer than the rest of the wrapper.  No
 * thread of ours is cancelled.  A library put before the C library (LD_PRELOAD) does not see these calls. */
#ifndef TWSTORM_COMMON_BASE_SYSTEM_CALL_H
#define TWSTORM_COMMON_BASE_SYSTEM_CALL_H

#include <sys/syscall.h>
#include <unistd.h>

/* As name(...) of the C library, with all of the kernel's arguments; sets errno.  Sanitizers are to see the calls. */
#ifdef SANITIZED
#define SYSTEM_CALL(name, ...) name(__VA_ARGS__)
#else
#define SYSTEM_CALL(name, ...) syscall(SYS_##name, __VA_ARGS__)
#endif

#endif
