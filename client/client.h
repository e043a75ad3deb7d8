/* client - `twstorm client`. */
#ifndef TWSTORM_CLIENT_CLIENT_H
#define TWSTORM_CLIENT_CLIENT_H

#include <jansson.h>
#include "common/base/err.h"

struct ports_facts;

/* argv[0] is "client"; returns the exit code. */
int client_main(int argc, char **argv);
/* What this command line does to the ports of a host: see facts_of_client. */
int client_facts(int argc, char **argv, struct ports_facts *f);
/* Its result before anything was measured: see result_skeleton_of_client. */
json_t *client_skeleton(int argc, char **argv);
/* See command_check_client. */
int client_check(int argc, char **argv, struct err *err);

#endif
