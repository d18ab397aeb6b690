/** Requests whose client goes away before they have begun: what they would wait for is left to others. */
import net from 'node:net';
import t from 'tap';
import { running } from './running.js';

/** Sends a request and goes away. */
function sendAndGo(port: number, path: string, body: object): Promise<void> {
  const text = JSON.stringify(body);
  const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n`;
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.end(head + text));
    socket.on('close', () => resolve());
    socket.resume();
  });
}

async function post(url: string, path: string, body: object): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  return (await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })).json();
}

t.test('a command that would wait does not, when its client has gone while it took a link', async (t) => {
  const { gateway, url, close } = await running();
  await sendAndGo(gateway.port, '/api/v1/list/blpop', { key: 'q', timeout: 0 });
  const lent = async (): Promise<number> => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return Number(/^synap_gateway_links_lent (\d+)/m.exec(text)![1]);
  };
  for (let i = 0; i < 100 && (await lent()) > 0; i++) await new Promise((done) => setTimeout(done, 10));
  t.equal(await lent(), 0, 'no link waits for nobody');
  await post(url, '/api/v1/list/rpush', { key: 'q', element: ['item'] });
  t.same(await post(url, '/api/v1/list/llen', { key: 'q' }), { result: 1 });
  await close();
});
