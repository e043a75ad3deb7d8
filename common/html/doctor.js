/* doctor.js - what `twstorm doctor` found: the findings in their order, and the figures that they rest on. */

const FOUND_NOTHING = { none: 'Nothing runs out', not_linux: 'Another system: counted, and no more', cannot_tell: 'Cannot tell' };

function whenFound(finding) {
	const in_s = numberAt(finding, 'in_s');

	return in_s === null ? null : in_s === 0 ? 'now' : 'in ' + asSeconds(in_s);
}

const findingsOf = doc => listAt(doc, 'findings').filter(f => f && typeof f === 'object');
const cureLines = finding => listAt(finding, 'cure').filter(line => typeof line === 'string');
const cureBlock = finding => cureLines(finding).length
	? el('div', { class: 'command' }, el('pre', {}, cureLines(finding).join('\n'))) : null;

function restsOn(finding) {
	const evidence = objectsOrFigures(at(finding, 'evidence')), lab = textAt(finding, 'lab');

	return [lab && el('p', { class: 'small' }, 'Shown in private namespaces by ', el('code', {}, lab), '.'),
		evidence.length && folded('What it rests on', table('Evidence', ['figure', 'value'], evidence))].filter(Boolean);
}

/* The first finding stands in the head. */
const findingSection = finding => section([textAt(finding, 'name'), whenFound(finding)].filter(Boolean).join(', '), textAt(finding, 'exact'),
	el('p', { class: 'said' }, textAt(finding, 'sentence')), cureBlock(finding), restsOn(finding));

/* Rows of a table: a path, and its figure or text. */
function objectsOrFigures(node) {
	return Object.entries(node && typeof node === 'object' ? node : {}).filter(([, v]) => v !== null && typeof v !== 'object')
		.map(([path, v]) => [el('code', {}, path), asCell(v)]);
}

/* TIME_WAIT by the second in which it began, the last on the right. */
function bornSection(doc) {
	const rows = listAt(doc, 'rate').map(row => [-numberAt(row, 'ago_s'), numberAt(row, 'born')]).reverse();
	const full = numberAt(doc, 'facts.soonest.full_in_s');

	if (!rows.length)
		return section('The last minute', null, el('p', { class: 'missing' }, 'Not known: there are no timers in what was read.'));
	return section('The last minute', 'Each TIME_WAIT lasts 60 s, so the time that it has left tells the second in which it began.',
		chart({
			title: 'Connections closed here, by second', rows, filled: true, value: asCount, xLabel: secondsLabel, yLabel: countLabel,
			about: asRate(numberAt(doc, 'facts.time_wait.per_s_20')) + ' over the last 20 s, ' + asRate(numberAt(doc, 'facts.time_wait.per_s_60')) +
				' over the minute; those whose ports were used again are not there any more.' +
				(full === null ? '' : ' At this rate every port towards ' + textAt(doc, 'facts.soonest.address') + ' is taken in ' + asSeconds(full) + '.'),
			lines: [{ name: 'TIME_WAIT that began', variable: stateVariable('TIME_WAIT') }],
		}));
}

const remotesOf = (doc, side) => listAt(doc, 'remote').filter(r => r && typeof r === 'object' && textAt(r, 'side') === side);
const statesOf = r => ({ class: 'words', text: numbersAt(r, 'states').map(([name, n]) => name + ' ' + asCount(n)).join(', ') });

function destinationsSection(doc) {
	const list = remotesOf(doc, 'client'), range = at(doc, 'facts.range') || {};
	const used = barred(list.map(r => numberAt(r, 'ports_used')), asCount);
	const about = numberAt(range, 'ports') === null ? 'How many there are is not known.'
		: 'Each pair of source and destination has ' + asCount(numberAt(range, 'ports')) + ' ports' +
			(range.assumed === true ? ': the default range, which is assumed.' : '.');

	return list.length ? section('Local ports by destination', about,
		table('Ports towards each destination', ['destination', 'ports', 'of them held', 'of all', 'closed here', 'all taken in', 'states'],
			list.map((r, i) => [el('code', {}, textAt(r, 'address') || '?'), used[i], asCount(numberAt(r, 'ports_held')),
				asPercent(numberAt(r, 'used_pct')), asRate(numberAt(r, 'per_s')), asSeconds(numberAt(r, 'full_in_s')), statesOf(r)]))) : null;
}

