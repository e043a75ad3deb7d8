/* dom.js - elements.  Text goes in as text nodes, never as markup: much of it comes from result
 * files, and nobody knows who wrote those. */

function fill(node, props, kids) {
	for (const [name, value] of Object.entries(props || {}))
		if (value !== undefined && value !== null && value !== false)
			node.setAttribute(name, value === true ? '' : value);
	for (const kid of kids.flat(9))
		if (kid !== null && kid !== undefined && kid !== false)
			node.append(kid);
	return node;
}

const el = (name, props, ...kids) => fill(document.createElement(name), props, kids);
const svg = (name, props, ...kids) =>
	fill(document.createElementNS('http://www.w3.org/2000/svg', name), props, kids);

/* How large a share of the greatest is: beside a number, which says the same. */
function bar(share, kind) {
	const percent = Math.max(0, Math.min(100, share * 100));
	return el('span', { class: 'bar ' + (kind || ''), 'aria-hidden': 'true' }, el('span', { style: 'width:' + percent.toFixed(1) + '%' }));
}

/* Each number of `values` with a bar beside it, in the scale of the greatest of them.  Where fewer than two
 * differ there is nothing to compare: texts alone. */
function barred(values, text) {
	const numbers = values.filter(v => isNumber(v) && v >= 0), most = Math.max(0, ...numbers);
	const differ = new Set(numbers).size > 1;

	return values.map((v, i) => ({ class: 'number', text: [text(v, i), differ && isNumber(v) ? bar(v / most) : null] }));
}

const folded = (summary, ...kids) => el('details', {}, el('summary', {}, summary), kids);

/* A table in a box of its own, which scrolls where the page is too narrow for it; its first column stays
 * in sight.  Cells are texts or nodes; {text, class} gives a cell a class.  The first of a row is its
 * heading.  A row {cells, note} has a line of words below its cells. */
function table(caption, head, rows) {
	const cell = (c, i) => {
		const rich = c !== null && typeof c === 'object' && !(c instanceof Node) && !Array.isArray(c);
		const props = { class: rich ? c.class : undefined };
		if (i === 0)
			props.scope = 'row';
		return el(i === 0 ? 'th' : 'td', props, rich ? c.text : c);
	};
	const note = kids => el('tr', { class: 'note-row' }, el('td', { colspan: head.length }, el('div', { class: 'stays' }, kids)));
	const lines = r => Array.isArray(r) ? el('tr', {}, r.map(cell))
		: [el('tr', {}, r.cells.map(cell)), r.note && note(r.note)];

	return el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
		el('table', {},
			el('caption', {}, caption),
			el('thead', {}, el('tr', {}, head.map(h => el('th', { scope: 'col' }, h)))),
			el('tbody', {}, rows.map(lines))));
}

let sections = 0;

/* A part of the page with a heading, and what it is about. */
function section(title, lead, ...kids) {
	const id = 'section-' + ++sections;
	return el('section', { 'aria-labelledby': id },
		el('h2', { id }, title), lead && el('p', { class: 'lead' }, lead), kids);
}
