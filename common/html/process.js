/* process.js - the result of a process that counts: how it ended, what each host's sockets did, what it said last. */

const isProcess = result => textAt(result, 'schema') === 'twstorm.process/1';

function endTile(result) {
	const code = numberAt(result, 'exit_code'), signal = numberAt(result, 'signal');

	return tile('Exit code', code === null ? '–' : asCount(code),
		code !== null ? 'ended by itself' : signal !== null ? 'killed by signal ' + asCount(signal)
			: textAt(result, 'error.code') === 'running' ? 'still runs' : 'was told to end');
}

/* TIME_WAIT of a host: entered, and most at once, which is less where ports were used again. */
const hostTile = ([name, host]) => tile('TIME_WAIT, ' + name, asShortCount(numberAt(host, 'counters.TcpExt.TW')),
	'entered; ' + asCount(numberAt(host, 'states.peak.TIME_WAIT')) + ' at once, at most');

/* Of the remote end that most ports were in use to. */
function usedTile([name, host]) {
	const ends = objectsOf(host.to), used = ([, end]) => numberAt(end, 'ports.used_peak') || 0;
	const [address, end] = ends.sort((a, b) => used(b) - used(a))[0] || [];
	const budget = end ? numberAt(end, 'ports.budget') : null;

	return end && budget ? tile('Ports of ' + name + ', at most', asShortCount(used([address, end])),
		asPercent(used([address, end]) / budget * 100) + ' of ' + asCount(budget) + ' to ' + address,
		bar(used([address, end]) / budget, used([address, end]) >= budget && 'full')) : null;
}

function processTiles(result) {
	const hosts = objectsOf(at(result, 'hosts'));

	return el('dl', { class: 'tiles' }, [endTile(result),
		tile('Time', asSeconds(numberAt(result, 'wall_s')), 'CPU ' + asSeconds(numberAt(result, 'cpu_s'))),
		...hosts.map(hostTile), ...hosts.map(usedTile)].filter(Boolean));
}

function saidSection(result) {
	const lines = listAt(result, 'lines').filter(line => typeof line === 'string');

	return lines.length ? section('What it said last', null, el('div', { class: 'command' }, el('pre', {}, lines.join('\n')))) : null;
}

function hostCounters(result) {
	const hosts = objectsOf(at(result, 'hosts'));
	const names = [...new Set(hosts.flatMap(([, host]) => numbersAt(host, 'counters').filter(([, n]) => n !== 0).map(([name]) => name)))];

	return names.length ? section('The kernel’s counters', 'How much each grew over the run, in each host’s network namespace.',
		table('Kernel counters', ['counter'].concat(hosts.map(([name]) => name)), names.map(counter =>
			[el('code', {}, counter)].concat(hosts.map(([, host]) => asCell(numberAt(host, 'counters.' + counter))))))) : null;
}

/* What is below the head; like detail() of a client's result. */
function processDetail(result, root, row) {
	root.append(...[processTiles(result), hostsSection(result), expectationsSection(result, row), saidSection(result), hostCounters(result),
		repeatSection(result)].filter(Boolean));
}
