/* probe.js - what a probe found: its finding on top, the states it held, or its other figures. */

const isProbe = result => textAt(result, 'schema') === 'twstorm.probe/1';
const THIS_HOST = { server: 'this host' };

function heldSection(result) {
	const names = STATE_NAMES.filter(name => numberAt(result, 'states.wanted.' + name) || numberAt(result, 'states.server.peak.' + name));
	const values = key => names.map(name => numberAt(result, 'states.' + key + '.' + name));
	const columns = [['wanted', values('wanted').map(asCount)], ['at the end', barred(values('server.end'), asCount)]];
	if (String(values('server.peak')) !== String(values('server.end')))
		columns.push(['at most', values('server.peak').map(asCount)]);

	return section('The states', 'All held at the same time, by the kernel’s count of this host.',
		table('Sockets by state', ['state'].concat(columns.map(c => c[0]), 'how each is made'), names.map((name, i) =>
			[el('code', {}, name)].concat(columns.map(c => c[1][i]),
				{ class: 'words', text: textAt(result, 'states.recipes.' + name) || 'not wanted' }))),
		el('p', { class: 'small' }, 'Left out, 0 wanted and 0 seen: ' + STATE_NAMES.filter(name => !names.includes(name)).join(', ') + '.'));
}

const inWords = key => key.replace(/_/g, ' ').replace(/ (s|ms|us)$/, (_, unit) => ' (' + unit.replace('us', 'µs') + ')');

/* The figures of a probe by their names; those in groups behind the group's. */
function figuresOf(group, before = '') {
	return Object.entries(group || {}).flatMap(([key, v]) => (v !== null && typeof v === 'object'
		? figuresOf(v, before + inWords(key) + ', ') : [[before + inWords(key), asCell(v)]]));
}

function foundSection(result) {
	const rows = figuresOf(at(result, (textAt(result, 'probe') || '').replace(/-/g, '_')));

	return rows.length ? section('What was found', null, table('Figures of the probe', ['figure', 'value'], rows)) : null;
}

function probeTiles(result) {
	const wanted = numbersAt(result, 'states.wanted').reduce((sum, [, n]) => sum + n, 0);

	return el('dl', { class: 'tiles' },
		tile('Sockets held', asShortCount(wanted), at(result, 'states.exact') === true ? 'exactly as wanted' : 'not exactly'),
		tile('Held for', asSeconds(numberAt(result, 'states.held_s')), 'the longest time in which every count was exact'),
		tile('Counted', asShortCount(numberAt(result, 'states.samples')), 'times'),
		tile('Ready after', asSeconds(numberAt(result, 'states.ready_after_s')), 'until the kernel showed them all'));
}

/* What is below the head; like detail() of a client's result. */
function probeDetail(result, root, row) {
	const held = textAt(result, 'probe') === 'states' && at(result, 'states.server');
	const diagram = held ? diagramSection(result, root, THIS_HOST) : null;

	root.append(...[held && probeTiles(result), expectationsSection(result, row), held ? heldSection(result) : foundSection(result), diagram,
		countersSection(result), repeatSection(result)].filter(Boolean));
	return diagram && diagram.begin;
}
