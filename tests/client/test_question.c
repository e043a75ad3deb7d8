/* A question to an admin address: what becomes of each answer, however it is cut; the connection
 * that is kept for the next one; and the bounds. */
#include "client/question.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "common/base/clock.h"
#include "common/kernel/sock.h"
#include "tests/check_main.h"

#define ASK "GET /stats HTTP/1.1\r\nHost: x\r\n\r\n"
#define OK  "HTTP/1.1 200 OK\r\n"

static struct loop l;
static struct question q;
static struct addr at;
static int listener, server, result;
static unsigned answers;

static void answered(struct question *question, int r)
{
	ck_assert_ptr_eq(question, &q);
	result = r;
	answers++;
}

static void begin(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct err err;

	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&any, sizeof(any)), 0);
	ck_assert_int_eq(listen(listener, 8), 0);
	ck_assert_int_eq(sock_local(listener, &at, &err), 0);
	ck_assert_int_eq(loop_init(&l, NULL, NULL, &err), 0);
	question_init(&q, &l, &(struct admin_addr){ .kind = ADMIN_TCP, .at = at },
		      answered);
	server = -1;
	answers = 0;
}

static void end(void)
{
	question_done(&q);
	loop_done(&l);
	if (server != -1)
		close(server);
	close(listener);
}

static void turn(unsigned ms)
{
	uint64_t now = clock_ns();

	loop_turn(&l, now, now + ms * NS_PER_MS);
}

/* Asks; the server has the whole request then. */
static void ask(void)
{
	char got[256];
	size_t n = 0;

	question_ask(&q, ASK);
	if (server == -1)
		server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	for (int i = 0; n < strlen(ASK) && i < 1000; i++) {
		ssize_t r = recv(server, got + n, sizeof(got) - n, MSG_DONTWAIT);

		if (r > 0)
			n += (size_t)r;
		else
			turn(10);
	}
	ck_assert_int_eq((int)n, (int)strlen(ASK));
	ck_assert_int_eq(memcmp(got, ASK, n), 0);
}

static void wait_answer(void)
{
	uint64_t until = clock_ns() + 10 * NS_PER_S;

	while (q.asking && clock_ns() < until)
		turn(20);
	ck_assert(!q.asking);
}