function clientsSection(doc) {
	const list = remotesOf(doc, 'server'), sockets = barred(list.map(r => numberAt(r, 'sockets')), asCount);

	return list.length ? section('Clients', 'Their connections take no local port of this host.',
		table('Sockets by client', ['client', 'sockets', 'states'],
			list.map((r, i) => [el('code', {}, textAt(r, 'address') || '?'), sockets[i], statesOf(r)]))) : null;
}

function queuesSection(doc) {
	const list = listAt(doc, 'listen').filter(l => l && typeof l === 'object');

	return list.length ? section('Accept queues', null, table('Listeners', ['listener', 'waiting', 'limit'], list.map(l =>
		[el('code', {}, textAt(l, 'address') || '?'), asCount(numberAt(l, 'waiting')), asCount(numberAt(l, 'limit'))]))) : null;
}

function failingSection(doc) {
	const list = listAt(doc, 'failing').filter(f => f && typeof f === 'object');

	return list.length ? section('What failed during the look', 'By the kernel’s events, over ' + asSeconds(numberAt(doc, 'facts.failing.window_s')) + '.',
		table('Failures by remote end', ['remote end', 'what', 'times'], list.map(f =>
			[el('code', {}, textAt(f, 'address') || '?'), textAt(f, 'what'), asCount(numberAt(f, 'n'))]))) : null;
}

function untoldSection(doc) {
	const list = listAt(doc, 'unsupported').filter(u => u && typeof u === 'object');

	return list.length ? section('What cannot be told', 'What was read says nothing of these; the commands beside them would tell.',
		table('Findings without support', ['finding', 'what would tell'], list.map(u => [el('code', {}, textAt(u, 'name') || '?'),
			{ class: 'words', text: textAt(u, 'needs') }]))) : null;
}

function settingsSection(doc) {
	const rows = objectsOrFigures(at(doc, 'facts.sysctl'));

	return rows.length ? section('Settings', null, folded('Settings that were read', table('sysctl', ['setting', 'value'], rows))) : null;
}

function doctorHead(doc) {
	const first = findingsOf(doc)[0], name = textAt(doc, 'first'), hosts = listAt(doc, 'facts.hosts').map(String);
	const live = textAt(doc, 'source') === 'live';
	const where = [live ? 'this host, network namespace ' + at(doc, 'netns') : 'from text', hosts.join(', '),
		first ? textAt(first, 'exact') : 'counts are ' + textAt(doc, 'facts.worth'), textAt(doc, 'facts.closes_first') && 'closed first by ' + textAt(doc, 'facts.closes_first')];

	if (hosts.length > 1)
		where.push('figures of several hosts, pods or namespaces are taken together');
	document.getElementById('head').append(el('p', { class: 'eyebrow' }, 'twstorm doctor'),
		el('h1', {}, first ? [textAt(first, 'name'), whenFound(first)].filter(Boolean).join(', ') : FOUND_NOTHING[name] || '?'),
		el('p', { class: 'small' }, where.filter(Boolean).join(' · ')),
		answer(['What it is', [el('p', { class: 'said' }, textAt(doc, 'says')), first ? restsOn(first) : []].flat()],
			['What helps', first ? [cureBlock(first)].filter(Boolean) : []]));
}

function diagnosedPage(doc, main) {
	const found = doc.diagnosis, root = el('div', {}), states = {};

	for (const [name, n] of numbersAt(found, 'states'))
		states[name] = n;
	for (const name of STATE_NAMES)
		states[name] = name in states ? states[name] : null;
	const diagram = diagramSection({ series: [{ t: 0, client: states }] }, root, LOOKED_AT);

	doctorHead(found);
	main.append(root);
	root.append(...[findingsOf(found).slice(1).map(findingSection), failingSection(found), bornSection(found), destinationsSection(found), clientsSection(found),
		queuesSection(found), diagram, expectationsSection(found), untoldSection(found), settingsSection(found)].flat().filter(Boolean));
	drawCharts();
	if (diagram.begin)
		diagram.begin();
}
