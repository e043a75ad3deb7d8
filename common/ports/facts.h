/* facts - what the prediction (ports.h) has to know of a host: its port range and sysctls.  This
 * file knows no client: the caller that plans a run says what the run does to the ports. */
#ifndef TWSTORM_COMMON_PORTS_FACTS_H
#define TWSTORM_COMMON_PORTS_FACTS_H

#include <stdint.h>
#include "common/base/err.h"
#include "common/kernel/host.h"
#include "common/ports/ports.h"

/* The value of net.NAME on a host; `otherwise` where nothing is known of it. */
typedef int64_t facts_sysctl(const void *host, const char *name, int64_t otherwise);

/* Sets what sysctls say; a kernel's default where a sysctl is not known. */
void facts_set_sysctls(struct ports_facts *f, facts_sysctl *value, const void *host);
/* The same for this host, from ROOT/sys/net ("/proc"), and its range; 0 or -errno. */
int facts_read_host(const char *root, struct ports_facts *f, struct host_ports *ports,
		    struct err *err);

/* Adds to the facts of a host what a client with this command line ("client", ...) does to
 * its ports; -errno where that is not known before the run.  twstorm.c sets this pointer,
 * because no other part knows the client; NULL in tests. */
extern int (*facts_of_client)(int argc, char **argv, struct ports_facts *f);

#endif
