/* counts.js - what `twstorm states` counted on a host: once, or again and again; or a server on its own ports. */

const LOOKED_AT = { client: 'this host' };

/* The counts as the charts and the diagram take them. */
function countRows(counts) {
	const begin = Date.parse(textAt(counts[0], 'taken_at'));

	return counts.map((count, i) => {
		const t = (Date.parse(textAt(count, 'taken_at')) - begin) / 1000;
		return { t: isNumber(t) ? t : i, client: at(count, 'states') };
	});
}

const seenIn = (count, name) => numberAt(count, 'states.' + name);

/* States that somebody is in, without listeners: the fullest first. */
const fullest = count => STATE_NAMES.filter(name => name !== 'LISTEN' && seenIn(count, name) > 0)
	.sort((a, b) => seenIn(count, b) - seenIn(count, a));

function countHeadline(count) {
	const total = numberAt(count, 'total'), [first] = fullest(count);

	if (!first)
		return total === 0 ? 'No TCP socket was there but listeners' : 'No state was counted';
	return plural(total, 'TCP socket') + ', ' + asPercent(seenIn(count, first) / total * 100) + ' in ' + first;
}

function countAnswer(count) {
	const words = fullest(count).slice(0, 3), advice = words.filter(name => MEANINGS[name][1]);
	const about = (name, text) => [el('strong', {}, name + ' ' + asCount(seenIn(count, name))), ': ' + text + '.'];

	return answer(['What it means', words.map(name => el('p', { class: 'said' }, about(name, MEANINGS[name][0])))],
		['What to do', advice.map(name => el('p', { class: 'cure' }, name + ': ' + MEANINGS[name][1] + '.'))]);
}

/* The last count; of several also the least and the most. */
function countedSection(counts) {
	const last = counts[counts.length - 1];
	const over = name => counts.map(count => seenIn(count, name)).filter(isNumber);
	const names = STATE_NAMES.filter(name => over(name).some(n => n > 0));
	const empty = STATE_NAMES.filter(name => over(name).length && !names.includes(name));
	const unknown = STATE_NAMES.filter(name => !over(name).length);
	const now = barred(names.map(name => seenIn(last, name)), asCount);
	const range = names.map(name => [Math.min(...over(name)), Math.max(...over(name))].map(asCount));
	const left = [empty.length && '0 in ' + empty.join(', '), unknown.length && 'not counted: ' + unknown.join(', ')].filter(Boolean);

	return section('States', counts.length > 1 ? 'At the last of ' + asCount(counts.length) + ' counts.' : null,
		names.length ? table('Sockets by state', ['state', 'sockets'].concat(counts.length > 1 ? ['least', 'most'] : [], 'what it means'),
			names.map((name, i) => [el('code', {}, name), now[i]].concat(counts.length > 1 ? range[i] : [],
				{ class: 'words', text: MEANINGS[name][0] }))) : null,
		left.length ? el('p', { class: 'small' }, 'Left out: ' + left.join('; ') + '.') : null);
}

/* "5-10" is 5 to 10 s.  Rows from the first to the last that has somebody. */
function leftSection(count) {
	const all = numbersAt(count, 'time_wait_left_s'), some = all.map(([, n]) => n > 0);
	const rows = all.slice(some.indexOf(true), some.lastIndexOf(true) + 1);
	const label = key => (key === 'expired' ? 'over, not yet cleared' : key.replace('-', ' to ').replace('60+', 'more than 60') + ' s');
	const cells = barred(rows.map(([, n]) => n), asCount);

	return some.includes(true) ? section('How long TIME_WAIT still lasts', 'A port comes back when its time is over.',
		table('TIME_WAIT by seconds left', ['left', 'sockets'], rows.map(([key], i) => [label(key), cells[i]]))) : null;
}

