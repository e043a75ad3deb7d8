/* What is said of a scenario file that is wrong. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "bench/scenario/plan.h"
#include "bench/scenario/scenario.h"
#include "tests/bench/scenario_base.h"
#include "tests/check_main.h"

/* clang-format off */
static const struct {
	const char *what, *text, *says;
} faults[] = {
	{ "no section", BASE "[hots a]\n", "t.ini:12: there is no section 'hots a'" },
	{ "no name", BASE "[host]\n", "t.ini:12: expected a name: [host NAME]" },
	{ "bad name", BASE "[host a.b]\n", "t.ini:12: 'a.b' is no name" },
	{ "a name too many", BASE "[scenario x]\n", "t.ini:12: [scenario] takes no name" },
	{ "not UTF-8", BASE "[expect]\ncaf\xe9 = x == 1\n", "t.ini:13: this is not UTF-8" },
	{ "an escape", BASE "[expect]\na = \033[2J\n", "t.ini:13: a control character: this is no text file" },
	{ "an escape of C1", BASE "[expect]\na = \xc2\x9b" "2J\n", "t.ini:13: a control character: this is no text file" },
	{ "no key", BASE "= 5\n", "t.ini:12: expected KEY = VALUE" },
	{ "no section", "x = 1\n" BASE, "t.ini:1: expected a [SECTION] before" },
	{ "no '='", BASE "what\n", "t.ini:12: expected [SECTION], KEY = VALUE" },
	{ "a ':' for a '='", BASE "[expect]\na: b == 1\n", "t.ini:13: expected KEY = VALUE" },
	{ "unclosed section", BASE "[host a\n", "t.ini:12: expected [SECTION]" },
	{ "unknown key", BASE "[host a]\naddres = 1\n", "t.ini:13: [host] has no key 'addres'; expected address, sysctl.NAME" },
	{ "twice", BASE "args = 2\n", "t.ini:12: 'args' was given before, on line 11" },
	{ "bad time", BASE "[scenario]\nseconds = soon\n", "t.ini:13: seconds: expected a whole" },
	{ "time 0", BASE "[scenario]\nseconds = 0\n", "t.ini:13: seconds: expected a whole" },
	{ "bad address", BASE "[host a]\naddress = 1.2.3.4\n", "t.ini:13: address: expected ADDRESS/PREFIX" },
	{ "bad prefix", BASE "[host a]\naddress = 1.2.3.4/33\n", "t.ini:13: address: expected ADDRESS/PREFIX" },
	{ "a blank for a comma", BASE "[host a]\naddress = 1.2.3.4/8 1.2.3.5/8\n", "t.ini:13: address: expected ADDRESS/PREFIX" },
	{ "loopback", BASE "[host a]\naddress = 127.0.0.2/8\n", "t.ini:13: address: 127.0.0.2 is none" },
	{ "an end without a port", BASE "[host a]\nobserve = 198.18.0.1\n", "t.ini:13: observe: " },
	{ "a name as end", BASE "[host a]\nobserve = db:80\n", "t.ini:13: observe: expected all, none, or ADDR:PORT[, ...]" },
	{ "an end of no host", BASE "[host a]\nobserve = {db}:80\n", "t.ini:13: {db} is no host's address" },
	{ "many ends", BASE "[host a]\nobserve = {server}:1-65\n", "t.ini:13: observe: at most 64 ends" },
	{ "failures, perhaps", BASE "[host a]\nobserve = all\nobserve-failures = maybe\n",
	  "t.ini:14: observe-failures: expected yes or no" },
	{ "counted on, by words", BASE "[host a]\nobserve = all\ncount-on = long\n", "t.ini:14: count-on: " },
	{ "counted on for a day", BASE "[host a]\nobserve = all\ncount-on = 86400s\n", "t.ini:14: count-on: at most 3600 s" },
	{ "counted on alone", BASE "[host a]\ncount-on = 5s\n", "t.ini:13: count-on: host a is not observed" },
	{ "failures alone", BASE "[host a]\nobserve-failures = yes\n", "t.ini:13: observe-failures: host a is not observed" },
	{ "a figure of no host", BASE "[columns]\na = hosts.a.to.{db}:80.sockets_peak\n", "t.ini:13: {db} is no host's address" },
	{ "multicast", BASE "[host a]\naddress = 224.0.0.1/8\n", "t.ini:13: address: 224.0.0.1 is none" },
	{ "no address at all", BASE "[host a]\naddress = ::/8\n", "t.ini:13: address: :: is none" },
	{ "the same address, in other words",
	  BASE "[host a]\naddress = fd00::1/64, fd00:0::1/64\n",
	  "t.ini:13: address: fd00:0::1 is given twice" },
	{ "address twice", BASE "[host a]\naddress = 1.2.3.4/8, 1.2.3.4/8\n", "t.ini:13: address: 1.2.3.4 is given twice" },
	{ "default address taken", BASE "[host a]\naddress = 198.18.0.11/24\n", "t.ini:3: host server needs an address" },
	{ "a route that is none", BASE "[host a]\nroute = via {server}\n", "t.ini:13: route: expected default via ADDRESS" },
	{ "a route without a prefix", BASE "[host a]\nroute = 10.0.0.0 via {server}\n", "t.ini:13: route: expected" },
	{ "a gateway elsewhere", BASE "[host a]\nroute = default via 10.0.0.1\n", "t.ini:13: route: 10.0.0.1 is in no network of host a" },
	{ "a route of two families", BASE "[host a]\nroute = fd00::/64 via {server}\n", "t.ini:13: route: fd00::/64 and 198.18.0.11 are not of one family" },
	{ "a gateway that is no host", BASE "[host a]\nroute = default via {sever}\n", "t.ini:13: {sever} is no host's address" },
	{ "sysctl not of net.", BASE "[host a]\nsysctl.kernel.panic = 1\n", "t.ini:13: expected sysctl.net." },
	{ "sysctl with a way out", BASE "[host a]\nsysctl.net.../kernel/panic = 1\n", "t.ini:13: expected sysctl.net." },
	{ "on no such host", BASE "[client b on nowhere]\nargs =\n", "t.ini:12: there is no [host nowhere]" },
	{ "on a host, twice", BASE "[client b on client]\nhost = server\n", "t.ini:13: 'host' was given before, on line 12" },
	{ "what is on no host", BASE "[host a on client]\n", "t.ini:12: [host] is on no host; expected [server|client|probe|process NAME on HOST]" },
	{ "on nothing", BASE "[client b on ]\n", "t.ini:12: there is no [host ]" },
	{ "a folder without names", BASE "[process b on client]\nfiles < x\n", "t.ini:13: files: expected files < FOLDER NAME ..." },
	{ "two files of a name", BASE "[process b on client]\nfiles < x a a\n", "t.ini:13: 'file.a' was given before, on line 13" },
	{ "another part's figure", BASE "[expect]\na = part.main.exit_code == 1\n", "t.ini:13: an expectation is answered when its client ends" },
	{ "no such host", BASE "[client b]\nhost = nowhere\nargs =\n", "t.ini:13: there is no [host nowhere]" },
	{ "no host", BASE "[process b]\ncommand = x\n", "t.ini:12: [process b] needs host" },
	{ "a table without keys", BASE "[variants]\n", "t.ini:12: expected keys of variants: [variants SECTION.KEY | ...]" },
	{ "a table with a gap", BASE "[variants scenario.about | ]\n", "t.ini:12: expected keys of variants" },
	{ "a table's key of no section", BASE "[variants about]\na = x\n", "t.ini:13: expected SECTION.KEY = VALUE" },
	{ "a row without values", BASE "[variants scenario.about]\na\n", "t.ini:13: expected NAME = VALUE | ..." },
	{ "a row with a bad name", BASE "[variants scenario.about]\na b = x\n", "t.ini:13: 'a b' is no name" },
	{ "a row twice", BASE "[variants scenario.about]\na = x\na = y\n", "t.ini:14: [variant a] was given before" },
	{ "a row and more of the same", BASE "[variants scenario.about]\na = x\n[variant a]\nscenario.about = y\n",
	  "t.ini:15: 'about' was given before, on line 13" },
	{ "a row named summary", BASE "[variants scenario.about]\nsummary = x\n", "t.ini:13: no variant can be named summary" },
	{ "no args", BASE "[client b]\nhost = client\n", "t.ini:12: [client b] needs args" },
	{ "open quote", BASE "[client b]\nhost = client\nargs = 'x\n", "t.ini:14: a quote is not closed" },
	{ "no such placeholder", BASE "[client b]\nhost = client\nargs = {sever}:1\n", "t.ini:14: {sever} is no host's address" },
	{ "no such address", BASE "[client b]\nhost = client\nargs = {server.2}:1\n",
	  "t.ini:14: {server.2} is no host's address" },
	{ "no such server", BASE "[client b]\nhost = client\nargs = x\nstats = x\n",
	  "t.ini:15: stats: expected a server's name or none" },
	{ "expect: no value", BASE "[expect]\na = b ==\n", "t.ini:13: expected a number or a path of a result at the end" },
	{ "expect: no operator", BASE "[expect]\na = b is 1\n", "t.ini:13: expected one of ==" },
	{ "expect: no path", BASE "[expect]\na = 1 == b\n", "t.ini:13: expected a path of a result in each comparison" },
	{ "expect: no percent", BASE "[expect]\na = b ~ c\n", "t.ini:13: expected a percentage" },
	{ "expect: too much", BASE "[expect]\na = b == c d\n", "t.ini:13: expected 'and', 'or' or the end at 'd'" },
	{ "expect: whose",
	  BASE "[client b]\nhost = client\nargs = x\n[expect]\na = b == 1\n",
	  "t.ini:16: expected [expect CLIENT]" },
	{ "expect: nobody's", BASE "[expect x]\na = b == 1\n", "t.ini:13: there is no [client x] or [probe x]" },
	{ "columns: no formula", BASE "[columns]\nmade = 1 +\n", "t.ini:13: expected a number or a path" },
	{ "verdict: no condition", BASE "[verdict]\nworks = a.b\n", "t.ini:13: expected one of ==" },
	{ "verdict: no such word", BASE "[scenario]\nverdict = works\n", "t.ini:13: verdict: [verdict] has no 'works'" },
	{ "baseline: no such variant", BASE "[scenario]\nbaseline = x\n", "t.ini:13: there is no [variant x]" },
	{ "verdict: after otherwise", BASE "[verdict]\na = otherwise\nb = x > 1\n", "t.ini:13: otherwise always holds" },
	{ "base. without a baseline", BASE "[compare]\na = x > base.x\n", "t.ini:13: base.x needs baseline = VARIANT" },
	{ "part. of nobody", BASE "[columns]\na = part.main.x + part.b.x\n", "t.ini:13: there is no part named b" },
	{ "a server's figure", BASE "[columns]\na = part.own.totals.accepted\n[server own]\nhost = server\nargs = x\n",
	  "t.ini:13: a server has no part.own.totals.accepted, only what its end was, as in part.own.exit_code and .last" },
	{ "part. of nobody in the baseline",
	  BASE "[scenario]\nbaseline = v\n[cost]\na = base.part.b.x > 1\n[variant v]\n",
	  "t.ini:15: there is no part named b" },
	{ "variant: what is of all",
	  BASE "[variant v]\nscenario.claim = x\nscenario.repeat = 2\n",
	  "t.ini:14: scenario.repeat is the same for all variants" },
	{ "variant: a column", BASE "[columns]\na = x\n[variant v]\ncolumns.a =\n",
	  "t.ini:15: columns.a is the same for all variants" },
	{ "after: nobody", BASE "[client b]\nhost = client\nargs = x\nafter = client c\n",
	  "t.ini:15: after: expected client NAME" },
	{ "after: itself", BASE "after = client main\n", "t.ini:12: after: expected client NAME" },
	{ "after: a circle",
	  BASE "after = client b\n[client b]\nhost = client\nargs = x\n"
	       "after = client main\n",
	  "t.ini:12: after: client main would wait for itself" },
	{ "until: not so", BASE "until = server main soon\n", "t.ini:12: until: expected client NAME" },
	{ "delay: no unit", BASE "delay = 5\n", "t.ini:12: delay: " },
	{ "process: no command", BASE "[process p]\nhost = client\n", "t.ini:12: [process p] needs command" },
	{ "process: nothing to run", BASE "[process p]\nhost = client\ncommand =\n", "t.ini:14: command: expected a program" },
	{ "process: ready when",
	  BASE "[process p]\nhost = client\ncommand = x\nready = soon\n",
	  "t.ini:15: ready: expected at once" },
	{ "process: ready where",
	  BASE "[process p]\nhost = client\ncommand = x\nready = listen 70000\n",
	  "t.ini:15: ready: expected listen PORT" },
	{ "process: the lab's own file",
	  BASE "[process p]\nhost = client\ncommand = x\nfile.token = y\n",
	  "t.ini:15: file.token: {tmp}/token is the lab's own" },
	{ "the lab's admin addresses",
	  BASE "[process p]\nhost = client\ncommand = x\nfile.admin = y\n",
	  "t.ini:15: file.admin: {tmp}/admin is the lab's own" },
	{ "process: the lab's own directory",
	  BASE "[process p]\nhost = client\ncommand = x\nfile.netns = y\n",
	  "t.ini:15: file.netns: {tmp}/netns is the lab's own" },
	{ "process: the lab's certificates",
	  BASE "[process p]\nhost = client\ncommand = x\nfile.tls = y\n",
	  "t.ini:15: file.tls: {tmp}/tls is the lab's own" },
	{ "process: another's file",
	  BASE "[process p]\nhost = client\ncommand = x\nfile.a = y\n"
	       "[process q]\nhost = client\ncommand = x\nfile.a = y\n",
	  "t.ini:19: file.a was given before, by process p" },
	{ "process: file with a way out",
	  BASE "[process p]\nhost = client\ncommand = x\nfile.../x = y\n",
	  "t.ini:15: expected file.NAME" },
	{ "process: no such user",
	  BASE "[process p]\nhost = client\ncommand = x\nuser = root\n",
	  "t.ini:15: user: expected a number from 1 to 65534, not 'root'" },
	{ "process: no such code",
	  BASE "[process p]\nhost = client\ncommand = x\nexit-code = 256\n",
	  "t.ini:15: exit-code: expected a number from 0 to 255, or any" },
	{ "process: counts how",
	  BASE "[process p]\nhost = client\ncommand = x\ncounts = 1\n",
	  "t.ini:15: counts: expected yes or no" },
	{ "process: a load that gets ready",
	  BASE "[process p]\nhost = client\ncommand = x\ncounts = yes\nready = listen 1\n",
	  "t.ini:12: [process p] counts, so others wait for its end" },
	{ "process: a rate of nothing",
	  BASE "[process p]\nhost = client\ncommand = x\ncounts = yes\nrate = 1/s\n",
	  "t.ini:16: to and rate go together" },
	{ "process: ports of no load",
	  BASE "[process p]\nhost = client\ncommand = x\nto = 1.2.3.4:5\nrate = 1/s\n",
	  "t.ini:15: to: is of a load, which has counts = yes" },
	{ "process: to nobody",
	  BASE "[process p]\nhost = client\ncommand = x\ncounts = yes\nto = {server}\nrate = 1/s\n",
	  "t.ini:16: to: " },
	{ "process: how often",
	  BASE "[process p]\nhost = client\ncommand = x\ncounts = yes\nto = {server}:1\nrate = 5\n",
	  "t.ini:17: rate: " },
	{ "process: output with a way out",
	  BASE "[process p]\nhost = client\ncommand = x\noutput = ../x\n",
	  "t.ini:15: output: expected a name" },
	{ "process: output over a result",
	  BASE "[process p]\nhost = client\ncommand = x\noutput = x.json\n",
	  "t.ini:15: output: x.json is what a result could be called" },
	{ "process: another's output",
	  BASE "[process p]\nhost = client\ncommand = x\noutput = y\n"
	       "[process q]\nhost = client\ncommand = x\noutput = y\n",
	  "t.ini:19: output: y is process p's already" },
	{ "process: a set that is a host",
	  BASE "[process p]\nhost = client\ncommand = {server}\nset.server = y\n",
	  "t.ini:15: set.server: {server} is the lab's own" },
	{ "process: a set that nothing has",
	  BASE "[process p]\nhost = client\ncommand = {up}\nset.up = y\nset.upp = z\n",
	  "t.ini:16: set.upp: process p has no {upp} in its command or files" },
	{ "process: a file that is not there",
	  BASE "[process p]\nhost = client\ncommand = x\nfile.a < /nowhere/a b\n",
	  "t.ini:15: file.a: cannot read /nowhere/a b: No such file" },
	{ "process: a file of no name",
	  BASE "[process p]\nhost = client\ncommand = x\nfile.a <\n",
	  "t.ini:15: expected KEY < PATH" },
	{ "process: a file behind a file",
	  BASE "[process p]\nhost = client\ncommand = x\nfile.a+ < b\n",
	  "t.ini:15: expected KEY < PATH, or KEY+ = more" },
	{ "rules that are nowhere", BASE "[host a]\nnft < /nowhere/a b\n", "t.ini:13: nft: " },
	{ "a < of no process", BASE "file.a < b\n", "t.ini:12: expected [SECTION], KEY = VALUE" },
	{ "expect: of a process without a result",
	  BASE "[process p]\nhost = client\ncommand = x\n[expect p]\na = exit_code == 0\n",
	  "t.ini:16: there is no [client p] or [probe p], nor a [process p] with counts = yes" },
	{ "probe: no args", BASE "[probe p]\nhost = client\n", "t.ini:12: [probe p] needs args" },
	{ "repeat 0", BASE "[scenario]\nrepeat = 0\n", "t.ini:13: repeat: expected a whole" },
	{ "variant: no section", BASE "[variant v]\nargs = 1\n", "t.ini:13: expected SECTION.KEY" },
	{ "variant: unknown part", BASE "[variant v]\nclient man.args = 1\n", "t.ini:13: there is no [client man]" },
	{ "variant: unknown key", BASE "[variant v]\nclient main.arg = 1\n", "t.ini:13: [client] has no key 'arg'" },
	{ "variant of a variant", BASE "[variant v]\nvariant w.x = 1\n", "t.ini:13: a variant cannot" },
	{ "no client", "[host a]\n", "t.ini:1: expected at least one [client NAME]" },
	{ "nothing", "\n", "t.ini:1: expected [scenario]" },
};
/* clang-format on */

