/* slot_open - from a free slot to a connected one: what the rules of slot.c do. */
#ifndef TWSTORM_CLIENT_SLOT_OPEN_H
#define TWSTORM_CLIENT_SLOT_OPEN_H

#include "client/slot.h"

struct client_plan;

/* Whether anything is done with a socket before connect(): options, or bind(). */
bool slot_open_sets_up(const struct client_plan *plan);
enum slot_input slot_connect(struct slot *s);
enum slot_input slot_check_open(struct slot *s);

#endif
