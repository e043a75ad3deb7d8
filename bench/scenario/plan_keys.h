/* plan_keys - what the keys of a scenario file do to the plan, by what they speak of; plan.c
 * has the table.  Each returns 0 or -EINVAL with FILE:LINE and what was expected. */
#ifndef TWSTORM_BENCH_SCENARIO_PLAN_KEYS_H
#define TWSTORM_BENCH_SCENARIO_PLAN_KEYS_H

#include "bench/scenario/plan.h"

typedef int plan_key_fn(struct plan *p, const struct setting *s, struct err *err);

#define wrong(p, s, ...) scenario_fault((p)->scenario, (s)->line, err, __VA_ARGS__)

/* plan_host.c */
/* "ADDRESS/PREFIX"; -1 if it is not that. */
int plan_parse_address(const char *text, struct plan_address *a);
/* The host whose section a setting is in; the one that has the address, or NULL. */
struct plan_host *plan_host_of(struct plan *p, const struct setting *s);
struct plan_host *plan_host_at(struct plan *p, const struct plan_address *a);
plan_key_fn plan_add_host, plan_take_address, plan_take_sysctl, plan_take_cable;
/* Hosts server and client need no section of their own where something runs on them. */
int plan_add_common_hosts(struct plan *p, struct err *err);
/* Hosts that name no address get 198.18.0.11/24, .12, ... by their place in the file. */
int plan_give_addresses(struct plan *p, struct err *err);
/* What was asked of a cable can happen. */
int plan_check_cables(struct plan *p, struct err *err);

/* plan_route.c */
plan_key_fn plan_take_route, plan_take_nft;
/* After the addresses: what they come to, who forwards. */
int plan_make_routes(struct plan *p, struct err *err);

/* plan_observe.c */
plan_key_fn plan_take_observe, plan_take_observe_failures, plan_take_count_on;
/* What is observed, now that hosts have their addresses; and {HOST} in conditions and formulas, whose paths
 * may have addresses: hosts.proxy.to.{server}:9000.states.peak.TIME_WAIT. */
int plan_observe(struct plan *p, struct err *err);

/* plan_proc.c */
plan_key_fn plan_add_proc, plan_take_host;
/* Drops the parts with "args = none", "command = none", or without that key: those are there for the variants that
 * give them some.  Pointers to parts are good only after this. */
void plan_leave_out(struct plan *p);
/* Whatever needs all of the parts: cues, what a part lacks, circles. */
int plan_check_procs(struct plan *p, struct err *err);

/* plan_process.c */
plan_key_fn plan_take_file, plan_take_set, plan_take_ready, plan_take_user,
	plan_take_exit_code, plan_take_output, plan_take_counts;
/* What of one process needs those before it. */
int plan_check_process(struct plan *p, const struct plan_proc *proc, struct err *err);

/* plan_rules.c */
plan_key_fn plan_take_expect, plan_take_rule, plan_take_shows;
/* A baseline that there is, and whatever needs one. */
int plan_check_rules(struct plan *p, struct err *err);

#endif
