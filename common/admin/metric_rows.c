#include "common/admin/metrics.h"

#include <string.h>

#include "common/result/result.h"

#define KB 1024

/* clang-format off */
#define BUILD \
	{ "twstorm_build_info", METRIC_INFO, "Always 1; which twstorm this is.", "tool.version", "version", NULL, 0 }
#define SOCKETS(side, path) \
	{ "twstorm_sockets", METRIC_GAUGE, "TCP sockets by state, as the kernel counted them last.", path, "state", side, 0 }
#define TIMER(name, key, help) \
	{ "twstorm_" name "_seconds", METRIC_HISTOGRAM, help, "latency_us." key, NULL, NULL, 0 }
#define CPU(side, path, mode) \
	{ "twstorm_cpu_seconds", METRIC_COUNTER, "CPU time of the process.", path, NULL, "side=\"" side "\",mode=\"" mode "\"", 0 }
#define MEMORY(side, path) \
	{ "twstorm_memory_peak_bytes", METRIC_GAUGE, "Most memory the process ever had resident.", path, NULL, "side=\"" side "\"", KB }
#define KERNEL(path) \
	{ "twstorm_kernel_events", METRIC_COUNTER, "The kernel's own counters of this network namespace, since the start.", path, "counter", NULL, 0 }
#define SAMPLER \
	{ "twstorm_sampler_cpu_seconds", METRIC_COUNTER, "CPU time spent on counting sockets.", "sampler.cpu_s", NULL, NULL, 0 }
#define ERRORS(call, path) \
	{ "twstorm_errors", METRIC_COUNTER, "System calls that failed, by call and errno.", path, "errno", "call=\"" call "\"", 0 }

const struct metric metric_rows_of_result[] = {
	BUILD,
	{ "twstorm_run_duration_seconds", METRIC_GAUGE, "How long the run has gone on.", "run.duration_s", NULL, NULL, 0 },
	{ "twstorm_connections_started", METRIC_COUNTER, "Connections begun, whatever came of them.", "totals.connects_started", NULL, NULL, 0 },
	{ "twstorm_connections_established", METRIC_COUNTER, "Connections established.", "totals.connects_ok", NULL, NULL, 0 },
	{ "twstorm_connections_closed", METRIC_COUNTER, "Established connections that close() was called for.", "totals.closes", NULL, NULL, 0 },
	{ "twstorm_connections_ended", METRIC_COUNTER, "Connections by the way they ended.", "outcomes", "outcome", NULL, 0 },
	{ "twstorm_transactions", METRIC_COUNTER, "Complete responses.", "totals.transactions_ok", NULL, NULL, 0 },
	{ "twstorm_missed_starts", METRIC_COUNTER, "Arrivals of the open loop that never became a connection.", "totals.missed_starts", NULL, NULL, 0 },
	{ "twstorm_syns_sent", METRIC_COUNTER, "Calls of connect() or sendto() that sent a SYN.", "totals.syns", NULL, NULL, 0 },
	{ "twstorm_sent_bytes", METRIC_COUNTER, "Bytes that the kernel took, headers included.", "totals.bytes_sent", NULL, NULL, 0 },
	{ "twstorm_received_bytes", METRIC_COUNTER, "Bytes read.", "totals.bytes_received", NULL, NULL, 0 },
	ERRORS("socket", "errors.socket"),
	ERRORS("bind", "errors.bind"),
	ERRORS("connect", "errors.connect"),
	ERRORS("transfer", "errors.transfer"),
	{ "twstorm_timeouts", METRIC_COUNTER, "Connections given up after --timeout, by what they waited for.", "errors.timeout", "stage", NULL, 0 },
	{ "twstorm_target_connections_started", METRIC_COUNTER, "Connections begun to a target.", "targets[].started", "target", NULL, 0 },
	{ "twstorm_target_connections_completed", METRIC_COUNTER, "Connections to a target that ended as they should.", "targets[].ok", "target", NULL, 0 },
	{ "twstorm_target_set_aside", METRIC_COUNTER, "Times a target was set aside because connections to it failed.", "targets[].set_aside", "target", NULL, 0 },
	{ "twstorm_target_aside_seconds", METRIC_COUNTER, "How long a target was set aside, the sum over the workers.", "targets[].aside_s", "target", NULL, 0 },
	SOCKETS("side=\"client\"", "states.client.end"),
	SOCKETS("side=\"server\"", "states.server.end"),
	{ "twstorm_ports_in_use", METRIC_GAUGE, "Local ports inside the range that sockets to the targets have.", "series[-1].ports_in_use", NULL, NULL, 0 },
	{ "twstorm_ports_peak", METRIC_GAUGE, "Most ports that were in use at any count.", "ports.peak_in_use", NULL, NULL, 0 },
	{ "twstorm_ports_budget", METRIC_GAUGE, "Ports that the run may use.", "ports.budget", NULL, NULL, 0 },
	{ "twstorm_ports_exhausted", METRIC_GAUGE, "1 once a connection has found no port.", "ports.exhausted", NULL, NULL, 0 },
	{ "twstorm_ports_predicted_exhaustion_seconds", METRIC_GAUGE, "When the ports run out by prediction, in seconds from the start of the run.", "ports.predicted_exhaustion_s", NULL, NULL, 0 },
	TIMER("start_lag", "start_lag", "From when a connection should have started to its connect()."),
	TIMER("bind", "bind", "The bind() call."),
	TIMER("connect_call", "connect_call", "The connect() call itself."),
	TIMER("connect", "connect", "From connect() until the connection is established."),
	TIMER("transaction", "transaction", "From the intended start of an arrival to the last byte of its response."),
	TIMER("close", "close", "The close() call."),
	TIMER("linger_close", "linger_close", "The close() call with --linger."),
	KERNEL("counters"),
	CPU("client", "cpu.client.user_s", "user"),
	CPU("client", "cpu.client.system_s", "system"),
	CPU("server", "cpu.server.user_s", "user"),
	CPU("server", "cpu.server.system_s", "system"),
	MEMORY("client", "memory.client_peak_kb"),
	MEMORY("server", "memory.server_peak_kb"),
	SAMPLER,
	{ 0 },
};

