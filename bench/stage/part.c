#include "bench/stage/part.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "common/kernel/sock_diag.h"

#define READY_SAY "listening on "

int part_not_started(const struct part *part, int r, struct err *err)
{
	const char *program = part->proc->argv.at[0];

	if (!part->child || part->proc->kind != SECTION_PROCESS)
		return r;
	if (r == -ENOENT && access(program, F_OK) == 0)
		err_support(err, "%s: %s is here, but not the interpreter that it names",
			    part->label, program);
	else if (r == -ENOENT)
		err_support(err, "%s needs the program %s, which is not here",
			    part->label, program);
	else
		err_run(err, "%s: %s cannot be run: %s", part->label, program,
			strerror(-r));
	return r;
}

bool part_has_ended(const struct part *part)
{
	return part->child && part->child->ended;
}

static bool ended_well(const struct part *part)
{
	return part_has_ended(part) && plan_ended_well(part->proc, part->child->status);
}

bool part_is_ready(const struct part *part)
{
	if (!part->child || plan_has_result(part->proc))
		return false;
	if (part->proc->kind == SECTION_SERVER)
		return part->child->ready;
	switch (part->proc->ready) {
	case READY_LINE:
		return part->child->ready;
	case READY_LISTEN:
		return part->listens;
	case READY_EXIT:
		return ended_well(part);
	default:
		return true;
	}
}

bool part_shows_ready(const struct plan_proc *proc)
{
	return proc->kind == SECTION_SERVER ||
	       (proc->kind == SECTION_PROCESS && proc->ready != READY_AT_ONCE);
}

const char *part_awaited(const struct plan_proc *proc)
{
	if (proc->kind == SECTION_SERVER)
		return READY_SAY;
	return proc->ready == READY_LINE ? proc->ready_text : NULL;
}

/* ---- getting ready */

static int one_is_enough(const struct sock_diag_row *row, void *arg)
{
	(void)row;
	*(bool *)arg = true;
	return 1;
}

/* Looks at the kernel's list of sockets: a connect() would make a connection that
 * counts. */
static int look_for_listener(struct part *part, const struct netns *net, size_t host,
			     struct err *err)
{
	struct sock_diag_query q = { .states = 1u << STATE_LISTEN,
				     .n_local = part->proc->ready_port ? 1 : 0 };
	struct sock_diag *d;
	int r;

	q.local[0].lo = q.local[0].hi = (uint16_t)part->proc->ready_port;
	r = netns_enter(net, host, err);
	r = r ? r : sock_diag_open(&d, err);
	if (r < 0)
		return r;
	r = sock_diag_dump(d, &q, one_is_enough, &part->listens, err);
	sock_diag_close(d);
	return r < 0 ? r : 0;
}

static void awaited_text(const struct plan_proc *proc, char *buf, size_t size)
{
	if (proc->kind == SECTION_SERVER)
		snprintf(buf, size, "say '%s...'", READY_SAY);
	else if (proc->ready == READY_LINE)
		snprintf(buf, size, "say '%s'", proc->ready_text);
	else if (proc->ready == READY_LISTEN && !proc->ready_port)
		snprintf(buf, size, "listen on any port");
	else if (proc->ready == READY_LISTEN)
		snprintf(buf, size, "listen on port %u", proc->ready_port);
	else
		snprintf(buf, size, "end");
}

/* A server's exit codes are ours; a script's "6" may say that something is not here. */
static bool tells_why(const struct part *part, int code)
{
	return code == EXIT_NO_SUPPORT ||
	       (part->proc->kind == SECTION_SERVER && code == EXIT_USAGE);
}

/* A process that has ended may have left a daemon behind, which becomes ready later: the
 * daemon may listen without a word, and it may write as long as it has the pipe. */
static bool may_get_ready(const struct part *part)
{
	if (!part_has_ended(part))
		return true;
	if (!ended_well(part) || part->proc->kind != SECTION_PROCESS)
		return false;
	return part->proc->ready == READY_LISTEN ||
	       (part->proc->ready == READY_LINE &&
		(part->child->out.fd != -1 || part->child->err.fd != -1));
}

static int not_ready(const struct part *part, struct err *err)
{
	const struct child *c = part->child;
	char what[200];

	awaited_text(part->proc, what, sizeof(what));
	if (!c->ended || may_get_ready(part))
		return err_run(err, "%s did not %s within %g s%s%s", c->label, what,
			       (double)part->proc->ready_within_ns / NS_PER_S,
			       *c->last ? "; it said: " : "", c->last);
	if (WIFEXITED(c->status))
		err_run(err, "%s ended with code %d before it was ready%s%s", c->label,
			WEXITSTATUS(c->status), *c->last ? ": " : "", c->last);
	else
		err_run(err, "%s was killed by signal %d before it was ready", c->label,
			WTERMSIG(c->status));
	if (err && WIFEXITED(c->status) && tells_why(part, WEXITSTATUS(c->status)))
		err->exit = WEXITSTATUS(c->status);
	return -EINVAL;
}

bool part_waits(const struct part *part)
{
	return part->child && !plan_has_result(part->proc) &&
	       !part->child->asked_to_end && !part_is_ready(part);
}

int part_check(struct part *part, const struct netns *net, size_t host, uint64_t now_ns,
	       struct err *err)
{
	if (part->proc->ready == READY_LISTEN &&
	    look_for_listener(part, net, host, err) < 0)
		return -EINVAL;
	if (!part_is_ready(part) &&
	    (!may_get_ready(part) ||
	     now_ns >= part->started_ns + part->proc->ready_within_ns))
		return not_ready(part, err);
	return 0;
}
