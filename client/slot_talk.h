/* slot_talk - requests and responses: what the rules of slot.c do. */
#ifndef TWSTORM_CLIENT_SLOT_TALK_H
#define TWSTORM_CLIENT_SLOT_TALK_H

#include "client/slot.h"

struct addr;

/* The next request is made ready; part of it is sent: one wire_send(). */
void slot_prepare(struct slot *s);
int slot_send_some(struct slot *s);
/* --fastopen: the same in place of connect(); the first part goes in the SYN if the kernel
 * has a cookie or needs none.  0, -EINPROGRESS or -errno, as connect(). */
int slot_send_syn(struct slot *s, const struct addr *to);
/* Counts a call that failed on a connection that was made, and says who ended it: after that
 * shutdown() says ENOTCONN, whoever it was, but the socket knows. */
enum outcome slot_ended_by(const struct slot *s, int error);
enum slot_input slot_handshake(struct slot *s);
enum slot_input slot_opened(struct slot *s);
enum slot_input slot_think(struct slot *s);
enum slot_input slot_begin(struct slot *s);
enum slot_input slot_send(struct slot *s);
enum slot_input slot_expect(struct slot *s);
enum slot_input slot_receive(struct slot *s);
enum slot_input slot_served(struct slot *s);
enum slot_input slot_goodbye(struct slot *s);

#endif