function groupsSection(count) {
	const groups = listAt(count, 'groups').filter(g => g && typeof g === 'object');
	const cells = barred(groups.map(g => numberAt(g, 'total')), asCount);
	const hidden = numberAt(count, 'sockets_not_shown'), by = textAt(count, 'by') || 'group';
	const states = g => numbersAt(g, 'states').map(([name, n]) => name + ' ' + asCount(n)).join(', ');

	return groups.length ? section('By ' + by, hidden ? asCount(hidden) + ' more sockets are in groups that are not shown.' : null,
		table('The largest of ' + asCount(numberAt(count, 'groups_seen')), [by, 'sockets', 'states'], groups.map((g, i) =>
			[el('code', {}, textAt(g, 'key') || '?'), cells[i], { class: 'words', text: states(g) }]))) : null;
}

function countFacts(count) {
	const facts = [
		['kernel', textAt(count, 'host.kernel')], ['network namespace', at(count, 'host.netns')], ['counted by', textAt(count, 'method')],
		['because', textAt(count, 'method_reason')], ['ports', textAt(count, 'only_ports')], ['states', textAt(count, 'only_states')],
		['TIME_WAIT by the kernel’s own total', numberAt(count, 'sockstat.tw') === null ? null : asCount(numberAt(count, 'sockstat.tw'))],
		['this count cost', numberAt(count, 'cost_ms') === null ? null : asMicros(numberAt(count, 'cost_ms') * 1000) + ' CPU'],
	];
	return section('How it was counted', null, factList(facts));
}

/* What a server says of itself, as a count. */
function countOfServer(server) {
	const begun = Date.parse(textAt(server, 'run.started_at')), states = at(server, 'states.server.end');
	const total = numbersAt(server, 'states.server.end').filter(([name]) => name !== 'LISTEN').reduce((sum, [, n]) => sum + n, 0);

	return { server, states, total: states ? total : null, host: at(server, 'host'), method: 'the server, of its own ports',
		taken_at: new Date(begun + 1000 * (numberAt(server, 'run.duration_s') || 0)).toISOString() };
}

const SERVED = [['accepted', 'Connections accepted'], ['open', 'Open now'], ['leaked', 'Kept open on purpose'], ['requests', 'Requests'],
	['responses', 'Responses'], ['http_errors', 'HTTP errors'], ['accept_pauses', 'Pauses of accepting']];

const servedTiles = server => server && el('dl', { class: 'tiles' }, SERVED.map(([key, name]) => [name, numberAt(server, 'totals.' + key)])
	.filter(([, n]) => n !== null).map(([name, n]) => tile(name, asShortCount(n), null)));

function counted(doc, main) {
	const counts = listAt(doc, 'counts').filter(c => c && typeof c === 'object')
		.map(c => (textAt(c, 'schema') === 'twstorm.server/1' ? countOfServer(c) : c)), last = counts[counts.length - 1];
	const rows = countRows(counts), root = el('div', {});
	const diagram = diagramSection({ series: rows }, root, LOOKED_AT);

	document.getElementById('head').append(el('p', { class: 'eyebrow' }, last.server ? 'twstorm server' : 'twstorm states'), el('h1', {}, countHeadline(last)),
		el('p', { class: 'small' }, [asMoment(textAt(last, 'taken_at')), counts.length > 1 && 'the last of ' + asCount(counts.length) + ' counts in ' +
			asSeconds(rows[rows.length - 1].t), textAt(last, 'host.kernel') && 'Linux ' + textAt(last, 'host.kernel')].filter(Boolean).join(' · ')),
		countAnswer(last));
	main.append(root);
	root.append(...[servedTiles(last.server), countedSection(counts), rows.length > 1 && section('Over time', null, statesChart({}, rows, 'client', last.server ? 'States of its connections' : 'States on this host')),
		leftSection(last), groupsSection(last), diagram, countFacts(last)].filter(Boolean));
	drawCharts();
	if (diagram.begin)
		diagram.begin();
}
