/* live.js - the page of a run that goes on: the run sends what has changed once a second, and at its
 * end the whole result.  Then the page is the report. */

const ROWS_MOST = 2400; /* of the series; then every second one goes */

/* What a reader has chosen on the page stays chosen when it is drawn anew. */
function choices() {
	const slider = document.getElementById('moment');
	return {
		moment: slider && slider.value !== slider.max ? Number(slider.value) : null,
		open: [...document.querySelectorAll('#main details')].map(d => d.open),
	};
}

function chooseAgain(chosen) {
	const slider = document.getElementById('moment');
	[...document.querySelectorAll('#main details')].forEach((d, i) => { d.open = chosen.open[i] || d.open; });
	if (!slider || chosen.moment === null)
		return;
	slider.value = Math.min(chosen.moment, slider.max);
	slider.dispatchEvent(new Event('input'));
}

function drawAnew(doc, result, labels, main) {
	const chosen = choices();
	charts.splice(0).forEach(c => c.graph && c.graph.destroy());
	document.getElementById('head').replaceChildren();
	main.replaceChildren();
	one(doc, [result], labels, main);
	chooseAgain(chosen);
}

/* The event has the newest row of the series; the page has those before. */
function joined(before, now) {
	const rows = seriesOf(before), row = seriesOf(now)[0], last = rows[rows.length - 1];
	if (row && (!last || row.t > last.t))
		rows.push(row);
	return Object.assign({}, now, { series: rows.length > ROWS_MOST ? rows.filter((_, i) => i % 2) : rows });
}

function follow(doc, results, labels, main) {
	const words = el('p', { class: 'banner', id: 'live', role: 'status' }, 'Live: the run goes on.');
	const source = new EventSource('events');
	let result = results[0], lost = false;
	const say = (text, state) => { words.textContent = text; words.dataset.state = state; };

	document.body.insertBefore(words, document.getElementById('head'));
	source.addEventListener('now', event => {
		result = joined(result, JSON.parse(event.data));
		say('Live: the run goes on.', 'live');
		drawAnew(doc, result, labels, main);
	});
	source.addEventListener('end', event => {
		source.close();
		say('The run is over: this page is its report.', 'over');
		drawAnew(doc, JSON.parse(event.data), labels, main);
	});
	source.addEventListener('open', () => {
		if (lost)
			fetch('result.json').then(r => r.json()).then(r => { result = r; });
		lost = false;
	});
	source.addEventListener('error', () => {
		lost = true;
		say('This page could not follow, or the run is gone: what is below is what it was last told. It tries again.', 'lost');
	});
	one(doc, results, labels, main);
}
