/* trace.js - one connection, segment by segment: the ladder, and the state diagram that goes with it. */

/* What the diagram shows of each step: one socket on each side, before the segment arrives; and of the end. */
function traceRows(trace) {
	const one = state => (typeof state === 'string' ? { [state]: 1 } : {});
	const steps = listAt(trace, 'steps').map(s => ({ t: numberAt(s, 'at_s') || 0, client: one(s.client), server: one(s.server) }));
	const last = steps.length ? steps[steps.length - 1].t : 0;

	return steps.concat({ t: last * 1.05 + 0.0001, client: one(at(trace, 'end.client.state')), server: one(at(trace, 'end.server.state')) });
}

function segmentLabel(s) {
	const bytes = numberAt(s, 'bytes');
	const label = (textAt(s, 'flags') || '?') + (bytes ? ' ' + plural(bytes, 'byte') : '');

	return (textAt(s, 'from') === 'client' ? label + ' →' : '← ' + label) +
		(textAt(s, 'fate') === 'carried' ? '' : ' (' + textAt(s, 'fate') + ')');
}

function endWords(trace, side) {
	const left = numberAt(trace, 'end.' + side + '.time_wait_left_s');
	const state = textAt(trace, 'end.' + side + '.state');

	return state ? state + (left === null ? '' : ', ' + asSeconds(left) + ' left') : 'no socket';
}

const oneLine = text => ({ class: 'number', text });

/* Its rows are marked as the moment moves, and move it. */
function ladderSection(trace, rows, root, diagram) {
	const node = table('Segments, and the states of both ends before each arrives', ['time', 'client', 'segment', 'server', 'what it is'],
		listAt(trace, 'steps').map(s => [asMillis(numberAt(s, 'at_s')), oneLine(textAt(s, 'client') || '–'), oneLine(el('code', {}, segmentLabel(s))),
			oneLine(textAt(s, 'server') || '–'), { class: 'words', text: textAt(s, 'sentence') || '?' }])
			.concat([['end', endWords(trace, 'client'), '', endWords(trace, 'server'), '']]));
	const lines = [...node.querySelectorAll('tbody tr')];

	lines.forEach((line, i) => line.addEventListener('click', () =>
		root.dispatchEvent(new CustomEvent('moment', { detail: rows[i].t }))));
	diagram.shown = t => lines.forEach((line, i) => line.classList.toggle('now', rows[i].t === t));
	return section('Segment by segment',
		'A segment is held until the kernel has told both states. So the sender’s has changed already, the receiver’s not yet.', node);
}

const asMillis = s => (s === null ? NOT_MEASURED : (s * 1000).toFixed(1) + ' ms');

function traced(doc, main) {
	const trace = doc.trace, rows = traceRows(trace), steps = listAt(trace, 'steps');
	const close = textAt(trace, 'close');
	const root = el('div', {});

	document.getElementById('head').append(el('p', { class: 'eyebrow' }, 'twstorm lab trace'),
		el('h1', {}, 'One connection, ' + plural(steps.length, 'segment')),
		close ? el('p', { class: 'small' }, '--close ' + close) : '',
		answer(['At the end', SIDES.map(side => el('p', { class: 'said' }, el('strong', {}, side), ': ' + endWords(trace, side)))]));
	main.append(root);
	const diagram = diagramSection({ series: rows, config: { close } }, root);
	root.append(ladderSection(trace, rows, root, diagram), diagram);
	if (diagram.begin)
		diagram.begin();
}
