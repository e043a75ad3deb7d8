#include "common/result/figure.h"

#include <string.h>

#include "common/base/units.h"
#include "common/result/condition.h"
#include "common/result/formula.h"
#include "common/result/formula_parse.h"
#include "common/result/formula_path.h"

bool figure_holds(const json_t *doc, const char *condition)
{
	struct condition c;

	condition_eval(condition, (json_t *)doc, &c);
	return c.holds;
}

static void print_number(double n, const char *unit, char *buf, size_t size)
{
	if (strcmp(unit, "s") == 0)
		snprintf(buf, size, "%.2f", n);
	else if (strcmp(unit, "us") == 0)
		snprintf(buf, size, "%.1f", n);
	else if (strcmp(unit, "/s") == 0 && n >= 0)
		snprintf(buf, size, "%s", units_grouped((uint64_t)(n + 0.5)));
	else
		units_figure(n, buf, size);
}

/* ---- sentences */

#define BRACED 300 /* room for a condition or a formula in braces */

struct fill {
	const json_t *doc;
	char *buf; /* of FIGURE_TEXT */
	size_t n;
};

static void fill_figure(struct fill *f, const char *formula, const char *how)
{
	struct parse p = { .at = formula, .doc = (json_t *)f->doc };
	struct value v = parse_sum(&p);
	size_t size = FIGURE_TEXT - f->n;
	char *to = f->buf + f->n;

	if (v.kind == TEXT)
		snprintf(to, size, "%.*s", (int)v.text_len, v.text);
	else if (*how >= '0' && *how <= '9')
		snprintf(to, size, "%.*f", *how - '0', v.n);
	else if (strcmp(how, "g") == 0)
		snprintf(to, size, "%g", v.n);
	else if (v.kind != NUMBER && *how)
		snprintf(to, size, "%s", how);
	else
		print_number(v.n, paths_unit(formula), to, size);
	f->n += strlen(to);
}

static const char *fill(struct fill *f, const char *at, bool say);

/* What stands between two braces: FORMULA, FORMULA|HOW or CONDITION?TEXT; returns its end. */
static const char *fill_braces(struct fill *f, const char *at, bool say)
{
	size_t len = strcspn(at, "|?}");
	char first[BRACED], how[16];

	snprintf(first, sizeof(first), "%.*s", (int)len, at);
	at += len;
	if (*at == '?')
		return fill(f, at + 1, say && figure_holds(f->doc, first));
	at += *at == '|';
	len = strcspn(at, "}");
	snprintf(how, sizeof(how), "%.*s", (int)len, at);
	if (say)
		fill_figure(f, first, how);
	return at + len;
}

/* To the end of the text or of the braces it is in, where it returns; says nothing if not `say`. */
static const char *fill(struct fill *f, const char *at, bool say)
{
	for (; *at && *at != '}'; at += *at != '\0') {
		if (*at == '{')
			at = fill_braces(f, at + 1, say);
		else if (say && f->n < FIGURE_TEXT - 1)
			f->buf[f->n++] = *at;
	}
	return at;
}

char *figure_fill(const json_t *doc, const char *sentence, char buf[FIGURE_TEXT])
{
	struct fill f = { .doc = doc, .buf = buf };

	fill(&f, sentence, true);
	buf[f.n] = '\0';
	return buf;
}

int figure_check(const char *sentence, struct err *err)
{
	int open = 0, r = 0;

	for (const char *at = sentence; *at && r == 0; at++) {
		size_t len = strcspn(at + 1, "|?}");
		char first[BRACED];

		open += (*at == '{') - (*at == '}');
		if (*at != '{')
			continue;
		snprintf(first, sizeof(first), "%.*s", (int)len, at + 1);
		if (len >= sizeof(first))
			r = err_usage(err, "expected less than %d characters at '%.40s'",
				      BRACED, at);
		else if (at[1 + len] == '?')
			r = condition_check(first, err);
		else
			r = formula_check(first, err);
	}
	if (r == 0 && open != 0)
		return err_usage(err, "expected a } for each {");
	return r;
}

bool figure_any_path(const char *sentence, formula_path_fn *each, void *arg)
{
	bool found = false;

	for (const char *at = strchr(sentence, '{'); at && !found;
	     at = strchr(at + 1, '{')) {
		char first[BRACED];

		snprintf(first, sizeof(first), "%.*s", (int)strcspn(at + 1, "|?}"),
			 at + 1);
		found = condition_any_path(first, each, arg);
	}
	return found;
}

void figure_lines(FILE *to, const json_t *doc, const struct figure_line *lines, size_t n)
{
	char text[FIGURE_TEXT];

	for (const struct figure_line *l = lines; l < lines + n; l++) {
		int column;

		if (l->when && !figure_holds(doc, l->when))
			continue;
		column = l->label ? fprintf(to, FIGURE_LABEL, l->label) : 0;
		wrap_words(to, column, column, figure_fill(doc, l->sentence, text));
	}
}

void figure_item(struct wrap *w, const json_t *doc, const char *sentence)
{
	char text[FIGURE_TEXT];

	wrap_text(w, figure_fill(doc, sentence, text));
}
