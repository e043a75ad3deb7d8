#include "client/plan_http.h"

#include <stdio.h>
#include <string.h>

#include "client/plan.h"
#include "common/talk/closing.h"

/* Does the path's query have that KEY=VALUE, or KEY= with any value? */
static bool path_says(const char *path, const char *pair)
{
	const char *at = strchr(path, '?');
	size_t n = strlen(pair);

	for (; at; at = strchr(at + 1, '&'))
		if (strncmp(at + 1, pair, n) == 0 &&
		    (pair[n - 1] == '=' || at[n + 1] == '&' || !at[n + 1]))
			return true;
	return false;
}

/* More than HTTP can ask of a server: it closes after the response, or it answers a FIN. */
static bool needs_our_server(const struct closing *c)
{
	return c->together || c->server.half || c->server.finish != FINISH_CLOSE ||
	       c->server.farewell == FAREWELL_ANSWERS || c->server.ends_at_farewell;
}

static int check_ours(const struct client_options *o, const struct closing *c,
		      struct err *err)
{
	char pair[40];

	if (!needs_our_server(c))
		return 0;
	snprintf(pair, sizeof(pair), "close=%s", c->name);
	if (!path_says(o->path, pair))
		return err_usage(err,
				 "--close %s is not in HTTP; twstorm server does it "
				 "when asked with --path '/?close=%s'",
				 c->name, c->name);
	if (closing_moves_first(&c->server) && o->requests > 1)
		return err_usage(err,
				 "--path '/?close=%s' ends the connection after each "
				 "request, so --requests must be 1",
				 c->name);
	return 0;
}

static int check_server_first(const struct client_options *o, const struct closing *c,
			      struct err *err)
{
	if (!closing_moves_first(&c->server))
		return 0;
	if (o->linger_ns || o->linger2)
		return err_usage(err,
				 "--close %s lingers on the server's side, and over HTTP "
				 "the server cannot be told so",
				 c->name);
	if (o->hold_ns && c->client.finish != FINISH_KEEP && !path_says(o->path, "hold="))
		return err_usage(err,
				 "--close %s holds on the server's side; twstorm server "
				 "does it when asked with --path '/?hold=TIME' besides "
				 "--hold",
				 c->name);
	return 0;
}

static bool may_end_idle(const struct closing *c)
{
	return !closing_moves_first(&c->server) && !c->needs_response &&
	       !needs_our_server(c);
}

static int check_pool(const struct client_options *o, const struct closing *c,
		      struct err *err)
{
	char others[256];

	if (!o->pool || may_end_idle(c))
		return 0;
	closing_list(may_end_idle, " and ", others, sizeof(others));
	return err_usage(err,
			 "--pool with --proto http goes with %s, for an idle connection "
			 "cannot ask the server to close",
			 others);
}

static int check_mix(const struct client_options *o, const struct closing_mix *mix,
		     struct err *err)
{
	int r = 0;

	for (unsigned i = 0; i < mix->n && r == 0; i++) {
		const struct closing *c = mix->part[i].closing;

		r = check_pool(o, c, err);
		if (r == 0)
			r = check_ours(o, c, err);
		if (r == 0)
			r = check_server_first(o, c, err);
	}
	return r;
}

int plan_http(const struct client_options *o, struct client_plan *p, struct err *err)
{
	const struct http_ask ask = { .path = o->path,
				      .post = o->method == METHOD_POST,
				      .content = o->request_size,
				      .headers = &o->header };
	int r;

	if (p->o.proto != PROTO_HTTP && strcmp(o->path, "/") == 0 && !o->header.n &&
	    !ask.post)
		return 0;
	if (p->o.proto != PROTO_HTTP)
		return err_usage(err, "--path, --method and --header need --proto http");
	if (o->request_size != 1 && !ask.post)
		return err_usage(err, "--request-size is content, which a GET has not: "
				      "say --method POST");
	if (o->response_size != 1)
		return err_usage(err, "--response-size is the raw protocol's; to twstorm "
				      "server say --path '/?size=SIZE'");
	r = check_mix(o, &p->mix, err);
	return r < 0 ? r : http_requests_make(&ask, &p->targets, &p->http, err);
}

/* A colon behind the brackets of IPv6, if there are some. */
static bool has_port(const char *host, int len)
{
	const char *from = *host == '[' ? memchr(host, ']', (size_t)len) : host;

	return from && memchr(from, ':', (size_t)(host + len - from));
}

int plan_http_no_url(const char *target, struct err *err)
{
	const char *slashes = strstr(target, "://"), *host, *path;
	bool tls;
	int len;

	if (!slashes)
		return 0;
	host = slashes + strlen("://");
	len = (int)strcspn(host, "/?#,");
	path = host[len] == '/' && host[len + 1] ? host + len : "";
	tls = strncmp(target, "https", 5) == 0;
	return err_usage(
		err,
		"--target '%.100s' is a URL; a target is HOST:PORT, without "
		"http%s:// and path: write --target %.*s%s --proto http%s%s%.80s%s",
		target, tls ? "s" : "", len, host,
		has_port(host, len) ? ""
		: tls               ? ":443"
				    : ":80",
		tls ? "s" : "", *path ? " --path '" : "", path, *path ? "'" : "");
}
