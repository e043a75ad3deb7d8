#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "bench/lab/trace.h"
#include "bench/wire/ladder.h"
#include "bench/wire/pcapng.h"
#include "common/base/put.h"
#include "common/cli/output.h"
#include "common/html/html.h"

bool trace_prints_ladder(const struct trace_options *o)
{
	return o->format == TRACE_TEXT && !(o->output && strcmp(o->output, "-") == 0);
}

int trace_tell_check(const struct trace_options *o, struct err *err)
{
	const char *const files[] = { o->output, o->html, o->pcap };
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(files) / sizeof(*files); i++)
		if (files[i])
			r = output_check(files[i], err);
	return r;
}

/* ---- while it goes on, in the wire's process */

static void show(const struct step *s, void *options)
{
	const struct trace_options *o = options;

	if (s->at_ns == 0)
		ladder_head(stdout);
	ladder_step(stdout, s, o->verbose);
	fflush(stdout);
}

/* The wire's process writes into it; only what is whole gets a name. */
static int open_pcap(struct wire *w, struct err *err)
{
	int fd = memfd_create("twstorm-pcap", MFD_CLOEXEC);

	w->order.pcap = fd == -1 ? NULL : fdopen(fd, "w+");
	if (!w->order.pcap)
		return err_sys(err, "memfd_create");
	pcapng_begin(w->order.pcap);
	fflush(w->order.pcap);
	return 0;
}

int trace_tell_begin(const struct trace_options *o, struct wire *w, struct err *err)
{
	if (trace_prints_ladder(o))
		w->order.step = show;
	w->order.arg = (void *)o;
	return o->pcap ? open_pcap(w, err) : 0;
}

/* ---- at the end */

static int write_html(const char *path, json_t *doc, struct err *err)
{
	json_t *page = json_pack("{s:[], s:O}", "results", "trace", doc);
	int r = html_write(path, page, err);

	json_decref(page);
	return r;
}

static int write_pcap(const char *path, FILE *from, struct err *err)
{
	long size = fseek(from, 0, SEEK_END) == 0 ? ftell(from) : -1;
	char *bytes = size < 0 ? MAP_FAILED
			       : mmap(NULL, (size_t)size, PROT_READ, MAP_SHARED,
				      fileno(from), 0);
	int r;

	if (bytes == MAP_FAILED)
		return err_sys(err, "read what was carried");
	r = output_bytes(path, bytes, (size_t)size, err);
	munmap(bytes, (size_t)size);
	return r;
}

/* How the two came to close: a strategy, or that it was somebody else's program. */
static void put_players(json_t *doc, const struct trace_options *o)
{
	const char *close = o->show && o->show->close ? o->show->close : o->close;

	put_text(doc, "close", o->command ? NULL : close);
	put_text(doc, "show", o->show ? o->show->name : NULL);
	put_text(doc, "command", o->command ? o->command[0] : NULL);
}

/* Else a rule with a slip in it would look as if it had done something. */
static void say_not_meant(const struct wire *w)
{
	for (unsigned i = 0; i < w->order.n_rules; i++)
		if (!(w->trace->meant >> i & 1) && !w->trace->stopped)
			fprintf(stderr, "twstorm lab: no segment was '%s'\n",
				w->order.rule[i].text);
}

int trace_tell(const struct trace_options *o, const struct wire *w, struct err *err)
{
	json_t *doc = ladder_json(w->trace);
	int r = 0;

	put_players(doc, o);
	if (o->output)
		r = output_json(o->output, doc, err);
	else if (o->format == TRACE_JSON)
		r = output_json("-", doc, err);
	if (r == 0 && o->html)
		r = write_html(o->html, doc, err);
	if (r == 0 && o->pcap)
		r = write_pcap(o->pcap, w->order.pcap, err);
	if (trace_prints_ladder(o))
		ladder_end(stdout, w->trace);
	say_not_meant(w);
	json_decref(doc);
	return r < 0 ? r : output_flush_stdout(err);
}
