/* diagram.js - the state diagram of RFC 9293, figure 5, with the sockets of both sides in it at
 * one moment of the run, and a slider that moves the moment. */

const BOX = { w: 172, h: 58 };
const PLACES = {
	CLOSED: [320, 40], LISTEN: [320, 134], SYN_RECV: [102, 228], SYN_SENT: [538, 228], ESTABLISHED: [320, 322],
	FIN_WAIT1: [102, 416], CLOSE_WAIT: [538, 416], FIN_WAIT2: [102, 510], CLOSING: [320, 510], LAST_ACK: [538, 510],
	TIME_WAIT: [320, 604], END: [538, 604],
};

/* from, to, the way it is drawn, and its label: lines, where, anchor. */
const ARCS = [
	['CLOSED', 'LISTEN', 'M306 69V105', ['passive OPEN'], 298, 91, 'end'],
	['LISTEN', 'CLOSED', 'M334 105V69', ['CLOSE'], 342, 91, 'start'],
	['CLOSED', 'SYN_SENT', 'M406 32H578V199', ['active OPEN', 'snd SYN'], 570, 112, 'end'],
	['SYN_SENT', 'CLOSED', 'M498 199V50H406', ['CLOSE'], 490, 112, 'end'],
	['LISTEN', 'SYN_RECV', 'M234 134H102V199', ['rcv SYN', 'snd SYN,ACK'], 112, 158, 'start'],
	['SYN_RECV', 'LISTEN', 'M62 199V120H234', ['rcv RST'], 70, 112, 'start'],
	['LISTEN', 'SYN_SENT', 'M406 134H470V216H452', ['SEND', 'snd SYN'], 462, 158, 'end'],
	['SYN_SENT', 'SYN_RECV', 'M452 236H188', ['rcv SYN / snd SYN,ACK'], 320, 230, 'middle'],
	['SYN_RECV', 'ESTABLISHED', 'M140 257V322H234', ['rcv ACK of SYN'], 148, 290, 'start'],
	['SYN_SENT', 'ESTABLISHED', 'M500 257V322H406', ['rcv SYN,ACK', 'snd ACK'], 492, 284, 'end'],
	['SYN_RECV', 'FIN_WAIT1', 'M62 257V387', ['CLOSE', 'snd FIN'], 54, 318, 'end'],
	['ESTABLISHED', 'FIN_WAIT1', 'M290 351V404H188', ['CLOSE', 'snd FIN'], 282, 372, 'end'],
	['ESTABLISHED', 'CLOSE_WAIT', 'M350 351V404H452', ['rcv FIN', 'snd ACK'], 358, 372, 'start'],
	['FIN_WAIT1', 'FIN_WAIT2', 'M102 445V481', ['rcv ACK of FIN'], 110, 467, 'start'],
	['FIN_WAIT1', 'CLOSING', 'M188 428H320V481', ['rcv FIN / snd ACK'], 312, 444, 'end'],
	['CLOSE_WAIT', 'LAST_ACK', 'M538 445V481', ['CLOSE / snd FIN'], 530, 467, 'end'],
	['FIN_WAIT2', 'TIME_WAIT', 'M102 539V604H234', ['rcv FIN / snd ACK'], 110, 596, 'start'],
	['CLOSING', 'TIME_WAIT', 'M320 539V575', ['rcv ACK of FIN'], 328, 561, 'start'],
	['LAST_ACK', 'END', 'M538 539V575', ['rcv ACK of FIN'], 530, 561, 'end'],
	['TIME_WAIT', 'END', 'M406 604H452', ['60 s'], 429, 596, 'middle'],
];
const SIDES = ['client', 'server'];
const BOTH_ENDS = { client: 'client', server: 'server' };
const MARKS = { client: '●', server: '◆' };

/* The arcs a connection of these strategies goes along: {"A>B": Set of sides}; and who is reset. */
function pathOf(strategies) {
	const arcs = {}, resets = {};
	const add = (group, key, side) => { (group[key] = group[key] || new Set()).add(side); };
	const walk = (side, states) => states.slice(1).forEach((to, i) => {
		const from = states[i];
		if (to === 'RST')
			add(resets, from, side);
		else
			add(arcs, from + '>' + (to === 'CLOSED' ? 'END' : to), side);
	});
	for (const strategy of strategies)
		for (const side of SIDES) {
			walk(side, OPENING[side]);
			walk(side, WAYS[strategy][side].split(' '));
		}
	return { arcs, resets };
}

