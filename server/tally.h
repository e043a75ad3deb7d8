/* tally (server) - what a server worker counts, and every way an accepted connection can
 * end.  Written by its worker alone, read by anybody (common/base/tally.h). */
#ifndef TWSTORM_SERVER_TALLY_H
#define TWSTORM_SERVER_TALLY_H

#include "common/result/server_figures.h"
#include "common/base/tally.h"

enum server_end {
#define X(id, name) END_##id,
	SERVER_END_LIST(X)
#undef X
		SERVER_ENDS,
};

struct server_tally {
#define X(name) tally_t name;
	SERVER_TALLY_LIST(X)
#undef X
	tally_t ended[SERVER_ENDS];
	struct tally_errnos accept_errors, transfer_errors;
};

#endif