TEST_ROWS(says_what_is_wrong, faults)
{
	struct scenario sc;
	struct err err = { 0 };

	ck_assert_msg(read_text(row->text, &sc, &err) < 0, "%s: accepted", row->what);
	ck_assert_int_eq(err.exit, EXIT_USAGE);
	ck_assert_msg(strncmp(err.text, row->says, strlen(row->says)) == 0,
		      "%s: says '%s'", row->what, err.text);
}

TEST(a_value_has_a_bound)
{
	static char text[SCENARIO_VALUE + 1000];
	struct scenario sc;
	struct err err = { 0 };

	for (int more = -1; more < 2; more += 2) {
		strcpy(text, BASE "[process p]\nhost = server\ncommand = ");
		memset(text + strlen(text), 'x', (size_t)(SCENARIO_VALUE + more));
		if (more < 0) {
			ck_assert_msg(read_text(text, &sc, &err) == 0, "%s", err.text);
			scenario_done(&sc);
		} else {
			ck_assert_int_lt(read_text(text, &sc, &err), 0);
			ck_assert_ptr_nonnull(
				strstr(err.text, "t.ini:14: a value has at most"));
		}
		memset(text, 0, sizeof(text));
	}
}

TEST(refuses_a_nul_byte)
{
	char text[] = BASE "# ?\n[host a]\n";
	struct scenario sc;
	struct err err = { 0 };

	*strchr(text, '?') = '\0';
	ck_assert_int_lt(scenario_read(text, sizeof(text) - 1, "t.ini", &sc, &err), 0);
	ck_assert_str_eq(err.text, "t.ini:12: a NUL byte: this is no text file");
}

TEST(refuses_a_directory)
{
	struct scenario sc;
	struct err err = { 0 };

	ck_assert_int_lt(scenario_load("/", &sc, &err), 0);
	ck_assert_str_eq(err.text, "/ is a directory, not a file");
	ck_assert_int_eq(err.exit, EXIT_USAGE);
}

CHECK_MAIN("scenario_faults")