const sideClass = sides => (sides.size === 2 ? 'on both' : 'on ' + [...sides][0]);

function arc([from, to, d, words, x, y, anchor], path) {
	const sides = path.arcs[from + '>' + to];
	return svg('g', { class: 'arc ' + (sides ? sideClass(sides) : '') },
		svg('path', { d, 'marker-end': 'url(#arrow' + (sides ? '-on' : '') + ')' }),
		svg('text', { x, y, 'text-anchor': anchor }, words.map((word, i) =>
			svg('tspan', { x, dy: i ? 13 : 0 }, word))));
}

/* A state's box; the counts are filled in by showMoment(). */
function stateBox(name, counts, resets, sides) {
	const [cx, cy] = PLACES[name], x = cx - BOX.w / 2, y = cy - BOX.h / 2;
	const known = Object.hasOwn(STATES, name);
	const label = name === 'END' ? 'CLOSED' : name;
	const group = svg('g', { class: 'state' + (known ? '' : ' closed'), 'data-box': label });

	group.append(svg('rect', { class: 'paper', x, y, width: BOX.w, height: BOX.h, rx: 8 }));
	if (known) {
		const glow = svg('rect', { class: 'glow', x, y, width: BOX.w, height: BOX.h, rx: 8,
			style: 'fill:var(' + stateVariable(name) + ');stroke:var(' + stateVariable(name) + ')' });
		group.append(glow);
		counts[name] = { glow };
		sides.forEach((side, i) => {
			counts[name][side] = svg('tspan', { 'data-state': name, 'data-side': side });
			group.append(svg('text', { class: 'count ' + side, x: cx + (sides.length < 2 ? 0 : i ? 8 : -8), y: y + 46,
				'text-anchor': sides.length < 2 ? 'middle' : i ? 'start' : 'end' }, svg('tspan', { class: 'mark' }, MARKS[side] + ' '), counts[name][side]));
		});
	}
	group.append(svg('text', { class: 'name', x: cx, y: known ? y + 23 : cy + 5, 'text-anchor': 'middle' }, label));
	if (resets[name])
		group.append(svg('text', { class: 'reset', x: cx, y: y - 5, 'text-anchor': 'middle' },
			'RST: ' + [...resets[name]].join(', ') + ' to CLOSED at once'));
	return group;
}

function arrow(id) {
	return svg('marker', { id, viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto',
		markerUnits: 'userSpaceOnUse' }, svg('path', { d: 'M0 0L8 4L0 8z' }));
}

function drawing(strategies, counts, sides) {
	const path = pathOf(strategies);
	return svg('svg', { viewBox: '0 0 640 640', class: 'diagram', role: 'img',
		'aria-label': 'TCP state diagram of RFC 9293 with the number of sockets in each state; the text below it says the same.' },
		svg('defs', {}, arrow('arrow'), arrow('arrow-on')),
		ARCS.map(a => arc(a, path)), Object.keys(PLACES).map(name => stateBox(name, counts, path.resets, sides)));
}

/* What the slider shows: rows of the series, or where there is none the last counts alone. */
function moments(result) {
	const series = seriesOf(result).filter(row => row.client || row.server);
	const end = {};

	if (series.length)
		return series;
	for (const side of SIDES)
		end[side] = at(result, 'states.' + side + '.end');
	return end.client || end.server ? [{ t: numberAt(result, 'run.duration_s') || 0, client: end.client, server: end.server }] : [];
}

/* A state without a key has no socket; one that is null was not counted. */
function countIn(row, side, name) {
	return row[side] && at(row, side + '.' + name) !== null ? numberAt(row, side + '.' + name) || 0 : null;
}

function sayCounts(row, side, title) {
	if (!row[side])
		return title + ' not known';
	const seen = STATE_NAMES.filter(name => countIn(row, side, name) > 0)
		.map(name => name + ' ' + asCount(countIn(row, side, name)));
	return title + ' ' + (seen.join(', ') || 'nothing');
}

function rateAt(rows, t) {
	const row = rows.find(r => r[0] >= t) || rows[rows.length - 1];
	return row ? row[1] : null;
}

