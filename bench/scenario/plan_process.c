/* plan_process - the keys that only a [process] has: somebody else's program. */
#include <stdlib.h>
#include <string.h>
#include "bench/scenario/plan_keys.h"

#define USER_MOST  65534ul
#define NAME_MOST  48
#define NAME_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

/* What the lab itself has in {tmp}. */
static bool is_of_the_lab(const char *name)
{
	static const char *const names[] = { PLAN_TOKEN, PLAN_ADMIN, PLAN_NETNS, PLAN_TLS,
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

/* A whole number from `least` to `most`, or false. */
static bool number(const char *text, unsigned long least, unsigned long most,
		   unsigned *out)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*end || *text < '0' || *text > '9' || n < least || n > most)
		return false;
	*out = (unsigned)n;
	return true;
}

int plan_take_user(struct plan *p, const struct setting *s, struct err *err)
{
	struct plan_proc *proc = plan_proc(p, s->section, s->name);

	proc->user = 0;
	return !*s->value || number(s->value, 1, USER_MOST, &proc->user)
		       ? 0
		       : wrong(p, s, "user: expected a number from 1 to %lu, not '%s'",
			       USER_MOST, s->value);
}

int plan_take_exit_code(struct plan *p, const struct setting *s, struct err *err)
{
	struct plan_proc *proc = plan_proc(p, s->section, s->name);

	proc->any_code = strcmp(s->value, "any") == 0;
	return proc->any_code || number(s->value, 0, 255, &proc->code)
		       ? 0
		       : wrong(p, s,
			       "exit-code: expected a number from 0 to 255, or any, not "
			       "'%s'",
			       s->value);
}

int plan_take_counts(struct plan *p, const struct setting *s, struct err *err)
{
	struct plan_proc *proc = plan_proc(p, s->section, s->name);

	proc->counts = strcmp(s->value, "yes") == 0;
	return proc->counts || strcmp(s->value, "no") == 0
		       ? 0
		       : wrong(p, s, "counts: expected yes or no, not '%s'", s->value);
}

/* A file beside the results: no other place, and no result. */
int plan_take_output(struct plan *p, const struct setting *s, struct err *err)
{
	struct plan_proc *proc = plan_proc(p, s->section, s->name);
	size_t len = strlen(s->value);

	proc->output = len ? s : NULL;
	if (len &&
	    (strspn(s->value, NAME_CHARS) < len || s->value[0] == '.' || len > NAME_MOST))
		return wrong(p, s,
			     "output: expected a name of at most %d letters, digits, "
			     "'-', '_' and '.', not '%s'",
			     NAME_MOST, s->value);
	if (len > 5 && strcmp(s->value + len - 5, ".json") == 0)
		return wrong(p, s, "output: %s is what a result could be called",
			     s->value);
	return 0;
}

/* {KEY} of this process alone. */
int plan_take_set(struct plan *p, const struct setting *s, struct err *err)
{
	struct plan_proc *proc = plan_proc(p, s->section, s->name);
	const char *name = s->key + strlen("set.");

	if (!text_is_name(name))
		return wrong(p, s, "expected set.KEY, letters, digits, '-' and '_'");
	if (plan_host(p, name) || strcmp(name, "tmp") == 0)
		return wrong(p, s, "set.%s: {%s} is the lab's own", name, name);
	if (proc->n_sets == PLAN_SETS)
		return wrong(p, s, "at most %d of set. for a process", PLAN_SETS);
	proc->sets[proc->n_sets++] = s;
	return 0;
}

static int check_load(struct plan *p, const struct plan_proc *proc, struct err *err)
{
	const struct setting *one =
		proc->to_setting ? proc->to_setting : proc->rate_setting;

	if (one && (!proc->to_setting || !proc->rate_setting))
		return wrong(p, one, "to and rate go together: both, or neither");
	if (one && !proc->counts)
		return wrong(p, one, "%s: is of a load, which has counts = yes",
			     one->key);
	if (proc->counts && proc->ready != READY_AT_ONCE)
		return scenario_fault(p->scenario, proc->line, err,
				      "[process %s] counts, so others wait for its end: "
				      "ready is not for it",
				      proc->name);
	return 0;
}

/* {tmp} is one directory for all, and so is that of the results. */
int plan_check_process(struct plan *p, const struct plan_proc *proc, struct err *err)
{
	for (const struct plan_proc *q = p->procs; proc->output && q < proc; q++)
		if (q->output && strcmp(q->output->value, proc->output->value) == 0)
			return wrong(p, proc->output,
				     "output: %s is process %s's already",
				     proc->output->value, q->name);
	for (size_t i = 0; i < proc->n_files; i++)
		for (const struct plan_proc *q = p->procs; q < proc; q++)
			for (size_t j = 0; j < q->n_files; j++)
				if (strcmp(proc->files[i].setting->key,
					   q->files[j].setting->key) == 0)
					return wrong(p, proc->files[i].setting,
						     "%s was given before, by process %s",
						     proc->files[i].setting->key,
						     q->name);
	return check_load(p, proc, err);
}
