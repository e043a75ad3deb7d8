/* charts.js - the lines over time.  dygraphs draws them; legends are ours, because dygraphs' are
 * markup made of names. */

const charts = []; /* on the page now: {graph, recolour, cursor} */

/* Fingers scroll the page; a mouse zooms and pans. */
function mouseOnly() {
	const model = Object.assign({}, Dygraph.defaultInteractionModel);
	for (const name of ['touchstart', 'touchmove', 'touchend'])
		delete model[name];
	return model;
}

/* With `most`, names are buttons that show and hide their lines: that many are shown at first. */
function legend(lines, most, toggled) {
	const values = lines.map(() => el('span', { class: 'legend-value' }));
	const name = (line, i) => {
		const words = [swatch(line.variable, line.dash), ' ', line.name];
		if (lines.length <= most || !most)
			return words;
		const button = el('button', { type: 'button', class: 'toggle', 'aria-pressed': String(i < most) }, words);
		button.addEventListener('click', () => {
			const on = button.getAttribute('aria-pressed') !== 'true';
			button.setAttribute('aria-pressed', String(on));
			toggled(i, on);
		});
		return button;
	};
	const node = el('ul', { class: 'legend' }, lines.map((line, i) => el('li', {}, name(line, i), values[i])));
	return { node, show: texts => values.forEach((v, i) => { v.textContent = texts ? ' ' + texts[i] : ''; }) };
}

/* A marked moment or level: a dashed line with a word at it, kept inside the plot. */
function drawMark(canvas, area, graph, mark) {
	const upright = mark.x !== undefined;
	const [x, y] = graph.toDomCoords(upright ? mark.x : graph.xAxisRange()[0], upright ? graph.yAxisRange()[0] : mark.y);

	if (upright ? x < area.x - 1 || x > area.x + area.w + 1 : y < area.y - 1 || y > area.y + area.h + 1)
		return;
	canvas.save();
	canvas.strokeStyle = canvas.fillStyle = cssValue(mark.variable);
	canvas.lineWidth = 1.5;
	canvas.setLineDash(mark.dash || [6, 4]);
	canvas.beginPath();
	canvas.moveTo(upright ? x : area.x, upright ? area.y : y);
	canvas.lineTo(upright ? x : area.x + area.w, upright ? area.y + area.h : y);
	canvas.stroke();
	canvas.font = '12px system-ui, sans-serif';
	const width = canvas.measureText(mark.name).width;
	const left = upright && x + 6 + width > area.x + area.w;
	canvas.textAlign = left ? 'right' : 'left';
	if (upright)
		canvas.fillText(mark.name, left ? x - 6 : x + 6, area.y + area.h - 8 - 16 * (mark.line || 0));
	else
		canvas.fillText(mark.name, area.x + 6, y < area.y + 18 ? y + 14 : y - 5);
	canvas.restore();
}

const colours = lines => lines.map(line => cssValue(line.variable));

/* What the style sheet decides, asked again when light turns to dark. */
function styleOptions(spec) {
	return { colors: colours(spec.lines), gridLineColor: cssValue('--grid'), axisLineColor: cssValue('--axis') };
}

function graphOptions(spec, box, shown) {
	const perLine = {};
	spec.lines.forEach((line, i) => { perLine['l' + i] = { strokePattern: line.dash || null }; });
	return Object.assign({
		labels: ['x'].concat(spec.lines.map((_, i) => 'l' + i)), series: perLine,
		visibility: spec.lines.map((_, i) => !spec.most || i < spec.most),
		legend: 'never', strokeWidth: 2, highlightCircleSize: 4, fillGraph: !!spec.filled, fillAlpha: 0.15,
		drawPoints: !!spec.points, pointSize: 3, connectSeparatedPoints: false, includeZero: !spec.log,
		logscale: !!spec.log, valueRange: spec.range || null, dateWindow: spec.window || null,
		interactionModel: mouseOnly(), animatedZooms: false, rightGap: 8,
		axes: {
			x: { axisLabelFormatter: spec.xLabel, pixelsPerLabel: 60, axisLabelFontSize: 12 },
			y: Object.assign({ axisLabelFormatter: spec.yLabel, axisLabelWidth: 58, axisLabelFontSize: 12 },
				spec.ticks ? { ticker: spec.ticks } : {}),
		},
		underlayCallback: (canvas, area, graph) => (spec.marks || []).forEach(m => drawMark(canvas, area, graph, m)),
		highlightCallback: (event, x, points) => shown.show(spec.lines.map((_, i) => {
			const point = points.find(p => p.name === 'l' + i);
			return point && isNumber(point.yval) ? spec.value(point.yval) : NOT_MEASURED;
		})),
		unhighlightCallback: () => shown.show(null),
		clickCallback: (event, x) => spec.timed && box.dispatchEvent(
			new CustomEvent('moment', { bubbles: true, detail: x })),
	}, styleOptions(spec));
}

