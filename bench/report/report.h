/* report (bench) - `twstorm report`: results as text, CSV, JSON or one HTML page. */
#ifndef TWSTORM_BENCH_REPORT_REPORT_H
#define TWSTORM_BENCH_REPORT_REPORT_H

int report_main(int argc, char **argv);

#endif
