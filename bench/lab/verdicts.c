#include "bench/lab/verdicts.h"

#include <string.h>
#include "bench/lab/table.h"
#include "bench/scenario/plan.h"
#include "bench/text/text.h"
#include "common/base/utf8.h"
#include "common/base/wrap.h"
#include "common/cli/colour.h"

/* What is good to know is above, what says nothing below; other words stay between, in the file's order. */
static const struct {
	const char *word, *colour;
	int rank;
} verdicts[] = {
	{ "works", COLOUR_GREEN, 1 },
	{ "harmful", COLOUR_RED, 2 },
	{ VERDICT_NOT_HERE, NULL, 4 },
	{ VERDICT_VOID, COLOUR_YELLOW, 5 },
};
#define VERDICTS     (sizeof(verdicts) / sizeof(verdicts[0]))
#define RANK_OTHER   3
#define RANKS        6
#define LINES        8  /* of more variants the verdicts are counted */
#define VERDICT_MAX_ 10 /* a longer one has what was seen below it */

/* The first round that was judged; NULL if none was. */
static json_t *judged_of(json_t *rounds)
{
	json_t *row;
	size_t i;

	json_array_foreach (rounds, i, row)
		if (*utf8_at(row, "verdict"))
			return row;
	return NULL;
}

/* What was not judged, the baseline, is what the others are compared with. */
static int rank_of(json_t *rounds)
{
	json_t *judged = judged_of(rounds);

	for (size_t i = 0; judged && i < VERDICTS; i++)
		if (strcmp(utf8_at(judged, "verdict"), verdicts[i].word) == 0)
			return verdicts[i].rank;
	return judged ? RANK_OTHER : 0;
}

json_t *verdicts_sort(const json_t *rows)
{
	json_t *variants = table_variants(rows), *all = text_checked(json_array()),
	       *rounds;
	const char *variant;

	for (int rank = 0; rank < RANKS; rank++)
		json_object_foreach (variants, variant, rounds)
			if (rank_of(rounds) == rank)
				json_array_extend(all, rounds);
	json_decref(variants);
	return all;
}

static const char *colour_of(const char *verdict)
{
	for (size_t i = 0; i < VERDICTS; i++)
		if (strcmp(verdict, verdicts[i].word) == 0)
			return verdicts[i].colour;
	return NULL;
}

/* Another verdict than the first that a round got, or "". */
static const char *odd_of(json_t *rounds, const char *verdict)
{
	json_t *row;
	size_t i;

	json_array_foreach (rounds, i, row) {
		const char *word = utf8_at(row, "verdict");

		if (*word && strcmp(word, verdict) != 0)
			return word;
	}
	return "";
}

/* "  VARIANT  VERDICT  ", and how many columns that took. */
static int print_word(FILE *out, const char *variant, const char *verdict,
		      const char *odd, unsigned names)
{
	int at = fprintf(out, "  %-*s  ", (int)names, variant);

	colour_word(out, colour_of(verdict), verdict);
	at += (int)strlen(verdict);
	if (*odd)
		at += fprintf(out, ", but also %s", odd);
	return at;
}

static void print_verdict(FILE *out, const char *variant, json_t *rounds, unsigned names,
			  unsigned words)
{
	json_t *judged = judged_of(rounds);
	const char *verdict = utf8_at(judged, "verdict");
	const char *wanted = utf8_at(judged, "wanted"), *seen = utf8_at(judged, "seen");
	int indent = (int)(2 + names + 2 + words + 2), at;

	if (!judged)
		return;
	at = print_word(out, variant, verdict, odd_of(rounds, verdict), names);
	seen = *seen ? seen : utf8_at(judged, "figure");
	if (*seen && at + 2 > indent)
		at = fprintf(out, "\n") - 1;
	if (*seen)
		wrap_words(out, at + fprintf(out, "%*s", indent - at, ""), indent, seen);
	else
		putc('\n', out);
	if (*wanted && strcmp(wanted, verdict) != 0 &&
	    !json_is_true(json_object_get(judged, "ok"))) {
		fprintf(out, "      ");
		colour_word(out, COLOUR_RED, "NO");
		fprintf(out, ". Expected verdict: %s\n", wanted);
	}
	if (*utf8_at(judged, "applied"))
		text_say(out, 6, "in force: %s", utf8_at(judged, "applied"));
	if (*utf8_at(judged, "price"))
		text_say(out, 6, "price: %s", utf8_at(judged, "price"));
}

static unsigned verdict_width(json_t *variants)
{
	const char *variant;
	json_t *rounds;
	size_t width = 5;

	json_object_foreach (variants, variant, rounds) {
		size_t len = strlen(utf8_at(judged_of(rounds), "verdict"));

		if (len > width && len <= VERDICT_MAX_)
			width = len;
	}
	return (unsigned)width;
}

/* "Verdicts: works 16, harmful 1.": of the variants by their first rounds. */
static void print_counts(FILE *out, json_t *variants)
{
	json_t *counts = text_checked(json_object()), *rounds, *count;
	const char *name, *before = "  Verdicts: ";

	json_object_foreach (variants, name, rounds) {
		const char *word = utf8_at(judged_of(rounds), "verdict");

		if (*word)
			json_object_set_new(
				counts, word,
				json_integer(1 + json_integer_value(
							 json_object_get(counts, word))));
	}
	json_object_foreach (counts, name, count) {
		fprintf(out, "%s%s %lld", before, name,
			(long long)json_integer_value(count));
		before = ", ";
	}
	fputs(".\n", out);
	json_decref(counts);
}

void verdicts_print(FILE *out, const json_t *rows)
{
	json_t *variants = table_variants(rows), *rounds;
	unsigned names = table_names(variants), words = verdict_width(variants);
	const char *variant;

	json_object_foreach (variants, variant, rounds)
		print_verdict(out, variant, rounds, names, words);
	json_decref(variants);
}

void verdicts_count(FILE *out, const json_t *rows)
{
	json_t *variants = table_variants(rows);

	if (json_object_size(variants) > LINES)
		print_counts(out, variants);
	json_decref(variants);
}