/* A chart, or the reason why there is none.  spec: title, about, lines [{name, variable, dash}],
 * rows [[x, y, ...]], value (number to text), marks [{x or y, name, variable}], timed (x is
 * seconds of the run), range, window, log, filled, points, missing (a sentence instead), most (how many lines are
 * shown before a reader chooses). */
function chart(spec) {
	const title = el('h3', {}, spec.title);
	if (spec.missing)
		return el('figure', { class: 'chart' }, el('figcaption', {}, title),
			el('p', { class: 'missing' }, spec.missing));
	let drawn = null;
	const shown = legend(spec.lines, spec.most, (i, on) => drawn && drawn.graph.setVisibility(i, on));
	const many = spec.most && spec.lines.length > spec.most &&
		el('p', { class: 'small' }, spec.most + ' of ' + spec.lines.length + ' lines are shown at first. Press a name to show or hide its line.');
	const plot = el('div', { class: 'plot', role: 'img', 'aria-label': spec.title + '. ' + (spec.about || '') });
	const cursor = el('div', { class: 'cursor', hidden: true });
	const box = el('figure', { class: 'chart', 'data-chart': spec.title },
		el('figcaption', {}, title, spec.about && el('p', { class: 'small' }, spec.about), many, shown.node),
		el('div', { class: 'plot-box' }, plot, cursor));
	/* dygraphs asks for the size, so the box has to be on the page first. */
	charts.push({ draw: () => { drawn = drawChart(spec, box, plot, cursor, shown); return drawn; } });
	return box;
}

function drawChart(spec, box, plot, cursor, shown) {
	const graph = new Dygraph(plot, spec.rows, graphOptions(spec, box, shown));
	return {
		graph, spec,
		recolour: () => graph.updateOptions(styleOptions(spec)),
		moment: t => {
			const area = graph.getArea(), x = graph.toDomXCoord(t);
			cursor.hidden = !spec.timed || x < area.x || x > area.x + area.w;
			cursor.style.left = x + 'px';
			cursor.style.height = area.h + 'px';
		},
	};
}

function drawCharts() {
	charts.forEach((c, i) => { if (c.draw) charts[i] = c.draw(); });
}

function dropCharts() {
	charts.forEach(c => c.graph && c.graph.destroy());
	charts.length = 0;
}

/* ---- what of a result is drawn over time */

/* Growth a second, over at least half a second: rows are a tenth apart, and a rate of 50/s
 * would be stairs. */
function rateRows(series, paths) {
	const span = series.length ? Math.max(0.5, (series[series.length - 1].t - series[0].t) / 60) : 0;
	let from = 0;

	return series.slice(1).map((row, i) => {
		while (from < i && series[from + 1].t <= row.t - span)
			from++;
		const before = series[from];
		return [row.t].concat(paths.map(path => isNumber(row[path]) && isNumber(before[path]) && row.t > before.t
			? (row[path] - before[path]) / (row.t - before.t) : null));
	});
}

/* Seconds under the axis, with the decimals that neighbours need to differ. */
function secondsLabel(t, granularity, option, graph) {
	const [from, to] = graph.xAxisRange();
	return grouped(t, to - from < 0.5 ? 2 : to - from < 6 ? 1 : 0) + ' s';
}

const countLabel = v => (Number.isInteger(v) || Math.abs(v) >= 100 ? asShortCount(v) : threeDigits(v));
const timed = { timed: true, xLabel: secondsLabel, yLabel: countLabel };
const TOO_SHORT = 'The run was too short for a line.';
const peakOf = (rows, column) => rows.reduce((max, row) => Math.max(max, row[column] || 0), 0);

function statesChart(result, series, side, title = 'States on the ' + side) {
	const reason = textAt(result, 'states.' + side + '_reason');
	const seen = STATE_NAMES.filter(name => name !== 'LISTEN' && series.some(row => at(row, side + '.' + name) > 0));

	if (!series.some(row => row[side]))
		return chart({ title, missing: 'Not known' + (reason ? ': ' + reason : '') + '.' });
	if (!seen.length)
		return chart({ title, missing: 'There was no socket but LISTEN whenever the kernel was asked.' });
	const rows = series.map(row => [row.t].concat(seen.map(name => countIn(row, side, name))));
	return chart(Object.assign({
		title, rows, value: asCount,
		about: 'At most: ' + seen.map((name, i) => name + ' ' + asCount(peakOf(rows, i + 1))).join(', ') + '.',
		lines: seen.map(name => ({ name, variable: stateVariable(name), dash: STATES[name] })),
	}, timed));
}

