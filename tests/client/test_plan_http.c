/* What goes with --proto http and what does not, and the bytes of its requests. */
#include "client/plan.h"

#include <string.h>
#include "tests/check_main.h"

static struct client_options options;
static struct opt_result parsed;
static struct client_plan plan;
static struct err err;

/* A command line of words parted by blanks; '_' in one of them stands for a blank. */
static int make(const char *words)
{
	static char line[40000];
	char *argv[64] = { "client" }, *rest = line, *word;
	int argc = 1, r;

	strcpy(line, "-t 127.0.0.1:80,127.0.0.1:8080 ");
	strcat(line, words);
	while ((word = strsep(&rest, " ")) && argc < 63)
		if (*word)
			argv[argc++] = word;
	for (int i = 1; i < argc; i++)
		for (char *c = argv[i]; (c = strchr(c, '_'));)
			*c = ' ';
	options = (struct client_options){ 0 };
	r = opt_parse(&client_command, argc, argv, &options, &parsed, &err);
	return r < 0 ? r : client_plan_make(&options, &plan, &err);
}

#define HTTP "--proto http "

/* clang-format off */
static const struct {
	const char *words;
	const char *says; /* part of the sentence; NULL = it is accepted */
} lines[] = {
	{ HTTP, NULL },
	{ HTTP "--path /a?b=c&d --header Accept:_x --header Host:_a", NULL },
	{ HTTP "--header X-Empty:", NULL },
	{ HTTP "--close client-fin:1,server-fin:1,client-half:1,client-rst:1,passive-rst:1,client-unread:1,client-leak:1", NULL },
	{ HTTP "--pool 64 --close client-fin:1,client-half:1,client-rst:1", NULL },
	{ HTTP "--requests 0", NULL },
	{ HTTP "--requests 5 --close server-fin", NULL },
	{ HTTP "--close server-rst --path /?close=server-rst", NULL },
	{ HTTP "--close server-half --path /?size=4k&close=server-half", NULL },
	{ HTTP "--close server-leak --path /?close=server-leak&hold=1s --requests 3", NULL },
	{ HTTP "--close both --path /?close=both", NULL },
	{ HTTP "--close server-fin --hold 1s --path /?hold=1s&close=server-fin", NULL },
	{ HTTP "--close client-leak --hold 1s", NULL },
	{ HTTP "--close client-fin --hold 1s --linger 1s", NULL },
	{ "--path /x", "need --proto http" },
	{ "--header A:b", "need --proto http" },
	{ HTTP "--request-size 5", "say --method POST" },
	{ HTTP "--response-size 5", "the raw protocol's" },
	{ HTTP "--close server-half", "--path '/?close=server-half'" },
	{ HTTP "--close server-rst", "--path '/?close=server-rst'" },
	{ HTTP "--close both", "--path '/?close=both'" },
	{ HTTP "--close server-leak", "--path '/?close=server-leak'" },
	{ HTTP "--close server-rst --path /?close=server-rst2", "--path '/?close=server-rst'" },
	{ HTTP "--close server-rst --path /close=server-rst", "--path '/?close=server-rst'" },
	{ HTTP "--close server-rst --path /?close=server-rst --requests 2", "--requests must be 1" },
	{ HTTP "--close server-fin --hold 1s", "holds on the server's side" },
	{ HTTP "--close server-fin --linger 1s", "lingers on the server's side" },
	{ HTTP "--close passive-rst --linger2 1s", "lingers on the server's side" },
	{ HTTP "--pool 64 --close server-fin", "--pool with --proto http" },
	{ HTTP "--pool 64 --close client-unread", "--pool with --proto http" },
	{ HTTP "--pool 64 --close server-leak --path /?close=server-leak", "--pool with --proto http" },
	{ HTTP "--method POST --request-size 5", NULL },
	{ "--method POST", "need --proto http" },
	{ HTTP "--path a", "does not begin with /" },
	{ HTTP "--path /a_b", "%20" },
	{ HTTP "--path /a#b", "%23" },
	{ HTTP "--path /a\r\nX:1", "%0D" },
	{ HTTP "--path /\xc3\xa4", "%C3" },
	{ HTTP "--header A", "'Name: value'" },
	{ HTTP "--header :_b", "'Name: value'" },
	{ HTTP "--header A_:b", "'Name: value'" },
	{ HTTP "--header A:b\r\nHost:c", "control character" },
	{ HTTP "--header A:b\nc", "control character" },
	{ HTTP "--header A:\177", "control character" },
	{ HTTP "--header connection:_close", "who closes" },
	{ HTTP "--header Content-length:0", "no content" },
	{ HTTP "--header Transfer-Encoding:chunked", "no content" },
	{ HTTP "--header Upgrade:h2c", "only HTTP/1.1" },
};
/* clang-format on */

TEST_ROWS(what_goes_together, lines)
{
	int r = make(row->words);

	ck_assert_msg((r == 0) == !row->says, "%s: %s", row->words,
		      r ? err.text : "accepted");
	if (row->says) {
		ck_assert_int_eq(err.exit, EXIT_USAGE);
		ck_assert_msg(strstr(err.text, row->says), "%s: %s", row->words,
			      err.text);
		ck_assert_ptr_null(strpbrk(err.text, "\r\n"));
	} else {
		client_plan_done(&plan);
	}
	opt_done(&client_command, &options);
}

static void request_is(size_t target, bool closes, const char *text)
{
	const struct http_request *r = http_requests_at(&plan.http, target, closes);

	ck_assert_uint_eq(r->len, strlen(text));
	ck_assert_msg(memcmp(r->text, text, r->len) == 0, "%.*s", (int)r->len, r->text);
}

TEST(each_target_has_its_requests)
{
	ck_assert_int_eq(make(HTTP "--path /x?y --header A:_b --header C:d"), 0);
	request_is(0, false,
		   "GET /x?y HTTP/1.1\r\nHost: 127.0.0.1:80\r\nUser-Agent: "
		   "twstorm/" TWSTORM_VERSION "\r\nA: b\r\nC:d\r\n\r\n");
	request_is(1, true,
		   "GET /x?y HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nUser-Agent: "
		   "twstorm/" TWSTORM_VERSION
		   "\r\nA: b\r\nC:d\r\nConnection: close\r\n\r\n");
	client_plan_done(&plan);
	opt_done(&client_command, &options);
}

TEST(a_host_of_the_users_own_is_the_only_one)
{
	ck_assert_int_eq(make(HTTP "--header hOst:_example.org"), 0);
	request_is(0, false,
		   "GET / HTTP/1.1\r\nUser-Agent: twstorm/" TWSTORM_VERSION
		   "\r\nhOst: example.org\r\n\r\n");
	client_plan_done(&plan);
	opt_done(&client_command, &options);
}

TEST(a_user_agent_of_the_users_own_is_the_only_one)
{
	ck_assert_int_eq(make(HTTP "--header user-agent:_x"), 0);
	request_is(0, false,
		   "GET / HTTP/1.1\r\nHost: 127.0.0.1:80\r\nuser-agent: x\r\n\r\n");
	client_plan_done(&plan);
	opt_done(&client_command, &options);
}

TEST(a_request_is_bounded)
{
	static char words[20000];

	strcpy(words, HTTP "--path /");
	memset(words + strlen(words), 'x', HTTP_REQUEST_MAX);
	ck_assert_int_lt(make(words), 0);
	ck_assert_msg(strstr(err.text, "the most is 16384"), "%s", err.text);
	opt_done(&client_command, &options);
}

CHECK_MAIN("plan_http")
