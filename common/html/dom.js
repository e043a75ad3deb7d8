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

/* A table in a box of its own, which scrolls where the page is too narrow for it.  Cells are
 * texts or nodes; {text, class} gives one a class.  The first of a row is its heading. */
function table(caption, head, rows) {
	const cell = (c, i) => {
		const rich = c !== null && typeof c === 'object' && !(c instanceof Node) && !Array.isArray(c);
		const props = { class: rich ? c.class : undefined };
		if (i === 0)
			props.scope = 'row';
		return el(i === 0 ? 'th' : 'td', props, rich ? c.text : c);
	};
	return el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
		el('table', {},
			el('caption', {}, caption),
			el('thead', {}, el('tr', {}, head.map(h => el('th', { scope: 'col' }, h)))),
			el('tbody', {}, rows.map(r => el('tr', {}, r.map(cell))))));
}

let sections = 0;

/* A part of the page with a heading, and what it is about. */
function section(title, lead, ...kids) {
	const id = 'section-' + ++sections;
	return el('section', { 'aria-labelledby': id },
		el('h2', { id }, title), lead && el('p', { class: 'lead' }, lead), kids);
}