function portMarks(result) {
	const budget = numberAt(result, 'ports.budget'), said = numberAt(result, 'ports.predicted_exhaustion_s');
	const when = numberAt(result, 'ports.first_exhausted_s'), back = numberAt(result, 'ports.recovered_at_s');

	return [
		budget !== null && { y: budget, name: 'budget ' + asCount(budget), variable: '--bad' },
		said !== null && { x: said, name: 'predicted ' + asSeconds(said), variable: '--accent', line: 2 },
		when !== null && { x: when, name: 'first failure ' + asSeconds(when), variable: '--bad', dash: [2, 2], line: 1 },
		back !== null && { x: back, name: 'one came back ' + asSeconds(back), variable: '--good', dash: [2, 2] },
	].filter(Boolean);
}

function portsChart(result, series) {
	const title = 'Ports in use';
	const rows = series.map(row => [row.t, isNumber(row.ports_in_use) ? row.ports_in_use : null]);
	const peak = peakOf(rows, 1), budget = numberAt(result, 'ports.budget');
	const near = budget && peak >= budget / 50;
	const end = Math.max(0.1, ...series.map(row => row.t).slice(-1));
	const said = numberAt(result, 'ports.predicted_exhaustion_s');

	if (!rows.some(row => row[1] !== null))
		return chart({ title, missing: 'Not known: the kernel could not be asked for the states of sockets.' });
	if (!peak)
		return chart({ title, missing: 'No port was in use whenever the kernel was asked.' });
	return chart(Object.assign({
		title, rows, filled: true, value: asCount, marks: portMarks(result),
		range: [0, near ? Math.max(budget, peak) * 1.1 : Math.max(1, peak * 1.2)],
		window: [0, said !== null && said > end && said < 1.5 * end ? said * 1.05 : end],
		about: 'At most ' + asCount(peak) + ' of ' + asCount(budget) +
			(near ? '' : '; the budget is far above this chart') +
			(said !== null && said >= 1.5 * end ? '. They would last ' + asSeconds(said) + ', longer than this run' : '') + '.',
		lines: [{ name: 'ports in use', variable: '--line-1' }],
	}, timed));
}

function rateChart(series) {
	const both = rateRows(series, ['connects_ok', 'transactions_ok']);
	const same = both.every(row => Math.abs(row[1] - row[2]) <= 0.05 * row[1] + 5);
	const rows = same ? both.map(row => row.slice(0, 2)) : both;
	const lines = [{ name: same ? 'connections, and as many transactions' : 'connections', variable: '--line-1' },
		{ name: 'transactions', variable: '--line-2', dash: [9, 3] }];
	const title = 'Connections a second';

	if (rows.length < 2)
		return chart({ title, missing: TOO_SHORT });
	return chart(Object.assign({
		title, rows, value: asRate, lines: same ? lines.slice(0, 1) : lines,
		about: 'Mean over half a second or more. At most ' + asRate(peakOf(rows, 1)) + '.',
	}, timed));
}

function errorsChart(result, series) {
	const rows = rateRows(series, ['errors']), failures = failuresOf(result);
	const title = 'Failures a second';

	if (!rows.some(row => row[1] > 0))
		return chart({ title, missing: failures.length ? 'Not seen over time; the table below counts them.' : 'Nothing failed.' });
	if (rows.length < 2)
		return chart({ title, missing: TOO_SHORT });
	return chart(Object.assign({
		title, rows, filled: true, value: asRate,
		about: failures.map(([name, n]) => name + ' ' + asCount(n)).join(', ') + '.',
		lines: [{ name: 'failures', variable: '--bad' }],
	}, timed));
}

function timeSection(result) {
	const series = seriesOf(result);

	if (series.length < 2)
		return section('Over time', null, el('p', { class: 'missing' }, 'This result has no series over time.'));
	return section('Over time', 'Drag to zoom, double-click to go back, click to move the moment of the diagram below.' +
		(numberAt(result, 'sampler.missed') > numberAt(result, 'sampler.samples') / 2 ? ' States were counted ' +
			asCount(numberAt(result, 'sampler.samples')) + ' times; between counts the last one is drawn, and none where it is too old.' : ''),
		el('div', { class: 'charts' }, el('div', { class: 'wide' }, portsChart(result, series)),
			statesChart(result, series, 'client'), statesChart(result, series, 'server'),
			rateChart(series), errorsChart(result, series)));
}