/* clang-format off */
static const struct {
	const char *what, *answer;
	bool fin;             /* the server closes after it */
	int r;
	unsigned status;
	const char *content;
	bool kept;            /* the connection, for the next question */
} rows[] = {
	{ "a length", OK "Content-Length: 5\r\n\r\nhello", false, 0, 200, "hello", true },
	{ "nothing in it", OK "Content-Length: 0\r\n\r\n", false, 0, 200, "", true },
	{ "chunks", OK "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n", false, 0, 200, "hello", true },
	{ "until the end", "HTTP/1.0 200 OK\r\n\r\nhello", true, 0, 200, "hello", false },
	{ "Connection: close", OK "Connection: close\r\nContent-Length: 5\r\n\r\nhello", false, 0, 200, "hello", false },
	{ "another status", "HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno", false, 0, 401, "no", true },
	{ "after 1xx", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\n" OK "Content-Length: 5\r\n\r\nhello", false, 0, 200, "hello", true },
	{ "nothing at all", "", true, -ENODATA, 0, NULL, false },
	{ "half a head", "HTTP/1.1 2", true, -ENODATA, 0, NULL, false },
	{ "half of it", OK "Content-Length: 9\r\n\r\nhello", true, -ENODATA, 0, NULL, false },
	{ "no HTTP", "220 mail.example.org\r\n", false, -EPROTO, 0, NULL, false },
	{ "two lengths", OK "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx", false, -EPROTO, 0, NULL, false },
};
/* clang-format on */

static void is_row(int i)
{
	ck_assert_msg(answers == 1 && result == rows[i].r, "%s: %u answers, %d",
		      rows[i].what, answers, result);
	ck_assert_msg((q.watch.fd != -1) == rows[i].kept, "%s: kept", rows[i].what);
	if (rows[i].r < 0)
		return;
	ck_assert_uint_eq(q.http.status, rows[i].status);
	ck_assert_uint_eq(q.len, strlen(rows[i].content));
	if (q.len > 0)
		ck_assert_int_eq(memcmp(q.content, rows[i].content, q.len), 0);
}

TEST_ROWS(an_answer_in_one_piece, rows)
{
	size_t n = strlen(row->answer);

	ask();
	ck_assert_int_eq(send(server, row->answer, n, MSG_NOSIGNAL), (ssize_t)n);
	if (row->fin)
		shutdown(server, SHUT_WR);
	wait_answer();
	is_row(_i);
}

TEST_ROWS(an_answer_byte_by_byte, rows)
{
	const int one = 1;

	ask();
	setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	for (const char *c = row->answer; *c && q.asking; c++) {
		send(server, c, 1, MSG_NOSIGNAL);
		turn(1);
	}
	if (row->fin)
		shutdown(server, SHUT_WR);
	wait_answer();
	is_row(_i);
}

TEST(a_connection_is_kept_until_it_ends)
{
	const char *good = rows[0].answer;

	for (unsigned i = 1; i <= 5; i++) {
		ask();
		send(server, good, strlen(good), MSG_NOSIGNAL);
		wait_answer();
		ck_assert_uint_eq(answers, i);
		ck_assert_int_eq(result, 0);
		ck_assert_uint_eq(q.connects, 1);
	}
	close(server);
	server = -1;
	for (int i = 0; i < 100 && q.watch.fd != -1; i++)
		turn(20);
	ck_assert_int_eq(q.watch.fd, -1);
	ask();
	send(server, good, strlen(good), MSG_NOSIGNAL);
	wait_answer();
	ck_assert_int_eq(result, 0);
	ck_assert_uint_eq(q.connects, 2);
}

TEST(what_comes_unasked_ends_the_connection)
{
	ask();
	send(server, rows[0].answer, strlen(rows[0].answer), MSG_NOSIGNAL);
	wait_answer();
	send(server, "more", 4, MSG_NOSIGNAL);
	for (int i = 0; i < 100 && q.watch.fd != -1; i++)
		turn(20);
	ck_assert_int_eq(q.watch.fd, -1);
	ck_assert_uint_eq(answers, 1);
}

/* clang-format off */
static const struct {
	const char *what, *head, *more;
	int r;
} floods[] = {
	{ "1xx", "", "HTTP/1.1 100 Continue\r\n\r\n", -EPROTO },
	{ "a head", OK, "X-Line: of no use\r\n", -EPROTO },
	{ "content", OK "Content-Length: 1000000000000\r\n\r\n", "0123456789abcdef", -EMSGSIZE },
	{ "content until the end", OK "\r\n", "0123456789abcdef", -EMSGSIZE },
	{ "chunks", OK "Transfer-Encoding: chunked\r\n\r\n", "4\r\n0123\r\n", -EMSGSIZE },
	{ "a chunk's extension", OK "Transfer-Encoding: chunked\r\n\r\n4;", "x=y;", -EPROTO },
	{ "trailers", OK "Transfer-Encoding: chunked\r\n\r\n0\r\n", "X-Line: x\r\n", -EPROTO },
};
/* clang-format on */

TEST_ROWS(a_flood_has_an_end, floods)
{
	const char *more = row->more;
	const uint64_t most = 8 * QUESTION_MAX;
	uint64_t sent = 0;

	ask();
	send(server, row->head, strlen(row->head), MSG_NOSIGNAL);
	while (q.asking && sent < most) {
		static char block[1 << 16];
		size_t n = 0;

		while (n + strlen(more) <= sizeof(block)) {
			memcpy(block + n, more, strlen(more));
			n += strlen(more);
		}
		/* All of it, or none: the floods must not be cut. */
		for (size_t done = 0; done < n && q.asking;) {
			ssize_t r = send(server, block + done, n - done,
					 MSG_NOSIGNAL | MSG_DONTWAIT);

			if (r > 0)
				done += (size_t)r;
			turn(1);
		}
		sent += n;
	}
	ck_assert_msg(answers == 1 && result == row->r, "%s: %u answers, %d", row->what,
		      answers, result);
	ck_assert_uint_le(q.room, QUESTION_MAX);
	ck_assert_int_eq(q.watch.fd, -1);
}

TEST(refused_is_told_and_tried_again)
{
	close(listener);
	for (unsigned i = 1; i <= 3; i++) {
		question_ask(&q, ASK);
		wait_answer();
		ck_assert_int_eq(result, -ECONNREFUSED);
		ck_assert_uint_eq(answers, i);
		ck_assert_uint_eq(q.connects, i);
	}
	listener = -1;
}

TEST(a_question_can_be_dropped)
{
	char byte;

	ask();
	question_drop(&q);
	ck_assert(!q.asking);
	ck_assert_uint_eq(answers, 0);
	ck_assert_int_eq(recv(server, &byte, 1, 0), -1);
	ck_assert_int_eq(errno, ECONNRESET);
	close(server);
	server = -1;
	ask();
	send(server, rows[0].answer, strlen(rows[0].answer), MSG_NOSIGNAL);
	wait_answer();
	ck_assert_int_eq(result, 0);
}

CHECK_MAIN_AROUND("question", begin, end)
