/* refusal - why the kernel lets us have no namespaces, or no rights in them.  It names what it
 * has found to be so on this system; where nothing is found, the kernel's errno alone. */
#ifndef TWSTORM_BENCH_STAGE_REFUSAL_H
#define TWSTORM_BENCH_STAGE_REFUSAL_H

#define REFUSAL_TEXT 160

/* `no` is the errno of clone(2), unshare(2) or mount(2); `proc` is /proc, or a fixture of it. */
void refusal_why(const char *proc, int no, char out[REFUSAL_TEXT]);
/* What allows it in a container, to be put behind that: "; Docker and Podman allow it with FLAG"; ""
 * where nothing is known to. */
void refusal_flag(const char *proc, int no, char out[REFUSAL_TEXT]);

#endif
