/* A scenario file to a plan: what a file means. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "bench/scenario/plan.h"
#include "bench/scenario/scenario.h"
#include "tests/bench/scenario_base.h"
#include "tests/check_main.h"

static struct scenario scenario;

static void build(const char *text, const char *variant, struct plan *p)
{
	struct err err = { 0 };

	ck_assert_msg(read_text(text, &scenario, &err) == 0, "%s", err.text);
	ck_assert_msg(plan_build(&scenario, variant, false, p, &err) == 0, "%s",
		      err.text);
}

static void done(struct plan *p)
{
	plan_done(p);
	scenario_done(&scenario);
}

static char *line(const struct plan_proc *proc)
{
	static char text[2000];

	text[0] = '\0';
	for (size_t i = 0; i < proc->argv.n; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s",
			 i ? " " : "", proc->argv.at[i]);
	return text;
}

TEST(makes_the_command_lines)
{
	struct plan p;

	build(BASE "[expect]\nall well = ledger.balanced == true\n", "t", &p);
	ck_assert_uint_eq(p.n_hosts, 2);
	ck_assert_str_eq(p.hosts[1].addresses[0].text, "198.18.0.12");
	ck_assert_str_eq(line(&p.procs[0]), "twstorm server -l 198.18.0.11:9000 "
					    "--admin unix:/dev/shm/admin/main");
	ck_assert_str_eq(line(&p.procs[1]),
			 "twstorm client -t 198.18.0.11:9000 "
			 "--server-stats unix:/dev/shm/admin/main "
			 "--expect ledger.balanced == true --interval 1s -o -");
	done(&p);
}

static const char *cues(const struct plan_cues *c)
{
	static char text[200];

	text[0] = '\0';
	for (size_t i = 0; i < c->n; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s %s%s;",
			 section_names[c->at[i].who->kind], c->at[i].who->name,
			 c->at[i].ended ? " ended" : "");
	return text;
}

/* A part without args is there for a variant; what speaks of the others still does. */
TEST(leaves_out_what_has_no_args)
{
	const char *text = BASE "[server second]\nhost = server\nargs = -l {server}:1\n"
				"[process p]\nhost = server\ncommand = none\n"
				"[client main]\nstats = second\n"
				"[expect main]\nx = totals.closes == 0\n"
				"[variant with]\nprocess p.command = sleep 1\n"
				"[variant without]\nserver main.args = none\n";
	struct plan p;

	build(text, "without", &p);
	ck_assert_uint_eq(p.n_procs, 2);
	ck_assert_ptr_null(plan_proc(&p, SECTION_SERVER, "main"));
	ck_assert_ptr_null(plan_proc(&p, SECTION_PROCESS, "p"));
	ck_assert_ptr_eq(p.expects[0].client, plan_proc(&p, SECTION_CLIENT, "main"));
	done(&p);
	build(text, "with", &p);
	ck_assert_str_eq(line(plan_proc(&p, SECTION_PROCESS, "p")), "sleep 1");
	done(&p);
}

/* ... and nobody waits for it, expects anything of it, or asks it. */
TEST(what_is_left_out_is_not_waited_for)
{
	const char *text =
		BASE "after = process p, process q ended\nstats = second\n"
		     "[server second]\nhost = server\nargs = none\n"
		     "[process p]\nhost = server\ncommand = none\n"
		     "[process q]\nhost = server\ncommand = x\nuntil = client b\n"
		     "[client b]\nhost = client\nargs = none\n"
		     "[expect b]\nx = totals.closes == 0\n";
	struct plan p;

	build(text, "t", &p);
	ck_assert_str_eq(cues(&plan_proc(&p, SECTION_CLIENT, "main")->after),
			 "server main;process q;process q ended;");
	ck_assert_uint_eq(plan_proc(&p, SECTION_PROCESS, "q")->until.n, 0);
	ck_assert_uint_eq(p.n_expects, 0);
	ck_assert_ptr_null(plan_proc(&p, SECTION_CLIENT, "main")->stats);
	done(&p);
}

/* What loads waits for what is there before any load. */
TEST(a_load_waits_for_what_has_after)
{
	struct plan p;

	build(BASE "[process step]\nhost = server\ncommand = x\nready = exit\n"
		   "[process late]\nhost = server\ncommand = x\n"
		   "after = process step ended, process other\n"
		   "[process other]\nhost = server\ncommand = x\nafter = server main\n"
		   "[process second]\nhost = server\ncommand = x\nafter = client main\n"
		   "[process third]\nhost = server\ncommand = x\n"
		   "after = process second\n"
		   "[process restart]\nhost = server\ncommand = x\n"
		   "after = server main ended\n"
		   "[process load]\nhost = client\ncommand = x\ncounts = yes\n"
		   "after = client main\n",
	      "t", &p);
	ck_assert_str_eq(cues(&plan_proc(&p, SECTION_CLIENT, "main")->after),
			 "server main;process step;process late;process other;");
	ck_assert_str_eq(
		cues(&plan_proc(&p, SECTION_PROCESS, "load")->after),
		"server main;process step;process late;process other;client main ended;");
	done(&p);
}

