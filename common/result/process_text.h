/* process_text - the result of a process that counts (twstorm.process/1) for people. */
#ifndef TWSTORM_COMMON_RESULT_PROCESS_TEXT_H
#define TWSTORM_COMMON_RESULT_PROCESS_TEXT_H

#include <jansson.h>
#include <stdio.h>

/* What happened, what it said last, what it cost, and each observed host's sockets. */
void process_text(FILE *to, const json_t *result);
/* What it said last, a line each behind `indent` blanks; nothing where the story has it all. */
void process_text_lines(FILE *to, const json_t *result, int indent);

#endif
