/* doctor - `twstorm doctor`: what is wrong with a host, from text that was collected or pasted. */
#ifndef TWSTORM_BENCH_DOCTOR_DOCTOR_H
#define TWSTORM_BENCH_DOCTOR_DOCTOR_H

/* argv[0] is "doctor".  Returns an exit code of common/base/err.h: EXIT_EXPECTATION where something
 * fails within --horizon, or an --expect does not hold. */
int doctor_main(int argc, char **argv);

#endif
