#include "common/cli/opt_type.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/base/clock.h"
#include "common/base/utf8.h"

static json_t *number(uint64_t n)
{
	return n > INT64_MAX ? json_real((double)n) : json_integer((json_int_t)n);
}

static int parse_count(const char *text, void *field, const void *arg, struct err *err)
{
	(void)arg;
	return units_parse_count(text, field, err);
}

static int parse_size(const char *text, void *field, const void *arg, struct err *err)
{
	(void)arg;
	return units_parse_size(text, field, err);
}

static json_t *dump_number(const void *field, const void *arg)
{
	(void)arg;
	return number(*(const uint64_t *)field);
}

static int parse_duration(const char *text, void *field, const void *arg, struct err *err)
{
	(void)arg;
	return units_parse_duration(text, field, err);
}

static json_t *dump_duration(const void *field, const void *arg)
{
	(void)arg;
	return json_real((double)*(const uint64_t *)field / NS_PER_S);
}

static int parse_rate(const char *text, void *field, const void *arg, struct err *err)
{
	(void)arg;
	return units_parse_rate(text, field, err);
}

static json_t *dump_rate(const void *field, const void *arg)
{
	const struct rate *rate = field;
	char text[160];

	(void)arg;
	if (rate->from == 0 && rate->to == 0)
		return json_null();
	return json_string(units_rate(rate, text, sizeof(text)));
}

static int parse_percent(const char *text, void *field, const void *arg, struct err *err)
{
	char *end;
	double v = strtod(text, &end);

	(void)arg;
	/* No blanks, signs, hexadecimal, "inf" or "nan". */
	if (text[0] < '0' || text[0] > '9' ||
	    strspn(text, "0123456789.") != strlen(text) - 1 || strcmp(end, "%") != 0 ||
	    !(v > 0 && v <= 100))
		return err_usage(
			err, "'%.60s' is no percentage over 0 and up to 100, as in 1%%",
			text);
	*(double *)field = v;
	return 0;
}

static json_t *dump_percent(const void *field, const void *arg)
{
	(void)arg;
	return json_real(*(const double *)field);
}

static int parse_text(const char *text, void *field, const void *arg, struct err *err)
{
	(void)arg;
	(void)err;
	*(const char **)field = text;
	return 0;
}

static json_t *dump_text(const void *field, const void *arg)
{
	(void)arg;
	return utf8_json(*(const char *const *)field);
}

static int parse_texts(const char *text, void *field, const void *arg, struct err *err)
{
	struct opt_texts *texts = field;
	const char **at = reallocarray(texts->at, texts->n + 1, sizeof(*at));

	(void)arg;
	if (!at)
		return err_sys(err, "'%.60s'", text);
	texts->at = at;
	texts->at[texts->n++] = text;
	return 0;
}

static json_t *dump_texts(const void *field, const void *arg)
{
	const struct opt_texts *texts = field;
	json_t *array = json_array();
	size_t i;

	(void)arg;
	for (i = 0; i < texts->n; i++)
		json_array_append_new(array, utf8_json(texts->at[i]));
	return array;
}

static void done_texts(void *field)
{
	struct opt_texts *texts = field;

	free(texts->at);
	*texts = (struct opt_texts){ 0 };
}

/* Given without a text by the command line; a default may be "yes" or "no". */
static int parse_flag(const char *text, void *field, const void *arg, struct err *err)
{
	(void)arg;
	(void)err;
	*(bool *)field = !text || strcmp(text, "no") != 0;
	return 0;
}

static json_t *dump_flag(const void *field, const void *arg)
{
	(void)arg;
	return json_boolean(*(const bool *)field);
}

static int parse_choice(const char *text, void *field, const void *arg, struct err *err)
{
	const char *const *names = arg;
	char list[200] = "";
	size_t len;
	int i;

	for (i = 0; names[i]; i++)
		if (strcmp(names[i], text) == 0) {
			*(int *)field = i;
			return 0;
		}
	for (i = 0; names[i]; i++) {
		len = strlen(list);
		snprintf(list + len, sizeof(list) - len, "%s%s", i ? ", " : "", names[i]);
	}
	return err_usage(err, "'%.60s' is not one of %s", text, list);
}

static json_t *dump_choice(const void *field, const void *arg)
{
	const char *const *names = arg;

	return json_string(names[*(const int *)field]);
}

/* clang-format off */
const struct opt_type opt_count    = { .parse = parse_count,    .dump = dump_number };
const struct opt_type opt_size     = { .parse = parse_size,     .dump = dump_number };
const struct opt_type opt_duration = { .parse = parse_duration, .dump = dump_duration };
const struct opt_type opt_rate     = { .parse = parse_rate,     .dump = dump_rate };
const struct opt_type opt_percent  = { .parse = parse_percent,  .dump = dump_percent };
const struct opt_type opt_text     = { .parse = parse_text,     .dump = dump_text };
const struct opt_type opt_texts    = { .parse = parse_texts,    .dump = dump_texts,
				       .done = done_texts };
const struct opt_type opt_flag     = { .parse = parse_flag,     .dump = dump_flag,
				       .is_flag = true };
const struct opt_type opt_choice   = { .parse = parse_choice,   .dump = dump_choice };
/* clang-format on */
