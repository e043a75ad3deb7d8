// agents.js ADDRESS HOW REQUESTS WORKERS: requests by node, some at a time.
//   global      http.globalAgent, which keeps connections since node 19
//   new         new http.Agent()
//   kept        new http.Agent({ keepAlive: true })
//   fetch       fetch()
//   socket      net.connect() for each
const http = require('http');
const net = require('net');

const [address, how, requests, workers] = [process.argv[2], process.argv[3], Number(process.argv[4]), Number(process.argv[5])];
const port = 9000;
const agents = { global: http.globalAgent, new: new http.Agent(), kept: new http.Agent({ keepAlive: true }) };

function byAgent() {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: address, port, agent: agents[how] }, (answer) => answer.resume().on('end', resolve));
    request.on('error', reject);
  });
}

function bySocket() {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, address);
    socket.on('connect', () => socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'));
    socket.on('data', () => socket.end());
    socket.on('close', resolve);
    socket.on('error', reject);
  });
}

const byFetch = async () => (await fetch(`http://${address}:${port}/`)).text();
const ask = { socket: bySocket, fetch: byFetch }[how] || byAgent;

let left = requests;
let done = 0;
let failure = '';

async function worker() {
  while (left-- > 0) {
    await ask().then(() => { done++; }, (error) => { failure = `; ${(error.cause || error).message}`; });
  }
}

Promise.all(Array.from({ length: workers }, worker)).then(() => {
  console.log(`${done} of ${requests} done${failure}`);
  process.exit(done < requests ? 1 : 0);
});
