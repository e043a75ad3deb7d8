/* leak - connections that this side never closes, as client-leak says: kept until --hold is over, or
 * the run's last count of states. */
#ifndef TWSTORM_CLIENT_LEAK_H
#define TWSTORM_CLIENT_LEAK_H

struct client_worker;

/* Takes the descriptor over.  Without memory it is closed. */
void leak_keep(struct client_worker *w, int fd);
/* Closes those whose hold is over by the worker's now_ns; all of them. */
void leaks_expire(struct client_worker *w);
void leaks_drop(struct client_worker *w);

#endif