/* A file beside the scenario keeps its bytes, but for what a set says, which a variant changes. */
TEST(takes_a_file_byte_for_byte)
{
	static const char bytes[] = "{\0{{up} {server}\n  {up}{upp} {";
	static const char want[] =
		"{\0{198.18.0.11:9 {server}\n  198.18.0.11:9{upp} {\nmore\n";
	char text[600], path[] = "/tmp/twstorm-test-XXXXXX";
	const struct plan_file *file;
	struct plan p;
	int fd = mkstemp(path);

	ck_assert_int_eq(write(fd, bytes, sizeof(bytes) - 1), sizeof(bytes) - 1);
	ck_assert_int_eq(fchmod(fd, 0700), 0);
	snprintf(text, sizeof(text),
		 BASE "[process p]\nhost = client\ncommand = a {up}\n"
		      "set.up = x\nfile.f < %s\nfile.f+ = more\n"
		      "[variant v]\nprocess p.set.up = {server}:9\n"
		      "[variant w]\nprocess p.file.f = {up} {{up}\n"
		      "[variant x]\nprocess p.set.upp = y\n",
		 path);
	build(text, "v", &p);
	file = &plan_proc(&p, SECTION_PROCESS, "p")->files[0];
	ck_assert_mem_eq(file->text, want, sizeof(want));
	ck_assert_uint_eq(file->len, sizeof(want) - 1);
	ck_assert(file->runs);
	ck_assert_str_eq(line(plan_proc(&p, SECTION_PROCESS, "p")), "a 198.18.0.11:9");
	done(&p);
	build(text, "w", &p);
	file = &plan_proc(&p, SECTION_PROCESS, "p")->files[0];
	ck_assert_str_eq(file->text, "x {up}\n");
	ck_assert(!file->runs);
	done(&p);
	build(text, "x", &p);
	file = &plan_proc(&p, SECTION_PROCESS, "p")->files[0];
	ck_assert_uint_eq(file->len, sizeof("{\0{x {server}\n  xy {\nmore\n") - 1);
	done(&p);
	close(fd);
	unlink(path);
}

TEST(knows_who_begins_when)
{
	struct plan p;

	build(BASE "[server second]\nhost = server\nargs = -l {server}:9001\n"
		   "after = server main ended\ndelay = 200ms\n"
		   "[client late]\nhost = client\nargs = x\nafter = client main, server "
		   "second\n"
		   "lasts = 2s\n"
		   "[process p]\nhost = server\ncommand = sleep {server}\nready = line "
		   "up and on\n"
		   "file.p.conf = at {client}\n"
		   "[server main]\nuntil = client main\n",
	      "t", &p);
	/* A client waits for the servers and processes that begin by themselves. */
	ck_assert_str_eq(cues(&plan_proc(&p, SECTION_CLIENT, "main")->after),
			 "server main;process p;");
	ck_assert_str_eq(cues(&plan_proc(&p, SECTION_CLIENT, "late")->after),
			 "server main;process p;client main ended;server second;");
	ck_assert_str_eq(cues(&plan_proc(&p, SECTION_SERVER, "second")->after),
			 "server main ended;");
	ck_assert_str_eq(cues(&plan_proc(&p, SECTION_SERVER, "main")->until),
			 "client main ended;");
	ck_assert_uint_eq(plan_proc(&p, SECTION_SERVER, "second")->delay_ns, 200000000);
	ck_assert_uint_eq(plan_proc(&p, SECTION_CLIENT, "late")->lasts_ns, 2000000000);
	ck_assert_str_eq(line(plan_proc(&p, SECTION_PROCESS, "p")), "sleep 198.18.0.11");
	ck_assert_str_eq(plan_proc(&p, SECTION_PROCESS, "p")->ready_text, "up and on");
	ck_assert_str_eq(plan_proc(&p, SECTION_PROCESS, "p")->files[0].text,
			 "at 198.18.0.12\n");
	done(&p);
}

