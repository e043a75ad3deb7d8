/* live.js - the page of a run that goes on, or of a lab: what has changed is sent once a second, and at the
 * end all of it.  Then the page is the report. */

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

/* draw() puts all of the page together. */
function drawAnew(main, draw) {
	const chosen = choices();
	charts.splice(0).forEach(c => c.graph && c.graph.destroy());
	document.getElementById('head').replaceChildren();
	main.replaceChildren();
	draw();
	chooseAgain(chosen);
}

/* The news have the newest row of a series; the page has those before. */
function joinedRows(rows, row) {
	const last = rows[rows.length - 1];
	if (row && (!last || row.t > last.t))
		rows.push(row);
	return rows.length > ROWS_MOST ? rows.filter((_, i) => i % 2) : rows;
}

function joined(before, now) {
	const result = Object.assign({}, now, { series: joinedRows(seriesOf(before), seriesOf(now)[0]) });
	for (const [name, host] of objectsOf(now.hosts))
		host.series = joinedRows(listAt(at(before, 'hosts.' + name), 'series'), listAt(host, 'series')[0]);
	return result;
}

/* take(news) and over(all) draw; missed(all) is told of what the page did not hear. */
function listen(what, take, over, missed) {
	const words = el('p', { class: 'banner', id: 'live', role: 'status' });
	const source = new EventSource('events');
	let lost = false;
	const say = (text, state) => { words.textContent = text; words.dataset.state = state; };

	say('Live: ' + what + ' goes on.', '');
	document.body.insertBefore(words, document.getElementById('head'));
	source.addEventListener('now', event => {
		say('Live: ' + what + ' goes on.', 'live');
		take(JSON.parse(event.data));
	});
	source.addEventListener('end', event => {
		source.close();
		say(what[0].toUpperCase() + what.slice(1) + ' is over: this page is its report.', 'over');
		over(JSON.parse(event.data));
	});
	source.addEventListener('open', () => {
		if (lost)
			askForAll().then(missed);
		lost = false;
	});
	source.addEventListener('error', () => {
		lost = true;
		say('This page could not follow, or ' + what + ' is gone: what is below is what it was last told. It tries again.', 'lost');
	});
}

const askForAll = () => fetch('result.json').then(r => r.json());

function followRun(doc, results, labels, main) {
	let result = results[0];
	const draw = () => one(doc, [result], labels, main);

	listen('the run', news => {
		result = joined(result, news);
		drawAnew(main, draw);
	}, all => {
		result = all;
		drawAnew(main, draw);
	}, all => { result = all; });
	draw();
}

/* A host is counted, and a server serves, without an end that is told. */
function followCounts(doc, main) {
	const draw = () => counted(doc, main);

	listen(doc.live === 'host' ? 'the counting' : 'the server', news => {
		doc.counts = doc.counts.length < ROWS_MOST ? doc.counts : doc.counts.filter((_, i) => i % 2);
		doc.counts.push(news);
		drawAnew(main, draw);
	}, () => {}, () => {});
	draw();
}

const runs = result => textAt(result, 'error.code') === 'running';

/* A lab has a tab for each result.  News are of one; where there is a result or a row that the page does not know, it asks
 * for all of it.  Until a reader chooses, one that runs is shown, as long as it runs. */
function followLab(first, main) {
	let doc = first, shown = null, asked = false;
	const same = news => JSON.stringify(news.labels) === JSON.stringify(doc.labels) && news.rows === listAt(doc, 'lab.rows').length;
	const draw = wanted => {
		const results = listAt(doc, 'results');
		if (!results.length)
			main.append(el('p', { class: 'banner' }, 'No run has begun yet.'));
		shown = results.length ? report(doc, results, doc.labels, main, doc.labels.indexOf(wanted)) : null;
	};
	const pick = now => {
		const was = shown && doc.labels[shown.now()], running = now.labels.filter((_, i) => runs(now.results[i]));
		return (shown && shown.chosen()) || (running.includes(was) ? was : running.pop()) || was;
	};
	const all = now => {
		const wanted = pick(now);
		doc = now;
		drawAnew(main, () => draw(wanted));
	};

	listen('the lab', news => {
		if (same(news)) {
			doc.results[news.now] = joined(doc.results[news.now], news.result);
			shown.update(news.now, doc.labels.indexOf(pick(doc)));
		} else if (!asked) {
			asked = true;
			askForAll().then(now => {
				asked = false;
				all(now);
			}, () => { asked = false; });
		}
	}, all, all);
	draw(null);
}
