/* lab.js - a lab's variants: what came of them on the first screen, and their table. */

/* In the order of the table: what helps comes first. */
const VERDICTS = {
	works: { symbol: '✓', class: 'good', one: 'works', more: 'work', title: 'Works' },
	harmful: { symbol: '✗', class: 'bad', one: 'is harmful', more: 'are harmful', title: 'Harmful' },
	'no effect': { symbol: '=', class: 'neutral', one: 'has no effect', more: 'have no effect', title: 'No effect' },
	'failed as expected': { symbol: '✗', class: 'neutral', one: 'failed as expected', more: 'failed as expected', title: 'Failed, as the file expects' },
	void: { symbol: '∅', class: 'muted', one: 'is void', more: 'are void', title: 'Void: the run says nothing' },
	'not on this kernel': { symbol: '–', class: 'muted', one: 'is not in this kernel', more: 'are not in this kernel',
		title: 'Not in this kernel' },
};
const OTHER_VERDICT = { symbol: '•', class: 'neutral' };

const known = verdict => typeof verdict === 'string' && Object.hasOwn(VERDICTS, verdict);

function verdictChip(verdict, times) {
	if (typeof verdict !== 'string')
		return '';
	const v = known(verdict) ? VERDICTS[verdict] : OTHER_VERDICT;
	return el('span', { class: 'chip ' + v.class }, v.symbol + ' ' + verdict + (times ? ' ' + times : ''));
}

/* The rows of a variant: one for each round.  The variant that others are compared with comes first, then they go by
 * verdict. */
function variantsOf(lab) {
	const all = new Map();

	for (const row of listAt(lab, 'rows').filter(r => r && typeof r === 'object')) {
		const name = asCell(row.variant);
		if (!all.has(name))
			all.set(name, { name, row, rounds: [] });
		all.get(name).rounds.push(row);
	}
	const place = v => (known(v.row.verdict) ? 1 + Object.keys(VERDICTS).indexOf(v.row.verdict) : v.name === textAt(lab, 'baseline') ? 0 : 9);
	return [...all.values()].sort((a, b) => place(a) - place(b));
}

/* "Of 9 variants, 4 work, 3 have no effect, 2 are harmful": those that got one of the words, so that the sum is
 * right; the run that others are compared with gets none. */
function verdictLine(variants) {
	const judged = variants.filter(v => known(v.row.verdict));
	const count = verdict => judged.filter(v => v.row.verdict === verdict).length;
	const parts = Object.keys(VERDICTS).filter(count)
		.map(verdict => count(verdict) + ' ' + (count(verdict) === 1 ? VERDICTS[verdict].one : VERDICTS[verdict].more));
	return judged.length ? 'Of ' + plural(judged.length, 'variant') + ', ' + parts.join(', ') + '.' : null;
}

/* The row of a result. */
const rowOf = (lab, result) => listAt(lab, 'rows').find(row => row && textAt(row, 'variant') && row.variant === at(result, 'lab.variant'));

/* The answer in a line: "remedies: 16 of 33 variants work". */
function labHeadline(lab) {
	const variants = variantsOf(lab), judged = variants.filter(v => known(v.row.verdict));
	const n = judged.filter(v => v.row.verdict === 'works').length, name = textAt(lab, 'scenario') || 'a lab';

	return name + ': ' + (judged.length ? n + ' of ' + plural(judged.length, 'variant') + (n === 1 ? ' works' : ' work')
		: textAt(lab, 'about') || plural(variants.length, 'variant'));
}

/* Of all rounds; one that came true in some is not true. */
function expectationsCell(rounds) {
	const all = rounds.flatMap(row => listAt(row, 'expectations')).filter(e => e && typeof e === 'object');
	const failed = all.filter(e => e.ok !== true);

	if (!all.length)
		return '';
	return el('details', {}, el('summary', { class: failed.length ? 'bad' : 'good' },
		failed.length ? '✗ ' + failed.length + ' of ' + all.length + ' false' : '✓ all ' + all.length),
		el('ul', { class: 'plain' }, all.map(e => el('li', { class: e.ok === true ? '' : 'bad' },
			(e.ok === true ? '✓ ' : '✗ ') + (textAt(e, 'phrase') || textAt(e, 'expr') || '?') + ': ' + asCell(e.value)))));
}

/* Each price with its figure, "bytes lost: 220".  An older summary has "bytes lost (their condition)" in `cost`. */
const pricesOf = row => (textAt(row, 'price') || (textAt(row, 'cost') || '').replace(/ \(.*?\)(?=; |$)/g, ''))
	.split('; ').filter(Boolean);

const costCell = row => pricesOf(row).map(price => el('div', {}, price));

