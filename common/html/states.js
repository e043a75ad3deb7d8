/* states.js - the states and the colours that mean them, in every chart and in the diagram.  No
 * two lines differ by colour alone: each has dashes of its own. */

const STATES = {
	TIME_WAIT: null, ESTABLISHED: [9, 3], CLOSE_WAIT: [2, 2], FIN_WAIT2: [9, 3, 2, 3], FIN_WAIT1: [5, 2],
	SYN_SENT: [3, 5], SYN_RECV: [12, 4], LAST_ACK: [2, 5], CLOSING: [7, 2, 2, 2, 2, 2], CLOSE: [1, 3], LISTEN: [1, 5],
};
const STATE_NAMES = Object.keys(STATES);

const cssValue = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const stateVariable = name => '--state-' + name.toLowerCase().replace(/_/g, '-');
const stateColour = name => cssValue(stateVariable(name));

/* Lines of several results. */
const LINE_DASHES = [null, [9, 3], [2, 2], [9, 3, 2, 3], [5, 2], [12, 4]];
const lineColour = i => cssValue('--line-' + (1 + i % 6));
const lineDash = i => LINE_DASHES[(i + Math.floor(i / 6)) % LINE_DASHES.length];

/* A short line as the charts draw it. */
function swatch(variable, dash) {
	return svg('svg', { class: 'swatch', width: 26, height: 10, 'aria-hidden': 'true' },
		svg('line', { x1: 0, y1: 5, x2: 26, y2: 5, style: 'stroke:var(' + variable + ')',
			'stroke-dasharray': dash ? dash.join(' ') : null }));
}

/* Which way a connection of a close strategy goes, on each side; "RST" ends in CLOSED at once.  The
 * program's own table of strategies, which start() puts here. */
const WAYS = {};
const OPENING = { client: ['CLOSED', 'SYN_SENT', 'ESTABLISHED'], server: ['LISTEN', 'SYN_RECV', 'ESTABLISHED'] };

/* The strategies of a result: "client-fin:90,client-rst:10" has two. */
const strategiesOf = result =>
	(textAt(result, 'config.close') || '').split(',').map(s => s.split(':')[0].trim())
		.filter(s => Object.hasOwn(WAYS, s));
