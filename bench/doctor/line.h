/* line - one line of text that a person pasted: its words, without what mails, forums and terminals put in.  Pure; nothing is allocated. */
#ifndef TWSTORM_BENCH_DOCTOR_LINE_H
#define TWSTORM_BENCH_DOCTOR_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINE_BYTES 4096 /* what is longer is cut off, and said */
#define LINE_WORDS 64   /* words after these stay one */

struct line {
	char text
		[LINE_BYTES +
		 1]; /* without blanks at the end, colours and quoting marks; NUL inside is ' ' */
	size_t len;
	char split[LINE_BYTES + 1]; /* the same, a NUL behind each word */
	const char *word[LINE_WORDS];
	unsigned n;
	bool indented;
	bool ended;    /* a newline followed */
	bool too_long; /* more bytes than LINE_BYTES: the rest is left out */
};

/* Splits `len` bytes (a newline is not among them). */
void line_set(struct line *l, const char *bytes, size_t len, bool ended);
/* The text from the nth word on; "" if there is none. */
const char *line_from(const struct line *l, unsigned nth);
/* The whole word is a number without sign, up to 10^15?  There is no more of anything here. */
bool word_number(const char *word, uint64_t *out);
/* The same, in base 16. */
bool word_hex(const char *word, size_t digits, uint64_t *out);

#endif
