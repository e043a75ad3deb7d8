#include "common/admin/metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/hist.h"
#include "common/result/result.h"

/* The upper bounds of a histogram's buckets, as both formats write them. */
static const struct {
	uint64_t ns;
	const char *text;
} bounds[] = {
	{ 10 * NS_PER_US, "1e-05" },    { 25 * NS_PER_US, "2.5e-05" },
	{ 50 * NS_PER_US, "5e-05" },    { 100 * NS_PER_US, "0.0001" },
	{ 250 * NS_PER_US, "0.00025" }, { 500 * NS_PER_US, "0.0005" },
	{ NS_PER_MS, "0.001" },         { 2500 * NS_PER_US, "0.0025" },
	{ 5 * NS_PER_MS, "0.005" },     { 10 * NS_PER_MS, "0.01" },
	{ 25 * NS_PER_MS, "0.025" },    { 50 * NS_PER_MS, "0.05" },
	{ 100 * NS_PER_MS, "0.1" },     { 250 * NS_PER_MS, "0.25" },
	{ 500 * NS_PER_MS, "0.5" },     { NS_PER_S, "1.0" },
	{ 2500 * NS_PER_MS, "2.5" },    { 5 * NS_PER_S, "5.0" },
	{ 10 * NS_PER_S, "10.0" },      { 30 * NS_PER_S, "30.0" },
	{ 60 * NS_PER_S, "60.0" },
};

struct page {
	FILE *to;
	bool open;
	const char *family; /* whose heading was written last */
	const struct metric *row;
	const char *variant,
		*host; /* labels of a result of a lab, and of a host of it; NULL = none */
};

static void heading(struct page *p)
{
	static const char *const types[] = { "counter", "gauge", "histogram", "gauge" };
	const struct metric *m = p->row;
	const char *total = m->type == METRIC_COUNTER && !p->open ? "_total" : "";

	if (p->family && strcmp(p->family, m->name) == 0)
		return;
	p->family = m->name;
	fprintf(p->to, "# HELP %s%s %s\n# TYPE %s%s %s\n", m->name, total, m->help,
		m->name, total, types[m->type]);
}

static void put_escaped(FILE *to, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n')
			fputs("\\n", to);
		else if (*text == '"' || *text == '\\')
			fprintf(to, "\\%c", *text);
		else
			putc(*text, to);
	}
}

/* `before` is what stands before the first label, or between two; value may be NULL. */
static void put_label(struct page *p, char *before, const char *name, const char *value)
{
	if (!value)
		return;
	fprintf(p->to, "%c%s=\"", *before, name);
	put_escaped(p->to, value);
	putc('"', p->to);
	*before = ',';
}

/* A sample up to its value.  suffix: of the name.  key: of the label `each`.  le: of a bucket. */
static void begin_sample(struct page *p, const char *suffix, const char *key,
			 const char *le)
{
	const struct metric *m = p->row;
	char before = '{';

	heading(p);
	fprintf(p->to, "%s%s", m->name, suffix);
	put_label(p, &before, "variant", p->variant);
	put_label(p, &before, "host", p->host);
	put_label(p, &before, m->each, key);
	if (m->labels) {
		fprintf(p->to, "%c%s", before, m->labels);
		before = ',';
	}
	put_label(p, &before, "le", le);
	fputs(before == ',' ? "} " : " ", p->to);
}

static void put_number(struct page *p, const json_t *v, const char *key)
{
	double scale = p->row->scale;

	if (!json_is_number(v) && !json_is_boolean(v))
		return;
	begin_sample(p, p->row->type == METRIC_COUNTER ? "_total" : "", key, NULL);
	if (json_is_boolean(v))
		fprintf(p->to, "%d\n", json_is_true(v));
	else if (json_is_integer(v) && scale == 0)
		fprintf(p->to, "%" JSON_INTEGER_FORMAT "\n", json_integer_value(v));
	else
		fprintf(p->to, "%.15g\n",
			json_number_value(v) * (scale != 0 ? scale : 1));
}

/* Walks on in pairs from *at: n and what lies in buckets that end at limit_ns or below. */
static uint64_t counted_to(const json_t *buckets, size_t *at, uint64_t n,
			   uint64_t limit_ns)
{
	for (; *at < json_array_size(buckets); ++*at) {
		const json_t *pair = json_array_get(buckets, *at);
		unsigned bucket = (unsigned)json_integer_value(json_array_get(pair, 0));

		if (hist_bucket_low(bucket) + hist_bucket_width(bucket) > limit_ns + 1)
			break;
		n += (uint64_t)json_integer_value(json_array_get(pair, 1));
	}
	return n;
}

