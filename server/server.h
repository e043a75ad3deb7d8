/* server - `twstorm server`. */
#ifndef TWSTORM_SERVER_SERVER_H
#define TWSTORM_SERVER_SERVER_H

/* argv[0] is "server"; returns the exit code. */
int server_main(int argc, char **argv);

#endif
