/* nasty_http MODE - an HTTP server on a free port of 127.0.0.1 that does one thing wrong, to
 * one connection after another, until it is killed.  Prints "listening on ADDR:PORT". */
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/tools/listen_anywhere.h"

static bool say(int fd, const char *text)
{
	size_t n = strlen(text);

	return send(fd, text, n, MSG_NOSIGNAL) == (ssize_t)n;
}

/* Until the client's FIN or RST. */
static void wait_for_client(int fd)
{
	char buf[4096];

	while (recv(fd, buf, sizeof(buf), 0) > 0)
		;
}

static void reset(int fd)
{
	const struct linger now = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

#define OK   "HTTP/1.1 200 OK\r\n"
#define DEEP OK "Transfer-Encoding: chunked\r\n\r\n"

static void half_rst(int fd)
{
	say(fd, OK "Content-Length: 100\r\n\r\nhalf of it");
	usleep(20000); /* so that it is read; else the RST alone would be told */
	reset(fd);
}

static void half_fin(int fd)
{
	say(fd, OK "Content-Length: 100\r\n\r\nhalf of it");
}

static void long_head(int fd)
{
	char line[1025];

	memset(line, 'x', sizeof(line) - 1);
	memcpy(line, "X-Line: ", 8);
	memcpy(line + sizeof(line) - 3, "\r\n", 3);
	say(fd, OK);
	for (int i = 0; i < 1024 && say(fd, line); i++)
		;
	say(fd, "Content-Length: 0\r\n\r\n");
	wait_for_client(fd);
}

static void huge_chunk(int fd)
{
	say(fd, DEEP "10000000000000000\r\nabc");
	wait_for_client(fd);
}

/* 100 bytes a second: never silent, never done. */
static void drip(int fd)
{
	say(fd, OK "Content-Length: 100000\r\n\r\n");
	while (say(fd, "0123456789"))
		usleep(100000);
}

static void interim(int fd)
{
	say(fd, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n");
	say(fd, OK "Content-Length: 2\r\n\r\nok");
	wait_for_client(fd);
}

static void chunks(int fd)
{
	say(fd, DEEP "5\r\nhello\r\n");
	usleep(1000);
	say(fd, "6;ext=1\r\n world\r\n0\r\nTrailer: x\r\n\r\n");
	wait_for_client(fd);
}

static void until_eof(int fd)
{
	say(fd, "HTTP/1.0 200 OK\r\n\r\nuntil the end");
}

/* Two of three times. */
static void bad_gateway(int fd)
{
	static int n;

	say(fd, n++ % 3 ? "HTTP/1.1 502 Bad Gateway\r\n" : OK);
	say(fd, "Content-Length: 0\r\n\r\n");
	wait_for_client(fd);
}

static void liar(int fd)
{
	say(fd, OK "Content-Length: 0\r\nConnection: close\r\n\r\n");
	wait_for_client(fd);
}

/* All is well, and then RST where the client's FIN is due. */
static void ok_rst(int fd)
{
	say(fd, OK "Content-Length: 2\r\n\r\nok");
	usleep(20000); /* so that the client's FIN is there, or its next request */
	reset(fd);
}

/* 1xx for ever, as every flood that follows. */
static void flood(int fd)
{
	while (say(fd, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"))
		;
}

static void flood_100(int fd)
{
	while (say(fd, "HTTP/1.1 100 Continue\r\n\r\n"))
		;
}

static void flood_body(int fd)
{
	say(fd, OK "Content-Length: 1000000000000\r\n\r\n");
	while (say(fd, "more, and more, and more, and more, and more, and more\r\n"))
		;
}

/* Chunks of one byte, with an extension each, for ever. */
static void flood_chunks(int fd)
{
	say(fd, DEEP);
	while (say(fd, "1;extension=of-no-use-to-anybody\r\nx\r\n"))
		;
}

static void flood_trailers(int fd)
{
	say(fd, DEEP "0\r\n");
	while (say(fd, "X-Trailer: of no use to anybody\r\n"))
		;
}

static void late(int fd)
{
	say(fd, OK "Content-Length: 2\r\nConnection: close\r\n\r\nok");
	usleep(20000);
	say(fd, "more");
}

static bool read_head(int fd);

/* Closes what was idle for 50 ms, 20 ms later: a request that came meanwhile is lost, by RST. */
static void weary(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	do
		say(fd, OK "Content-Length: 2\r\n\r\nok");
	while (poll(&p, 1, 50) == 1 && read_head(fd));
	usleep(20000);
}

static const struct {
	const char *name;
	void (*answer)(int fd);
} modes[] = {
	{ "half_rst", half_rst },
	{ "half_fin", half_fin },
	{ "long_head", long_head },
	{ "huge_chunk", huge_chunk },
	{ "drip", drip },
	{ "interim", interim },
	{ "chunks", chunks },
	{ "until_eof", until_eof },
	{ "bad_gateway", bad_gateway },
	{ "liar", liar },
	{ "weary", weary },
	{ "ok_rst", ok_rst },
	{ "flood", flood },
	{ "late", late },
	{ "flood_100", flood_100 },
	{ "flood_chunks", flood_chunks },
	{ "flood_trailers", flood_trailers },
	{ "flood_body", flood_body },
};

/* The request's head; false if the client left before. */
static bool read_head(int fd)
{
	char head[4096];
	size_t n = 0;

	while (n < sizeof(head) && recv(fd, head + n, 1, 0) == 1) {
		n++;
		if (n >= 4 && memcmp(head + n - 4, "\r\n\r\n", 4) == 0)
			return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	int fd, listener;
	size_t mode = 0;

	signal(SIGPIPE, SIG_IGN);
	while (mode < sizeof(modes) / sizeof(modes[0]) &&
	       (argc != 2 || strcmp(modes[mode].name, argv[1]) != 0))
		mode++;
	if (mode == sizeof(modes) / sizeof(modes[0])) {
		fprintf(stderr, "usage: nasty_http MODE\n");
		return 2;
	}
	listener = listen_anywhere("nasty_http");
	while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		if (read_head(fd))
			modes[mode].answer(fd);
		close(fd);
	}
	return 1;
}
