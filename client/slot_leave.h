/* slot_leave - from the last response to a free slot: what the rules of slot.c do. */
#ifndef TWSTORM_CLIENT_SLOT_LEAVE_H
#define TWSTORM_CLIENT_SLOT_LEAVE_H

#include "client/slot.h"

/* After the last response: ON_FINISH if close() is all that is left, ON_HELD if there is no hold and
 * no meeting before the closing move, else ON_LAST. */
enum slot_input slot_over(const struct slot *s);
enum slot_input slot_rest(struct slot *s);
enum slot_input slot_hold_ready(struct slot *s);
enum slot_input slot_idle_ready(struct slot *s);
enum slot_input slot_hold(struct slot *s);
enum slot_input slot_meet(struct slot *s);
enum slot_input slot_leave(struct slot *s);
enum slot_input slot_await(struct slot *s);
enum slot_input slot_drain(struct slot *s);
enum slot_input slot_take_over(struct slot *s);
enum slot_input slot_finish(struct slot *s);
enum slot_input slot_block(struct slot *s);
enum slot_input slot_closed(struct slot *s);
enum slot_input slot_abandon(struct slot *s);
enum slot_input slot_redo(struct slot *s);
enum slot_input slot_give_up(struct slot *s);

#endif
