/* plan_process - the keys that only a [process] has: somebody else's program. */
#include <stdlib.h>
#include <string.h>
#include "bench/scenario/plan_keys.h"

/* What the lab itself has in {tmp}. */
static bool is_of_the_lab(const char *name)
{
	static const char *const names[] = { PLAN_TOKEN, PLAN_ADMIN, PLAN_NETNS,
					     PLAN_SHELLRC };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(strrchr(names[i], '/') + 1, name) == 0)
			return true;
	return false;
}

int plan_take_file(struct plan *p, const struct setting *s, struct err *err)
{
	struct plan_proc *proc = plan_proc(p, s->section, s->name);
	const char *name = s->key + strlen("file.");

	if (strchr(name, '/') || *name == '.')
		return wrong(p, s, "expected file.NAME, a name without '/', not '%s'",
			     name);
	if (is_of_the_lab(name))
		return wrong(p, s, "file.%s: {tmp}/%s is the lab's own", name, name);
	if (proc->n_files == PLAN_FILES)
		return wrong(p, s, "at most %d files for a process", PLAN_FILES);
	proc->files[proc->n_files++].setting = s;
	return 0;
}

/* "line TEXT", "listen PORT", "exit" or "at once" */
int plan_take_ready(struct plan *p, const struct setting *s, struct err *err)
{
	struct plan_proc *proc = plan_proc(p, s->section, s->name);
	const char *rest;
	char *end;
	unsigned long port;

	if (strcmp(s->value, "at once") == 0) {
		proc->ready = READY_AT_ONCE;
	} else if (strcmp(s->value, "exit") == 0) {
		proc->ready = READY_EXIT;
	} else if (strncmp(s->value, "line ", 5) == 0 && s->value[5]) {
		proc->ready = READY_LINE;
		proc->ready_text = s->value + 5;
	} else if (strncmp(s->value, "listen ", 7) == 0) {
		rest = s->value + 7;
		port = strtoul(rest, &end, 10);
		if (*end || end == rest || !port || port > 65535)
			return wrong(p, s, "ready: expected listen PORT, not '%s'",
				     s->value);
		proc->ready = READY_LISTEN;
		proc->ready_port = (unsigned)port;
	} else {
		return wrong(
			p, s,
			"ready: expected at once, line TEXT, listen PORT or exit, not "
			"'%s'",
			s->value);
	}
	return 0;
}

/* {tmp} is one directory for all. */
int plan_check_process(struct plan *p, const struct plan_proc *proc, struct err *err)
{
	for (size_t i = 0; i < proc->n_files; i++)
		for (const struct plan_proc *q = p->procs; q < proc; q++)
			for (size_t j = 0; j < q->n_files; j++)
				if (strcmp(proc->files[i].setting->key,
					   q->files[j].setting->key) == 0)
					return wrong(p, proc->files[i].setting,
						     "%s was given before, by process %s",
						     proc->files[i].setting->key,
						     q->name);
	return 0;
}
