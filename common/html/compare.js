/* compare.js - several results: the lab's table of verdicts, the figures side by side with their
 * ratios to the first, and lines of all in one chart. */

const VERDICTS = {
	works: ['✓', 'good'], 'no effect': ['=', 'neutral'], harmful: ['✗', 'bad'], 'not on this kernel': ['–', 'muted'],
	void: ['∅', 'muted'],
};

function verdictChip(verdict) {
	if (typeof verdict !== 'string')
		return '';
	const [symbol, colour] = Object.hasOwn(VERDICTS, verdict) ? VERDICTS[verdict] : ['•', 'neutral'];
	return el('span', { class: 'chip ' + colour }, symbol + ' ' + verdict);
}

const plural = (n, word) => asCount(n) + ' ' + word + (n === 1 ? '' : 's');

/* "Of 9 variants, 4 work, 3 have no effect, 2 are harmful": those that got one of the words, so that the sum is
 * right; the run that others are compared with gets none. */
function verdictLine(lab) {
	const rows = listAt(lab, 'rows').filter(r => r && Object.hasOwn(VERDICTS, r.verdict));
	const count = verdict => rows.filter(r => r.verdict === verdict).length;
	const parts = [['works', 'works', 'work'], ['no effect', 'has no effect', 'have no effect'],
		['harmful', 'is harmful', 'are harmful'], ['not on this kernel', 'is not in this kernel', 'are not in this kernel'], ['void', 'is void', 'are void']]
		.filter(([verdict]) => count(verdict))
		.map(([verdict, one, more]) => count(verdict) + ' ' + (count(verdict) === 1 ? one : more));
	return rows.length ? 'Of ' + plural(rows.length, 'variant') + ', ' + parts.join(', ') + '.' : null;
}

function expectationsCell(list) {
	const all = list.filter(e => e && typeof e === 'object'), failed = all.filter(e => e.ok !== true);

	if (!all.length)
		return '';
	return el('details', {}, el('summary', { class: failed.length ? 'bad' : 'good' },
		failed.length ? '✗ ' + failed.length + ' of ' + all.length + ' false' : '✓ all ' + all.length),
		el('ul', { class: 'plain' }, all.map(e => el('li', { class: e.ok === true ? '' : 'bad' },
			(e.ok === true ? '✓ ' : '✗ ') + (textAt(e, 'phrase') || textAt(e, 'expr') || '?') + ': ' + asCell(e.value) +
			' (' + (textAt(e, 'expr') || '?') + ')'))));
}

/* "a price (the figure); another (its figure)": a line each, the figures in small print. */
function costCell(text) {
	return text.split('; ').filter(Boolean).map(one => {
		const [, phrase, figure] = /^(.*?)( \(.*\))?$/.exec(one);
		return el('div', {}, phrase, figure && el('div', { class: 'small' }, figure.trim().slice(1, -1)));
	});
}

/* How to have what a variant does, for those that did what they should; `commands` are to be pasted. */
function cures(rows) {
	const lines = text => text.split('`').map((part, i) =>
		(part.trim() ? el(i % 2 ? 'pre' : 'p', { class: 'small' }, part.trim()) : null));

	return rows.filter(r => textAt(r, 'cure') && textAt(r, 'verdict') === textAt(r, 'wanted')).map(r =>
		el('details', { class: 'command' }, el('summary', {}, 'how to have ' + textAt(r, 'variant') + ', and to undo it'),
			lines(textAt(r, 'cure'))));
}

/* What is said of a variant, and what it is about unless the whole scenario is. */
function variantNotes(lab, row) {
	const about = textAt(row, 'about'), claim = textAt(row, 'claim');

	return [about && about !== textAt(lab, 'about') && el('div', { class: 'small' }, about),
		claim && el('div', { class: 'small' }, 'said of it: ' + claim),
		textAt(row, 'applied') && el('div', { class: 'small' }, 'in force: ' + textAt(row, 'applied'))];
}

