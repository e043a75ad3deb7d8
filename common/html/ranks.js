/* ranks.js - the ranks of a merged result: a row each, and what is wrong with them. */

function ranksSection(result) {
	const rows = listAt(result, 'merged.table').filter(r => r && typeof r === 'object');
	const problems = listAt(result, 'merged.problems').concat(listAt(result, 'merged.warnings')).filter(p => typeof p === 'string');
	const differ = rank => listAt(result, 'merged.outliers').some(o => o && numberAt(o, 'rank') === rank);

	if (!rows.length)
		return null;
	return section('Ranks', rows.length + ' of ' + asCount(numberAt(result, 'merged.ranks_expected')) +
		' ranks are in this result. What it says of connections and latency is of all of them together.',
		problems.length ? el('ul', {}, problems.map(p => el('li', {}, p))) : null,
		table('Each rank', ['rank', 'began, ms after the first', 'started', 'made', 'failed', 'rate', 'connect p99', 'TIME_WAIT, peak', 'clock ahead by', 'complete?'],
			rows.map(r => [(asCount(numberAt(r, 'rank'))) + (differ(numberAt(r, 'rank')) ? ' (differs)' : ''),
				asCount(numberAt(r, 'after_first_ms')), asCount(numberAt(r, 'connects_started')), asCount(numberAt(r, 'connects_ok')),
				asCount(numberAt(r, 'failed')), asCount(Math.round(numberAt(r, 'connections_per_s'))) + '/s',
				asMicros(numberAt(r, 'connect_p99_us')), asCount(numberAt(r, 'time_wait_peak')), asMicros(numberAt(r, 'clock_us')),
				truth(r.complete, 'yes', textAt(r, 'error') || 'no')])));
}
