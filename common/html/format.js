'use strict';
/* format.js - numbers as people read them.  Whatever is no number is "n/a": results come from
 * files, and a figure that was not measured is null. */

const NOT_MEASURED = 'n/a';
const isNumber = v => typeof v === 'number' && isFinite(v);
const grouped = (v, digits = 0) =>
	v.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });

const plural = (n, word) => asCount(n) + ' ' + word + (n === 1 ? '' : 's');

/* As many decimals as make three digits. */
function threeDigits(v) {
	const size = Math.abs(v);
	return grouped(v, size >= 100 || v === 0 ? 0 : size >= 10 ? 1 : 2);
}

function asCount(v) {
	return isNumber(v) ? grouped(v) : NOT_MEASURED;
}

/* Short enough for a box: 28,232 but 1.25M. */
function asShortCount(v) {
	if (!isNumber(v))
		return NOT_MEASURED;
	return v >= 1e6 ? grouped(v / 1e6, 2) + 'M' : grouped(v);
}

function asSeconds(v) {
	if (v > 0 && v < 0.01)
		return asMicros(v * 1e6);
	return isNumber(v) ? grouped(v, v >= 100 ? 0 : 2) + '\u00a0s' : NOT_MEASURED;
}

/* Microseconds, in the unit that suits them. */
function asMicros(v) {
	if (!isNumber(v))
		return NOT_MEASURED;
	if (Math.abs(v) < 1000)
		return threeDigits(v) + '\u00a0µs';
	return Math.abs(v) < 1e6 ? threeDigits(v / 1e3) + '\u00a0ms' : threeDigits(v / 1e6) + '\u00a0s';
}

function asRate(v) {
	return isNumber(v) ? (v < 10 ? threeDigits(v) : grouped(v)) + '/s' : NOT_MEASURED;
}

function asPercent(v) {
	return isNumber(v) ? threeDigits(v) + '\u00a0%' : NOT_MEASURED;
}

function asRatio(v) {
	return isNumber(v) ? '×' + (v >= 1000 ? grouped(v) : v.toPrecision(3).replace(/\.?0+$/, '')) : '';
}

const UNITS = { '': asCount, s: asSeconds, us: asMicros, '/s': asRate, bytes: asCount };

/* A figure of the comparison. */
function asFigure(v, unit) {
	if (v === true || v === false)
		return asCell(v);
	return (UNITS[unit] || asCount)(v);
}

/* Any JSON value in a table's cell. */
function asCell(v) {
	if (v === null || v === undefined)
		return NOT_MEASURED;
	if (v === true || v === false || v === 'true' || v === 'false')
		return String(v) === 'true' ? 'yes' : 'no';
	if (isNumber(v))
		return Number.isInteger(v) ? grouped(v) : threeDigits(v);
	return typeof v === 'object' ? JSON.stringify(v) : String(v);
}

/* "2026-11-30T11:41:04.630Z" without what nobody reads. */
const asMoment = text => (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text || '') ? text.slice(0, 10) + ' ' + text.slice(11, 19) + ' UTC' : text);