function verdictCell(v) {
	const counts = new Map();

	v.rounds.forEach(row => counts.set(row.verdict, (counts.get(row.verdict) || 0) + 1));
	return [[...counts].map(([verdict, n]) => verdictChip(verdict, counts.size > 1 ? '×' + n : '')),
		textAt(v.row, 'wanted') && v.rounds.some(row => row.verdict !== row.wanted)
			? el('div', { class: 'small bad' }, 'expected: ' + v.row.wanted) : null];
}

/* ---- columns */

const middle = sorted => (sorted.length % 2 ? sorted[(sorted.length - 1) / 2]
	: (sorted[sorted.length / 2 - 1] + sorted[sorted.length / 2]) / 2);

/* What the rounds of a variant came to: {value, least, most}; value is the median, or no number at all. */
function overRounds(rounds, column) {
	const all = rounds.map(row => listAt(row, 'cells')[column]), numbers = all.filter(isNumber).sort((a, b) => a - b);

	return numbers.length ? { value: middle(numbers), least: numbers[0], most: numbers[numbers.length - 1] } : { value: all[0] };
}

const isMissing = v => v === null || v === undefined;
const valuesOf = (variants, column) => variants.map(v => overRounds(v.rounds, column));

/* The cells of a column, each with its bar.  Null if it is zero or not there for all variants. */
function columnOf(variants, column) {
	const all = valuesOf(variants, column);
	const shown = v => (isMissing(v) ? '–' : asCell(v));

	if (all.every(c => c.value === 0 || isMissing(c.value)))
		return null;
	const range = c => asCell(c.least) !== asCell(c.most) && el('span', { class: 'range' }, asCell(c.least) + ' to ' + asCell(c.most));

	return barred(all.map(c => c.value), (value, i) => [shown(value), isNumber(value) ? range(all[i]) : null]);
}

/* A scenario's title ends in its unit: "p50 us". */
const columnTitle = column => (textAt(column, 'title') || '').replace(/\bus\b/g, 'µs').replace(/ (s|ms|µs)$/, ' ($1)');

const HINTS = [[/\bp50\b/, 'p50: half of them took at most this long.'], [/\bp99\b/, 'p99: 99 of 100 did.']];
const hintsFor = titles => HINTS.filter(([word]) => titles.some(t => word.test(t))).map(([, hint]) => hint);

/* What is said of a variant, and what it is about unless the whole scenario is. */
function variantNotes(lab, v, result) {
	const about = textAt(v.row, 'about'), claim = textAt(v.row, 'claim');

	return [about && about !== textAt(lab, 'about') && about, claim && 'commonly said: “' + claim + '”',
		textAt(v.row, 'applied') && 'in force: ' + textAt(v.row, 'applied'),
		result && 'what happened: ' + headline(result),
		!result && textAt(v.row, 'why')].filter(Boolean).map(words => el('span', {}, words));
}

/* The lab's table; choose(i) shows a variant's result below. */
function labSection(lab, results, link) {
	const columns = listAt(lab, 'columns'), variants = variantsOf(lab);
	const has = key => variants.some(v => textAt(v.row, key));
	const shown = columns.map((_, i) => columnOf(variants, i)), out = columns.map((_, i) => i).filter(i => !shown[i]);
	const zero = out.filter(i => valuesOf(variants, i).some(c => c.value === 0)), missing = out.filter(i => !zero.includes(i));
	const titles = list => list.map(i => columnTitle(columns[i])).join(', ') + '.';
	const parts = [
		['verdict', has('verdict'), v => v.name === textAt(lab, 'baseline') ? el('span', { class: 'small' }, 'baseline') : verdictCell(v)],
		['seen', has('figure'), v => ({ text: textAt(v.row, 'seen') || textAt(v.row, 'figure') || '', class: 'words' })],
		['price', has('cost'), v => ({ text: costCell(v.row), class: 'words' })],
	].filter(part => part[1]);
	const expected = variants.some(v => v.rounds.some(row => listAt(row, 'expectations').length));
	const rounds = numberAt(lab, 'rounds');

	if (!variants.length)
		return null;
	return section('Variants', [rounds > 1 ? 'Each ran ' + asCount(rounds) + ' times: the median, and the least to the most.' : '',
		...hintsFor(columns.map(columnTitle)),
		shown.some(cells => cells && cells.some(c => c.text[0][0] === '–')) ? '– did not happen, or was not measured.' : '',
		zero.length ? 'Left out, 0 for all: ' + titles(zero) : '',
		missing.length ? 'Left out, not measured: ' + titles(missing) : ''].filter(Boolean).join(' '),
		table('Variants of ' + (textAt(lab, 'scenario') || 'the scenario'),
			['variant'].concat(parts.map(p => p[0]), columns.map(columnTitle).filter((_, i) => shown[i]), expected ? ['expectations'] : []),
			variants.map((v, row) => ({
				cells: [link(v)].concat(parts.map(p => p[2](v)), shown.filter(Boolean).map(cells => cells[row]),
					expected ? [expectationsCell(v.rounds)] : []),
				note: variantNotes(lab, v, results[whereOf(results, v)]),
			}))), cures(variants));
}

