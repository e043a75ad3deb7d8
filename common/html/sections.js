/* sections.js - the tables: latency, how connections ended, expectations, the ledger, the
 * kernel's counters. */

const LATENCIES = {
	bind: 'bind(), the call', connect_call: 'connect(), the call', connect: 'until established', handshake: 'handshake of TLS', transaction: 'transaction',
	close: 'close(), the call', linger_close: 'close() with --linger',
};

function latencySection(result) {
	const kinds = Object.keys(LATENCIES).filter(kind => numberAt(result, 'latency_us.' + kind + '.count') > 0);
	const head = ['', 'count', 'min', 'p50', 'p90', 'p99', 'p99.9', 'max'];

	if (!kinds.length)
		return section('Latency', null, el('p', { class: 'missing' }, 'Nothing was timed.'));
	return section('Latency', 'A transaction counts from the moment it should have begun, connect included: a client that stalls cannot hide it.',
		table('Latency by what was timed', head, kinds.map(kind => [LATENCIES[kind],
			asCount(numberAt(result, 'latency_us.' + kind + '.count'))].concat(
			['min', 'p50', 'p90', 'p99', 'p999', 'max'].map(q => asMicros(numberAt(result, 'latency_us.' + kind + '.' + q)))))));
}

function endingsSection(result) {
	const outcomes = numbersAt(result, 'outcomes').filter(([, n]) => n > 0);
	const failures = failuresOf(result);
	const rows = list => list.map(([name, n]) => [name.replace(/^([a-z]+_[a-z_]+)$/, m => m.replace(/_/g, ' ')), asCount(n)]);

	return section('How connections ended', null, el('div', { class: 'pair' },
		outcomes.length ? table('Outcomes: each connection started is in one', ['outcome', 'connections'], rows(outcomes))
			: el('p', { class: 'missing' }, 'No connection was started.'),
		failures.length ? table('Failed calls, by errno', ['call and errno', 'times'], rows(failures))
			: el('p', { class: 'missing' }, 'No call failed.')));
}

/* Of a run with --tls. */
function tlsSection(result) {
	const rows = ['handshakes', 'version', 'cipher', 'alpn', 'close_notify', 'reasons'].flatMap(group =>
		numbersAt(result, 'tls.' + group).filter(([, n]) => n > 0).map(([name, n]) => [group.replace('_', ' '), name, asCount(n)]));

	return rows.length ? section('TLS', null, table('Handshakes, and how connections said that they end', ['', 'which', 'times'], rows)) : null;
}

/* Where there are several, and something failed at some. */
function targetsSection(result) {
	const list = listAt(result, 'targets').filter(t => t && typeof t === 'object');
	const failed = t => numbersAt(t, 'failed').filter(([, n]) => n > 0).map(([name, n]) => name + ' ' + asCount(n)).join(', ');

	if (list.length < 2 || !list.some(failed))
		return null;
	return section('Targets', null, table('Connections by target', ['target', 'started', 'ok', 'failed calls', 'set aside', 'for', 'probes'],
		list.map(t => [el('code', {}, textAt(t, 'address') || '?'), asCount(numberAt(t, 'started')),
			asCount(numberAt(t, 'ok')), failed(t) || 'none', asCount(numberAt(t, 'set_aside')),
			asSeconds(numberAt(t, 'aside_s')), asCount(numberAt(t, 'probes'))])));
}

function truth(ok, yes, no) {
	return { text: ok === true ? '✓ ' + yes : '✗ ' + no, class: ok === true ? 'good' : 'bad' };
}

/* A lab's row has phrases for them, and its figures with units; the formula is folded then.  Of several results labels
 * say what a, b, ... are. */
function expectationsSection(result, row, labels) {
	const usable = list => list.filter(e => e && typeof e === 'object');
	const said = usable(listAt(row, 'expectations')), list = said.length ? said : usable(listAt(result, 'expectations'));
	const failed = list.filter(e => e.ok !== true).length;
	const formula = e => el('code', {}, textAt(e, 'expr') || '?');
	const name = e => (textAt(e, 'phrase') ? folded(textAt(e, 'phrase'), formula(e)) : formula(e));
	const wanted = e => asCell(typeof e.expected === 'string' ? e.expected.replace(/^== /, '') : e.expected);

	if (!list.length)
		return null;
	const names = (labels || []).map((label, i) => 'abcdefghijklmnopqrstuvwxyz'[i] + ' is ' + label).slice(0, 26).join(', ');
	return section('Expectations', (names && names + '. ') + (failed ? failed + ' of ' + list.length + (failed === 1 ? ' is false.' : ' are false.')
		: list.length === 1 ? 'It came true.' : 'All ' + list.length + ' came true.'),
		table('What was expected', ['expectation', 'seen', 'wanted', 'true?'], list.map(e =>
			[name(e), asCell(e.value), wanted(e),
				truth(e.ok, 'yes', textAt(e, 'reason') ? 'no: ' + textAt(e, 'reason') : 'no')])));
}

function ledgerSection(result) {
	const checks = listAt(result, 'ledger.checks').filter(c => c && typeof c === 'object');
	const sentences = listAt(result, 'ledger.explanation').filter(s => typeof s === 'string');
	const without = listAt(result, 'ledger.not_compared').filter(c => c && typeof c === 'object');
	const other = c => ['kernel', 'sum', 'server'].filter(k => c[k] !== undefined).map(k => k + ' ' + asCell(c[k])).join(', ');
	const ours = c => (Array.isArray(c.ours) ? c.ours.map(asCell).join(' to ') : asCell(c.ours));

	if (!checks.length)
		return null;
	return section('Ledger', at(result, 'ledger.balanced') === true
		? without.length ? 'Balanced, as far as it could be compared.'
			: 'Balanced: every connection is accounted for, by us and by the kernel.' : 'It does not balance.',
		table('Our counts against the kernel’s and the server’s', ['check', 'ours', 'theirs', 'same?'],
			checks.map(c => [textAt(c, 'what') || '?', ours(c), other(c), truth(c.ok, 'yes', 'no')])),
		without.length ? table('Comparisons that could not be made', ['check', 'why not'],
			without.map(c => [textAt(c, 'what') || '?', textAt(c, 'reason') || '?'])) : null,
		sentences.length ? el('ul', {}, sentences.map(s => el('li', {}, s))) : null);
}

function countersSection(result) {
	const client = at(result, 'counters'), server = at(result, 'server_counters');
	const all = numbersAt(result, 'counters').concat(numbersAt(result, 'server_counters'));
	const names = [...new Set(all.filter(([, n]) => n !== 0).map(([name]) => name))];
	const still = [...new Set(all.map(([name]) => name))].filter(name => !names.includes(name));
	const shown = (group, name) => asCell(group && Object.hasOwn(group, name) ? group[name] : null);
	const sides = isProbe(result) ? ['this host'] : ['client', 'server'];

	if (!names.length)
		return null;
	return section('The kernel’s counters', 'How much each grew over the run, in the whole network namespace.',
		table('Kernel counters', ['counter'].concat(sides),
			names.map(name => [el('code', {}, name)].concat([client, server].slice(0, sides.length).map(group => shown(group, name))))),
		still.length ? folded(plural(still.length, 'counter') + ' did not move', el('p', { class: 'small' }, still.join(', ') + '.')) : null);
}
