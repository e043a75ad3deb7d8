/* merge (bench) - `twstorm merge`: the results of many ranks as one result. */
#ifndef TWSTORM_BENCH_MERGE_MERGE_H
#define TWSTORM_BENCH_MERGE_MERGE_H

int merge_main(int argc, char **argv);

#endif
