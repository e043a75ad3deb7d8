#!/bin/bash
# The HTML report in a browser without a network: no error, every line drawn, the slider moves the
# counts to what the series says, nothing from a result becomes markup, no sideways scrolling.
# limit: 120
. "$(dirname "$0")/../lib.sh"
need chromium
in_netns "$@"
cd "$TEST_TMP" || exit 1

# Added to a copy of the page: looks at it, uses it, and tells what it saw to the page around it,
# which is there because no window of this browser is as narrow as a telephone.
cat >look.js <<'JS'
<script>
(async () => {
	const all = selector => [...document.querySelectorAll(selector)];
	const text = selector => all(selector).map(e => e.textContent);
	const wait = ms => new Promise(done => setTimeout(done, ms));
	const count = side => {
		const shown = all('[data-state=TIME_WAIT][data-side=' + side + ']')[0];
		return shown ? Number(shown.textContent.replace(/,/g, '')) : null;
	};
	const painted = graph => {
		const data = graph.hidden_ctx_.getImageData(0, 0, graph.hidden_.width, graph.hidden_.height).data;
		return data.some((v, i) => i % 4 === 3 && v > 100);
	};
	/* [red, green, blue, alpha], and how far two colours are apart (WCAG). */
	const rgba = css => (css.match(/[\d.]+/g) || []).map(Number).concat(1).slice(0, 4);
	const light = css => rgba(css).slice(0, 3).map(v => v / 255).map(v => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
		.reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
	const back = e => { while (e.parentElement && !(rgba(getComputedStyle(e).backgroundColor)[3] === 1)) e = e.parentElement;
		return getComputedStyle(e).backgroundColor; };
	const contrast = e => { const two = [light(getComputedStyle(e).color), light(back(e))].sort((a, b) => b - a);
		return (two[0] + 0.05) / (two[1] + 0.05); };
	const lowContrast = () => all('body *').filter(e => !e.closest('svg, script, noscript') && [...e.childNodes].some(n =>
		n.nodeType === 3 && n.textContent.trim()) && contrast(e) < 4.5).map(e => e.className + ': ' + e.textContent.slice(0, 40));
	/* What the keyboard can reach has to show that it is there. */
	const unfocused = () => all('button, input, summary, .scroll').filter(e => e.checkVisibility()).filter(e => {
		e.focus();
		return document.activeElement !== e || getComputedStyle(e).outlineStyle === 'none';
	}).map(e => e.outerHTML.slice(0, 60));
	/* How far a table's first column moves when the table is scrolled: of those that can be. */
	const stuck = () => all('.scroll').filter(box => box.scrollWidth > box.clientWidth + 60).map(box => {
		const cell = box.querySelector('tbody th'), before = cell.getBoundingClientRect().left;
		box.scrollLeft = 60;
		const moved = Math.abs(cell.getBoundingClientRect().left - before);
		return box.scrollLeft < 60 ? 'did not scroll' : Math.round(moved);
	});
	const seen = { h1: text('h1')[0], sections: text('h2'), banners: text('.banner'), tiles: text('.tile'),
		chips: text('.chip'), cells: text('td'), leads: text('.lead'), missing: text('.missing'), title: document.title };
	try {
		const slider = document.getElementById('moment');
		seen.charts = {};
		charts.forEach(c => { seen.charts[c.spec.title] = { rows: c.graph.numRows(), painted: painted(c.graph),
			top: c.graph.yAxisRange()[1], lines: c.spec.lines.map(l => l.name), marks: (c.spec.marks || []).map(m => m.name) }; });
		if (slider) {
			seen.moments = Number(slider.max) + 1;
			seen.client = [];
			seen.server = [];
			for (let i = 0; i <= Number(slider.max); i++) {
				slider.value = i;
				slider.dispatchEvent(new Event('input'));
				seen.client.push(count('client'));
				seen.server.push(count('server'));
			}
			seen.said = slider.getAttribute('aria-valuetext');
			seen.on = all('.arc.on').length;
			const cursors = () => all('.cursor:not([hidden])').map(c => c.style.left).join();
			const before = cursors();
			all('.play')[0].click();
			await wait(400);
			seen.played = slider.value > 0 && slider.value < Number(slider.max) + 1 && cursors() !== before;
		}
		const plot = all('[data-chart="Ports in use"] canvas').pop();
		if (plot) {
			const box = plot.getBoundingClientRect();
			const mouse = type => plot.dispatchEvent(new MouseEvent(type, { bubbles: true, view: window, button: 0, detail: 1,
				clientX: box.left + 60 + (box.width - 60) / 4, clientY: box.top + 50 }));
			mouse('mousemove');
			seen.hover = text('[data-chart="Ports in use"] .legend-value')[0];
			['mousedown', 'mouseup', 'click'].forEach(mouse);
			seen.clicked = Number(slider.value);
		}
		const screen = charts.length && charts[0].graph.getColors()[0];
		dispatchEvent(new Event('beforeprint'));
		seen.paper = charts.length ? charts[0].graph.getColors()[0] : '';
		dispatchEvent(new Event('afterprint'));
		seen.screen_again = !charts.length || charts[0].graph.getColors()[0] === screen;
		const tabs = all('.tabs button');
		seen.tabs = tabs.map(t => t.textContent);
		if (tabs.length > 1) {
			tabs[1].click();
			seen.second = text('.result-title')[0];
			seen.links = all('[data-show]').length;
			if (seen.links) {
				all('[data-show]').pop().click();
				seen.linked = text('.result-title')[0];
			}
		}
		seen.bars = all('td .bar').length;
		seen.folded = text('summary');
		seen.low = lowContrast();
		seen.unfocused = unfocused();
		seen.moved = stuck();
	} catch (error) {
		seen.failed = error.message;
	}
	seen.slips = (document.body.innerText.match(/\b(null|undefined|NaN|Infinity)\b|\[object/g) || []).length;
	seen.pwned = window.pwned || 0;
	seen.odd = all('img, iframe, object, embed, a[href^=javascript]').length;
	seen.scripts = all('script').length;
	seen.fetched = performance.getEntriesByType('resource').length;
	seen.sideways = document.documentElement.scrollWidth - document.documentElement.clientWidth;
	seen.width = innerWidth;
	seen.background = getComputedStyle(document.body).backgroundColor;
	seen.line = charts.length ? charts[0].graph.getColors()[0] : '';
	parent.postMessage(btoa(unescape(encodeURIComponent(JSON.stringify(seen)))), '*');
})();
</script>
JS

# browse NAME FLAGS PAGE:WIDTH...: all of them in one browser, which takes long to start; what it saw
# is then in NAME-PAGE-WIDTH.seen.
browse() {
	local name=$1 flags=$2 look page width
	shift 2
	cat >"$name.html" <<'HTML'
<style>:root { color-scheme: light dark }</style>
<script>
addEventListener('message', event => {
	const name = [...document.querySelectorAll('iframe')].find(f => f.contentWindow === event.source).name;
	document.getElementById(name).textContent = event.data;
});
</script>
HTML
	for look; do
		page=${look%:*} width=${look#*:}
		{ sed '/^<\/body>$/,$d' "$page.html" && cat look.js && printf '</body>\n</html>\n'; } >"$name-$page-$width.html"
		echo "<pre id=\"$page-$width\"></pre>"
		echo "<iframe src=\"$name-$page-$width.html\" name=\"$page-$width\" width=\"$width\" height=\"900\" style=\"border: 0\"></iframe>"
	done >>"$name.html"
	rm -rf browser
	# shellcheck disable=SC2086 # no flag is none
	timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
		--disable-background-networking --disable-breakpad --user-data-dir="$PWD/browser" --window-size=1300,1000 \
		--virtual-time-budget=5000 --enable-logging=stderr $flags --dump-dom "file://$PWD/$name.html" \
		>"$name.dom" 2>"$name.log" </dev/null || fail "chromium ended with $?: $(tail -n 5 "$name.log")"
	for look; do
		sed -n "s/.*<pre id=\"${look/:/-}\">\([^<]*\)<.*/\1/p" "$name.dom" | base64 -d >"$name-${look/:/-}.seen"
	done
}

# look NAME PAGE WIDTH: from now on this is what `saw` and `has` are about; what holds for every page
# is checked.
look() {
	local page=$1-$2-$3
	grep CONSOLE "$1.log" | grep "$page.html" && fail "$page: something on the console"
	cp "$page.seen" seen.json
	[ -s seen.json ] || fail "$page: the page did not get to its end"
	json failed seen.json && fail "$page: the look itself failed"
	json_are seen.json fetched=0 odd=0 slips=0 pwned=0 scripts=4 sideways=0 width="$3" 'low=[]' 'unfocused=[]'
	json moved seen.json | grep -q '[1-9d]' && fail "$page: a first column moved: $(json moved seen.json)"
	return 0
}

saw() {
	json_is "$1" seen.json "$2"
}

# has PATH TEXT: the JSON at PATH contains it.
has() {
	json "$1" seen.json | grep -qF -e "$2" || fail "$1 has no '$2': $(json "$1" seen.json)"
}

echo "results: a storm, a storm interrupted, a refusal, a pool"
echo 0 >/proc/sys/net/ipv4/tcp_tw_reuse
start_server main
lo=40000 # the server may have been given a port of these
((port >= lo && port < lo + 500)) && lo=42000
storm=(-t "127.0.0.1:$port" -q -r 500/s --source-ports "$lo-$((lo + 499))")
run "$TWSTORM" client "${storm[@]}" -d 2s -o storm.json --html storm.html --expect 'ports.exhausted == true' \
	--expect 'ports.first_exhausted_due_s ~ ports.predicted_exhaustion_s 1%'
expect_status 0
start cut "$TWSTORM" client -t "127.0.0.1:$port" -r 100/s -d 30s --interval 100ms --source-ports 41000-41999 \
	-o cut.json --html cut.html
wait_line cut.log '^ +0\.[5-9]' >/dev/null
stop cut INT
[ $? = 130 ] || fail "an interrupted client does not end with 130"
"$TWSTORM" states --format json --by port -i 50ms -n 3 >states.json
run "$TWSTORM" client -t 127.0.0.1:1-2 -q -n 5 -d 300ms -o refused.json --html refused.html
expect_status 4
run "$TWSTORM" client -t "127.0.0.1:$port" -q -n 100 --close server-fin --html - -o pool.json
expect_status 0
mv out pool.html
head -n 1 pool.html | grep -qx '<!DOCTYPE html>' || fail "--html - prints something else: $(head -c 200 pool.html)"

echo "files with less, with more, with malice"
page() {
	local name=$1
	shift
	run "$TWSTORM" report "$@" --html "$name.html"
	expect_status 0
}
sed 's/"series": \[/"series": [], "was": [/; s/"connect_by_fill": {/"connect_by_fill": null, "were_by_fill": {/; s/"counters": {/"counters": null, "were": {/' storm.json >bare.json
page bare bare.json
echo '{"schema": "twstorm.result/1"}' >empty.json
page empty empty.json
sed -e 's|"connect_by_fill": {|"was_by_fill": {|' -e '2i "connect_by_fill": {"0": {"count": 9, "p50": 13, "p90": 20, "p99": 43, "max": 50}, "10": null, "50": {"count": 9, "p50": 2133, "p90": 3000, "p99": 3700, "max": 9000}},' storm.json >fill.json
hosts='"hosts": {"NAME": {"series": [{"t": -0.1, "states": {"LISTEN": 1}}, {"t": 1, "states": null}, {"t": 2, "states": {"TIME_WAIT": 500}, "conntrack": {"count": 100, "drop": 30}}],'
hosts+=' "conntrack": {"count_peak": 100, "max": 65536, "drop": 30, "insert_failed": 30},'
hosts+=' "to": {"198.18.0.11:9000": {"states": {"peak": {"TIME_WAIT": 500}}, "ports": {"full_at_s": 1.5, "predicted_full_s": 1.4}}}}},'
sed -i "2i ${hosts/NAME/proxy}" fill.json
page fill fill.json
for file in storm pool cut; do # one with connect() by fill is enough, and known
	sed 's/"connect_by_fill": {/"connect_by_fill": null, "were_by_fill": {/' $file.json >$file.nofill.json
	mkdir -p several && mv $file.nofill.json several/$file.json
done
page several several/storm.json several/pool.json several/cut.json fill.json
page states states.json
{
	echo 'net.ipv4.ip_local_port_range = 40000 40999'
	echo 'root@web7:~# ss -tanop'
	for ((i = 0; i < 600; i++)); do
		echo "TIME-WAIT 0 0 10.1.0.1:$((40000 + i)) 10.1.0.2:443 timer:(timewait,$((i / 10))sec,0)"
	done
	for ((i = 0; i < 5; i++)); do
		echo "CLOSE-WAIT 9 0 10.1.0.1:80 10.1.0.3:$((50000 + i)) users:((\"<img/src=x/onerror=window.pwned=1>\",pid=7,fd=9))"
	done
} >sick.txt
run "$TWSTORM" doctor sick.txt --html sick.html
expect_status 0
grep -q '^ports (' out || fail "doctor --html FILE prints no diagnosis: $(cat out)"
held='"wanted":{"TIME_WAIT":1200,"CLOSING":0},"server":{"peak":{"TIME_WAIT":1200,"LISTEN":1},"end":{"TIME_WAIT":1200,"LISTEN":1}},"exact":true'
held+=',"held_s":6.03034087,"samples":29,"recipes":{"TIME_WAIT":"we close first"}'
echo '{"schema":"twstorm.probe/1","complete":true,"probe":"states","finding":"They were held.","states":{'"$held"'},
	"counters":{"TcpExt.TW":1200,"Tcp.InErrs":0},"expectations":[{"expr":"states.exact == true","ok":true,"value":true,"expected":true}]}' >held.json
page held held.json
sed '2i "lab": {"variant": "one"},' storm.json >one.json
sed '2i "lab": {"variant": "two"},' pool.json >two.json
page variants one.json two.json
lab='"lab":{"scenario":"demo","about":"What it is about.","columns":[{"title":"column"},{"title":"nothing"},{"title":"wide"},{"title":"wider"}],"rows":['
lab+='{"variant":"one","verdict":"works","figure":"7 of 9","cost":"none","cells":[1234,0,10,123456],"expectations":[{"phrase":"it holds","expr":"a == 1","value":1,"expected":1,"ok":true}]},'
lab+='{"variant":"two","about":"the other","verdict":"harmful","figure":"8","cost":"much","cells":["word",0,20,1],"expectations":[{"phrase":"it breaks","expr":"a == 2","value":1,"expected":2,"ok":false}]},'
lab+='{"variant":"three","verdict":"not on this kernel","figure":"","cost":"","cells":[null,null,null,null],"expectations":[]},{"variant":"four","verdict":null},'
lab+='{"variant":"one","round":2,"verdict":"works","cells":[1236,0,10,123456]}],"rounds":2}'
sed "s/\"lab\":null/$lab/" variants.html >lab.html
cmp -s variants.html lab.html && fail "the page has no place for a lab"
evil='<\/script><script>window.pwned=1<\/script><img src=x onerror=window.pwned=1>\\u2028'
sed -e 's/"complete": true/"complete": false/' -e "s/\"EADDRNOTAVAIL\"/\"$evil\"/; s/\"client-fin\"/\"$evil\"/; s/\"client\",/\"$evil\",/" \
	-e "s/\"sentence\": \"/\"sentence\": \"$evil/; s/\"cure\": \"/\"cure\": \"$evil/" \
	-e "s/\"expr\": \"/\"expr\": \"$evil/; s/\"what\": \"/\"what\": \"$evil/; s/\"kernel\": \"/\"kernel\": \"$evil/" \
	-e "s/\"id\": \"/\"id\": \"$evil/; s/\"net.ipv4.tcp_tw_reuse\": \"0/\"$evil\": \"$evil/; s/\"completed\"/\"$evil\"/" \
	-e "s/\"t\": [0-9.e-]*/&, \"$evil\": \"$evil\"/" -e "s/\"TIME_WAIT\": \([0-9]*\),/\"TIME_WAIT\": \1, \"$evil\": 7,/" \
	-e "2i ${hosts/NAME/$evil}" -e "2i \"lab\": {\"scenario\": \"$evil\", \"variant\": \"$evil\", \"file\": \"$evil\", \"hosts\": {\"$evil\": {\"addresses\": [\"$evil\"], \"sysctls\": {\"$evil\": \"$evil\"}}}, \"commands\": [{\"kind\": \"$evil\", \"name\": \"$evil\", \"host\": \"$evil\", \"argv\": [\"$evil\"]}]}, \"error\": {\"message\": \"$evil\"}," \
	storm.json >'<img src=x onerror=window.pwned=1>.json'
[ "$(grep -o onerror '<img src=x onerror=window.pwned=1>.json' | wc -l)" -gt 20 ] || fail "the hostile file is harmless"
cp '<img src=x onerror=window.pwned=1>.json' hostile.json
page hostile hostile.json
page hostiles '<img src=x onerror=window.pwned=1>.json' hostile.json

echo "pages that are broken, which this test has to notice"
break_page() {
	sed "$3" "$2.html" >"$1.html"
	cmp -s "$1.html" "$2.html" && fail "$1: nothing was broken"
}
traces=
if "$TWSTORM" lab trace --close both --html trace.html >/dev/null 2>&1; then
	traces="trace:1280 trace:400"
fi
# A lab whose loads are programs that are not ours, and nothing else.
cat >loads.ini <<'INI'
[scenario]
about = programs of anybody
[host server]
[host client]
observe = all
[server main]
host = server
args = --listen {server}:9000
[process load]
host = client
counts = yes
exit-code = any
command = bash -c 'for ((i = 0; i < {times}; i++)); do exec 3<>/dev/tcp/{server}/9000 && exec 3>&-; done; sleep 0.2; echo its last word'
set.times = 3
[columns]
entered = hosts.client.counters.TcpExt.TW
[variant three]
[variant seven]
process load.set.times = 7
INI
loads=
if "$TWSTORM" lab run -q loads.ini -o loads >/dev/null 2>&1; then
	mv loads/report.html loads.html
	loads="loads:1280 loads:400"
fi
break_page script storm 's/^function timeSection/function timeSections/'
break_page markup hostile 's/kid !== null \&\& kid !== undefined/typeof kid !== "string" || !node.insertAdjacentHTML("beforeend", kid)/'
break_page wide storm 's/^\.tiles {/.tiles { width: 2000px;/'
break_page loose lab 's/position: sticky; left: 0;//'
break_page pale lab 's/--soft: #566270/--soft: #a0a8b0/'
break_page unseen storm 's/^:focus-visible {.*/:focus-visible { outline: none; }/'

browse light '' {storm,cut,refused,bare,empty,fill,several,lab,states,sick,held,script,markup,wide,pale,unseen}:1280 \
	{storm,refused,several,lab,states,sick,held,loose,hostile,hostiles}:400 $traces $loads
browse dark --force-dark-mode {storm,lab,states}:1280

echo "a diagnosis"
look light sick 400
look light sick 1280
saw title 'twstorm: a diagnosis'
saw h1 ports
saw 'charts.Connections closed here, by second.rows' 60
saw 'charts.Connections closed here, by second.painted' true
has sections 'Local ports by destination'
has said 'this host TIME_WAIT 600'
has cells '<img/src=x/onerror=window.pwned=1>'

echo "a storm"
look light storm 1280
has h1 'Cannot assign requested address: no port left after'
has h1 'predicted: '
saw title 'twstorm: '"$(json run.id storm.json)"
json sections seen.json | grep -q '"Targets"' && fail "a section of targets where there is one target"
for name in 'Ports in use' 'States on the client' 'Connections a second' 'Failures a second'; do
	saw "charts.$name.painted" true
	rows=$(json "charts.$name.rows" seen.json)
	[ "$rows" -ge 10 ] || fail "'$name' has $rows rows"
done
saw 'charts.Ports in use.rows' "$(json 'series.#' storm.json)"
has 'charts.Ports in use.marks' '"budget 500"'
has 'charts.Ports in use.marks' 'predicted'
has 'charts.Ports in use.marks' 'first failure'
has 'charts.States on the client.lines' TIME_WAIT
json folded seen.json | grep -q '[0-9] counters did not move' || fail "counters that did not move are not folded"
[ "$(json on seen.json)" -ge 10 ] || fail "the way of the strategy is not marked"

# The slider: at each moment the box shows what the series has, and both ends differ.
# (A busy machine counts less often: a row that was not counted is no moment.)
counted=()
for ((i = 0; i < $(json 'series.#' storm.json); i++)); do
	[ "$(json "series.$i.client" storm.json)" = null ] && [ "$(json "series.$i.server" storm.json)" = null ] || counted+=("$i")
done
saw moments "${#counted[@]}"
last=$((${#counted[@]} - 1))
for ((i = 0; i <= last; i++)); do
	for side in client server; do
		saw "$side.$i" "$(json "series.${counted[i]}.$side.TIME_WAIT" storm.json || echo 0)"
	done
done
saw "client.$last" 500
saw client.0 0
has said 'client TIME_WAIT 500'
saw played true
json hover seen.json | grep -q '[0-9]' || fail "the mouse over a line shows no value"
# A quarter of the time is the moment nearest to that.
for ((i = 0; i <= last; i++)); do
	json "series.${counted[i]}.t" storm.json
done >"$TEST_TMP/times"
awk -v at="$(json clicked seen.json)" '
	{ t[NR - 1] = $1 }
	END {
		quarter = t[NR - 1] / 4
		for (i = 0; i < NR; i++) {
			d = t[i] - quarter
			off[i] = d < 0 ? -d : d
			if (i == 0 || off[i] < least)
				least = off[i]
		}
		exit !(off[at] <= least + t[NR - 1] / 10)
	}' "$TEST_TMP/times" || fail "a click at a quarter of the chart moves the moment to number $(json clicked seen.json) of: $(xargs <"$TEST_TMP/times")"
light=$(json background seen.json) line=$(json line seen.json)

echo "in the dark, and on a telephone"
look dark storm 1280
[ "$(json background seen.json)" != "$light" ] || fail "the page is as light in the dark"
[ "$(json line seen.json)" != "$line" ] || fail "the lines have the same colour in the dark"
saw paper "$line"
saw screen_again true
for page in lab states; do
	look dark $page 1280
done
for page in storm refused; do
	look light $page 400
done

echo "what is not there is said"
look light cut 1280
has h1 'interrupted'
look light refused 1280
has h1 'nothing ever connected'
has h1 'ECONNREFUSED'
has sections '"Targets"'
for i in 0 1; do
	has cells "\"ECONNREFUSED $(json targets.$i.failed.ECONNREFUSED refused.json)\""
done
look light bare 1280
has missing 'no series'
has missing 'connect() times by fill'
saw moments 1
saw client.0 500
look light empty 1280
has missing 'No states were counted'

echo "connect() against fill"
look light fill 1280
has sections 'Observed hosts'
saw 'charts.States on host proxy.rows' 2
saw 'charts.States on host proxy.painted' true
has 'charts.States on host proxy.marks' 'no port left to 198.18.0.11:9000'
saw 'charts.Connection tracking on host proxy.rows' 1
saw 'charts.connect() call, by percent of the budget in use.painted' true
saw 'charts.connect() call, by percent of the budget in use.rows' 2

echo "several, in one page"
look light several 1280
saw tabs '["storm","pool","cut","fill"]'
has second 'pool: The ports did not run out'
saw 'charts.Ports in use, all results.painted' true
has sections 'Side by side'
saw 'charts.connect() median by percent of the budget in use, all results.rows' 2
saw 'charts.connect() median by percent of the budget in use, all results.painted' true
saw 'charts.connect() median by percent of the budget in use, all results.lines' '["fill"]'
has folded 'the same for all'
has folded '0 or not measured for all'
[ "$(json bars seen.json)" -gt 20 ] || fail "bars beside the figures: $(json bars seen.json)"
look light several 400
json moved seen.json | grep -q 0 || fail "no table of several results was wide enough to be scrolled"

echo "the table of a lab's variants"
look light lab 400
json moved seen.json | grep -q 0 || fail "the table of variants was not wide enough to be scrolled"
look light lab 1280
saw h1 'demo: 1 of 3 variants works'
has leads 'Left out, 0 for all: nothing.'
has leads 'Each ran 2 times'
saw chips '["✓ works","✗ harmful","– not on this kernel"]'
saw links 4
has leads 'Of 3 variants, 1 works, 1 is harmful, 1 is not in this kernel.'
has linked 'two: The ports did not run out'
has cells '1,2351,234 to 1,236'
has cells '✗ 1 of 1 false'

if [ -n "$loads" ]; then
	echo "programs that are not ours"
	look light loads 1280
	saw h1 'loads: programs of anybody'
	saw links 6
	saw tabs '["three","seven"]'
	has second 'seven: The load (bash) ended with code 0'
	saw 'charts.TIME_WAIT on host client, all results.painted' true
	saw 'charts.TIME_WAIT on host client, all results.lines' '["three","seven"]'
	has sections 'Observed hosts'
	has sections 'What it said last'
	look light loads 400
fi

echo "counts of states, and states that were held"
look light states 1280
has h1 ' TCP sockets, '
has h1 ' in TIME_WAIT'
saw 'charts.States on this host.rows' 3
saw 'charts.States on this host.painted' true
saw client.2 "$(tail -n 1 states.json | sed 's/.*"TIME_WAIT":\([0-9]*\),"CLOSE".*/\1/')"
has sections 'By port'
look light states 400
look light held 1280
saw h1 'They were held.'
has cells 'we close first'
has cells '1,200'
look light held 400

if [ -n "$traces" ]; then
	echo "one connection"
	look light trace 1280
	has h1 'One connection, 1'
	has cells 'CLOSING'
	has cells 'simultaneous close'
fi

echo "a hostile file"
look light hostile 400
has h1 '</script><script>window.pwned=1</script><img'
saw 'charts.Ports in use.painted' true
look light hostiles 400
has tabs '<img src=x onerror=window.pwned=1>'

echo "and the broken ones are noticed"
notices() {
	(look light "$1" "${3:-1280}") >noticed 2>&1 && fail "a broken page passes: $1"
	grep -q "$2" noticed || fail "$1: noticed something else: $(cat noticed)"
}
notices loose 'first column moved' 400
notices pale 'low'
notices unseen 'unfocused'
notices script 'console'
notices markup 'console\|odd'
notices wide 'sideways'
stop main
