/* result.js - figures of a result by their paths, whatever its author made of them. */

/* The value at a dotted path; keys may contain dots ("counters.TcpExt.TW").  undefined if there
 * is none. */
function at(doc, path) {
	if (doc === null || typeof doc !== 'object')
		return undefined;
	for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
		const key = path.slice(0, dot);
		const found = Object.hasOwn(doc, key) ? at(doc[key], path.slice(dot + 1)) : undefined;
		if (found !== undefined)
			return found;
	}
	return Object.hasOwn(doc, path) ? doc[path] : undefined;
}

const numberAt = (doc, path) => (isNumber(at(doc, path)) ? at(doc, path) : null);
const textAt = (doc, path) => (typeof at(doc, path) === 'string' ? at(doc, path) : null);
const listAt = (doc, path) => (Array.isArray(at(doc, path)) ? at(doc, path) : []);

/* [key, value] of an object's numbers. */
function numbersAt(doc, path) {
	const group = at(doc, path);
	return group !== null && typeof group === 'object'
		? Object.entries(group).filter(([, v]) => isNumber(v)) : [];
}

/* The rows of the series that have a time, in order. */
const seriesOf = result =>
	listAt(result, 'series').filter(row => row && isNumber(row.t)).sort((a, b) => a.t - b.t);

/* Failures by the call and its errno, most first: [["connect EADDRNOTAVAIL", 801], ...]. */
function failuresOf(result) {
	return ['socket', 'bind', 'connect', 'transfer', 'timeout']
		.flatMap(call => numbersAt(result, 'errors.' + call).map(([name, n]) => [call + ' ' + name, n]))
		.filter(([, n]) => n > 0)
		.sort((a, b) => b[1] - a[1]);
}
