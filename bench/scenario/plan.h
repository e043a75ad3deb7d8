/* plan - one variant of a scenario, ready to be run: hosts with their addresses and
 * sysctls, the processes with their whole command lines and when each begins and ends, what
 * is expected.  Everything in a file that can be wrong is found here, before anything is
 * started.
 *
 * In `args`, `command` and file contents, {HOST} is a host's first address, {HOST.2} its
 * second, {HOST.all} all of them with commas between, {tmp} the lab's private directory, {KEY}
 * what a process's set.KEY says; {{WORD} is {WORD} itself. */
#ifndef TWSTORM_BENCH_SCENARIO_PLAN_H
#define TWSTORM_BENCH_SCENARIO_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "bench/scenario/scenario.h"
#include "bench/text/text.h"
#include "bench/wire/impair.h"
#include "common/base/clock.h"
#include "common/base/err.h"
#include "common/kernel/addr_list.h"

#define PLAN_HOSTS     16
#define PLAN_ADDRESSES 1000 /* of all hosts together */
#define PLAN_PROCS     32
#define PLAN_CUES      (2 * PLAN_PROCS) /* of each that it is ready, and its end */
#define PLAN_FILES     8
#define PLAN_SETS      32         /* `set.` of a process */
#define PLAN_TMP       "/dev/shm" /* a tmpfs of the lab's own: nothing is left on any disk */
#define PLAN_TOKEN     PLAN_TMP "/token" /* of an admin address that a file opens itself */
#define PLAN_ADMIN     PLAN_TMP "/admin" /* a socket for each server, of its name */
#define PLAN_NETNS                                                                       \
	PLAN_TMP "/netns" /* a file for each host's namespace, as ip-netns(8) has */
#define PLAN_TLS        PLAN_TMP "/tls"     /* HOST.pem, HOST-rsa.pem, ca.crt */
#define PLAN_SHELLRC    PLAN_TMP "/shellrc" /* of `lab shell` */
#define PLAN_REPEAT_MAX 1000

#define PLAN_READY_NS (10 * NS_PER_S) /* for a process to show that it is ready */

/* The verdict on a variant that asks for what this kernel has not. */
#define VERDICT_NOT_HERE "not on this kernel"
/* On a run in which something failed, or nothing connected: it shows nothing. */
#define VERDICT_VOID "void"
/* On a run in which all that failed is what an expectation names. */
#define VERDICT_FAILED "failed as expected"

struct wire;

struct plan_address {
	int family;              /* AF_INET or AF_INET6 */
	unsigned char bytes[16]; /* network order */
	unsigned prefix;
	char text[64]; /* without the prefix */
};

/* To a network, or to all that is in no other (family of `via`, prefix 0). */
struct plan_route {
	struct plan_address to, via;
};

struct plan_host {
	const char *name; /* borrowed, like every string below, from `settings` */
	struct plan_address *addresses; /* owned */
	size_t n_addresses;
	const struct setting **sysctls; /* owned; key without "sysctl." */
	size_t n_sysctls;
	struct impair impair;              /* what its cable does to frames */
	const struct setting *route, *nft; /* NULL where there is none */
	struct plan_route *routes;         /* owned */
	size_t n_routes;
	char *nft_text; /* owned: for nft(8), placeholders filled in; NULL = nothing */
	bool forwards;  /* another host's gateway: it passes packets on */
	const struct setting **cable; /* owned: the same as it was written */
	size_t n_cable;
	const struct setting *observe; /* NULL = it is not observed */
	struct addr_list observed;     /* owned: the ends that are; empty = all */
	bool observe_failures;
	uint64_t count_on_ns; /* it is observed so much longer than the load lasts */
	unsigned line;
};

/* How a third party's process shows that it is ready. */
enum plan_ready {
	READY_AT_ONCE, /* it needs not show it */
	READY_LINE,    /* a line with this text, on stdout or stderr */
	READY_LISTEN,  /* its host has a listener on this port, or on any */
	READY_EXIT,    /* it ended, with the right code: a step of the set-up */
};

/* "when that one is ready", or "has ended" */
struct plan_cue {
	const struct plan_proc *who;
	bool ended;
};

struct plan_cues {
	struct plan_cue at[PLAN_CUES];
	size_t n;
};

struct plan_file {
	const struct setting *setting; /* its name after "file." */
	char *text; /* owned: with its placeholders filled in, and a NUL behind */
	size_t len;
	bool runs; /* it was read from a file that may be executed, and may be as well */
};

struct plan_proc {
	enum section kind; /* SECTION_SERVER, _CLIENT, _PROBE or _PROCESS */
	const char *name;
	const struct plan_host *host;
	const struct plan_proc
		*stats;             /* a client's: the server whose states it asks for */
	const struct setting *args; /* `args`, or a process's `command` */
	const struct setting *stats_setting;
	const struct setting *after_setting, *until_setting;
	struct plan_cues after; /* begins when all are so; none: at once */
	struct plan_cues until; /* is told to end when all are so */
	uint64_t delay_ns;      /* between `after` and its start */
	uint64_t lasts_ns;      /* then it is told to end; 0 = not by time */
	enum plan_ready ready;
	const char *ready_text;   /* of READY_LINE */
	unsigned ready_port;      /* of READY_LISTEN; 0 = on whatever port */
	uint64_t ready_within_ns; /* then it has failed */
	bool after_close; /* of a trace: begins when the connection before has left no socket here */
	bool foreign; /* a client that is somebody else's program: argv is all of it */
	struct plan_file files[PLAN_FILES];
	size_t n_files;
	const struct setting
		*sets[PLAN_SETS]; /* what {KEY} is in its command and files */
	size_t n_sets;
	uint32_t sets_used; /* a bit for each */
	bool counts;   /* of a process: it is a load, so it has a result of its own */
	bool any_code; /* ... it may end with any exit code, not with `code` alone */
	unsigned code;
	unsigned user; /* ... its uid; 0 = that of the lab */
	bool shown;    /* ... what it says is shown as it comes, on stderr */
	const struct setting *output; /* ... what it says goes to a file of this name */
	const struct setting *to_setting,
		*rate_setting; /* ... what it is to do to ports */
	char *to;              /* owned: the former, filled in */
	char admin[80];    /* a server's: where it answers, outside the hosts' network */
	struct words argv; /* "twstorm", "client", ... */
	unsigned line;
};

