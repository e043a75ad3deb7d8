/* The assembler puts the script in; the Makefile watches it. */
#include "bench/doctor/collector.h"

#include <stdio.h>
#include "common/cli/output.h"

__asm__(".pushsection .rodata\n"
	"doctor_collector_sh:\n"
	".incbin \"bench/doctor/collector.sh\"\n"
	".byte 0\n"
	".global doctor_collector_sh\n"
	".hidden doctor_collector_sh\n"
	".popsection\n");
extern const char doctor_collector_sh[];

int collector_print(struct err *err)
{
	fputs(doctor_collector_sh, stdout);
	return output_flush_stdout(err);
}
