#include "common/admin/live.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/admin/admin.h"
#include "common/base/relay.h"
#include "common/base/thread.h"
#include "common/html/html.h"
#include "common/kernel/admin_addr.h"
#include "common/loop/loop.h"

struct live {
	struct loop loop; /* the serving thread's */
	struct admin *admin;
	pthread_t thread;
	json_t *document; /* owned, the serving thread's: the newest it has; NULL = none yet */
	pthread_mutex_t lock; /* of the next two */
	json_t *handed; /* owned: what was published and is not taken yet; or NULL */
	bool last;      /* it, or the document, is the result */
	atomic_bool stop;
	int relay; /* owned: documents go there, and nothing above is used; or -1 */
	const char *about; /* borrowed: of `relay` */
};

/* ---- the serving thread */

/* A document belongs to one thread at a time: jansson's references are not for two.  Is there a newer
 * one than before? */
static bool take(struct live *l, bool *last)
{
	json_t *handed;

	pthread_mutex_lock(&l->lock);
	handed = l->handed;
	l->handed = NULL;
	*last = l->last;
	pthread_mutex_unlock(&l->lock);
	if (!handed)
		return false;
	json_decref(l->document);
	l->document = handed;
	return true;
}

static json_t *newest(struct live *l)
{
	return json_incref(l->document);
}

static struct admin_answer not_yet(void)
{
	return admin_plain("503 Service Unavailable\r\nRetry-After: 1",
			   "there is nothing yet\n");
}

static struct admin_answer page(void *arg, const struct admin_conn *c, const char *query)
{
	json_t *document = newest(arg);

	(void)c;
	(void)query;
	return document ? admin_page(document) : not_yet();
}

static struct admin_answer result(void *arg, const struct admin_conn *c,
				  const char *query)
{
	json_t *document = newest(arg);

	(void)c;
	(void)query;
	return document ? admin_json(document) : not_yet();
}

static struct admin_answer metrics(void *arg, const struct admin_conn *c,
				   const char *query)
{
	json_t *document = newest(arg);

	(void)query;
	return document ? admin_metrics(c, document) : not_yet();
}

static const struct admin_place places[] = {
	{ "/", false, page },
	{ "/events", false, admin_events },
	{ "/result.json", false, result },
	{ "/metrics", false, metrics },
	{ "/healthz", true, admin_healthz },
	{ 0 },
};

static void on_published(void *arg)
{
	struct live *l = arg;
	bool last;
	char *event;

	if (!take(l, &last) || admin_readers(l->admin) == 0)
		return;
	event = admin_event(l->document, last);
	if (event)
		admin_publish(l->admin, event, last);
	free(event);
}

static void *serve(void *arg)
{
	struct live *l = arg;
	uint64_t end = 0, now;

	pthread_setname_np(pthread_self(), "live"); /* so that its CPU time can be told */
	thread_give_way();
	for (;;) {
		now = clock_ns();
		if (end == 0 && atomic_load(&l->stop))
			end = now + NS_PER_S;
		if (end && (now >= end || admin_readers(l->admin) == 0))
			return NULL;
		loop_turn(&l->loop, now, end ? end : UINT64_MAX);
	}
}

/* ---- the main thread */

static void drop(struct live *l)
{
	admin_close(l->admin);
	loop_done(&l->loop);
	json_decref(l->document);
	json_decref(l->handed);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

static int open_at(struct live *l, struct admin_plan *plan, struct err *err)
{
	int r;

	l->loop.wake_fd = -1;
	pthread_mutex_init(&l->lock, NULL);
	r = loop_init(&l->loop, on_published, l, err);
	plan->base = l->loop.base;
	if (r == 0)
		r = admin_open(plan, &l->admin, err);
	return r == 0 ? thread_start(&l->thread, serve, l, err) : r;
}

static struct live *new_live(int relay)
{
	struct live *l = calloc(1, sizeof(*l));

	if (l)
		l->relay = relay;
	return l;
}

struct live *live_inherited(void)
{
	const char *about = NULL;
	int relay = relay_inherited(&about);
	struct live *l = relay == -1 ? NULL : new_live(relay);

	if (l)
		l->about = about;
	return l;
}

struct live *live_open(const char *program, const char *where, const char *token_file)
{
	struct live *l = new_live(-1);
	struct admin_plan plan = {
		.where = where, .token_file = token_file, .places = places, .arg = l
	};
	char at[ADMIN_ADDR_TEXT + 16];
	struct err err;

	if (!l || open_at(l, &plan, &err) < 0) {
		fprintf(stderr, "twstorm %s: warning: nothing is served: %s\n", program,
			l ? err.text : "out of memory");
		if (l)
			drop(l);
		return NULL;
	}
	admin_where(l->admin, "/", at, sizeof(at));
	fprintf(stderr, "admin on %s\n", at);
	return l;
}

void live_publish(struct live *l, json_t *stolen, bool last)
{
	json_t *before;

	if (!stolen || !l) {
		json_decref(stolen);
		return;
	}
	if (l->relay != -1) {
		relay_send(l->relay, l->about, last ? "over" : "news",
			   last ? html_lean(stolen) : admin_news(stolen), false);
		json_decref(stolen);
		return;
	}
	pthread_mutex_lock(&l->lock);
	before = l->handed;
	l->handed = stolen;
	l->last = last;
	pthread_mutex_unlock(&l->lock);
	json_decref(before);
	loop_wake(&l->loop);
}

void live_close(struct live *l)
{
	if (l && l->relay != -1) {
		close(l->relay);
		free(l);
		return;
	}
	if (!l)
		return;
	atomic_store(&l->stop, true);
	loop_wake(&l->loop);
	pthread_join(l->thread, NULL);
	drop(l);
}
