/* summary.js - what happened, in a sentence, and the figures one asks for first. */

/* The claims of `story`, as the text has them. */
const storyOf = result => listAt(result, 'story').filter(told => told && textAt(told, 'sentence'));

/* The first claim; of a probe what it found. */
const headline = result => storyOf(result).length ? textAt(storyOf(result)[0], 'sentence')
	: textAt(result, 'finding') || textAt(result, 'error.message') || 'Nothing can be said of this result.';

/* Claims that a reader must not miss. */
const LOUD = { loopback_reuse: 'warn', not_balanced: 'bad', prediction_missed: 'warn', failed: 'bad' };

/* What is said after the headline, which is the first claim. */
function reasons(result) {
	return storyOf(result).slice(1).map(told => {
		const loud = LOUD[textAt(told, 'claim')];
		return el('p', loud ? { class: 'banner ' + loud, role: 'note' } : { class: 'said' }, textAt(told, 'sentence'));
	});
}

/* What would help, each once: of one result, or of several. */
const helps = results =>
	[...new Set(results.flatMap(storyOf).map(told => textAt(told, 'cure')).filter(Boolean))]
		.map(cure => el('p', { class: 'cure' }, cure.replace(/^[a-z]+ /, word => word[0].toUpperCase() + word.slice(1)) + '.'));

const listOf = (items, kind) => (items.length ? [el('ul', { class: 'plain ' + (kind || '') }, items)] : []);
const part = (title, kids) => kids.length > 0 && [el('h2', { class: 'part' }, title), kids];

/* Columns beside each other, below each other on a telephone; each is made of parts. */
const beside = (...all) => el('div', { class: 'answer' }, all.map(parts => parts.flat(2).some(Boolean) && el('div', {}, parts)));

/* The first screen: what happened on the left, and all other parts on the right; each is [title, nodes]. */
const answer = (first, ...others) => beside([part(...first)], others.map(other => part(...other)));

const story = result => answer(['What happened, and why', reasons(result)], ['What helps', helps([result])]);

function tile(name, value, note, extra) {
	return el('div', { class: 'tile' }, el('dt', {}, name),
		el('dd', {}, el('span', { class: 'value' }, value), extra, note && el('span', { class: 'note' }, note)));
}

function portsTile(result) {
	const peak = numberAt(result, 'ports.peak_in_use'), budget = numberAt(result, 'ports.budget');

	if (peak === null || !budget)
		return tile('Ports in use', NOT_MEASURED, null);
	return tile('Ports in use, at most', asShortCount(peak),
		asPercent(peak / budget * 100) + ' of ' + asCount(budget), bar(peak / budget, peak >= budget && 'full'));
}

/* The run's own, where that is known; older results have not told them apart. */
function waitTile(result, side) {
	const states = 'states.' + side, own = numberAt(result, states + '.own.peak.TIME_WAIT');
	const of = states + (own === null ? '' : '.own'), n = numberAt(result, of + '.peak.TIME_WAIT');
	const before = numberAt(result, states + '.before.TIME_WAIT');

	return tile('TIME_WAIT, ' + side, asShortCount(n),
		n === null ? textAt(result, states + '_reason') || 'not counted'
			: asCount(numberAt(result, of + '.end.TIME_WAIT')) + ' at the end' +
				(before ? '; ' + asCount(before) + (own === null ? ' before the run' : ' from before') : ''));
}

function failedTile(result) {
	const failures = failuresOf(result);
	const all = failures.reduce((sum, [, n]) => sum + n, 0);

	return tile('Failures', asShortCount(all), failures.length ? failures[0][0] + ' ' + asCount(failures[0][1]) : 'none');
}

function latencyTile(result, kind, name) {
	return tile(name, asMicros(numberAt(result, 'latency_us.' + kind + '.p50')),
		'99 of 100 within ' + asMicros(numberAt(result, 'latency_us.' + kind + '.p99')));
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
		tile('Connections a second', asRate(numberAt(result, 'rate.connections_per_s')),
			'mean over ' + asSeconds(numberAt(result, 'run.duration_s'))),
		portsTile(result), failedTile(result), waitTile(result, 'client'), waitTile(result, 'server'),
		latencyTile(result, 'connect', 'Time to connect, median'),
		latencyTile(result, 'transaction', 'Time of a transaction, median'), lostTile(result));
}

/* What was run, in one line of small print. */
function runLine(result) {
	const parts = [
		textAt(result, 'lab.scenario') && 'scenario ' + textAt(result, 'lab.scenario'),
		textAt(result, 'config.close') && '--close ' + textAt(result, 'config.close'),
		textAt(result, 'config.rate') && '--rate ' + textAt(result, 'config.rate'),
		numberAt(result, 'config.pool') && '--pool ' + numberAt(result, 'config.pool'),
		asMoment(textAt(result, 'run.started_at')),
		textAt(result, 'host.kernel') && 'Linux ' + textAt(result, 'host.kernel'),
	];
	return el('p', { class: 'small' }, parts.filter(Boolean).join(' · '));
}
