/* compare.js - several results: the figures side by side with their ratios to the first, and lines of all in
 * one chart. */

/* ×1.00 and ×0 say nothing that the figures do not. */
function figureCell(value, ratio, unit, isFirst) {
	const words = !isFirst && isNumber(ratio) && ratio > 0 && Math.abs(ratio - 1) >= 0.005 ? asRatio(ratio) : '';
	return [asFigure(value, unit), words ? el('span', { class: 'ratio' }, ' ' + words) : null];
}

/* Rows in which the results differ are shown; those that are the same for all, and those that are 0 or not there for all,
 * are folded. */
function figuresSection(comparison, labels) {
	const figures = at(comparison, 'figures') || {};
	const paths = Object.keys(figures), title = path => comparison.titles[path] || path;
	const none = paths.filter(path => figures[path].every(v => v === null || v === 0));
	const alike = (v, first) => v === first || (isNumber(v) && isNumber(first) && Math.abs(v - first) < 0.005 * Math.abs(first));
	const same = paths.filter(path => !none.includes(path) && labels.length > 1 && figures[path].every(v => alike(v, figures[path][0])));
	const cells = path => barred(figures[path], (v, i) =>
		figureCell(v, comparison.ratios[path][i], comparison.units[path], i === 0));
	const rows = list => list.map(path => [el('span', { title: path }, title(path))].concat(cells(path)));
	const head = ['figure'].concat(labels);
	const rest = paths.filter(path => !none.includes(path) && !same.includes(path));

	return section('Side by side', 'Each figure, and its ratio to the first column’s. A bar compares within its row.',
		rest.length ? table('Figures that differ', head, rows(rest)) : el('p', { class: 'missing' }, 'No figure differs.'),
		same.length ? folded('Left out: ' + plural(same.length, 'figure') + ', the same for all to half a percent',
			table('Figures that are the same for all', head, rows(same))) : null,
		none.length ? folded('Left out: ' + plural(none.length, 'figure') + ', 0 or not measured for all',
			el('p', { class: 'small' }, none.map(title).join(', ') + '.')) : null);
}

/* Of two results the figures that are furthest apart. */
function furthest(comparison) {
	const far = path => Math.abs(Math.log(comparison.ratios[path][1]));
	const paths = Object.keys(at(comparison, 'figures') || {})
		.filter(path => comparison.ratios[path].length === 2 && comparison.ratios[path][1] > 0 && far(path) > Math.log(1.5))
		.sort((a, b) => far(b) - far(a)).slice(0, 7);

	return listOf(paths.map(path => el('li', {}, (comparison.titles[path] || path) + ': ' +
		comparison.figures[path].map(v => asFigure(v, comparison.units[path])).join(' → '),
	el('span', { class: 'ratio' }, ' ' + asRatio(comparison.ratios[path][1])))));
}

/* The first screen of results that are no lab's. */
function resultsAnswer(results, labels, comparison) {
	return answer(['What happened', results.map((r, i) => el('p', { class: 'said' }, el('strong', {}, labels[i]), ': ' + headline(r)))],
		['What differs most', furthest(comparison)], ['What helps', helps(results)]);
}

const MOST_LINES = 12; /* more of them cannot be told apart */

/* One line for each result: rows of all times, with gaps where the others have theirs. */
function overlay(title, about, all, labels, format) {
	const merged = new Map();
	const parts = all.flat().length < 200 ? 1000 : 10; /* of a second: a short run's few rows stay apart */

	all.forEach((rows, i) => rows.forEach(([t, v]) => {
		const key = Math.round(t * parts) / parts;
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
		lines: labels.map((name, i) => ({ name, variable: '--line-' + (1 + i % 6), dash: lineDash(i) })), most: MOST_LINES,
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

/* Of an observed host: the kernel's total, at each count. */
const waitRows = (result, name) => listAt(at(result, 'hosts'), name + '.series')
	.filter(row => row && isNumber(row.t) && isNumber(row.time_wait)).map(row => [row.t, row.time_wait]);

/* A chart for each observed host that had any TIME_WAIT. */
function waitOverlays(results, labels) {
	const names = [...new Set(results.flatMap(result => objectsOf(at(result, 'hosts')).map(([name]) => name)))];

	return names.map(name => [name, results.map(result => waitRows(result, name))])
		.filter(([, all]) => all.some(rows => rows.some(([, n]) => n > 0)))
		.map(([name, all]) => overlay('TIME_WAIT on host ' + name + ', all results', null, all, labels, asCount));
}

function overlaySection(results, labels) {
	const series = results.map(seriesOf);
	const known = s => s.some(r => isNumber(r.ports_in_use));
	const ports = series.map(s => (known(s) ? s.map(r => [r.t, isNumber(r.ports_in_use) ? r.ports_in_use : null]) : []));
	const rates = series.map(s => rateRows(s, ['connects_ok']).filter(r => isNumber(r[1])));
	const both = [overlay('Ports in use, all results', null, ports, labels, asCount),
		overlay('Connections a second, all results', null, rates, labels, asRate), ...waitOverlays(results, labels)].filter(Boolean);

	const filled = fillOverlay(results, labels);

	return both.length || filled ? section('In one chart', null,
		el('div', { class: 'charts' }, both, filled && el('div', { class: 'wide' }, filled))) : null;
}
