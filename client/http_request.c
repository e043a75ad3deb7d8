#include "client/http_request.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/cli/opt.h"
#include "common/kernel/addr_list.h"
#include "common/talk/http_parse.h"

/* Fields that are not the user's to set: the run's framing and closing depend on them. */
static const struct {
	const char *name, *why;
} reserved[] = {
	{ "Connection", "who closes is --close's to say" },
	{ "Content-Length", "a GET has no content, a POST that of --request-size" },
	{ "Transfer-Encoding", "a GET has no content, a POST that of --request-size" },
	{ "Upgrade", "only HTTP/1.1 is spoken" },
};

static int check_path(const char *path, struct err *err)
{
	if (path[0] != '/')
		return err_usage(err, "--path '%s' does not begin with /", path);
	for (const char *c = path; *c; c++)
		if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f || *c == '#')
			return err_usage(
				err,
				"--path has a byte at position %zu that no request can "
				"carry as it is; write it as %%%02X",
				(size_t)(c - path), (unsigned char)*c);
	return 0;
}

static size_t name_length(const char *header)
{
	size_t n = 0;

	while (http_is_token_char((unsigned char)header[n]))
		n++;
	return n;
}

static bool is_named(const char *header, const char *name)
{
	size_t n = strlen(name);

	return name_length(header) == n && strncasecmp(header, name, n) == 0;
}

static int check_header(const char *header, struct err *err)
{
	size_t n = name_length(header);

	if (n == 0 || header[n] != ':')
		return err_usage(err,
				 "--header needs 'Name: value', and the name is of "
				 "letters, digits and - alone, not '%.40s'",
				 header);
	for (const char *c = header + n; *c; c++)
		if (((unsigned char)*c < ' ' && *c != '\t') || *c == 0x7f)
			return err_usage(err,
					 "--header '%.*s' has a control character in its "
					 "value",
					 (int)n, header);
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (is_named(header, reserved[i].name))
			return err_usage(err, "--header '%s' is not possible: %s",
					 reserved[i].name, reserved[i].why);
	return 0;
}

static bool has_own(const struct opt_texts *headers, const char *name)
{
	bool has = false;

	for (size_t i = 0; i < headers->n; i++)
		has |= is_named(headers->at[i], name);
	return has;
}

/* Fills out as printf into a string of its own. */
static int print_request(const struct http_ask *ask, const struct addr *target,
			 bool closes, struct http_request *out)
{
	const struct opt_texts *headers = ask->headers;
	char host[ADDR_TEXT];
	FILE *to = open_memstream(&out->text, &out->len);

	if (!to)
		return -ENOMEM;
	fprintf(to, "%s %s HTTP/1.1\r\n", ask->post ? "POST" : "GET", ask->path);
	if (!has_own(headers, "Host"))
		fprintf(to, "Host: %s\r\n", addr_print(target, host, sizeof(host)));
	if (!has_own(headers, "User-Agent"))
		fprintf(to, "User-Agent: twstorm/" TWSTORM_VERSION "\r\n");
	for (size_t i = 0; i < headers->n; i++)
		fprintf(to, "%s\r\n", headers->at[i]);
	if (ask->post)
		fprintf(to, "Content-Length: %" PRIu64 "\r\n", ask->content);
	fprintf(to, "%s\r\n", closes ? "Connection: close\r\n" : "");
	return fclose(to) == 0 ? 0 : -ENOMEM;
}

int http_requests_make(const struct http_ask *ask, const struct addr_list *targets,
		       struct http_requests *out, struct err *err)
{
	int r = check_path(ask->path, err);

	for (size_t i = 0; i < ask->headers->n && r == 0; i++)
		r = check_header(ask->headers->at[i], err);
	if (r < 0)
		return r;
	out->n = 2 * targets->n;
	out->at = calloc(out->n, sizeof(*out->at));
	for (size_t i = 0; i < out->n && out->at && r == 0; i++)
		r = print_request(ask, &targets->at[i / 2], i & 1, &out->at[i]);
	out->content = ask->post ? ask->content : 0;
	if (!out->at || r < 0)
		r = err_memory(err);
	else if (out->at[1].len > HTTP_REQUEST_MAX)
		r = err_usage(err,
			      "--path and --header make a request of %zu bytes; "
			      "the most is %d",
			      out->at[1].len, HTTP_REQUEST_MAX);
	if (r < 0)
		http_requests_done(out);
	return r;
}

/* The request with the field in front of its empty line; NULL = out of memory. */
static char *with_run(const struct http_request *r, unsigned run)
{
	char *text = NULL;

	if (asprintf(&text, "%.*sTwstorm-Run: %u\r\n\r\n", (int)r->len - 2, r->text,
		     run) < 0)
		return NULL;
	return text;
}

bool http_requests_name_run(struct http_requests *r, unsigned run)
{
	struct http_requests named = { calloc(r->n, sizeof(*named.at)), r->n,
				       r->content };
	bool ok = named.at;

	for (size_t i = 0; i < r->n && ok; i++) {
		named.at[i].text = with_run(&r->at[i], run);
		ok = named.at[i].text;
		named.at[i].len = ok ? strlen(named.at[i].text) : 0;
		ok = ok && named.at[i].len <= HTTP_REQUEST_MAX;
	}
	if (ok) {
		struct http_requests before = *r;

		*r = named;
		named = before;
	}
	http_requests_done(&named);
	return ok;
}

void http_requests_done(struct http_requests *r)
{
	for (size_t i = 0; i < r->n && r->at; i++)
		free(r->at[i].text);
	free(r->at);
	r->at = NULL;
	r->n = 0;
}
