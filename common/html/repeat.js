/* repeat.js - the exact command lines, sysctls, kernel and version: so that anyone can repeat it. */

/* A word as a shell needs it. */
const shellWord = word => (/^[\w@%+=:,./-]+$/.test(word) ? word : '\'' + word.replace(/'/g, '\'\\\'\'') + '\'');
const shellLine = argv => argv.filter(w => typeof w === 'string').map(shellWord).join(' ');

function commandBlock(where, argv) {
	return el('div', { class: 'command' }, where && el('p', { class: 'small' }, where),
		el('pre', {}, el('code', {}, shellLine(argv))));
}

function commands(result) {
	const list = listAt(result, 'lab.commands').filter(c => c && Array.isArray(c.argv));

	if (!list.length)
		return commandBlock(null, ['twstorm'].concat(listAt(result, 'run.argv')));
	return [
		commandBlock('All of it, in private network namespaces:', listAt(result, 'lab.argv').length
			? ['twstorm', 'lab'].concat(listAt(result, 'lab.argv')) : ['twstorm', 'lab', 'run', textAt(result, 'lab.file') || '?']
			.concat(textAt(result, 'lab.variant') && textAt(result, 'lab.variant') !== textAt(result, 'lab.scenario')
				? ['--variant', textAt(result, 'lab.variant')] : [])),
		list.map(c => commandBlock('On host ' + c.host + ', ' + c.kind + ' ' + c.name + ':', c.argv)),
	];
}

/* Sysctls of both ends; what the scenario set is marked. */
function sysctls(result) {
	const client = at(result, 'host.sysctls') || {}, server = at(result, 'server.host.sysctls') || {};
	const set = Object.values(at(result, 'lab.hosts') || {}).flatMap(h => Object.keys((h && h.sysctls) || {}));
	const names = [...new Set(Object.keys(client).concat(Object.keys(server), set))];
	const value = (group, name) => (Object.hasOwn(group, name) ? (group[name] === '' ? '(empty)' : asText(group[name])) : '');

	if (!names.length)
		return null;
	return table('Sysctls that decide what TIME_WAIT does (* set for this run)', ['sysctl', 'client', 'server'], names.map(name =>
		[el('code', {}, name + (set.includes(name) ? ' *' : '')), value(client, name), value(server, name)]));
}

const asText = v => (typeof v === 'string' ? v : asCell(v));

function hosts(result) {
	const all = Object.entries(at(result, 'lab.hosts') || {});

	if (!all.length)
		return null;
	return table('Hosts of the lab', ['host', 'addresses', 'sysctls set'], all.map(([name, h]) => [name,
		listAt(h, 'addresses').join(', '),
		Object.entries(at(h, 'sysctls') || {}).map(([k, v]) => k + '=' + asText(v)).join(', ') || 'none']));
}

const factList = facts => el('dl', { class: 'facts' }, facts.filter(([, v]) => v !== null && v !== undefined).map(([name, v]) =>
	el('div', {}, el('dt', {}, name), el('dd', {}, String(v)))));

function machine(result) {
	const facts = [
		['twstorm', textAt(result, 'tool.version')], ['kernel', textAt(result, 'host.kernel')],
		['machine', textAt(result, 'host.machine')], ['CPUs', numberAt(result, 'host.cpus')],
		['started', asMoment(textAt(result, 'run.started_at'))], ['run', textAt(result, 'run.id')],
		['lasted', asSeconds(numberAt(result, 'run.duration_s'))],
		['states counted', numberAt(result, 'sampler.samples') === null ? null : asCount(numberAt(result, 'sampler.samples')) + ' times'],
		['counting cost', numberAt(result, 'sampler.cpu_s') === null ? null : asSeconds(numberAt(result, 'sampler.cpu_s')) + ' CPU'],
	];
	return factList(facts);
}

/* Every option's value: folded away, for the command line says what was asked for. */
function configuration(result) {
	const rows = Object.entries(at(result, 'config') || {}).filter(([, v]) => v !== null);

	return rows.length ? el('details', {}, el('summary', {}, 'Every option’s effective value'),
		table('Options', ['option', 'value'], rows.map(([k, v]) =>
			[el('code', {}, '--' + k.replace(/_/g, '-')), asText(v)]))) : null;
}

function repeatSection(result) {
	return section('Repeat it', 'The command lines, and what they met.', commands(result), machine(result),
		hosts(result), sysctls(result), configuration(result));
}
