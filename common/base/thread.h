/* thread - starts a thread that takes no signals: they are the main thread's. */
#ifndef TWSTORM_COMMON_BASE_THREAD_H
#define TWSTORM_COMMON_BASE_THREAD_H

#include <pthread.h>
#include <stddef.h>
#include "common/base/err.h"

#define CACHE_LINE 64 /* bytes; of x86-64 and most arm64 */

/* n zeroed objects for one thread to write, on cache lines that hold nothing else; free() it.
 * NULL = out of memory. */
void *thread_memory(size_t n, size_t size);
/* 0, or -errno with a sentence. */
int thread_start(pthread_t *thread, void *(*run)(void *), void *arg, struct err *err);
/* The calling thread's timeouts end on time: the kernel would let them end up to 50 us late
 * (prctl(2), PR_SET_TIMERSLACK). */
void thread_punctual(void);
/* The calling thread gives way to those that work (nice +10): a tenth of a busy core is left
 * to it, and it is interrupted sooner. */
void thread_give_way(void);
/* Keeps the calling thread on the nth CPU of those it may use; with one CPU it does nothing. */
void thread_pin(unsigned nth);

#endif
