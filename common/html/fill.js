/* fill.js - how long connect() takes while the ports fill up: past half of the range the kernel
 * searches for a free one. */

/* [[percent, p50, p99], ...] of what was measured; the scale is logarithmic, so 0 is not drawn. */
function fillRows(result) {
	return numbersOfBands(at(result, 'connect_by_fill')).map(([percent, band]) =>
		[percent].concat(['p50', 'p99'].map(q => (isNumber(band[q]) && band[q] > 0 ? band[q] : null))))
		.filter(row => row[1] !== null || row[2] !== null);
}

function numbersOfBands(bands) {
	return bands === null || typeof bands !== 'object' ? []
		: Object.entries(bands).map(([key, band]) => [Number(key), band])
			.filter(([percent, band]) => isNumber(percent) && band !== null && typeof band === 'object' && band.count > 0)
			.sort((a, b) => a[0] - b[0]);
}

function fillRange(rows) {
	const all = rows.flatMap(row => row.slice(1)).filter(v => v !== null);
	return [Math.min(...all) / 2, Math.max(...all) * 2];
}

/* A line at each power of ten, and at three times that; at more multiples where the range is small. */
function decades(min, max) {
	const ticks = [];

	for (let v = 10 ** Math.floor(Math.log10(min)); v <= max; v *= 10)
		for (const tick of (max > 30 * min ? [v, 3 * v] : [v, 2 * v, 3 * v, 5 * v]))
			if (tick >= min && tick <= max)
				ticks.push({ v: tick, label: asMicros(tick).replace(/\.0+(?=\D)/, '') });
	return ticks;
}

const fillStyle = {
	log: true, points: true, window: [-3, 100], value: asMicros, yLabel: asMicros, ticks: decades, xLabel: p => p + ' %',
	about: 'Logarithmic. A point at 50 stands for 50 to 60 %.',
};

/* The medians of several results in one chart; null if none has any. */
function fillOverlay(results, labels) {
	const has = results.map((_, i) => i).filter(i => fillRows(results[i]).length);
	const all = has.map(i => fillRows(results[i]));
	const bands = [...new Set(all.flat().map(row => row[0]))].sort((a, b) => a - b);
	const rows = bands.map(band => [band].concat(all.map(one => (one.find(row => row[0] === band) || [])[1] || null)));

	return bands.length ? chart(Object.assign({
		title: 'connect() median by percent of the budget in use, all results', rows, range: fillRange(rows),
		lines: has.map(i => ({ name: labels[i], variable: '--line-' + (1 + i % 6), dash: lineDash(i) })), most: MOST_LINES,
	}, fillStyle)) : null;
}

function fillSection(result) {
	const rows = fillRows(result);
	const title = 'connect() against fill';

	if (!rows.length)
		return section(title, null, el('p', { class: 'missing' },
			'This result has no connect() times by fill: it was made without them, or no connect() was timed.'));
	return section(title, 'How long the call took, by how much of the port budget was in use when it was made.',
		chart(Object.assign({
			title: 'connect() call, by percent of the budget in use', rows, range: fillRange(rows),
			lines: [{ name: 'median', variable: '--line-1' }, { name: 'p99', variable: '--line-2', dash: [9, 3] }],
		}, fillStyle)));
}
