/* trace.js - one connection, segment by segment: the ladder, and the state diagram that goes with it. */

/* What the diagram shows of each step: one socket on each side, before the segment arrives; and of the end. */
function traceRows(trace) {
	const one = state => (typeof state === 'string' ? { [state]: 1 } : {});
	/* Each moment is another, so that it is known by its time. */
	const steps = listAt(trace, 'steps').map((s, i) => ({ t: (numberAt(s, 'at_s') || 0) + i * 1e-9, client: one(s.client), server: one(s.server) }));
	const last = steps.length ? steps[steps.length - 1].t : 0;

	return steps.concat({ t: last * 1.05 + 0.0001, client: one(at(trace, 'end.client.state')), server: one(at(trace, 'end.server.state')) });
}

/* What this page alone has. */
const TRACE_STYLE = `
.ladder-page { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0 36px; }
.ladder-page section { min-width: 0; }
.steps { table-layout: fixed; }
.steps th, .steps td, .steps tr > :first-child { padding: 3px 8px; border: 0; min-width: 0; position: static; background: none; }
.steps tbody { border-top: 1px solid var(--grid); cursor: pointer; }
.steps tbody.now { background: var(--neutral-back); }
.steps th:first-child, .steps td.client { text-align: right; color: var(--client); width: 28%; }
.steps th:last-child, .steps td.server { text-align: left; color: var(--server); width: 28%; }
.steps td { font-size: 13px; font-weight: 600; }
.steps td.says { font-weight: 400; padding-bottom: 8px; color: var(--ink); }
.steps .at { color: var(--soft); font-variant-numeric: tabular-nums; }
.shaft { display: flex; align-items: center; gap: 5px; }
.shaft i { flex: 1; border-top: 2px solid currentColor; min-width: 8px; }
.shaft code { font-weight: 400; font-size: 12px; text-align: center; }
.shaft.lost i:last-of-type { border-top-style: dotted; }
.token { transition: transform 0.45s; stroke: var(--card); stroke-width: 2; }
.token.client { fill: var(--client); } .token.server { fill: var(--server); }
.ladder-page .diagram .count { display: none; }
.ladder-page .sentence { min-height: 4.5em; max-width: 60ch; font-weight: 600; margin: 8px 0 0; }
@media (prefers-reduced-motion: reduce) { .token { transition: none; } }
@media (min-width: 1100px) {
	.ladder-page { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); align-items: start; }
	.ladder-page section:last-child { position: sticky; top: 0; }
	.ladder-page .diagram { max-height: calc(100vh - 250px); }
}
@media (max-width: 1099px) { .ladder-page section:last-child { order: -1; } }
@media (max-width: 480px) { .steps th, .steps td { padding: 3px 5px; } .steps td { font-size: 11px; } .steps td.says { font-size: 13px; } }
`;

const FATES = {
	dropped: 'the wire loses it', duplicated: 'the wire carries it twice', overtaken: 'the wire kept it back for the next one',
	kept: 'the wire keeps a copy', old: 'the wire carries its copy', held: 'it is not carried',
};

function segmentLabel(s) {
	const bytes = numberAt(s, 'bytes');

	return (textAt(s, 'flags') || '?') + (bytes ? ' ' + plural(bytes, 'byte') : '');
}

/* A line from one end to the other, with what the segment is in the middle. */
function shaft(s) {
	const right = textAt(s, 'from') === 'client', fate = textAt(s, 'fate');
	const lost = fate === 'dropped' || fate === 'held';
	const point = lost ? '✕' : right ? '▶' : '◀';

	return el('span', { class: 'shaft' + (lost ? ' lost' : '') }, !right && point, el('i'), el('code', {}, segmentLabel(s)), el('i'),
		right && point);
}

function endWords(trace, side) {
	const left = numberAt(trace, 'end.' + side + '.time_wait_left_s');
	const state = textAt(trace, 'end.' + side + '.state');

	return state ? state + (left === null ? '' : ', ' + asSeconds(left) + ' left') : 'no socket';
}

function sentenceOf(s) {
	const fate = FATES[textAt(s, 'fate')];

	return (textAt(s, 'sentence') || '?') + (fate ? ' (' + fate + ')' : '');
}

