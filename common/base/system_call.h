/* system_call - the system calls of a connection, without what the C library adds in a program that has threads: there each
 * of them is a point at which a thread may be cancelled, and getting ready for that takes longer than the rest of the wrapper.  No
 * thread of ours is cancelled.  On x86-64 the call is the instruction itself.  A library put before the C library (LD_PRELOAD)
 * does not see these calls. */
#ifndef TWSTORM_COMMON_BASE_SYSTEM_CALL_H
#define TWSTORM_COMMON_BASE_SYSTEM_CALL_H

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

/* SYSTEM_CALL(name, ...) is name(...) with all of the kernel's arguments, and returns -errno where that returns -1. */

#if defined(__x86_64__) && defined(__LP64__) && !defined(SANITIZED)

static inline long system_call_3(long nr, long a, long b, long c)
{
	long r;

	__asm__ volatile("syscall"
			 : "=a"(r)
			 : "a"(nr), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return r;
}

static inline long system_call_6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long r;

	__asm__ volatile("syscall"
			 : "=a"(r)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return r;
}

/* Those with up to three arguments, and the others; what is missing is 0. */
#define SYSTEM_CALL_OF_3(nr, a, b, c, ...)                                               \
	system_call_3(nr, (long)(a), (long)(b), (long)(c))
#define SYSTEM_CALL_OF_6(nr, a, b, c, d, e, f, ...)                                      \
	system_call_6(nr, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e),         \
		      (long)(f))
#define SYSTEM_CALL_COUNTED(a, b, c, d, e, f, call, ...) call
#define SYSTEM_CALL(name, ...)                                                           \
	SYSTEM_CALL_COUNTED(__VA_ARGS__, SYSTEM_CALL_OF_6, SYSTEM_CALL_OF_6,             \
			    SYSTEM_CALL_OF_6, SYSTEM_CALL_OF_3, SYSTEM_CALL_OF_3,        \
			    SYSTEM_CALL_OF_3, 0)                                         \
	(SYS_##name, __VA_ARGS__, 0, 0, 0)

#else

static inline long system_call_result(long r)
{
	return r == -1 ? -errno : r;
}

/* Sanitizers are to see the calls. */
#ifdef SANITIZED
#define SYSTEM_CALL(name, ...) system_call_result(name(__VA_ARGS__))
#else
#define SYSTEM_CALL(name, ...) system_call_result(syscall(SYS_##name, __VA_ARGS__))
#endif

#endif
#endif