/* How to have what a variant does, for those that did what they should; `commands` are to be pasted. */
function cures(variants) {
	const lines = text => text.split('`').map((part, i) =>
		(part.trim() ? el(i % 2 ? 'pre' : 'p', { class: 'small' }, part.trim()) : null));
	const kept = variants.filter(v => textAt(v.row, 'cure') && textAt(v.row, 'verdict') === textAt(v.row, 'wanted'));

	return kept.length > 0 && [el('h3', { class: 'apart' }, 'How to have them, and how to undo them'),
		kept.map(v => el('details', { class: 'command' }, el('summary', {}, v.name), lines(textAt(v.row, 'cure'))))];
}

/* ---- the first screen */

const whereOf = (results, v) => results.findIndex(result => v.name && at(result, 'lab.variant') === v.name);

/* A variant's name; pressed, it shows the variant's result. */
function variantLinks(results) {
	return v => {
		const i = whereOf(results, v);
		return i < 0 ? v.name : el('button', { type: 'button', class: 'link', 'data-show': i }, v.name);
	};
}

/* A comma stays with the name before it. */
const inARow = (list, link) => list.map((v, i) =>
	[el('span', { class: 'item' }, link(v), i < list.length - 1 ? ',' : ''), ' ']);

/* Those with the same headline in one line: what happened to each. */
function headlines(variants, results, link) {
	const same = new Map();

	for (const v of variants) {
		const i = whereOf(results, v), words = i < 0 ? textAt(v.row, 'why') || textAt(v.row, 'figure') : headline(results[i]);
		if (words)
			same.set(words, (same.get(words) || []).concat(v));
	}
	return [...same].map(([words, list]) => el('p', { class: 'said' }, el('strong', {}, inARow(list, link)), '– ' + words));
}

/* Of each column in which the variants are far apart: who has least, and who most. */
function extremes(lab, variants, link) {
	const who = (values, n) => {
		const list = variants.filter((_, i) => values[i] === n);
		return [asCell(n), ' ', el('span', { class: 'item' }, '(', list.length > 2 ? plural(list.length, 'variant')
			: list.map((v, i) => [i ? ', ' : '', link(v)]), ')')];
	};
	return listAt(lab, 'columns').map((column, i) => {
		const values = valuesOf(variants, i).map(c => c.value), numbers = values.filter(isNumber);
		const least = Math.min(...numbers), most = Math.max(...numbers);
		return numbers.length > 1 && most > 1.5 * least && el('li', {}, el('strong', {}, columnTitle(column)),
			': at least ', who(values, least), ', at most ', who(values, most));
	}).filter(Boolean);
}

const withPrice = (v, link) => el('li', {}, link(v),
	pricesOf(v.row).length ? el('span', { class: 'small' }, ' – ' + pricesOf(v.row).join('; ')) : null);

/* "✗ Harmful (1): linger-0" for each verdict but the first, which has a list of its own. */
const lesser = (variants, link) => Object.keys(VERDICTS).slice(1).map(verdict => {
	const list = variants.filter(v => v.row.verdict === verdict), { symbol, title } = VERDICTS[verdict];
	return list.length > 0 && el('p', { class: 'said' }, el('strong', { class: VERDICTS[verdict].class },
		symbol + ' ' + title + ' (' + list.length + '): '), inARow(list, link));
}).filter(Boolean);

function labAnswer(lab, results, link) {
	const variants = variantsOf(lab), works = variants.filter(v => v.row.verdict === 'works');
	const base = variants.find(v => v.name === textAt(lab, 'baseline')), result = base && results[whereOf(results, base)];
	const before = result ? [el('p', { class: 'said' }, link(base), ': ' + headline(result)), reasons(result).slice(0, 2)] : [];
	const rest = lesser(variants, link);

	if (!verdictLine(variants))
		return answer(['What happened', headlines(variants, results, link)], ['What helps', helps(results)],
			['Where they differ', listOf(extremes(lab, variants, link))]);
	return [el('p', { class: 'lead' }, verdictLine(variants)), beside([part('Without a remedy', before), part('What does not help', rest)],
		[part('✓ What works, and its price', listOf(works.map(v => withPrice(v, link)), 'columns'))])];
}