struct plan_expect {
	const struct plan_proc *client; /* or probe, or process that counts */
	const struct setting *setting;  /* key = the phrase, value = a condition */
	bool by_lab; /* asks for what the lab adds to a result, so the lab answers it */
};

/* Settings of one section, in the file's order. */
struct plan_rules {
	const struct setting **at; /* owned */
	size_t n;
};
#define PLAN_RULES (SECTION_COST - SECTION_COMPARE + 1)

struct plan {
	const struct scenario *scenario; /* borrowed */
	const char *variant;             /* borrowed from the scenario */
	struct settings settings;        /* owned: what all of it is made from */
	const char *about, *next;        /* "" where there is none */
	const char *claim;               /* "" or what is said of this variant */
	const struct setting
		*observe; /* NULL or what of hosts that do not say it themselves */
	const char *
		cure; /* "" or how to have it, to undo it; `commands` in it are to be pasted */
	const struct setting *
		shows; /* NULL or what was seen, in words with {figures} (common/result/figure.h) */
	struct setting
		usual; /* that of a load, where the file says none; its value is owned */
	const char *baseline; /* "" or the variant that others are compared with */
	const char *wanted;   /* "" or the verdict it should get */
	const char *apart;    /* "" or why `lab run --all` leaves it out */
	unsigned seconds;     /* time limit; 0 = none */
	unsigned repeat;
	struct plan_host hosts[PLAN_HOSTS];
	struct plan_proc procs[PLAN_PROCS];
	struct plan_expect *expects; /* owned */
	size_t n_hosts, n_procs, n_expects;
	union { /* in the order of their sections, from SECTION_COMPARE */
		struct {
			struct plan_rules compares, columns, verdicts, costs;
		};
		struct plan_rules rules[PLAN_RULES];
	};
	struct wire *wire; /* borrowed: joins the two hosts; NULL = a bridge does */
	bool quiet;
	/* What the runner adds: */
	int relay; /* borrowed: where documents go while it runs (relay.h); 0 = nowhere */
	unsigned round;    /* the how manieth; 0 = the first */
	const char *label; /* borrowed: what the page calls it; NULL = by its variant */
};

/* quiet: the processes are not asked for progress lines.  EXIT_USAGE with FILE:LINE. */
int plan_build(const struct scenario *sc, const char *variant, bool quiet,
	       struct plan *out, struct err *err);
void plan_done(struct plan *p);

const struct plan_host *plan_host(const struct plan *p, const char *name);
struct plan_proc *plan_proc(struct plan *p, enum section kind, const char *name);
/* A client, a probe or a process that counts: it ends by itself and leaves a result. */
bool plan_has_result(const struct plan_proc *proc);
/* The file has that part, though this variant may leave it out. */
bool plan_in_file(const struct plan *p, enum section kind, const char *name);
/* This status of waitpid() is an end as it should be: its exit code is the right one. */
bool plan_ended_well(const struct plan_proc *proc, int status);
/* How long the slowest of them may take to get ready. */
uint64_t plan_set_up_ns(const struct plan *p);
/* The first of them: the figures of [columns] and so on are its. */
const struct plan_proc *plan_main(const struct plan *p);
size_t plan_results(const struct plan *p);
/* What its result's file is called, without .json: the variant, or VARIANT-NAME where there are
 * several; heap string. */
char *plan_result_name(const struct plan *p, const struct plan_proc *proc);
/* What the page calls its result: the variant, or "VARIANT, NAME" where there are several, ", round N" of later ones; heap string. */
char *plan_label(const struct plan *p, const struct plan_proc *proc);
/* What the file of its output is called: VARIANT-NAME; heap string, NULL if it has none. */
char *plan_output_name(const struct plan *p, const struct plan_proc *proc);
bool plan_is_baseline(const struct plan *p);
/* A rule that compares with it. */
bool plan_asks_for_base(const struct setting *rule);
/* What a path's part.NAME is: a client or a probe, or else a server or process.  `name` may be
 * followed by more of a path.  NULL if there is none. */
const struct plan_proc *plan_part(const struct plan *p, const char *name);
/* What a path's process.NAME is, as above; NULL if there is none. */
const struct plan_proc *plan_process_at(const struct plan *p, const char *name);
/* This variant should get that verdict. */
bool plan_wants(const struct plan *p, const char *verdict);
/* The first rule, or `shows`, in which a path is so; NULL if there is none. */
const struct setting *plan_find_rule(const struct plan *p,
				     bool (*is)(const char *path, void *arg), void *arg);

#endif
