/* page.js - puts the page together from the document that twstorm wrote into it. */

function detail(result, root, row) {
	if (isProbe(result))
		return probeDetail(result, root, row);
	if (isProcess(result))
		return processDetail(result, root, row);
	const diagram = diagramSection(result, root);
	root.append(...[tiles(result), ranksSection(result), timeSection(result), hostsSection(result), diagram, fillSection(result), latencySection(result),
		endingsSection(result), tlsSection(result), targetsSection(result), expectationsSection(result, row), ledgerSection(result), countersSection(result),
		repeatSection(result)].filter(Boolean));
	return diagram.begin;
}

function pageTitle(doc, labels) {
	if (textAt(doc, 'trace.schema'))
		return 'one connection';
	if (textAt(doc, 'diagnosis.schema'))
		return 'a diagnosis';
	if (listAt(doc, 'counts').length)
		return doc.live === 'server' ? 'a server' : 'TCP states';
	return textAt(doc, 'title') || textAt(doc, 'lab.scenario') ||
		(labels.length <= 2 ? labels.join(' and ') : labels.length + ' results side by side');
}

/* Tabs, one for each result; what is chosen is drawn anew. */
function chooser(labels, show) {
	const buttons = labels.map((label, i) => el('button', { type: 'button', 'aria-pressed': 'false' }, label));
	buttons.forEach((b, i) => b.addEventListener('click', () => show(i)));
	return {
		node: el('nav', { class: 'tabs', 'aria-label': 'Results' }, buttons),
		mark: chosen => buttons.forEach((b, i) => b.setAttribute('aria-pressed', i === chosen ? 'true' : 'false')),
	};
}

function one(doc, results, labels, main) {
	const title = textAt(doc, 'title') || labels[0];
	document.getElementById('head').append(el('p', { class: 'eyebrow' }, 'twstorm · ' + title),
		el('h1', {}, headline(results[0])), runLine(results[0]), story(results[0]));
	main.append(...[expectationsSection(doc, null, labels)].filter(Boolean));
	const begin = detail(results[0], main, rowOf(doc.lab, results[0]));
	drawCharts();
	if (begin)
		begin();
}

/* The charts of what is above the tabs stay; those of the result below come and go.  What is returned is for a page that
 * moves. */
function several(doc, results, labels, main, first) {
	const box = el('div', { id: 'detail' });
	let kept = 0, now = 0, chosen = null;
	const show = (i, jump) => {
		now = i;
		charts.splice(kept).forEach(c => c.graph && c.graph.destroy());
		box.replaceChildren(el('h2', { class: 'result-title' }, labels[i] + ': ' + headline(results[i])),
			runLine(results[i]), story(results[i]));
		tabs.mark(i);
		const root = el('div', {});
		box.append(root);
		const begin = detail(results[i], root, rowOf(doc.lab, results[i]));
		drawCharts();
		if (begin)
			begin();
		if (jump)
			tabs.node.scrollIntoView();
	};
	const press = (i, jump) => {
		chosen = labels[i];
		show(i, jump);
	};
	const tabs = chooser(labels, press);

	const head = document.getElementById('head'), link = variantLinks(results);

	head.append(el('p', { class: 'eyebrow' }, 'twstorm'), el('h1', {}, doc.lab ? labHeadline(doc.lab) : pageTitle(doc, labels)));
	fill(head, {}, [doc.lab ? labAnswer(doc.lab, results, link) : resultsAnswer(results, labels, doc.comparison)]);
	main.append(...[expectationsSection(doc, null, labels), doc.lab && labSection(doc.lab, results, link), overlaySection(results, labels),
		!results.every(isProbe) && figuresSection(doc.comparison, labels),
		section('Each in full', null, tabs.node, box)].filter(Boolean));
	document.body.onclick = event => {
		if (event.target.dataset.show !== undefined)
			press(Number(event.target.dataset.show), true);
	};
	drawCharts();
	kept = charts.length;
	show(first > 0 ? first : 0, false);
	return {
		chosen: () => chosen,
		now: () => now,
		update: (i, wanted) => {
			const made = choices();
			if (wanted !== now) {
				show(wanted, false);
			} else if (i === now) {
				show(i, false);
				chooseAgain(made);
			}
		},
	};
}

/* One result has the page for itself. */
function report(doc, results, labels, main, first) {
	if (results.length > 1 || listAt(doc, 'lab.rows').length > 1)
		return several(doc, results, labels, main, first);
	one(doc, results, labels, main);
	return { chosen: () => null, now: () => 0, update: () => drawAnew(main, () => one(doc, results, labels, main)) };
}

/* Paper is light, whatever the screen is. */
function followTheLight() {
	const recolour = () => charts.forEach(c => c.recolour && c.recolour());
	const root = document.documentElement;

	matchMedia('(prefers-color-scheme: dark)').addEventListener('change', recolour);
	addEventListener('beforeprint', () => { root.dataset.scheme = 'light'; recolour(); });
	addEventListener('afterprint', () => { delete root.dataset.scheme; recolour(); });
}

function madeBy(doc) {
	document.getElementById('made-by').textContent = ['Written by twstorm', textAt(doc, 'tool.version'),
		textAt(doc, 'generated_at') && 'at ' + textAt(doc, 'generated_at') + '.',
		'This page needs no network. Charts by dygraphs ' + Dygraph.VERSION + '.'].filter(Boolean).join(' ');
}

function start() {
	const doc = JSON.parse(document.getElementById('data').textContent);
	const results = listAt(doc, 'results').filter(r => r && typeof r === 'object');
	const labels = results.map((r, i) => String(listAt(doc, 'labels')[i] || 'result ' + (i + 1)));
	const main = document.getElementById('main');

	Object.assign(WAYS, doc.ways);
	document.title = 'twstorm: ' + pageTitle(doc, labels);
	madeBy(doc);
	followTheLight();
	if (doc.trace && typeof doc.trace === 'object')
		traced(doc, main);
	else if (doc.diagnosis && typeof doc.diagnosis === 'object')
		diagnosedPage(doc, main);
	else if (listAt(doc, 'counts').length)
		(doc.live ? followCounts : counted)(doc, main);
	else if (doc.live === 'lab')
		followLab(doc, main);
	else if (!results.length)
		main.append(el('p', { class: 'banner bad' }, 'There is no result in this page.'));
	else if (doc.live)
		followRun(doc, results, labels, main);
	else
		report(doc, results, labels, main, 0);
}

try {
	start();
} catch (error) {
	document.getElementById('main').append(el('p', { class: 'banner bad' },
		'This result could not be drawn completely: ' + error.message));
	throw error;
}
