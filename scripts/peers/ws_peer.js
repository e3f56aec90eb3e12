// A ZeroMQ socket over ws with the command line and the lines of peer.py: as many of its
// flags as the tests of the library use. The first argument is its library: zeromq (libzmq
// with ws) or jszmq (what browsers have). NODE_PATH says where they are.
//
// Like peer.py it opens an XPUB for pub, and waits for a subscription.

const fs = require('fs');
const http = require('http');
const readline = require('readline');

const [library, type, ...rest] = process.argv.slice(2);
const flags = { bind: [], connect: [], identity: '', endpointFile: '', options: {} };
for (let i = 0; i + 1 < rest.length; i += 2) {
  const value = rest[i + 1];
  switch (rest[i]) {
    case '--bind': flags.bind.push(value); break;
    case '--connect': flags.connect.push(value); break;
    case '--identity': flags.identity = value; break;
    case '--endpoint-file': flags.endpointFile = value; break;
    case '-o': flags.options[value.split('=')[0]] = value.slice(value.indexOf('=') + 1); break;
    case '--linger': case '--timeout': break;
    default: throw new Error(rest[i]);
  }
}

function encode(frame) {
  const text = frame.toString('utf8');
  return Buffer.from(text, 'utf8').equals(frame) ? text : { hex: frame.toString('hex') };
}

function decode(frame) {
  return typeof frame === 'string' ? Buffer.from(frame, 'utf8') : Buffer.from(frame.hex, 'hex');
}

const show = (m) => process.stdout.write(JSON.stringify(m.map((f) => encode(Buffer.from(f)))) + '\n');

// listen returns a server at an endpoint, whose port may be *, and the endpoint with the
// real port.
function listen(endpoint) {
  const [, host, port] = endpoint.match(/^ws:\/\/(.*):(\*|\d+)/);
  return new Promise((resolve) => {
    const server = http.createServer().listen(port === '*' ? 0 : Number(port), host, () => {
      resolve([server, endpoint.replace(/:\*/, ':' + server.address().port)]);
    });
  });
}

// Inbox is a queue of messages with a promise for the next.
class Inbox {
  constructor() { this.messages = []; this.waiting = []; }
  put(m) { const next = this.waiting.shift(); next ? next(m) : this.messages.push(m); }
  get() { return this.messages.length ? Promise.resolve(this.messages.shift()) : new Promise((r) => this.waiting.push(r)); }
}

const opened = type === 'pub' ? 'xpub' : type;

// secure sets the mechanism that options ask for. A PLAIN server of libzmq lets in only
// whom a handler lets in (RFC 27): every user whose password is his name.
async function secure(zmq, socket, options) {
  if (options.curve_server) socket.curveServer = true;
  if (options.curve_secretkey) [socket.curvePublicKey, socket.curveSecretKey] = [options.curve_publickey, options.curve_secretkey];
  if (options.curve_serverkey) socket.curveServerKey = options.curve_serverkey;
  if (options.plain_username) [socket.plainUsername, socket.plainPassword] = [options.plain_username, options.plain_password];
  if (!options.plain_server) return;
  socket.plainServer = true;
  const handler = new zmq.Reply();
  await handler.bind('inproc://zeromq.zap.01');
  (async () => {
    for await (const [version, number, , , , , user, password] of handler) {
      await handler.send([version, number, user.equals(password) ? '200' : '400', '', '', '']);
    }
  })();
}

// openLibzmq and openJszmq return send(message) and receive(), which are promises.
async function openLibzmq() {
  const zmq = require('zeromq');
  const kinds = {
    req: zmq.Request, rep: zmq.Reply, dealer: zmq.Dealer, router: zmq.Router, xpub: zmq.XPublisher, sub: zmq.Subscriber,
    xsub: zmq.XSubscriber, push: zmq.Push, pull: zmq.Pull, pair: zmq.Pair,
  };
  const socket = new kinds[opened]({ linger: 5000 });
  if (flags.identity) socket.routingId = flags.identity;
  if (type === 'sub') socket.subscribe();
  await secure(zmq, socket, flags.options);
  const bound = [];
  for (const endpoint of flags.bind) {
    await socket.bind(endpoint);
    bound.push(socket.lastEndpoint);
  }
  flags.connect.forEach((endpoint) => socket.connect(endpoint));
  return { bound, send: (m) => socket.send(m), receive: () => socket.receive() };
}

async function openJszmq() {
  const zmq = require('jszmq');
  const socket = zmq.socket(opened);
  if (flags.identity) socket.options.routingId = flags.identity;
  const inbox = new Inbox();
  const router = opened === 'router'; // it puts a zero byte in front of an id that a peer has told
  socket.on('message', (...frames) => inbox.put(router ? [frames[0].subarray(1), ...frames.slice(1)] : frames));
  if (type === 'sub') socket.subscribe('');
  const bound = [];
  for (const endpoint of flags.bind) {
    const [server, real] = await listen(endpoint);
    socket.bind(real, server);
    bound.push(real);
  }
  flags.connect.forEach((endpoint) => socket.connect(endpoint.replace(/(:\d+)$/, '$1/')));
  return { bound, send: async (m) => socket.send(router ? [Buffer.concat([Buffer.from([0]), m[0]]), ...m.slice(1)] : m), receive: () => inbox.get() };
}

async function run() {
  const socket = await (library === 'jszmq' ? openJszmq() : openLibzmq());
  if (flags.endpointFile) {
    fs.writeFileSync(flags.endpointFile + '.part', socket.bound.join('\n') + '\n');
    fs.renameSync(flags.endpointFile + '.part', flags.endpointFile);
  }
  const lines = new Inbox();
  const input = readline.createInterface({ input: process.stdin });
  input.on('line', (line) => lines.put(JSON.parse(line).map(decode)));
  input.on('close', () => process.exit(0)); // whoever started it has gone
  const sending = async () => { for (;;) await socket.send(await lines.get()); };
  const receiving = async () => { for (;;) show(await socket.receive()); };
  switch (type) {
    case 'req':
      for (;;) {
        await socket.send(await lines.get());
        show(await socket.receive());
      }
    case 'rep':
      for (;;) {
        show(await socket.receive());
        await socket.send(await lines.get());
      }
    case 'pub':
      await socket.receive(); // a subscription
      return sending();
    case 'push':
      return sending();
    case 'pull': case 'sub':
      return receiving();
    default:
      return Promise.all([sending(), receiving()]);
  }
}

run().catch((err) => { console.error(err); process.exit(1); });