/* What goes in as client args, and what its command line has for it. */
static const struct {
	const char *what, *args, *want;
} fills[] = {
	{ "a literal brace", "{{c} {{c.2}:{c}", "{c} {c.2}:10.0.0.1" },
	{ "a semicolon after a blank", "'a ; b' ;c", "a ; b ;c" },
	{ "a semicolon on the next line", "'a\n  b ; c'", "a b ; c" },
	{ "all addresses", "{c.all}", "10.0.0.1,10.0.0.2" },
	{ "the second", "{c.2}:1", "10.0.0.2:1" },
	{ "two in a word", "{c}:1,{c.2}:2", "10.0.0.1:1,10.0.0.2:2" },
	{ "IPv6", "{six}:80", "[fd00::1]:80" },
	{ "private directory", "{tmp}/x", "/dev/shm/x" },
	{ "braces of others", "'{a b}' {}", "{a b} {}" },
	{ "quotes", "--header \"A: b\" 'c'd", "--header A: b cd" },
	{ "continued", "a\n  b\n  c", "a b c" },
};

TEST_ROWS(fills_in, fills)
{
	char text[600], want[200];
	struct plan p;

	snprintf(text, sizeof(text),
		 "[host c]\naddress = 10.0.0.1/24, 10.0.0.2/24\n[host six]\naddress = "
		 "fd00::1/64\n"
		 "[client x]\nhost = c\nargs = %s\n",
		 row->args);
	snprintf(want, sizeof(want), "twstorm client %s --interval 1s -o -", row->want);
	build(text, "t", &p);
	ck_assert_msg(strcmp(line(&p.procs[0]), want) == 0, "%s: %s", row->what,
		      line(&p.procs[0]));
	done(&p);
}

#define VARIANTS                                                                         \
	BASE "[expect]\na = x == 1\n[variant plain]\n[variant more]\n"                   \
	     "client main.args+ = -w 2\nhost client.sysctl.net.ipv4.tcp_tw_reuse = 1\n"  \
	     "host client.sysctl.net.ipv4.tcp_timestamps = 0\n"                          \
	     "expect.a =\nexpect.b = y > 2\n"

TEST(a_variant_overrides)
{
	struct plan p;

	build(VARIANTS, "more", &p);
	ck_assert_uint_eq(scenario.n_variants, 2);
	ck_assert_str_eq(p.procs[1].args->value, "-t {server}:9000 -w 2");
	ck_assert_uint_eq(p.hosts[1].n_sysctls, 2);
	ck_assert_str_eq(p.hosts[1].sysctls[0]->value, "1");
	ck_assert_uint_eq(p.n_expects, 1);
	ck_assert_str_eq(p.expects[0].setting->key, "b");
	done(&p);
}

TEST(and_leaves_the_others_alone)
{
	struct plan p;

	build(VARIANTS, "plain", &p);
	ck_assert_str_eq(p.procs[1].args->value, "-t {server}:9000");
	ck_assert_str_eq(p.hosts[1].sysctls[0]->value, "0");
	ck_assert_str_eq(p.expects[0].setting->key, "a");
	done(&p);
}

#define TABLE                                                                            \
	BASE "[process p]\nhost = client\ncommand = x\nfile.f = one\n"                   \
	     "[variants host client.sysctl.net.ipv4.tcp_tw_reuse | process p.file.f+ | " \
	     "client main.args+]\n"                                                      \
	     "plain =\nfirst = 1\nlast = | | -w 2 | a||b\n"                              \
	     "lines = 2 | two\n  three | four\n[variant first]\nclient main.args = -t "  \
	     "z\n"

