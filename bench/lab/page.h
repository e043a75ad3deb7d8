/* page - a lab's live page: a process outside the lab's hosts serves it, and is told by the runner, the clients and the
 * process that observes hosts (relay.h).  Nothing listens in the lab's network. */
#ifndef TWSTORM_BENCH_LAB_PAGE_H
#define TWSTORM_BENCH_LAB_PAGE_H

#include <jansson.h>
#include "common/base/companion.h"

/* What is told, by its key:
 *
 *	news         of a client that runs: its result, of the series the newest row alone
 *	over         ... that has ended: all of it
 *	seen         the hosts of that run so far (bench/observe/observed.h)
 *	final        the result as the report has it
 *	gone         the report has no such result
 *	lab, row     the report's table; one row more of it
 *	expectations the report's
 *	end          nothing more comes
 *
 * `about`: what the page calls the result. */
struct lab_page {
	struct companion companion;
	int fd; /* owned: documents are sent there; 0 = there is no page */
};

/* where, token_file: as of struct admin_plan; where may be NULL.  Says on stderr where it listens, or why it cannot: what it would
 * show goes on. */
void lab_page_open(struct lab_page *p, const char *where, const char *token_file,
		   const char *title);
void lab_page_tell(const struct lab_page *p, const char *about, const char *key,
		   json_t *stolen);
/* The report is complete; waits, a second at most, until who follows it has it. */
void lab_page_close(struct lab_page *p);

#endif
