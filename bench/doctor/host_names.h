/* host_names - where a line of pasted text names a host that is no end of a connection: prompts, syslog, uname. */
#ifndef TWSTORM_BENCH_DOCTOR_HOST_NAMES_H
#define TWSTORM_BENCH_DOCTOR_HOST_NAMES_H

#include <stddef.h>
#include "bench/doctor/line.h"

/* "web7:~# ss", "Nov 30 10:11:12 web7 kernel: ...", "2026-11-30T10:11:12Z web7 sshd[7]: ...", "Linux web7 6.1.0-13-amd64 ...":
 * how long the name is, which begins at *name in the line's words; 0 = none is told.  Pure.  "user@web7" is not among them. */
size_t host_named(const struct line *l, const char **name);

#endif
