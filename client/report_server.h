/* report_server - the server's part of a client's result: its own word by --server-stats where
 * that was asked for, this namespace's counts where it lives here, and else null with the
 * reason. */
#ifndef TWSTORM_CLIENT_REPORT_SERVER_H
#define TWSTORM_CLIENT_REPORT_SERVER_H

#include <jansson.h>

struct books_server;
struct client_record;
struct client_tally;

/* A value, or null and its reason. */
void report_known(json_t *o, const char *key, json_t *stolen, const char *why_not);
/* Why the server's own figures are not known. */
const char *report_no_server(const struct client_record *run);
/* Each sets "server" (or "server_counters") in its object, and "..._reason" where null. */
void report_server_memory(json_t *memory, const struct client_record *run);
void report_server_cpu(json_t *cpu, const struct client_record *run);
void report_server_counters(json_t *doc, const struct client_record *run);
void report_server(json_t *doc, const struct client_record *run);
/* Sets "clock": how far the server's clock is ahead of ours. */
void report_clock(json_t *doc, const struct client_record *run);
/* {to_server_bytes, to_client_bytes}; new reference. */
json_t *report_lost(const struct client_record *run, const struct client_tally *sum,
		    const struct books_server *server);

#endif
