/* taken_list - ports while they are looked for: a list that grows, and how it is put in order. */
#ifndef TWSTORM_COMMON_PORTS_TAKEN_LIST_H
#define TWSTORM_COMMON_PORTS_TAKEN_LIST_H

#include "common/ports/taken.h"

struct taken_list {
	struct taken_port *at; /* owned */
	size_t n, room;
	bool no_memory; /* an entry is missing */
};

void taken_list_add(struct taken_list *l, uint32_t pool, uint16_t port, unsigned by,
		    double expires_s);
/* Makes room for n entries in all; false where memory is out. */
bool taken_list_room(struct taken_list *l, size_t n);
/* Both keep the order of equals: the second after the first sorts by port, then pool.  What is in
 * spare is lost; its memory is used, and may be the list's afterwards. */
void taken_list_by_pool(struct taken_list *l, struct taken_list *spare);
void taken_list_by_port(struct taken_list *l, struct taken_list *spare);

#endif
