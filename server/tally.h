/* tally (server) - what a server worker counts, and every way an accepted connection can
 * end.  Written by its worker alone, read by anybody (common/base/tally.h). */
#ifndef TWSTORM_SERVER_TALLY_H
#define TWSTORM_SERVER_TALLY_H

#include "common/base/tally.h"

enum server_end {
#define SERVER_END(id, ...) END_##id,
#include "common/result/paths.def"
	SERVER_ENDS,
};

struct server_tally {
#define SERVER_TOTAL(name, ...) tally_t name;
#include "common/result/paths.def"
	tally_t ended[SERVER_ENDS];
	struct tally_errnos accept_errors, transfer_errors;
};

#endif