const asMillis = s => (s === null ? NOT_MEASURED : (s * 1000).toFixed(1) + ' ms');

function stepRows(s) {
	return el('tbody', {}, el('tr', {}, el('td', { class: 'client' }, textAt(s, 'client') || '–'), el('td', {}, shaft(s)),
		el('td', { class: 'server' }, textAt(s, 'server') || '–')),
	el('tr', {}, el('td', { class: 'says', colspan: 3 }, el('span', { class: 'at' }, asMillis(numberAt(s, 'at_s')) + ' '), sentenceOf(s))));
}

/* Its rows are marked as the moment moves, and move it. */
function ladderSection(trace, rows, root) {
	const head = el('thead', {}, el('tr', {}, ['client', 'segment', 'server'].map(h => el('th', { scope: 'col' }, h))));
	const lines = listAt(trace, 'steps').map(stepRows).concat(el('tbody', {}, el('tr', {}, el('td', { class: 'client' }, endWords(trace, 'client')),
		el('td', {}, 'at the end'), el('td', { class: 'server' }, endWords(trace, 'server')))));

	lines.forEach((line, i) => line.addEventListener('click', () =>
		root.dispatchEvent(new CustomEvent('moment', { detail: rows[i].t }))));
	const node = section('The ladder', 'A segment is held until the kernel has told both states. So the sender’s has changed already, the receiver’s not yet.',
		el('table', { class: 'steps' }, head, lines));
	node.mark = now => lines.forEach((line, i) => line.classList.toggle('now', i === now));
	return node;
}

/* Where an end is in the diagram: without a socket it is above before it had one, and below after that. */
function placeOf(rows, i, side) {
	const name = Object.keys(rows[i][side])[0];
	const had = rows.slice(0, i).some(row => Object.keys(row[side]).some(state => state !== 'LISTEN'));

	return PLACES[name] || (had ? PLACES.END : PLACES.CLOSED);
}

function addTokens(diagram) {
	const drawn = diagram.querySelector('svg.diagram');
	const tokens = SIDES.map(side => (side === 'client' ? svg('circle', { class: 'token client', r: 11 })
		: svg('path', { class: 'token server', d: 'M0-14L14 0L0 14L-14 0z' })));

	if (drawn)
		drawn.append(...tokens);
	return (rows, i) => tokens.forEach((token, s) => {
		const [x, y] = placeOf(rows, i, SIDES[s]);
		token.style.transform = 'translate(' + (x + (s ? 56 : -56)) + 'px,' + (y + 14) + 'px)';
	});
}

function traced(doc, main) {
	const trace = doc.trace, rows = traceRows(trace), steps = listAt(trace, 'steps');
	const close = textAt(trace, 'close'), show = textAt(trace, 'show'), command = textAt(trace, 'command');
	const root = el('div', { class: 'ladder-page' });

	document.getElementById('head').append(el('p', { class: 'eyebrow' }, 'twstorm lab trace'),
		el('h1', {}, 'One connection, ' + plural(steps.length, 'segment')),
		el('p', { class: 'small' }, show ? '--show ' + show : command ? '-- ' + command : close && '--close ' + close),
		answer(['At the end', SIDES.map(side => el('p', { class: 'said' }, el('strong', {}, side), ': ' + endWords(trace, side)))]));
	main.append(el('style', {}, TRACE_STYLE), root);
	const diagram = diagramSection({ series: rows, config: { close: show ? null : close }, pace_ms: 900 }, root);
	const ladder = ladderSection(trace, rows, root), sentence = el('p', { class: 'sentence', 'aria-live': 'polite' });
	const move = addTokens(diagram), words = diagram.querySelector('.words');

	root.append(ladder, diagram);
	if (words)
		words.after(sentence);
	diagram.shown = t => {
		const i = rows.findIndex(row => row.t === t);
		ladder.mark(i);
		move(rows, i);
		sentence.textContent = steps[i] ? segmentLabel(steps[i]) + ' from the ' + textAt(steps[i], 'from') + ': ' + sentenceOf(steps[i]) + '.'
			: 'At the end.';
	};
	if (diagram.begin)
		diagram.begin();
}
