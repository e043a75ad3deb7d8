/* books_server - what the server's answers say of this run's own connections, or why they say
 * nothing of them: its counts are of all its clients, and of all its listeners. */
#ifndef TWSTORM_CLIENT_BOOKS_SERVER_H
#define TWSTORM_CLIENT_BOOKS_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "client/server_link.h"

struct addr_list;
struct client_record;
struct client_tally;

struct books_server {
	bool asked;
	char why[200];    /* its counts are not those of our connections; "" = they are */
	int64_t accepted; /* over the run; 0 where that is not known */
	/* Of its host's kernel over the run, whoever met them; -1 = not known. */
	int64_t rsts_sent, accept_overflows, defer_drops;
	struct server_link_count link; /* connections of ours beside the run's */
};

/* The run begins, as far as the server's first answer says how: its connections will name it, if
 * they all can. */
void books_server_name_run(struct client_record *run);
/* After the run: where others connected to the server as well, its answers are read as those of
 * this run's own connections, if they named it. */
void books_server_choose(struct client_record *run);
void books_server_read(const struct client_record *run, const struct client_tally *sum,
		       struct books_server *out);

/* How far a server that listens on `listen` (texts as in "0.0.0.0:9000") is the one that our
 * connections went to. */
enum books_reach {
	REACH_ALL, /* there is one target, or it listens on each of them */
	REACH_WIDE, /* of some it has the port, on every address of its host, wherever that is */
	REACH_SOME, /* not on all of them */
};
enum books_reach books_server_reach(const char *const *listen, unsigned n,
				    const struct addr_list *targets);
/* Sets out->why by out->accepted and what we know to have been connected, `ok` and up to
 * `maybe` more that we gave up meanwhile. */
void books_server_judge(struct books_server *out, enum books_reach reach, uint64_t ok,
			uint64_t maybe);
/* The same where out->accepted are those that named our run, and `unnamed` more that the server
 * accepted meanwhile may be ours or anybody's. */
void books_server_judge_own(struct books_server *out, uint64_t ok, uint64_t unnamed);

#endif
