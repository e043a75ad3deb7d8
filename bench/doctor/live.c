#include "bench/doctor/live.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "bench/doctor/diagnosis.h"
#include "bench/doctor/print.h"
#include "common/base/clock.h"
#include "common/base/signals.h"
#include "common/cli/output.h"
#include "common/kernel/proc_net.h"

/* Into the namespace; or else, where only root may enter it and a process is named that is in it, that process's files. */
static int enter(const char *path, struct look_plan *plan, char root[32], struct err *err)
{
	int fd, r = 0;
	unsigned pid;

	if (!path)
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1 || setns(fd, CLONE_NEWNET) == -1)
		r = err_fill(err, ERR_ERRNO, EXIT_USAGE, "cannot enter %.200s", path);
	if (fd != -1)
		close(fd);
	if ((r == -EPERM || r == -EACCES) && sscanf(path, "/proc/%u/ns/net", &pid) == 1) {
		snprintf(root, 32, "/proc/%u", pid);
		plan->root = root;
		plan->foreign = true;
		return 0;
	}
	return r;
}

static int begin(const struct live *l, struct look_plan *plan, char root[32],
		 struct err *err)
{
	*plan = (struct look_plan){
		.interval_ns = l->interval_ns ? l->interval_ns
			       : l->watch     ? LIVE_WATCH_NS
					      : LOOK_NS,
		.join = !l->watch,
		.root = PROC_ROOT,
	};
	return enter(l->netns, plan, root, err);
}

int live_look(const struct live *l, struct reading *read, struct err *err)
{
	struct look_plan plan;
	char root[32];
	int r = begin(l, &plan, root, err);

	return r ? r : look_at_host(&plan, read, err);
}

/* ---- watch */

static const json_t *finding_of(const json_t *doc, const char *name)
{
	const json_t *one;
	size_t i;

	json_array_foreach (json_object_get(doc, "findings"), i, one)
		if (strcmp(json_string_value(json_object_get(one, "name")), name) == 0)
			return one;
	return NULL;
}

static void print_time(FILE *to)
{
	time_t now = time(NULL);
	struct tm tm;
	char text[16];

	strftime(text, sizeof(text), "%H:%M:%S", localtime_r(&now, &tm));
	fprintf(to, "\n%s", text);
}

static void print_changes(FILE *to, const json_t *doc, const json_t *before)
{
	const json_t *one;
	size_t i;

	json_array_foreach (json_object_get(before, "findings"), i, one) {
		const char *name = json_string_value(json_object_get(one, "name"));

		if (finding_of(doc, name))
			continue;
		print_time(to);
		fprintf(to, " %s: no more\n", name);
	}
	json_array_foreach (json_object_get(doc, "findings"), i, one) {
		if (finding_of(before, json_string_value(json_object_get(one, "name"))))
			continue;
		print_time(to);
		doctor_print_finding(to, one);
	}
}

static json_t *look_once(const struct look_plan *plan, struct err *err)
{
	struct reading *read = calloc(1, sizeof(*read));
	json_t *doc = NULL;

	if (!read)
		err_memory(err);
	else if (look_at_host(plan, read, err) == 0)
		doc = diagnosis_of(read, err);
	if (read)
		reading_done(read);
	free(read);
	return doc;
}

int live_watch(const struct live *l, struct err *err)
{
	json_t *before = NULL, *doc;
	struct look_plan plan;
	char root[32];
	int r = begin(l, &plan, root, err);

	while (r == 0 && !signals_got) {
		doc = look_once(&plan, err);
		if (!doc) {
			r = err->code;
			break;
		}
		if (before)
			print_changes(stdout, doc, before);
		else
			doctor_print(stdout, doc);
		json_decref(before);
		before = doc;
		r = output_flush_stdout(err);
	}
	json_decref(before);
	return r;
}
