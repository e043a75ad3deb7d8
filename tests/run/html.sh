#!/bin/bash
# The HTML report in a browser without a network: no error, every line drawn, the slider moves the
# counts to what the series says, nothing from a result becomes markup, no sideways scrolling.
# limit: 180
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
	const count = side => Number(all('[data-state=TIME_WAIT][data-side=' + side + ']')[0].textContent.replace(/,/g, ''));
	const painted = graph => {
		const data = graph.hidden_ctx_.getImageData(0, 0, graph.hidden_.width, graph.hidden_.height).data;
		return data.some((v, i) => i % 4 === 3 && v > 100);
	};
	const seen = { h1: text('h1')[0], sections: text('h2'), banners: text('.banner'), tiles: text('.tile'),
		chips: text('.chip'), missing: text('.missing'), title: document.title };
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
		const tabs = all('.tabs button');
		seen.tabs = tabs.map(t => t.textContent);
		if (tabs.length > 1) {
			tabs[1].click();
			seen.second = text('.result-title')[0];
			seen.charts_then = charts.length;
		}
	} catch (error) {
		seen.failed = error.message;
	}
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

# look PAGE WIDTH [FLAG...]: what the browser saw is then in seen.json.
look() {
	local page=$1 width=$2
	shift 2
	{ sed '/^<\/body>$/,$d' "$page" && cat look.js && printf '</body>\n</html>\n'; } >looked.html
	cat >frame.html <<HTML
<style>:root { color-scheme: light dark } body { margin: 0 }</style><pre id="seen"></pre>
<script>addEventListener('message', event => { document.getElementById('seen').textContent = event.data; })</script>
<iframe src="looked.html" width="$width" height="900" style="border: 0"></iframe>
HTML
	rm -rf browser
	timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
		--disable-background-networking --disable-breakpad --user-data-dir="$PWD/browser" --window-size=1300,1000 \
		--virtual-time-budget=5000 --enable-logging=stderr "$@" --dump-dom "file://$PWD/frame.html" \
		>dom.html 2>browser.log </dev/null || fail "chromium ended with $?: $(tail -n 5 browser.log)"
	grep CONSOLE browser.log | grep -v "source: chrome://" && fail "$page: something on the console"
	sed -n 's/.*<pre id="seen">\([^<]*\)<.*/\1/p' dom.html | base64 -d >seen.json
	[ -s seen.json ] || fail "$page: the page did not get to its end"
	json failed seen.json && fail "$page: the look itself failed"
	json_is fetched seen.json 0
	json_is odd seen.json 0
	json_is pwned seen.json 0
	json_is scripts seen.json 4
	json_is sideways seen.json 0
	json_is width seen.json "$width"
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
storm=(-t "127.0.0.1:$port" -q -r 500/s --source-ports 40000-40499)
run "$TWSTORM" client "${storm[@]}" -d 2s -o storm.json --html storm.html --expect 'ports.exhausted == true' \
	--expect 'ports.first_exhausted_s ~ ports.predicted_exhaustion_s 20%'
expect_status 0
start cut "$TWSTORM" client -t "127.0.0.1:$port" -r 100/s -d 30s --interval 100ms --source-ports 41000-41999 \
	-o cut.json --html cut.html
wait_line cut.log '^ +0\.[5-9]' >/dev/null
stop cut INT
[ $? = 130 ] || fail "an interrupted client does not end with 130"
run "$TWSTORM" client -t 127.0.0.1:1 -q -n 5 -d 300ms -o refused.json --html refused.html
expect_status 4
run "$TWSTORM" client -t "127.0.0.1:$port" -q -n 100 --close server-fin --html - -o pool.json
expect_status 0
mv out pool.html
head -n 1 pool.html | grep -qx '<!DOCTYPE html>' || fail "--html - prints something else: $(head -c 200 pool.html)"

echo "a storm"
look storm.html 1280
has h1 '500 ports were gone after'
has h1 'as foretold'
saw title 'twstorm: '"$(json run.id storm.json)"
for name in 'Ports in use' 'States on the client' 'Connections a second' 'Failures a second'; do
	saw "charts.$name.painted" true
	rows=$(json "charts.$name.rows" seen.json)
	[ "$rows" -ge 10 ] || fail "'$name' has $rows rows"
done
saw 'charts.Ports in use.rows' "$(json 'series.#' storm.json)"
has 'charts.Ports in use.marks' '"budget 500"'
has 'charts.Ports in use.marks' 'foretold'
has 'charts.Ports in use.marks' 'first failure'
has 'charts.States on the client.lines' TIME_WAIT
[ "$(json on seen.json)" -ge 10 ] || fail "the way of the strategy is not marked"

# The slider: at each moment the box shows what the series has, and both ends differ.
saw moments "$(json 'series.#' storm.json)"
last=$(($(json moments seen.json) - 1))
for ((i = 0; i <= last; i++)); do
	for side in client server; do
		saw "$side.$i" "$(json "series.$i.$side.TIME_WAIT" storm.json || echo 0)"
	done
done
saw "client.$last" 500
saw client.0 0
has said 'client TIME_WAIT 500'
saw played true
light=$(json background seen.json) line=$(json line seen.json)

echo "in the dark, and on a telephone"
look storm.html 1280 --force-dark-mode
[ "$(json background seen.json)" != "$light" ] || fail "the page is as light in the dark"
[ "$(json line seen.json)" != "$line" ] || fail "the lines have the same colour in the dark"
for page in storm refused; do
	look $page.html 400
done

echo "what is not there is said"
look cut.html 1280
has banners 'interrupted'
look refused.html 1280
has h1 'Not one connection was made.'
has banners 'ECONNREFUSED'
sed 's/"series": \[/"series": [], "was": [/; s/"counters": {/"counters": null, "were": {/' storm.json >bare.json
run "$TWSTORM" report bare.json --html bare.html
expect_status 0
look bare.html 1280
has missing 'no series'
has missing 'connect() times by fill'
saw moments 1
saw client.0 500
echo '{"schema": "twstorm.result/1"}' >empty.json
run "$TWSTORM" report empty.json --html empty.html
expect_status 0
look empty.html 1280
has missing 'No states were counted'

echo "connect() against fill"
sed '2i "connect_by_fill": {"0": {"count": 9, "p50": 13, "p90": 20, "p99": 43, "max": 50}, "10": null, "50": {"count": 9, "p50": 2133, "p90": 3000, "p99": 3700, "max": 9000}},' storm.json >fill.json
run "$TWSTORM" report fill.json --html fill.html
expect_status 0
look fill.html 1280
saw 'charts.connect() call, by percent of the budget in use.painted' true
saw 'charts.connect() call, by percent of the budget in use.rows' 2

echo "several, in one page"
run "$TWSTORM" report storm.json pool.json cut.json --html several.html
expect_status 0
look several.html 1280
saw tabs '["storm","pool","cut"]'
has second 'pool: 100 connections'
saw 'charts.Ports in use, all results.painted' true
has sections 'Side by side'
look several.html 400

echo "a hostile file"
evil='<\/script><script>window.pwned=1<\/script><img src=x onerror=window.pwned=1>\\u2028'
sed -e 's/"complete": true/"complete": false/' -e "s/\"EADDRNOTAVAIL\"/\"$evil\"/; s/\"client-fin\"/\"$evil\"/; s/\"client\",/\"$evil\",/" \
	-e "s/\"expr\": \"/\"expr\": \"$evil/; s/\"what\": \"/\"what\": \"$evil/; s/\"kernel\": \"/\"kernel\": \"$evil/" \
	-e "s/\"id\": \"/\"id\": \"$evil/; s/\"net.ipv4.tcp_tw_reuse\": \"0/\"$evil\": \"$evil/; s/\"completed\"/\"$evil\"/" \
	-e "s/\"t\": [0-9.e-]*/&, \"$evil\": \"$evil\"/" -e "s/\"TIME_WAIT\": \([0-9]*\),/\"TIME_WAIT\": \1, \"$evil\": 7,/" \
	-e "2i \"lab\": {\"scenario\": \"$evil\", \"variant\": \"$evil\", \"file\": \"$evil\", \"hosts\": {\"$evil\": {\"addresses\": [\"$evil\"], \"sysctls\": {\"$evil\": \"$evil\"}}}, \"commands\": [{\"kind\": \"$evil\", \"name\": \"$evil\", \"host\": \"$evil\", \"argv\": [\"$evil\"]}]}, \"error\": {\"message\": \"$evil\"}," \
	storm.json >'<img src=x onerror=window.pwned=1>.json'
[ "$(grep -o onerror '<img src=x onerror=window.pwned=1>.json' | wc -l)" -gt 20 ] || fail "the hostile file is harmless"
cp '<img src=x onerror=window.pwned=1>.json' hostile.json
run "$TWSTORM" report hostile.json --html hostile.html
expect_status 0
look hostile.html 400
has banners '</script><script>window.pwned=1</script><img'
saw 'charts.Ports in use.painted' true
run "$TWSTORM" report '<img src=x onerror=window.pwned=1>.json' hostile.json --html hostiles.html
expect_status 0
look hostiles.html 400
has tabs '<img src=x onerror=window.pwned=1>'

echo "and this test would notice"
notices() {
	cmp -s "$3" broken.html && fail "nothing was broken"
	(look "$1" 1280) >noticed && return 1
	grep -q "$2" noticed || fail "noticed something else than '$2': $(cat noticed)"
}
sed 's/^function timeSection/function timeSections/' storm.html >broken.html
notices broken.html 'console' storm.html || fail "a page with a script error passes"
sed 's/kid !== null \&\& kid !== undefined/typeof kid !== "string" || !node.insertAdjacentHTML("beforeend", kid)/' hostile.html >broken.html
notices broken.html 'console\|odd' hostile.html || fail "a page that makes markup of data passes"
sed 's/^\.tiles {/.tiles { width: 2000px;/' storm.html >broken.html
notices broken.html 'sideways' storm.html || fail "a page that is too wide passes"
stop main