const struct metric metric_rows_of_host[] = {
	{ "twstorm_lab_host_sockets", METRIC_GAUGE, "TCP sockets of an observed host by state, as the kernel counted them last.", "states.end", "state", NULL, 0 },
	{ "twstorm_lab_host_ports", METRIC_GAUGE, "Local ports that each remote end may use up, of one address.", "ports.per_address", NULL, NULL, 0 },
	{ "twstorm_lab_host_kernel_events", METRIC_COUNTER, "The kernel's own counters of an observed host, since the start.", "counters", "counter", NULL, 0 },
	{ 0 },
};

static const struct metric of_server[] = {
	BUILD,
	{ "twstorm_run_duration_seconds", METRIC_GAUGE, "How long the server has run.", "run.duration_s", NULL, NULL, 0 },
	{ "twstorm_server_connections_accepted", METRIC_COUNTER, "Connections accepted.", "totals.accepted", NULL, NULL, 0 },
	{ "twstorm_server_connections_open", METRIC_GAUGE, "Connections open now.", "totals.open", NULL, NULL, 0 },
	{ "twstorm_server_connections_leaked", METRIC_GAUGE, "Of those, connections kept open on purpose.", "totals.leaked", NULL, NULL, 0 },
	{ "twstorm_server_connections_closed", METRIC_COUNTER, "Calls of close() on connections.", "totals.closes", NULL, NULL, 0 },
	{ "twstorm_server_connections_ended", METRIC_COUNTER, "Accepted connections by the way they ended.", "ended", "outcome", NULL, 0 },
	{ "twstorm_server_requests", METRIC_COUNTER, "Requests.", "totals.requests", NULL, NULL, 0 },
	{ "twstorm_server_responses", METRIC_COUNTER, "Responses.", "totals.responses", NULL, NULL, 0 },
	{ "twstorm_server_http_requests", METRIC_COUNTER, "Requests by HTTP.", "totals.http_requests", NULL, NULL, 0 },
	{ "twstorm_server_http_errors", METRIC_COUNTER, "Requests by HTTP that were answered with 4xx or 5xx.", "totals.http_errors", NULL, NULL, 0 },
	{ "twstorm_server_received_bytes", METRIC_COUNTER, "Bytes read, headers included.", "totals.bytes_received", NULL, NULL, 0 },
	{ "twstorm_server_sent_bytes", METRIC_COUNTER, "Bytes that the kernel took.", "totals.bytes_sent", NULL, NULL, 0 },
	{ "twstorm_server_accept_pauses", METRIC_COUNTER, "Times accepting stopped, for lack of descriptors or by --max-connections.", "totals.accept_pauses", NULL, NULL, 0 },
	ERRORS("accept", "errors.accept"),
	ERRORS("transfer", "errors.transfer"),
	SOCKETS("side=\"server\"", "states.server.end"),
	SOCKETS("side=\"other\"", "states.other"),
	KERNEL("counters"),
	CPU("server", "cpu.user_s", "user"),
	CPU("server", "cpu.system_s", "system"),
	MEMORY("server", "memory.peak_kb"),
	SAMPLER,
	{ 0 },
};

static const struct metric of_states[] = {
	SOCKETS("side=\"host\"", "states"),
	{ "twstorm_host_sockets_in_use", METRIC_GAUGE, "The kernel's own total of TCP sockets in use.", "sockstat.inuse", NULL, NULL, 0 },
	{ "twstorm_host_time_wait", METRIC_GAUGE, "The kernel's own total of TIME_WAIT.", "sockstat.tw", NULL, NULL, 0 },
	{ "twstorm_host_time_wait_left", METRIC_GAUGE, "TIME_WAIT by the seconds it has left.", "time_wait_left_s", "left", NULL, 0 },
	{ "twstorm_group_sockets", METRIC_GAUGE, "Sockets by remote end or by port, as --by says.", "groups[].total", "group", NULL, 0 },
	{ "twstorm_count_cpu_seconds", METRIC_GAUGE, "CPU time of the last count.", "cost_ms", NULL, NULL, 1e-3 },
	{ 0 },
};
/* clang-format on */

const struct metric *metric_rows(const json_t *document)
{
	static const struct {
		const char *schema;
		const struct metric *rows;
	} documents[] = {
		{ RESULT_SCHEMA, metric_rows_of_result },
		{ SERVER_SCHEMA, of_server },
		{ STATES_SCHEMA, of_states },
	};
	const char *schema = json_string_value(json_object_get(document, "schema"));

	for (size_t i = 0; schema && i < sizeof(documents) / sizeof(documents[0]); i++)
		if (strcmp(documents[i].schema, schema) == 0)
			return documents[i].rows;
	return NULL;
}
