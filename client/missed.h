/* missed - a prediction that did not come true, and why, where the reason was measured. */
#ifndef TWSTORM_CLIENT_MISSED_H
#define TWSTORM_CLIENT_MISSED_H

#include <stdbool.h>
#include <stddef.h>

struct client_record;

/* The sysctls that decide how long the ports last, as they are when a run begins. */
struct missed_sysctls;
/* NULL = out of memory; free() it. */
struct missed_sysctls *missed_read_sysctls(void);
/* Has the range of ports (net.ipv4.ip_local_port_range) changed since? */
bool missed_range_changed(const struct client_record *run);
/* NULL: the last prediction came true, or there was none.  Else a sentence, in buf. */
const char *missed_why(const struct client_record *run, char *buf, size_t size);

#endif
