/* http_corpus - HTTP messages, good and bad, and what our parser makes of each.  The test of
 * the parser and the comparison with evhttp read the same rows. */
#ifndef TWSTORM_TESTS_HTTP_CORPUS_H
#define TWSTORM_TESTS_HTTP_CORPUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/talk/http_parse.h"

enum { KEEP = 1, CLOSE = 0 };

/* clang-format off */
#define R200 "HTTP/1.1 200 OK\r\n"
#define DEEP "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
static const struct {
	const char *what, *bytes;
	enum http_error error;
	bool keeps;      /* the connection */
	uint16_t status;
	uint64_t body;
	size_t rest;     /* bytes that are not the message's */
	bool until_eof;  /* it is complete when the connection ends */
} responses[] = {
	{ "length", R200 "Content-Length: 5\r\n\r\nhello", HTTP_NONE, KEEP, 200, 5, 0, 0 },
	{ "no content", R200 "Content-Length: 0\r\n\r\n", HTTP_NONE, KEEP, 200, 0, 0, 0 },
	{ "names in any case", R200 "CONTENT-length:5\r\n\r\nhello", HTTP_NONE, KEEP, 200, 5, 0, 0 },
	{ "blanks around a value", R200 "Content-Length: \t 5 \t \r\n\r\nhello", HTTP_NONE, KEEP, 200, 5, 0, 0 },
	{ "more than was announced", R200 "Content-Length: 3\r\n\r\nhello", HTTP_NONE, KEEP, 200, 3, 2, 0 },
	{ "connection: close", R200 "Content-Length: 1\r\nConnection: close\r\n\r\nx", HTTP_NONE, CLOSE, 200, 1, 0, 0 },
	{ "close among others", R200 "Content-Length: 1\r\nConnection: a, ,CLOSE ,b\r\n\r\nx", HTTP_NONE, CLOSE, 200, 1, 0, 0 },
	{ "close and keep-alive", R200 "Content-Length: 1\r\nConnection: keep-alive, close\r\n\r\nx", HTTP_NONE, CLOSE, 200, 1, 0, 0 },
	{ "not quite close", R200 "Content-Length: 1\r\nConnection: closed, clos\r\n\r\nx", HTTP_NONE, KEEP, 200, 1, 0, 0 },
	{ "a token too long to know", R200 "Content-Length: 1\r\nConnection: closeclosecloseclosecloseclose\r\n\r\nx", HTTP_NONE, KEEP, 200, 1, 0, 0 },
	{ "until the end", R200 "Server: x\r\n\r\nsome", HTTP_NONE, CLOSE, 200, 4, 0, 1 },
	{ "until the end, nothing", R200 "\r\n", HTTP_NONE, CLOSE, 200, 0, 0, 1 },
	{ "HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", HTTP_NONE, CLOSE, 200, 1, 0, 0 },
	{ "HTTP/1.0 keep-alive", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: Keep-Alive\r\n\r\nx", HTTP_NONE, KEEP, 200, 1, 0, 0 },
	{ "HTTP/1.2 counts as 1.1", "HTTP/1.2 200 OK\r\nContent-Length: 1\r\n\r\nx", HTTP_NONE, KEEP, 200, 1, 0, 0 },
	{ "no reason", "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", HTTP_NONE, KEEP, 200, 0, 0, 0 },
	{ "not even a blank for it", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", HTTP_NONE, KEEP, 200, 0, 0, 0 },
	{ "reason in UTF-8", "HTTP/1.1 404 \xc3\xa4\tx\r\nContent-Length: 0\r\n\r\n", HTTP_NONE, KEEP, 404, 0, 0, 0 },
	{ "LF alone", "HTTP/1.1 200 OK\nContent-Length: 2\n\nab", HTTP_NONE, KEEP, 200, 2, 0, 0 },
	{ "204", "HTTP/1.1 204 No Content\r\n\r\n", HTTP_NONE, KEEP, 204, 0, 0, 0 },
	{ "204 with a length has no content", "HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\nhello", HTTP_NONE, KEEP, 204, 0, 5, 0 },
	{ "304", "HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n", HTTP_NONE, KEEP, 304, 0, 0, 0 },
	{ "100", "HTTP/1.1 100 Continue\r\n\r\nHTTP", HTTP_NONE, KEEP, 100, 0, 4, 0 },
	{ "chunks", DEEP "5\r\nhello\r\n6;a=b\r\n world\r\n0\r\n\r\n", HTTP_NONE, KEEP, 200, 11, 0, 0 },
	{ "chunks and what follows", DEEP "1\r\nx\r\n0\r\n\r\nHTTP", HTTP_NONE, KEEP, 200, 1, 4, 0 },
	{ "sizes in any case, with zeros", DEEP "000a\r\n0123456789\r\nA\r\n0123456789\r\n00\r\n\r\n", HTTP_NONE, KEEP, 200, 20, 0, 0 },
	{ "blanks after a size", DEEP "1 \t\r\nx\r\n0 ;e\r\n\r\n", HTTP_NONE, KEEP, 200, 1, 0, 0 },
	{ "trailers", DEEP "1\r\nx\r\n0\r\nA: b\r\nContent-Length: 7\r\n\r\n", HTTP_NONE, KEEP, 200, 1, 0, 0 },
	{ "gzip, chunked", R200 "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", HTTP_NONE, KEEP, 200, 0, 0, 0 },
	{ "codings in two fields", R200 "Transfer-Encoding: gzip\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n", HTTP_NONE, KEEP, 200, 0, 0, 0 },
	{ "gzip alone lasts until the end", R200 "Transfer-Encoding: gzip\r\n\r\nabc", HTTP_NONE, CLOSE, 200, 3, 0, 1 },
	{ "one length twice", R200 "Content-Length: 2\r\nContent-Length: 02\r\n\r\nab", HTTP_NONE, KEEP, 200, 2, 0, 0 },
	{ "one length twice in one field", R200 "Content-Length: 2, 2\r\n\r\nab", HTTP_NONE, KEEP, 200, 2, 0, 0 },
	{ "the longest length", R200 "Content-Length: 9223372036854775807\r\n\r\nx", HTTP_TRUNCATED, KEEP, 200, 1, 0, 0 },

	{ "nothing", "", HTTP_TRUNCATED, KEEP, 0, 0, 0, 0 },
	{ "half a head", "HTTP/1.1 200 OK\r\nContent-Le", HTTP_TRUNCATED, KEEP, 200, 0, 0, 0 },
	{ "half a body", R200 "Content-Length: 5\r\n\r\nhel", HTTP_TRUNCATED, KEEP, 200, 3, 0, 0 },
	{ "half a chunk", DEEP "5\r\nhel", HTTP_TRUNCATED, KEEP, 200, 3, 0, 0 },
	{ "no last chunk", DEEP "1\r\nx\r\n", HTTP_TRUNCATED, KEEP, 200, 1, 0, 0 },
	{ "no end of trailers", DEEP "0\r\n", HTTP_TRUNCATED, KEEP, 200, 0, 0, 0 },
	{ "not HTTP", "SSH-2.0-x\r\n", HTTP_BAD_LINE, KEEP, 0, 0, 0, 0 },
	{ "an empty line first", "\r\n" R200 "\r\n", HTTP_BAD_LINE, KEEP, 0, 0, 0, 0 },
	{ "no version", "HTTP 200 OK\r\n\r\n", HTTP_BAD_LINE, KEEP, 0, 0, 0, 0 },
	{ "HTTP/2", "HTTP/2.0 200 OK\r\n\r\n", HTTP_BAD_VERSION, KEEP, 0, 0, 0, 0 },
	{ "HTTP/1.x", "HTTP/1.x 200 OK\r\n\r\n", HTTP_BAD_VERSION, KEEP, 0, 0, 0, 0 },
	{ "HTTP/1.11", "HTTP/1.11 200 OK\r\n\r\n", HTTP_BAD_LINE, KEEP, 0, 0, 0, 0 },
	{ "two digits", "HTTP/1.1 20 OK\r\n\r\n", HTTP_BAD_STATUS, KEEP, 0, 0, 0, 0 },
	{ "four digits", "HTTP/1.1 2000 OK\r\n\r\n", HTTP_BAD_STATUS, KEEP, 0, 0, 0, 0 },
	{ "status 099", "HTTP/1.1 099 OK\r\n\r\n", HTTP_BAD_STATUS, KEEP, 0, 0, 0, 0 },
	{ "status 600", "HTTP/1.1 600 OK\r\n\r\n", HTTP_BAD_STATUS, KEEP, 0, 0, 0, 0 },
	{ "a blank before the colon", R200 "Content-Length : 5\r\n\r\nhello", HTTP_BAD_NAME, KEEP, 0, 0, 0, 0 },
	{ "no colon", R200 "Content-Length 5\r\n\r\nhello", HTTP_BAD_NAME, KEEP, 0, 0, 0, 0 },
	{ "no name", R200 ": 5\r\n\r\nhello", HTTP_BAD_NAME, KEEP, 0, 0, 0, 0 },
	{ "a folded line", R200 "A: b\r\n c\r\n\r\n", HTTP_FOLDED, KEEP, 0, 0, 0, 0 },
	{ "a folded line by a tab", R200 "A: b\r\n\tc\r\n\r\n", HTTP_FOLDED, KEEP, 0, 0, 0, 0 },
	{ "a blank before the first name", R200 " A: b\r\n\r\n", HTTP_FOLDED, KEEP, 0, 0, 0, 0 },
	{ "CR alone", R200 "A: b\rc\r\n\r\n", HTTP_BARE_CR, KEEP, 0, 0, 0, 0 },
	{ "a control character", R200 "A: b\001c\r\n\r\n", HTTP_BAD_VALUE, KEEP, 0, 0, 0, 0 },
	{ "a control character far in", R200 "A: 0123456789012345678901234\177\r\n\r\n", HTTP_BAD_VALUE, KEEP, 0, 0, 0, 0 },
	{ "... in a list", R200 "Connection: \001close\r\n\r\n", HTTP_BAD_VALUE, KEEP, 0, 0, 0, 0 },
	{ "lengths that differ", R200 "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", HTTP_LENGTHS_DIFFER, KEEP, 0, 0, 0, 0 },
	{ "lengths that differ in one field", R200 "Content-Length: 5, 6\r\n\r\nhello", HTTP_LENGTHS_DIFFER, KEEP, 0, 0, 0, 0 },
	{ "length of minus one", R200 "Content-Length: -1\r\n\r\n", HTTP_BAD_LENGTH, KEEP, 0, 0, 0, 0 },
	{ "length of plus five", R200 "Content-Length: +5\r\n\r\nhello", HTTP_BAD_LENGTH, KEEP, 0, 0, 0, 0 },
	{ "length in hex", R200 "Content-Length: 0x5\r\n\r\nhello", HTTP_BAD_LENGTH, KEEP, 0, 0, 0, 0 },
	{ "length in two words", R200 "Content-Length: 4 2\r\n\r\n", HTTP_BAD_LENGTH, KEEP, 0, 0, 0, 0 },
	{ "no length", R200 "Content-Length:\r\n\r\n", HTTP_BAD_LENGTH, KEEP, 0, 0, 0, 0 },
	{ "no second length", R200 "Content-Length: 5,\r\n\r\nhello", HTTP_BAD_LENGTH, KEEP, 0, 0, 0, 0 },
	{ "length of 2^63", R200 "Content-Length: 9223372036854775808\r\n\r\n", HTTP_BAD_LENGTH, KEEP, 0, 0, 0, 0 },
	{ "length of 2^64 + 5", R200 "Content-Length: 18446744073709551621\r\n\r\n", HTTP_BAD_LENGTH, KEEP, 0, 0, 0, 0 },
	{ "length of 30 digits", R200 "Content-Length: 000000000000000000000000000005\r\n\r\n", HTTP_BAD_LENGTH, KEEP, 0, 0, 0, 0 },
	{ "length and chunks", R200 "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", HTTP_LENGTH_AND_CODING, KEEP, 0, 0, 0, 0 },
	{ "chunks and length", R200 "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", HTTP_LENGTH_AND_CODING, KEEP, 0, 0, 0, 0 },
	{ "chunks in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", HTTP_BAD_CODING, KEEP, 0, 0, 0, 0 },
	{ "chunked twice", R200 "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", HTTP_BAD_CODING, KEEP, 0, 0, 0, 0 },
	{ "chunked not last", R200 "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", HTTP_BAD_CODING, KEEP, 0, 0, 0, 0 },
	{ "chunked with a parameter", R200 "Transfer-Encoding: chunked; a=b\r\n\r\n0\r\n\r\n", HTTP_BAD_CODING, KEEP, 0, 0, 0, 0 },
	{ "a coding that only begins so", R200 "Transfer-Encoding: chunkeder\r\n\r\nabc", HTTP_NONE, CLOSE, 200, 3, 0, 1 },
	{ "no chunk size", DEEP "\r\n", HTTP_BAD_CHUNK, KEEP, 0, 0, 0, 0 },
	{ "chunk size of g", DEEP "g\r\n", HTTP_BAD_CHUNK, KEEP, 0, 0, 0, 0 },
	{ "chunk size of -1", DEEP "-1\r\n", HTTP_BAD_CHUNK, KEEP, 0, 0, 0, 0 },
	{ "chunk size of 0x1", DEEP "0x1\r\nx\r\n", HTTP_BAD_CHUNK, KEEP, 0, 0, 0, 0 },
	{ "two chunk sizes", DEEP "1 2\r\nx\r\n", HTTP_BAD_CHUNK, KEEP, 0, 0, 0, 0 },
	{ "chunk size of 2^63", DEEP "8000000000000000\r\n", HTTP_CHUNK_TOO_LARGE, KEEP, 0, 0, 0, 0 },
	{ "chunk size of 2^64", DEEP "10000000000000000\r\n", HTTP_CHUNK_TOO_LARGE, KEEP, 0, 0, 0, 0 },
	{ "chunk size of 2^64 + 1", DEEP "10000000000000001\r\nx\r\n", HTTP_CHUNK_TOO_LARGE, KEEP, 0, 0, 0, 0 },
	{ "LF alone after a chunk size", DEEP "1\nx\r\n0\r\n\r\n", HTTP_BAD_CHUNK, KEEP, 0, 0, 0, 0 },
	{ "LF alone after a chunk", DEEP "1\r\nx\n0\r\n\r\n", HTTP_BAD_CHUNK, KEEP, 0, 1, 0, 0 },
	{ "a chunk longer than its size", DEEP "1\r\nxy\r\n0\r\n\r\n", HTTP_BAD_CHUNK, KEEP, 0, 1, 0, 0 },
	{ "CR alone after a chunk size", DEEP "1\rx", HTTP_BAD_CHUNK, KEEP, 0, 0, 0, 0 },
	{ "a control character in an extension", DEEP "1;\001\r\nx\r\n", HTTP_BAD_CHUNK, KEEP, 0, 0, 0, 0 },
	{ "a bad trailer", DEEP "0\r\nA b\r\n\r\n", HTTP_BAD_NAME, KEEP, 0, 0, 0, 0 },
};

static const struct {
	const char *what, *bytes;
	enum http_error error;
	bool keeps;
	enum http_method method;
	const char *target;
	uint64_t body;
	size_t rest;
} requests[] = {
	{ "curl's", "GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n", HTTP_NONE, KEEP, HTTP_GET, "/", 0, 0 },
	{ "a query", "GET /?size=4k&close=server-rst HTTP/1.1\r\nHost: a\r\n\r\n", HTTP_NONE, KEEP, HTTP_GET, "/?size=4k&close=server-rst", 0, 0 },
	{ "head", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", HTTP_NONE, KEEP, HTTP_HEAD, "/", 0, 0 },
	{ "HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", HTTP_NONE, CLOSE, HTTP_GET, "/", 0, 0 },
	{ "HTTP/1.0, kept", "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", HTTP_NONE, KEEP, HTTP_GET, "/", 0, 0 },
	{ "close", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n", HTTP_NONE, CLOSE, HTTP_GET, "/", 0, 0 },
	{ "two at a time", "GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n", HTTP_NONE, KEEP, HTTP_GET, "/a", 0, 19 },
	{ "an empty line first", "\r\n\nGET / HTTP/1.1\r\n\r\n", HTTP_NONE, KEEP, HTTP_GET, "/", 0, 0 },
	{ "LF alone", "GET / HTTP/1.1\nHost: a\n\n", HTTP_NONE, KEEP, HTTP_GET, "/", 0, 0 },
	{ "post", "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", HTTP_NONE, KEEP, HTTP_POST, "/", 3, 0 },
	{ "a length of 0 and the next", "GET / HTTP/1.1\r\nContent-Length: 0\r\n\r\nG", HTTP_NONE, KEEP, HTTP_GET, "/", 0, 1 },
	{ "post in chunks", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", HTTP_NONE, KEEP, HTTP_POST, "/", 3, 0 },
	{ "a method nobody knows", "BREW /pot HTTP/1.1\r\n\r\n", HTTP_NONE, KEEP, HTTP_UNKNOWN, "/pot", 0, 0 },
	{ "a method in lower case is another", "get / HTTP/1.1\r\n\r\n", HTTP_NONE, KEEP, HTTP_UNKNOWN, "/", 0, 0 },
	{ "a target longer than its room", "GET /0123456789012345678901234567890123456789 HTTP/1.1\r\n\r\n", HTTP_NONE, KEEP, HTTP_GET, "/012345678901234567890123456789", 0, 0 },

	{ "nothing", "", HTTP_TRUNCATED, KEEP, HTTP_GET, "", 0, 0 },
	{ "half a line", "GET /", HTTP_TRUNCATED, KEEP, HTTP_GET, "/", 0, 0 },
	{ "half a body", "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab", HTTP_TRUNCATED, KEEP, HTTP_OTHER, "/", 2, 0 },
	{ "HTTP/0.9", "GET /\r\n", HTTP_BAD_VERSION, KEEP, HTTP_GET, "", 0, 0 },
	{ "HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", HTTP_BAD_VERSION, KEEP, HTTP_GET, "", 0, 0 },
	{ "no target", "GET  HTTP/1.1\r\n\r\n", HTTP_BAD_LINE, KEEP, HTTP_GET, "", 0, 0 },
	{ "a blank in the target", "GET /a b HTTP/1.1\r\n\r\n", HTTP_BAD_LINE, KEEP, HTTP_GET, "", 0, 0 },
	{ "a control character in the target", "GET /\001 HTTP/1.1\r\n\r\n", HTTP_BAD_LINE, KEEP, HTTP_GET, "", 0, 0 },
	{ "a blank before the method", " GET / HTTP/1.1\r\n\r\n", HTTP_BAD_METHOD, KEEP, HTTP_GET, "", 0, 0 },
	{ "no method", "(/ HTTP/1.1\r\n\r\n", HTTP_BAD_METHOD, KEEP, HTTP_GET, "", 0, 0 },
	{ "a blank after the version", "GET / HTTP/1.1 \r\n\r\n", HTTP_BAD_LINE, KEEP, HTTP_GET, "", 0, 0 },
	{ "gzip without chunks", "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", HTTP_BAD_CODING, KEEP, HTTP_GET, "", 0, 0 },
	{ "an empty coding", "POST / HTTP/1.1\r\nTransfer-Encoding:\r\n\r\n", HTTP_BAD_CODING, KEEP, HTTP_GET, "", 0, 0 },
	{ "chunks in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", HTTP_BAD_CODING, KEEP, HTTP_GET, "", 0, 0 },
	{ "length and chunks", "POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", HTTP_LENGTH_AND_CODING, KEEP, HTTP_GET, "", 0, 0 },
};
/* clang-format on */

#endif
