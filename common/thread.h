/* thread - starts a thread that takes no signals: they are the main thread's. */
#ifndef TWSTORM_COMMON_THREAD_H
#define TWSTORM_COMMON_THREAD_H

#include <pthread.h>
#include "common/err.h"

/* 0, or -errno with a sentence. */
int thread_start(pthread_t *thread, void *(*run)(void *), void *arg, struct err *err);
/* Keeps the calling thread on the nth CPU of those it may use; with one CPU it does nothing. */
void thread_pin(unsigned nth);

#endif
