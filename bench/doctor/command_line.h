/* command_line - what the words of a command line say of the lines that it printed: which sockets it
 * asked for, and what pipes left over of them.  Pure; nothing is allocated. */
#ifndef TWSTORM_BENCH_DOCTOR_COMMAND_LINE_H
#define TWSTORM_BENCH_DOCTOR_COMMAND_LINE_H

#include <stdbool.h>
#include "bench/doctor/endpoint.h"

enum doctor_tool {
	TOOL_NONE,
	TOOL_SS,
	TOOL_NETSTAT,
	TOOL_NSTAT,
	TOOL_SYSCTL,
	TOOL_CONNTRACK,
	TOOL_CAT,
	TOOL_ULIMIT,
	TOOL_OTHER, /* its lines are known by themselves, if at all */
};

struct command_line {
	enum doctor_tool tool;
	bool all;        /* -a, or a state filter: not only what is connected */
	bool listeners;  /* -l */
	bool owners;     /* -p */
	bool other;      /* of ss: sockets of another protocol alone */
	bool part;       /* an expression, a family: a part of the sockets */
	bool filtered;   /* grep, head and the like left a part of the lines over */
	bool counts;     /* wc, uniq -c, awk, grep -c: numbers, no list */
	bool header;     /* a header is among the lines that wc counts */
	bool increments; /* nstat without -a: what grew since its last run */
	bool is_limit;   /* ulimit -n */
	bool is_count;   /* conntrack -C */
	unsigned state;  /* the only state asked for; 0 = several */
	char address[ENDPOINT_TEXT]; /* grep'd for; "" = none */
	char sysctl
		[64]; /* whose value alone is printed: cat of one file, sysctl -n; "" = none */
};

/* `text` begins with the tool's name.  What is not said is false. */
void command_line_read(struct command_line *c, enum doctor_tool tool, const char *text);
/* A name as sysctl(8) has it of a path below /proc/sys: "net.ipv4.tcp_mem"; false where it does not fit. */
bool command_line_sysctl(const char *path, char *name, size_t size);

#endif
