/* client - `twstorm client`. */
#ifndef TWSTORM_CLIENT_CLIENT_H
#define TWSTORM_CLIENT_CLIENT_H

/* argv[0] is "client"; returns the exit code. */
int client_main(int argc, char **argv);

#endif
