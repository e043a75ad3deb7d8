/* lab - `twstorm lab`: experiments in private network namespaces.  lab.c has the command
 * line; run.c runs one plan and judges it. */
#ifndef TWSTORM_BENCH_LAB_LAB_H
#define TWSTORM_BENCH_LAB_LAB_H

/* argv[0] is "lab".  Returns an exit code of common/base/err.h. */
int lab_main(int argc, char **argv);

#endif
