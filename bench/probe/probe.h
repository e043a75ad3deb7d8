/* probe - `twstorm lab probe NAME`: one experiment in the network namespace it is started in,
 * with both ends of its connections its own. */
#ifndef TWSTORM_BENCH_PROBE_PROBE_H
#define TWSTORM_BENCH_PROBE_PROBE_H

/* argv[0] is "probe".  Returns an exit code of common/base/err.h, or 128 + a signal. */
int probe_main(int argc, char **argv);

#endif
