#include "bench/merge/leaf.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/merge/figures.h"
#include "bench/merge/seconds.h"
#include "common/base/memory.h"
#include "common/base/put.h"
#include "common/base/utf8.h"
#include "common/result/result.h"

/* "2026-11-22T06:22:00.123Z" to ms since 1970; -1 = it is no time. */
static int64_t time_ms(const json_t *text)
{
	struct tm tm = { 0 };
	const char *at = json_string_value(text), *end;
	double fraction = 0;
	int64_t ms;
	char *z;

	end = at ? strptime(at, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;
	if (!end)
		return -1;
	if (*end == '.')
		fraction = strtod(end, &z);
	else
		z = (char *)end;
	if (strcmp(z, "Z") != 0 || !(fraction < 1))
		return -1;
	ms = (int64_t)timegm(&tm) * 1000 + (int64_t)(fraction * 1000 + 0.5);
	return ms > 0 && ms < MERGE_TIME_MAX ? ms : -1;
}

json_t *leaf_json(json_t *result)
{
	json_t *h, *rank = json_incref(result_at(result, "run.rank")), *seconds;
	const char *name;
	int64_t started_ms = time_ms(result_at(result, "run.started_at"));

	seconds = seconds_of(json_object_get(result, "series"),
			     started_ms < 0 ? 0 : started_ms);
	json_object_foreach (json_object_get(result, "latency_us"), name, h)
		json_object_del(h, "buckets");
	json_object_del(result, "series");
	json_object_del(result, "story");
	return json_pack("{s:o?, s:O, s:o?}", "rank", rank, "result", result, "seconds",
			 seconds);
}

/* ---- what is asked of each leaf again and again */

void leaf_space(const json_t *host, char buf[96])
{
	const char *boot = json_string_value(json_object_get(host, "boot_id"));

	buf[0] = '\0';
	if (boot && *boot)
		snprintf(buf, 96, "%.60s:%" JSON_INTEGER_FORMAT, boot,
			 json_integer_value(json_object_get(host, "netns")));
	utf8_tame(buf, false); /* a stranger's may be cut within a character */
}

static double moment(const json_t *result, const char *path)
{
	const json_t *v = result_at(result, path);

	return json_is_number(v) ? json_number_value(v) : -1;
}

/* Options by which the ranks of a run may differ. */
static const char *const own_options[] = {
	"rank",          "ranks",  "rank_from", "ranks_from",
	"start_at_from", "output", "html",      "format",
	"interval",      "quiet",  "source",    "admin_token_file",
	"server_stats",  "admin",
};

static char *dump(const json_t *v)
{
	return json_dumps(v, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(9));
}

static char *key_of(const json_t *result)
{
	json_t *config = json_copy(json_object_get(result, "config")), *key;
	char *text;

	for (size_t i = 0; i < sizeof(own_options) / sizeof(own_options[0]); i++)
		json_object_del(config, own_options[i]);
	key = json_pack("{s:O?, s:O?, s:O?, s:o?}", "schema",
			json_object_get(result, "schema"), "ranks",
			result_at(result, "run.ranks"), "job",
			result_at(result, "run.job"), "config", config);
	text = dump(key);
	json_decref(key);
	return text;
}

static int read_run(const json_t *result, struct leaf *l, struct err *err)
{
	const json_t *run = json_object_get(result, "run");
	const json_t *duration = json_object_get(run, "duration_s");
	int r = figures_whole(run, "ranks", MERGE_RANKS_MAX, "run", err);

	r = r ? r : figures_whole(run, "rank", MERGE_RANKS_MAX, "run", err);
	if (r < 0)
		return r;
	l->rank = (unsigned)json_integer_value(json_object_get(run, "rank"));
	l->ranks = (unsigned)json_integer_value(json_object_get(run, "ranks"));
	l->started_ms = time_ms(json_object_get(run, "started_at"));
	l->planned_ms = time_ms(json_object_get(run, "planned_at"));
	l->duration_s = json_number_value(duration);
	if (l->rank >= l->ranks)
		return err_usage(err, "run.rank %u is not below run.ranks %u", l->rank,
				 l->ranks);
	if (l->started_ms < 0)
		return err_usage(err, "run.started_at is no time");
	if (!json_is_number(duration) || l->duration_s < 0 || l->duration_s > 1e9)
		return err_usage(err, "run.duration_s is no duration");
	return 0;
}

static int read_clock(const json_t *clock, struct leaf *l, struct err *err)
{
	const json_t *offset = json_object_get(clock, "offset_us");
	const char *host = json_string_value(json_object_get(clock, "host"));
	int64_t server_ms;
	int r;

	l->clock_error_us = -1;
	if (!json_is_object(clock))
		return 0; /* an older result has none */
	r = figures_whole(clock, "error_us", MERGE_TIME_MAX * 1000, "clock", err);
	if (r < 0)
		return r;
	l->clock_offset_us = json_integer_value(offset);
	server_ms = l->clock_offset_us / 1000 + l->started_ms;
	if (!json_is_integer(offset) || server_ms <= 0 || server_ms >= MERGE_TIME_MAX)
		return err_usage(err, "clock.offset_us is no difference of two clocks");
	l->clock_error_us = json_integer_value(json_object_get(clock, "error_us"));
	snprintf(l->clock_host, sizeof(l->clock_host), "%.60s", host ? host : "");
	return 0;
}

static int read_facts(const json_t *leaf, const json_t *result, struct leaf *l,
		      struct err *err)
{
	int r = read_run(result, l, err);

	r = r ? r : read_clock(json_object_get(result, "clock"), l, err);
	if (r < 0)
		return r;
	l->complete = json_is_true(json_object_get(result, "complete"));
	l->exhausted_s = moment(result, "ports.first_exhausted_s");
	l->predicted_s = moment(result, "ports.predicted_exhaustion_s");
	leaf_space(json_object_get(result, "host"), l->space);
	leaf_space(result_at(result, "server.host"), l->server);
	if (!l->server[0]) /* counted by the client, where both share a namespace */
		snprintf(l->server, sizeof(l->server), "%s", l->space);
	if (!seconds_range(json_object_get(leaf, "seconds"), &l->lo, &l->hi, &l->step))
		return err_usage(err, "its series by seconds is damaged");
	return 0;
}

static char *text_of(const json_t *leaf, struct leaf *l)
{
	char *result = dump(json_object_get(leaf, "result")), *text = NULL;
	char *seconds = dump(json_object_get(leaf, "seconds"));

	if (result && seconds &&
	    asprintf(&text, "{\"rank\":%u,\"result\":%s,\"seconds\":%s}", l->rank, result,
		     seconds) == -1)
		text = NULL;
	if (text) {
		l->seconds = text + strlen(text) - strlen(seconds) - strlen("}");
		l->result = l->seconds - strlen(",\"seconds\":") - strlen(result);
	}
	free(result);
	free(seconds);
	return text;
}

int leaf_read(const json_t *leaf, struct leaf *out, struct err *err)
{
	const json_t *result = json_object_get(leaf, "result");
	int r;

	*out = (struct leaf){ 0 };
	if (!json_is_object(result))
		return err_usage(err, "a rank in it has no result");
	r = read_facts(leaf, result, out, err);
	r = r ? r : figures_check(result, err);
	r = r ? r : figures_check_timers(result, err);
	if (r < 0)
		return r;
	out->text = text_of(leaf, out);
	out->key = key_of(result);
	if (!out->text || !out->key) {
		leaf_done(out);
		return err_memory(err);
	}
	return 0;
}

void leaf_done(struct leaf *l)
{
	free(l->text);
	free(l->key);
	l->text = l->key = NULL;
}

int leaf_compare(const struct leaf *a, const struct leaf *b)
{
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	return strcmp(a->text, b->text);
}

/* What follows it in the text is left alone. */
static json_t *parse(const char *text)
{
	json_t *value;

	memory_needed(true);
	value = json_loads(text, JSON_DISABLE_EOF_CHECK, NULL);
	memory_needed(false);
	return value;
}

json_t *leaf_result(const struct leaf *l)
{
	return parse(l->result);
}

json_t *leaf_seconds(const struct leaf *l)
{
	return parse(l->seconds);
}
