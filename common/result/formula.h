/* formula - the one language of figures of results: --expect, and [expect], [compare],
 * [columns], [verdict] and [cost] of scenario files.
 *
 *   FORMULA    numbers, durations (5ms), paths of a result, + - * / ( ); a minus has blanks
 *              around it, as paths may contain one: counters.Tcp.OutSegs / totals.connects_ok
 *   CONDITION  FORMULA OP FORMULA [N%] [and ...] [or ...], OP one of == != < <= > >= ~
 *
 * After == and != a word without a dot that is no path is a word: error.code == interrupted.
 * true and false are 1 and 0.  A duration is turned into the unit of the path that it is added to
 * or compared with, which the path's name tells: latency_us.connect.p99 < 5ms.
 * A path under errors. that is absent is 0: it never happened, if the result has errors at all.
 * Whatever else was not measured makes the whole unknown, and a condition that is unknown
 * does not hold; `== null` asks whether it is. */
#ifndef TWSTORM_COMMON_RESULT_FORMULA_H
#define TWSTORM_COMMON_RESULT_FORMULA_H

#include <jansson.h>
#include "common/base/err.h"

/* Syntax only.  0 or -EINVAL with EXIT_USAGE and what was expected. */
int formula_check(const char *text, struct err *err);
/* A formula of `len` bytes, its paths as people say them. */
void formula_words(const char *text, size_t len, char *buf, size_t size);
/* New reference: a number, a string (a formula that is one path may name one), or null. */
json_t *formula_eval(const char *text, json_t *doc);

#endif