/* Everything that shows one moment: counts, glow, words, and the lines in the charts. */
function showMoment(d, i) {
	const row = d.rows[i];
	const rate = rateAt(d.rates, row.t);

	for (const [name, place] of Object.entries(d.counts)) {
		const both = d.sides.map(side => countIn(row, side, name));
		const share = Math.max(...both.map(n => (n ? Math.log1p(n) / d.scale : 0)));
		d.sides.forEach((side, s) => { place[side].textContent = both[s] === null ? '?' : asShortCount(both[s]); });
		place.glow.style.fillOpacity = (0.05 + 0.15 * share).toFixed(3);
		place.glow.style.strokeWidth = share > 0 ? 2.5 : 1;
	}
	d.svg.classList.toggle('flowing', rate > 0);
	d.time.textContent = d.when(row.t);
	d.words.textContent = (rate === null ? '' : asRate(rate) + ' connections; ') +
		d.sides.map(side => sayCounts(row, side, d.names[side])).join('; ') + '.';
	d.slider.setAttribute('aria-valuetext', d.when(row.t) + ': ' + d.words.textContent);
	charts.forEach(c => c.moment && c.moment(row.t));
	if (d.node.shown)
		d.node.shown(row.t);
}

function nearest(rows, t) {
	return rows.reduce((best, row, i) => (Math.abs(row.t - t) < Math.abs(rows[best].t - t) ? i : best), 0);
}

function player(d) {
	const button = el('button', { type: 'button', class: 'play' }, '▶ Play');
	let timer = null;
	const stop = () => { clearInterval(timer); timer = null; button.textContent = '▶ Play'; };
	const step = () => {
		const next = Number(d.slider.value) + Math.max(1, Math.round(d.rows.length / 150));
		d.slider.value = Math.min(next, d.rows.length - 1);
		showMoment(d, Number(d.slider.value));
		if (next >= d.rows.length - 1 || !button.isConnected)
			stop();
	};
	button.addEventListener('click', () => {
		if (timer !== null)
			return stop();
		if (Number(d.slider.value) >= d.rows.length - 1)
			d.slider.value = 0;
		button.textContent = '❚❚ Pause';
		timer = setInterval(step, d.pace_ms);
	});
	d.slider.addEventListener('pointerdown', stop);
	return button;
}

function controls(d) {
	const id = 'moment';
	d.slider = el('input', { type: 'range', id, min: 0, max: d.rows.length - 1, step: 1, value: d.rows.length - 1 });
	d.time = el('output', { for: id, class: 'time' });
	d.words = el('p', { class: 'words' });
	d.slider.addEventListener('input', () => showMoment(d, Number(d.slider.value)));
	return [el('div', { class: 'controls', hidden: d.rows.length < 2 }, player(d), el('label', { for: id }, 'Moment'), d.slider, d.time), d.words];
}

/* `names` are the sides that were looked at, and what they are called. */
function diagramSection(result, root, names = BOTH_ENDS) {
	const rows = moments(result), counts = {}, strategies = strategiesOf(result), sides = Object.keys(names);
	const title = 'The state diagram';

	if (!rows.length)
		return section(title, null, el('p', { class: 'missing' }, 'No states were counted' +
			(textAt(result, 'states.client_reason') ? ': ' + textAt(result, 'states.client_reason') : '') + '.'));
	const d = { rows, counts, names, sides, pace_ms: result.pace_ms || 60, rates: rateRows(seriesOf(result), ['connects_ok']) };
	d.when = t => (rows[rows.length - 1].t < 1 ? asMicros(t * 1e6) : asSeconds(t));
	d.scale = Math.log1p(Math.max(1, ...rows.flatMap(row => sides.flatMap(side => STATE_NAMES.map(name => countIn(row, side, name) || 0)))));
	d.svg = drawing(strategies, counts, sides);
	const node = section(title, 'RFC 9293, figure 5, with the sockets that the kernel counted at one moment.' +
		(strategies.length ? ' In colour: the way of a connection that is closed by ' + strategies.join(' or ') + '.' : ''),
		el('ul', { class: 'legend sides' }, sides.map(side =>
			el('li', { class: side }, el('span', { 'aria-hidden': 'true' }, MARKS[side]), ' ' + names[side]))),
		controls(d), d.svg);
	root.addEventListener('moment', event => {
		d.slider.value = nearest(rows, event.detail);
		showMoment(d, Number(d.slider.value));
	});
	d.begin = () => showMoment(d, rows.length - 1);
	node.begin = d.begin;
	d.node = node;
	return node;
}
