/* states.js - the states and the colours that mean them, in every chart and in the diagram.  No
 * two lines differ by colour alone: each has dashes of its own. */

const STATES = {
	TIME_WAIT: null, ESTABLISHED: [9, 3], CLOSE_WAIT: [2, 2], FIN_WAIT2: [9, 3, 2, 3], FIN_WAIT1: [5, 2],
	SYN_SENT: [3, 5], SYN_RECV: [12, 4], LAST_ACK: [2, 5], CLOSING: [7, 2, 2, 2, 2, 2], CLOSE: [1, 3], LISTEN: [1, 5],
};
const STATE_NAMES = Object.keys(STATES);

/* What it means that sockets are in a state, and what to do where they are many. */
const MEANINGS = {
	TIME_WAIT: ['this end closed first; the kernel keeps the address and the port for 60 s',
		'where connect() gets no port, keep connections open and use them again, or let the other end close first'],
	ESTABLISHED: ['open connections', null],
	CLOSE_WAIT: ['the peer has closed, the program here has not; no timer ends that',
		'find the program with ss -tp state close-wait: it has to call close()'],
	FIN_WAIT2: ['this end has closed, the peer has not',
		'the peer has to close; after close() the kernel waits tcp_fin_timeout for it'],
	FIN_WAIT1: ['this end has closed, and its FIN is not acknowledged yet', 'many for long: the peer is gone, or reads nothing'],
	SYN_SENT: ['connect() has no answer yet', 'many for long: the peer drops SYNs, or its queue is full'],
	SYN_RECV: ['half of a handshake: the last ACK has not come', 'many for long: the clients are gone, or are none'],
	LAST_ACK: ['the peer closed first, then this end; its FIN is not acknowledged yet', 'many for long: the peer is gone'],
	CLOSING: ['both ends closed before they had the other’s FIN', null],
	CLOSE: ['bound, but neither listening nor connected', null],
	LISTEN: ['listening sockets', null],
};

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
