#include "bench/lab/page.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/lab/page_report.h"
#include "common/admin/admin.h"
#include "common/base/container.h"
#include "common/base/relay.h"
#include "common/base/thread.h"
#include "common/html/html.h"
#include "common/kernel/admin_addr.h"
#include "common/loop/loop.h"

struct page_plan {
	struct admin_plan admin;
	const char *title;
	int news; /* borrowed: where documents come from */
};

/* The process that serves; its only thread. */
struct serving {
	struct loop loop;
	struct watch news, stop; /* embedded: on documents; on the runner's end */
	struct admin *admin;
	struct page_report report;
	bool over;
};

/* ---- what is answered */

static struct serving *of(void *arg, const struct admin_conn *c, const char *query)
{
	(void)c;
	(void)query;
	return arg;
}

static struct admin_answer page(void *arg, const struct admin_conn *c, const char *query)
{
	return admin_page(json_incref(of(arg, c, query)->report.doc));
}

static struct admin_answer result(void *arg, const struct admin_conn *c,
				  const char *query)
{
	return admin_json(html_document(of(arg, c, query)->report.doc));
}

static struct admin_answer metrics(void *arg, const struct admin_conn *c,
				   const char *query)
{
	return admin_metrics(c, json_incref(of(arg, c, query)->report.doc));
}

static const struct admin_place places[] = {
	{ "/", false, page },
	{ "/events", false, admin_events },
	{ "/result.json", false, result },
	{ "/metrics", false, metrics },
	{ "/healthz", true, admin_healthz },
	{ 0 },
};

/* ---- the serving process */

static void publish(struct serving *s, bool last)
{
	char *event = admin_readers(s->admin) ? admin_event(s->report.doc, last) : NULL;

	if (event)
		admin_publish(s->admin, event, last);
	free(event);
}

static void read_news(struct serving *s)
{
	json_t *doc;
	bool over = false;

	while (!s->report.is_complete && (doc = relay_next(s->news.fd, &over)))
		if (page_report_take(&s->report, doc))
			publish(s, s->report.is_complete);
}

static void on_news(struct watch *w)
{
	read_news(container_of(w, struct serving, news));
}

static void on_stop(struct watch *w)
{
	struct serving *s = container_of(w, struct serving, stop);

	read_news(s);
	s->over = true;
	watch_rest(w);
}

static int set_up(struct serving *s, const struct page_plan *plan, int stop,
		  struct err *err)
{
	struct admin_plan admin = plan->admin;
	int r = loop_init(&s->loop, NULL, NULL, err);

	if (r < 0)
		return r;
	page_report_init(&s->report, plan->title);
	admin.base = s->loop.base;
	admin.arg = s;
	watch_init(&s->news, &s->loop, on_news);
	watch_open(&s->news, plan->news);
	watch_init(&s->stop, &s->loop, on_stop);
	watch_open(&s->stop, stop);
	r = watch_keep(&s->news, err);
	r = r ? r : watch_keep(&s->stop, err);
	return r ? r : admin_open(&admin, &s->admin, err);
}

/* The signals that end the runner end this process through `stop`, after the last document. */
static int serve(const void *arg, int stop, int over)
{
	static const int left_to_runner[] = { SIGINT, SIGTERM, SIGHUP };
	static struct serving s;
	char at[ADMIN_ADDR_TEXT + 16];
	uint64_t end = 0, now;
	struct err err;

	for (size_t i = 0; i < sizeof(left_to_runner) / sizeof(left_to_runner[0]); i++)
		signal(left_to_runner[i], SIG_IGN);
	if (set_up(&s, arg, stop, &err) < 0) {
		companion_could_not(over, &err);
		return EXIT_CANNOT_RUN;
	}
	admin_where(s.admin, "/", at, sizeof(at));
	fprintf(stderr, "admin on %s\n", at);
	if (companion_begun(over) == -1)
		return EXIT_CANNOT_RUN;
	thread_give_way();
	for (;;) {
		now = clock_ns();
		if (s.over && end == 0)
			end = s.report.is_complete ? now + NS_PER_S : now;
		if (end && (now >= end || admin_readers(s.admin) == 0))
			break;
		loop_turn(&s.loop, now, end ? end : UINT64_MAX);
	}
	admin_close(s.admin);
	page_report_done(&s.report);
	loop_done(&s.loop);
	return EXIT_COMPLETE;
}

/* ---- the runner */

void lab_page_open(struct lab_page *p, const char *where, const char *token_file,
		   const char *title)
{
	struct page_plan plan = {
		.admin = { .where = where, .token_file = token_file, .places = places },
		.title = title
	};
	int ends[2];
	struct err err;

	*p = (struct lab_page){ .companion = COMPANION_NONE };
	if (!where)
		return;
	if (relay_open(ends, &err) == 0) {
		plan.news = ends[0];
		if (companion_start(&p->companion, serve, &plan,
				    "the process that was to serve ended", &err) == 0)
			p->fd = ends[1];
		else
			close(ends[1]);
		close(ends[0]);
	}
	if (p->fd == 0) {
		companion_end(&p->companion);
		fprintf(stderr, "twstorm lab: warning: nothing is served: %s\n",
			err.text);
	}
}

void lab_page_tell(const struct lab_page *p, const char *about, const char *key,
		   json_t *stolen)
{
	if (p->fd)
		relay_send(p->fd, about, key, stolen, true);
	else
		json_decref(stolen);
}

void lab_page_close(struct lab_page *p)
{
	if (p->fd == 0)
		return;
	lab_page_tell(p, "", "end", json_true());
	close(p->fd);
	companion_end(&p->companion);
	p->fd = 0;
}
