/* summary.js - what happened, in a sentence, and the figures one asks for first. */

const plural = (n, word) => asCount(n) + ' ' + word + (n === 1 ? '' : 's');

function saidBefore(predicted, happened) {
	if (predicted === null)
		return '.';
	const off = happened > 0 ? Math.abs(predicted - happened) / happened * 100 : 0;
	return off <= 10 ? ', as foretold (' + asSeconds(predicted) + ').'
		: ': ' + asPercent(off) + ' off what was foretold (' + asSeconds(predicted) + ').';
}

function headline(result) {
	const ok = numberAt(result, 'totals.connects_ok');
	const budget = numberAt(result, 'ports.budget'), peak = numberAt(result, 'ports.peak_in_use');
	const when = numberAt(result, 'ports.first_exhausted_s');

	if (at(result, 'ports.exhausted') === true && when !== null)
		return plural(budget, 'port') + (budget === 1 ? ' was' : ' were') + ' gone after ' + asSeconds(when) +
			saidBefore(numberAt(result, 'ports.predicted_exhaustion_s'), when);
	if (!ok)
		return 'Not one connection was made.';
	return plural(ok, 'connection') + ', and the ports did not run out' +
		(peak !== null && budget ? ': at most ' + asCount(peak) + ' of ' + asCount(budget) + ' were in use.' : '.');
}

/* What makes this result special, worst first. */
function banners(result) {
	const list = [];
	const warning = textAt(result, 'host.loopback_reuse_warning');

	if (at(result, 'complete') !== true)
		list.push(el('p', { class: 'banner bad', role: 'note' }, el('strong', {}, 'Incomplete. '),
			textAt(result, 'error.message') || 'The result does not say why.'));
	if (at(result, 'ledger.balanced') === false)
		list.push(el('p', { class: 'banner bad', role: 'note' }, el('strong', {}, 'The ledger does not balance. '),
			'Our counts and the kernel’s differ: see the ledger.'));
	if (warning)
		list.push(el('p', { class: 'banner warn', role: 'note' }, el('strong', {}, 'Careful. '), warning));
	return list;
}

function tile(name, value, note, extra) {
	return el('div', { class: 'tile' }, el('dt', {}, name),
		el('dd', {}, el('span', { class: 'value' }, value), extra, note && el('span', { class: 'note' }, note)));
}

function meter(share) {
	const percent = Math.max(0, Math.min(100, share * 100));
	return el('span', { class: 'meter', 'aria-hidden': 'true' },
		el('span', { class: percent >= 100 ? 'full' : '', style: 'width:' + percent.toFixed(1) + '%' }));
}

function portsTile(result) {
	const peak = numberAt(result, 'ports.peak_in_use'), budget = numberAt(result, 'ports.budget');

	if (peak === null || !budget)
		return tile('Ports in use', NOT_MEASURED, null);
	return tile('Ports in use, at most', asShortCount(peak),
		asPercent(peak / budget * 100) + ' of ' + asCount(budget), meter(peak / budget));
}

function waitTile(result, side) {
	const n = numberAt(result, 'states.' + side + '.peak.TIME_WAIT');
	const reason = textAt(result, 'states.' + side + '_reason');

	return tile('TIME_WAIT, ' + side, asShortCount(n),
		n === null ? reason || 'not counted' : asCount(numberAt(result, 'states.' + side + '.end.TIME_WAIT')) + ' at the end');
}

function failedTile(result) {
	const failures = failuresOf(result);
	const all = failures.reduce((sum, [, n]) => sum + n, 0);

	return tile('Failures', asShortCount(all), failures.length ? failures[0][0] + ' ' + asCount(failures[0][1]) : 'none');
}

function latencyTile(result, kind, name) {
	return tile(name, asMicros(numberAt(result, 'latency_us.' + kind + '.p50')),
		'p99 ' + asMicros(numberAt(result, 'latency_us.' + kind + '.p99')));
}

function lostTile(result) {
	const up = numberAt(result, 'lost.to_server_bytes'), down = numberAt(result, 'lost.to_client_bytes');

	return up || down ? tile('Bytes lost', asShortCount((up || 0) + (down || 0)),
		asCount(up) + ' to the server, ' + asCount(down) + ' to the client') : null;
}

function tiles(result) {
	return el('dl', { class: 'tiles' },
		tile('Connections', asShortCount(numberAt(result, 'totals.connects_ok')),
			'of ' + asCount(numberAt(result, 'totals.connects_started')) + ' started'),
		tile('Rate', asRate(numberAt(result, 'rate.connections_per_s')),
			'over ' + asSeconds(numberAt(result, 'run.duration_s'))),
		portsTile(result), failedTile(result), waitTile(result, 'client'), waitTile(result, 'server'),
		latencyTile(result, 'connect', 'Connect, median'),
		latencyTile(result, 'transaction', 'Transaction, median'), lostTile(result));
}

/* What was run, in one line of small print. */
function runLine(result) {
	const parts = [
		textAt(result, 'lab.scenario') && 'scenario ' + textAt(result, 'lab.scenario'),
		textAt(result, 'config.close') && '--close ' + textAt(result, 'config.close'),
		textAt(result, 'config.rate') && '--rate ' + textAt(result, 'config.rate'),
		numberAt(result, 'config.pool') && '--pool ' + numberAt(result, 'config.pool'),
		textAt(result, 'run.started_at'),
		textAt(result, 'host.kernel') && 'Linux ' + textAt(result, 'host.kernel'),
	];
	return el('p', { class: 'small' }, parts.filter(Boolean).join(' · '));
}