static void put_histogram(struct page *p, const json_t *h, const char *key)
{
	const json_t *buckets = json_object_get(h, "buckets");
	json_int_t count = json_integer_value(json_object_get(h, "count"));
	uint64_t n = 0;
	size_t at = 0;

	if (!json_is_array(buckets))
		return;
	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		n = counted_to(buckets, &at, n, bounds[i].ns);
		begin_sample(p, "_bucket", key, bounds[i].text);
		fprintf(p->to, "%" PRIu64 "\n", n);
	}
	begin_sample(p, "_bucket", key, "+Inf");
	fprintf(p->to, "%" JSON_INTEGER_FORMAT "\n", count);
	begin_sample(p, "_sum", key, NULL);
	fprintf(p->to, "%.15g\n",
		(double)json_integer_value(json_object_get(h, "sum_ns")) / NS_PER_S);
	begin_sample(p, "_count", key, NULL);
	fprintf(p->to, "%" JSON_INTEGER_FORMAT "\n", count);
}

static void put_value(struct page *p, const json_t *v, const char *key)
{
	if (p->row->type == METRIC_HISTOGRAM) {
		put_histogram(p, v, key);
	} else if (p->row->type != METRIC_INFO) {
		put_number(p, v, key);
	} else if (json_is_string(v)) {
		begin_sample(p, "", json_string_value(v), NULL);
		fputs("1\n", p->to);
	}
}

/* "LIST[-1].PATH", "LIST[].PATH": of the last element, of each. */
static void put_of_list(struct page *p, const json_t *list, const char *place)
{
	bool last = strncmp(place, "[-1].", 5) == 0;
	const char *path = strchr(place, '.') + 1;
	const json_t *element;
	size_t i;

	json_array_foreach (list, i, element) {
		const char *name = json_string_value(json_object_get(element, "address"));

		if (!name)
			name = json_string_value(json_object_get(element, "key"));
		if (!last && name)
			put_value(p, result_at(element, path), name);
		else if (last && i + 1 == json_array_size(list))
			put_value(p, result_at(element, path), NULL);
	}
}

static void put_row(struct page *p, const json_t *document)
{
	const struct metric *m = p->row;
	const char *list = strchr(m->path, '['), *key;
	json_t *v;
	char head[64];

	if (list) {
		snprintf(head, sizeof(head), "%.*s", (int)(list - m->path), m->path);
		put_of_list(p, result_at(document, head), list);
		return;
	}
	if (!m->each || m->type == METRIC_INFO) {
		put_value(p, result_at(document, m->path), NULL);
		return;
	}
	json_object_foreach (result_at(document, m->path), key, v)
		put_value(p, v, key);
}

static void put_rows(struct page *p, const json_t *document)
{
	for (p->row = metric_rows(document); p->row && p->row->name; p->row++)
		put_row(p, document);
}

static void put_hosts(struct page *p, const json_t *result)
{
	json_t *host;

	json_object_foreach (json_object_get(result, "hosts"), p->host, host)
		put_row(p, host);
	p->host = NULL;
}

/* Of a report: the samples of a metric stand together, whatever the result. */
static void put_of_results(struct page *p, const struct metric *rows,
			   const json_t *report,
			   void (*put)(struct page *p, const json_t *result))
{
	json_t *labels = json_object_get(report, "labels"), *result;
	size_t i;

	for (p->row = rows; p->row->name; p->row++) {
		json_array_foreach (json_object_get(report, "results"), i, result) {
			if (put == put_row && metric_rows(result) != rows)
				continue;
			p->variant = json_string_value(json_array_get(labels, i));
			put(p, result);
		}
	}
}

static void put_report(struct page *p, const json_t *report)
{
	put_of_results(p, metric_rows_of_result, report, put_row);
	put_of_results(p, metric_rows_of_host, report, put_hosts);
}

char *metrics_text(const json_t *document, bool open_metrics)
{
	struct page p = { .open = open_metrics };
	char *text = NULL;
	size_t size;

	p.to = open_memstream(&text, &size);
	if (!p.to)
		return NULL;
	if (json_object_get(document, "results"))
		put_report(&p, document);
	else
		put_rows(&p, document);
	if (open_metrics)
		fputs("# EOF\n", p.to);
	if (fclose(p.to) == 0)
		return text;
	free(text);
	return NULL;
}
