#include "client/collision.h"

#include <stdio.h>

#include "client/record.h"
#include "common/base/put.h"
#include "common/kernel/tcp_state.h"

void collision_note(struct collision *c, const struct addr *from, const struct addr *to,
		    uint64_t now_ns)
{
	if (c->at_ns)
		return;
	c->at_ns = now_ns;
	c->port = addr_port(from);
	if (port_holder_find(from, to, false, &c->by, &c->why) == 0 &&
	    c->by.connections + c->by.others == 0)
		snprintf(c->why.text, sizeof(c->why.text),
			 "port %u was free, or no socket that this kernel lists had it, "
			 "when it was looked up",
			 c->port);
}

static const struct collision *first_of(const struct client_record *run)
{
	const struct collision *first = NULL;

	for (unsigned i = 0; run->workers && i < run->plan.workers; i++) {
		const struct collision *c = &run->workers[i]->collision;

		if (c->at_ns && (!first || c->at_ns < first->at_ns))
			first = c;
	}
	return first;
}

static json_t *holder(const struct collision *c)
{
	const struct port_holder *by = &c->by;
	char text[ADDR_TEXT];
	json_t *o = json_object();

	put_count(o, "port", c->port);
	put_text(o, "state", tcp_state_name(by->state));
	put_text(o, "local", addr_print(&by->local, text, sizeof(text)));
	put_text(o, "remote",
		 addr_port(&by->remote) ? addr_print(&by->remote, text, sizeof(text))
					: NULL);
	return o;
}

void collision_report(json_t *ports, const struct client_record *run)
{
	static const struct collision none;
	const struct collision *c = run->skeleton ? &none : first_of(run);
	bool known = c && !c->why.text[0];

	put(ports, "collision", known ? holder(c) : json_null());
	if (c && !known)
		put_text(ports, "collision_reason", c->why.text);
}
