/* answers - what the server's admin address answers: its figures as JSON, as metrics and as a page, and that
 * it lives. */
#ifndef TWSTORM_SERVER_ANSWERS_H
#define TWSTORM_SERVER_ANSWERS_H

#include "common/admin/admin.h"

/* For admin_open(), whose arg is the struct server_run. */
extern const struct admin_place server_places[];
/* Who follows the page gets the figures of now; run->admin is there. */
struct server_run;
void server_publish(struct server_run *run);

#endif