/* A row of a table is a variant; an empty value leaves a key as it is; the last key has the rest of the line. */
TEST(a_row_is_a_variant)
{
	static const struct {
		const char *variant, *reuse, *file, *args;
	} cases[] = {
		{ "plain", "0", "one\n", "-t {server}:9000" },
		{ "first", "1", "one\n", "-t z" },
		{ "last", "0", "one\n", "-t {server}:9000 -w 2 | a||b" },
		{ "lines", "2", "one\ntwo\nthree | four\n", "-t {server}:9000" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct plan p;

		build(TABLE, cases[i].variant, &p);
		ck_assert_uint_eq(scenario.n_variants, 4);
		ck_assert_str_eq(scenario.variants[i], cases[i].variant);
		ck_assert_str_eq(p.hosts[1].sysctls[0]->value, cases[i].reuse);
		ck_assert_str_eq(p.procs[2].files[0].text, cases[i].file);
		ck_assert_str_eq(p.procs[1].args->value, cases[i].args);
		done(&p);
	}
}

TEST(a_part_is_on_the_host_of_its_kind)
{
	struct plan p;

	build("[scenario]\n[host server]\n[host client]\n[server main]\nargs = -l "
	      "{server}:1\n"
	      "[client main]\nargs = -t {server}:1\n",
	      "t", &p);
	ck_assert_str_eq(p.procs[0].host->name, "server");
	ck_assert_str_eq(p.procs[1].host->name, "client");
	done(&p);
}

/* Each is a file of its own, with a '<' of its own. */
TEST(files_are_many_at_once)
{
	const char *text = BASE "[process p on client]\nfiles < ../x a.py  b.sql\n"
				"[variant v]\nprocess p.command = x\n"
				"process p.files < /y c.py\n";
	const char *const names[] = { "file.a.py", "file.b.sql" };
	const char *const paths[] = { "../x/a.py", "../x/b.sql" };
	const struct setting *s;
	struct err err = { 0 };

	ck_assert_msg(scenario_read(text, strlen(text), "t.ini", &scenario, &err) == 0,
		      "%s", err.text);
	for (size_t i = 0; i < 2; i++) {
		s = settings_find(&scenario.settings, SECTION_PROCESS, "p", names[i]);
		ck_assert(s && s->is_path);
		ck_assert_str_eq(s->value, paths[i]);
	}
	s = settings_find(&scenario.overrides[0], SECTION_PROCESS, "p", "file.c.py");
	ck_assert(s && s->is_path);
	ck_assert_str_eq(s->value, "/y/c.py");
	scenario_done(&scenario);
}

/* What need not be said. */
TEST(a_short_file_is_whole)
{
	const char *text = "[scenario]\nobserve = all\n"
			   "[host app]\nobserve = none\n"
			   "[server main]\n"
			   "[process cache on app]\nready = listen 1\n"
			   "[process load on client]\ncounts = yes\n"
			   "[variants process load.command]\na = x\nb = y\n"
			   "[variant c]\nprocess load.command = x\n"
			   "process cache.command = z\n"
			   "host server.observe = {server}:9000\n"
			   "server main.args+ = -w 2\n";
	const struct plan_proc *load;
	struct plan p;

	build(text, "a", &p);
	ck_assert_uint_eq(p.n_procs, 2);
	ck_assert_str_eq(p.procs[0].host->name, "server");
	ck_assert_str_eq(line(&p.procs[0]), "twstorm server --listen 0.0.0.0:9000 "
					    "--admin unix:/dev/shm/admin/main");
	load = plan_proc(&p, SECTION_PROCESS, "load");
	ck_assert_str_eq(load->host->name, "client");
	ck_assert_str_eq(p.shows->value,
			 "{hosts.client.counters.Tcp.ActiveOpens} connections, most in "
			 "TIME_WAIT {hosts.client.states.peak.TIME_WAIT}");
	ck_assert_str_eq(p.hosts[0].name, "server");
	ck_assert_str_eq(p.hosts[1].name, "client");
	ck_assert_ptr_null(plan_host(&p, "app")->observe);
	ck_assert_str_eq(plan_host(&p, "server")->observe->value, "all");
	done(&p);

	build(text, "c", &p);
	ck_assert_uint_eq(p.n_procs, 3);
	ck_assert_str_eq(plan_proc(&p, SECTION_PROCESS, "cache")->host->name, "app");
	ck_assert_uint_eq(plan_host(&p, "server")->observed.n, 1);
	ck_assert_str_eq(line(&p.procs[0]), "twstorm server --listen 0.0.0.0:9000 -w 2 "
					    "--admin unix:/dev/shm/admin/main");
	done(&p);
}

/* What editors put before the first line. */
TEST(takes_a_byte_order_mark)
{
	struct plan p;

	build("\xef\xbb\xbf" BASE, "t", &p);
	ck_assert_str_eq(p.about, "a test");
	done(&p);
}

TEST(a_file_has_lines)
{
	struct plan p;

	build(BASE
	      "[process p]\nhost = server\ncommand = x\nfile.a = one\n  two {{x} ; 2\n"
	      "  # lost\n  three {server}\n",
	      "t", &p);
	ck_assert_str_eq(p.procs[2].files[0].text,
			 "one\ntwo {x} ; 2\nthree 198.18.0.11\n");
	done(&p);
}

/* As many as there are: none of them is left out of what a client waits for. */
TEST(waits_for_every_part)
{
	char text[4000] = BASE;
	struct plan p;

	for (int i = 0; i < 30; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "[process p%d]\nhost = server\ncommand = x\n", i);
	snprintf(text + strlen(text), sizeof(text) - strlen(text),
		 "[process p0]\nafter =\n[process p1]\nuntil =\n");
	build(text, "t", &p);
	ck_assert_uint_eq(plan_proc(&p, SECTION_CLIENT, "main")->after.n, 31);
	done(&p);
}

TEST(each_server_has_an_admin_address)
{
	struct plan p;

	build(BASE "stats = b\n[server b]\nhost = server\nargs = -l {server}:9001\n", "t",
	      &p);
	ck_assert_str_eq(p.procs[2].admin, "unix:/dev/shm/admin/b");
	ck_assert_ptr_eq(p.procs[1].stats, &p.procs[2]);
	done(&p);
}

CHECK_MAIN("scenario")