/* The lab's table; choose(i) shows a variant's result below. */
function labSection(lab, results, choose) {
	const columns = listAt(lab, 'columns'), rows = listAt(lab, 'rows').filter(r => r && typeof r === 'object');
	const has = key => rows.some(r => textAt(r, key));
	const parts = [
		['verdict', has('verdict'), r => verdictChip(r.verdict)],
		['figure', has('figure'), r => ({ text: textAt(r, 'figure') || '', class: 'words' })],
		['cost', has('cost'), r => ({ text: costCell(textAt(r, 'cost') || ''), class: 'words' })],
	].filter(part => part[1]);
	const where = r => results.findIndex(result => r.variant && at(result, 'lab.variant') === r.variant);
	const link = i => el('button', { type: 'button', class: 'link', 'data-show': i });
	const name = r => [where(r) < 0 ? asCell(r.variant) : fill(link(where(r)), {}, [asCell(r.variant)]),
		variantNotes(lab, r)];

	if (!rows.length)
		return null;
	const node = section('Variants', verdictLine(lab), table('Variants of ' + (textAt(lab, 'scenario') || 'the scenario'),
		['variant'].concat(parts.map(p => p[0]), columns.map(c => textAt(c, 'title') || ''), ['expectations']),
		rows.map(r => [name(r)].concat(parts.map(p => p[2](r)),
			columns.map((_, i) => asCell(listAt(r, 'cells')[i])), [expectationsCell(listAt(r, 'expectations'))]))), cures(rows));
	node.addEventListener('click', event => {
		if (event.target.dataset.show !== undefined)
			choose(Number(event.target.dataset.show), true);
	});
	return node;
}

function figureCell(value, ratio, unit, isFirst) {
	return [asFigure(value, unit), !isFirst && isNumber(ratio) && ratio !== 1 ? el('span', { class: 'ratio' }, ' ' + asRatio(ratio)) : null];
}

/* Rows where nobody has anything are left out. */
function figuresSection(comparison, labels) {
	const figures = at(comparison, 'figures') || {};
	const paths = Object.keys(figures).filter(path => figures[path].some(v => v !== null && v !== 0));

	const wide = table('Figures of all results', ['figure'].concat(labels), paths.map(path =>
			[el('span', { title: path }, comparison.titles[path] || path)].concat(figures[path].map((v, i) =>
			({ text: figureCell(v, comparison.ratios[path][i], comparison.units[path], i === 0), class: 'number' })))));
	wide.classList.add('pinned');
	return section('Side by side', 'Each figure, and its ratio to the first column’s.', wide);
}

/* One line for each result: rows of all times, with gaps where the others have theirs. */
function overlay(title, about, all, labels, format) {
	const merged = new Map();

	all.forEach((rows, i) => rows.forEach(([t, v]) => {
		const key = Math.round(t * 10) / 10;
		if (!merged.has(key))
			merged.set(key, [key].concat(all.map(() => NaN)));
		merged.get(key)[1 + i] = v;
	}));
	const rows = [...merged.values()].sort((a, b) => a[0] - b[0]);
	if (rows.length < 2)
		return null;
	bridge(rows, all.length);
	return chart({
		title, about, rows, value: format, yLabel: countLabel, xLabel: secondsLabel,
		lines: labels.map((name, i) => ({ name, variable: '--line-' + (1 + i % 6), dash: lineDash(i) })),
	});
}

/* A result has its rows at times of its own: between two of its own its line goes on straight, but not
 * over one of its own that was not measured (null). */
function bridge(rows, n) {
	for (let c = 1; c <= n; c++) {
		let last = null;
		rows.forEach((row, i) => {
			if (row[c] === null)
				last = null;
			if (!isNumber(row[c]))
				return;
			for (let j = last === null ? i : last + 1; j < i; j++)
				between(rows, last, i, j, c);
			last = i;
		});
		rows.forEach(row => { if (!isNumber(row[c])) row[c] = null; });
	}
}

function between(rows, from, to, j, c) {
	const share = (rows[j][0] - rows[from][0]) / (rows[to][0] - rows[from][0]);
	rows[j][c] = rows[from][c] + (rows[to][c] - rows[from][c]) * share;
}

function overlaySection(results, labels) {
	const series = results.map(seriesOf);
	const known = s => s.some(r => isNumber(r.ports_in_use));
	const ports = series.map(s => (known(s) ? s.map(r => [r.t, isNumber(r.ports_in_use) ? r.ports_in_use : null]) : []));
	const rates = series.map(s => rateRows(s, ['connects_ok']).filter(r => isNumber(r[1])));
	const both = [overlay('Ports in use, all results', null, ports, labels, asCount),
		overlay('Connections a second, all results', null, rates, labels, asRate)].filter(Boolean);

	const filled = fillOverlay(results, labels);

	return both.length || filled ? section('In one chart', null,
		el('div', { class: 'charts' }, both, filled && el('div', { class: 'wide' }, filled))) : null;
}
