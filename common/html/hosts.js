/* hosts.js - observed hosts of a lab: a lane for each, with its states over time, and a row for each remote end. */

const objectsOf = group => (group === null || typeof group !== 'object' ? []
	: Object.entries(group).filter(([, one]) => one !== null && typeof one === 'object'));

/* The moment when the ports to an end were all in use, and the one that was predicted. */
function fullMarks(host) {
	return objectsOf(host.to).slice(0, 4).flatMap(([address, end], i) => {
		const full = numberAt(end, 'ports.full_at_s'), said = numberAt(end, 'ports.predicted_full_s');

		return [
			full !== null && { x: full, name: 'no port left to ' + address + ' ' + asSeconds(full), variable: '--bad', dash: [2, 2],
				line: 2 * i },
			full !== null && said !== null && { x: said, name: 'predicted ' + asSeconds(said), variable: '--accent', line: 2 * i + 1 },
		].filter(Boolean);
	});
}

function hostChart(name, host) {
	const series = listAt(host, 'series').filter(row => row && isNumber(row.t) && row.states);
	const seen = STATE_NAMES.filter(state => state !== 'LISTEN' && series.some(row => numberAt(row, 'states.' + state) > 0));
	const title = 'States on host ' + name;

	if (!seen.length)
		return chart({ title, missing: 'There was no socket but LISTEN whenever the kernel was asked.' });
	const rows = series.map(row => [row.t].concat(seen.map(state => numberAt(row, 'states.' + state) || 0)));
	return chart(Object.assign({
		title, rows, value: asCount, marks: fullMarks(host),
		about: 'At most: ' + seen.map((state, i) => state + ' ' + asCount(peakOf(rows, i + 1))).join(', ') +
			'. TIME_WAIT was entered ' + asCell(at(host, 'counters.TcpExt.TW')) + ' times.',
		lines: seen.map(state => ({ name: state, variable: stateVariable(state), dash: STATES[state] })),
	}, timed));
}

/* What connection tracking remembers, where it does: a NAT or a firewall with states. */
function trackChart(name, host) {
	const rows = listAt(host, 'series').filter(row => row && isNumber(row.t) && row.conntrack)
		.map(row => [row.t, numberAt(row, 'conntrack.count') || 0, numberAt(row, 'conntrack.drop') || 0]);

	if (!rows.length || !(numberAt(host, 'conntrack.count_peak') > 0))
		return null;
	return chart(Object.assign({
		title: 'Connection tracking on host ' + name, rows, value: asCount,
		about: 'At most ' + asCount(numberAt(host, 'conntrack.count_peak')) + ' connections were remembered, with room for ' +
			asCount(numberAt(host, 'conntrack.max')) + '. ' + asCount(numberAt(host, 'conntrack.drop')) + ' packets were dropped, insert_failed was ' +
			asCount(numberAt(host, 'conntrack.insert_failed')) + '.',
		lines: [{ name: 'connections remembered', variable: '--accent' }, { name: 'packets dropped', variable: '--bad', dash: [4, 3] }],
	}, timed));
}

function endRow(name, address, end) {
	const full = numberAt(end, 'ports.full_at_s'), told = at(end, 'ports.exhausted');

	return [el('code', {}, name + ' → ' + address), asCount(numberAt(end, 'states.peak.TIME_WAIT')),
		asCount(numberAt(end, 'ports.used_peak')), asCount(numberAt(end, 'ports.budget')),
		full === null ? 'never' : asSeconds(full), told === true ? 'yes' : told === false ? 'no' : 'not known'];
}

function hostsSection(result) {
	const hosts = objectsOf(at(result, 'hosts'));
	const ends = hosts.flatMap(([name, host]) => objectsOf(host.to).map(([address, end]) => endRow(name, address, end)));

	if (!hosts.length)
		return null;
	return section('Observed hosts', 'Counted by the kernel’s list of sockets in each host’s own network namespace.',
		hosts.flatMap(([name, host]) => [hostChart(name, host), trackChart(name, host)]).filter(Boolean),
		ends.length ? table('Ports by remote end, the largest', ['host and remote end', 'TIME_WAIT at most', 'ports in use at most', 'of',
			'all in use at', 'connect() found none'], ends) : null);
}
