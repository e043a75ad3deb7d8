/* plan_http - the part of a plan that --proto http adds: its requests, and which options and
 * close strategies go with it. */
#ifndef TWSTORM_CLIENT_PLAN_HTTP_H
#define TWSTORM_CLIENT_PLAN_HTTP_H

#include "common/base/err.h"

struct client_options;
struct client_plan;

/* The plan has all but this; 0, or -errno with a sentence. */
int plan_http(const struct client_options *o, struct client_plan *p, struct err *err);
/* A target is HOST:PORT: of a URL, EXIT_USAGE with what to write instead. */
int plan_http_no_url(const char *target, struct err *err);

#endif
