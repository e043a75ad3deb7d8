/* What is told of something whose rules are broken: the last steps, oldest first. */
#include "common/base/life.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/check_main.h"

static const char *const states[] = { "FREE", "BUSY" };
#define INPUTS 3
static const char *const inputs[INPUTS] = { "ON_NOTHING", "ON_START", "ON_END" };

/* clang-format off */
static const struct {
	unsigned steps;
	const char *says;
} lives[] = {
	{ 0, "twstorm: broken rule: no end; the last steps were\n" },
	{ 1, "twstorm: broken rule: no end; the last steps were FREE:ON_START\n" },
	{ 3, "twstorm: broken rule: no end; the last steps were FREE:ON_START BUSY:ON_END FREE:ON_START\n" },
	{ 257,
	  "twstorm: broken rule: no end; the last steps were BUSY:ON_END FREE:ON_START "
	  "BUSY:ON_END FREE:ON_START BUSY:ON_END FREE:ON_START BUSY:ON_END "
	  "FREE:ON_START\n" },
};
/* clang-format on */

static void live(unsigned steps, int to)
{
	const struct rlimit no_core = { 0 };
	struct life l = { 0 };

	setrlimit(RLIMIT_CORE, &no_core);
	dup2(to, STDERR_FILENO);
	for (unsigned i = 0; i < steps; i++)
		life_step(&l, (uint8_t)(i % 2 * INPUTS + 1 + i % 2));
	life_broken(l, "no end", states, inputs, INPUTS);
}

TEST_ROWS(tells_the_last_steps, lives)
{
	char said[512];
	size_t len = 0;
	ssize_t n;
	int p[2], status;
	pid_t pid;

	ck_assert_int_eq(pipe(p), 0);
	pid = fork();
	if (pid == 0)
		live(row->steps, p[1]);
	close(p[1]);
	while ((n = read(p[0], said + len, sizeof(said) - 1 - len)) > 0)
		len += (size_t)n;
	said[len] = '\0';
	close(p[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	ck_assert_str_eq(said, row->says);
}

CHECK_MAIN("life")
