/* port_holder - who has a port on which nobody may listen: asked of the kernel once listen() has
 * failed with EADDRINUSE. */
#ifndef TWSTORM_COMMON_KERNEL_PORT_HOLDER_H
#define TWSTORM_COMMON_KERNEL_PORT_HOLDER_H

#include "common/base/err.h"
#include "common/kernel/addr.h"

/* Where nobody listens at the address, and no socket is merely bound to it, but connections have
 * its port: puts the first of them behind the sentence that is in err (may be NULL).  An outgoing
 * connection stops even a listener with SO_REUSEADDR, as it has none itself. */
void port_holder_tell(const struct addr *at, struct err *err);

#endif
