/**
 * What the gateway's speed is compared with: the same HTTP framework answering constants of the same form. `node constant-http.js PORT`.
 */
import Fastify from 'fastify';

const app = Fastify();
app.get('/api/v1/kv/get', async () => ({ value: 'xxxxxxxxxxxxxxxx' }));
app.post('/api/v1/kv/set', async () => ({ success: true, key: 'key:000000000000', written: true }));
await app.listen({ host: '127.0.0.1', port: Number(process.argv[2]) });
