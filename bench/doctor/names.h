/* names - texts that were read, each kept once under a number: hosts, owners.  Bounded. */
#ifndef TWSTORM_BENCH_DOCTOR_NAMES_H
#define TWSTORM_BENCH_DOCTOR_NAMES_H

#include <stddef.h>
#include <stdint.h>

#define NAMES_MAX 16384 /* different ones; the others have number 0, "?" */
#define NAME_TEXT 64    /* and a longer one is cut */

struct names {
	char (*at)[NAME_TEXT]; /* owned */
	uint32_t n, room;
	uint32_t *slot; /* owned: 1 + number; 0 = free */
	uint32_t slots;
};

/* Its number; 0 where there is no room for it. */
uint32_t names_add(struct names *names, const char *text, size_t len);
/* Its number; 0 where nobody has added it. */
uint32_t names_find(const struct names *names, const char *text, size_t len);
const char *names_text(const struct names *names, uint32_t number);
void names_done(struct names *names);

#endif
