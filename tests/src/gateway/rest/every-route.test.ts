/**
 * Every route of the OpenAPI document is called over the wire and answers what routes.txt says, in the form that its schema promises; and
 * the document is valid.
 */
import { Validator } from '@seriousme/openapi-schema-validator';
import Ajv2020 from 'ajv/dist/2020.js';
import t from 'tap';
import { running } from '../running.js';
import { type Document, difference, type Operation, readCalls, type Way, waysOf } from './calls.js';

const calls = readCalls('routes.txt');
const ajv = new Ajv2020.default({ strict: false, validateFormats: false });

t.test('every route answers what it should', async (t) => {
  const { url, close } = await running({}, { dir: t.testdir() });
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as Document;
  const called = new Set<string>();
  for (const call of calls) {
    const ways = waysOf(call, document);
    t.ok(ways.length > 0, `there is a route for ${call.line}`);
    for (const way of ways) {
      called.add(`${way.method} ${way.route}`);
      const { status, answer } = await send(url, way);
      const wrong =
        status === call.status ? difference(answer, call.answer) : `status ${status}: ${JSON.stringify(answer)}`;
      const unlike = unlikeSchema(document, way, status, answer);
      if (wrong !== undefined || unlike !== undefined)
        t.fail(`${way.method} ${way.url} ${way.body ?? ''}: ${wrong ?? ''} ${unlike ?? ''}`);
    }
  }
  t.same(
    routesOf(document).filter((route) => !called.has(route)),
    [],
    'no route was left out',
  );
  await close();
});

t.test('the document is valid OpenAPI 3.1, and no operation is named twice', async (t) => {
  const { url, close } = await running();
  const response = await fetch(`${url}/openapi.json`);
  t.match(response.headers.get('content-type'), /^application\/json/);
  const document = (await response.json()) as Document & { openapi: string };
  t.equal(document.openapi, '3.1.0');
  const copy = structuredClone(document) as unknown as Parameters<Validator['validate']>[0];
  const { valid, errors } = await new Validator().validate(copy);
  t.ok(valid, JSON.stringify(errors));
  const names = Object.values(document.paths).flatMap((methods) => Object.values(methods).map((o) => o.operationId));
  const twice = names.filter((name, i) => name !== undefined && names.indexOf(name) !== i);
  t.same(twice, []);
  await close();
});

async function send(url: string, { method, url: path, body }: Way): Promise<{ status: number; answer: unknown }> {
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await fetch(url + path, { method, headers, ...(body === undefined ? {} : { body }) });
  return { status: response.status, answer: await response.json() };
}

function operationOf({ paths }: Document, { method, route }: Way): Operation {
  return paths[route][method.toLowerCase()];
}

/** What is wrong with an answer by the schema of its status. */
function unlikeSchema(document: Document, way: Way, status: number, answer: unknown): string | undefined {
  const { responses } = operationOf(document, way);
  const response = responses[status] ?? responses[status < 500 ? '4XX' : '5XX'];
  const schema = response?.content?.['application/json']?.schema;
  if (schema === undefined) return `no schema for ${status}`;
  // What it refers to is in the document.
  return ajv.validate({ ...schema, components: document.components }, answer)
    ? undefined
    : `${ajv.errorsText()} in ${JSON.stringify(answer).slice(0, 500)}`;
}

/** Those of the REST door: `/api/v1/{structure}/{operation}` and three that have no structure. What goes on is tested with live/. */
function routesOf({ paths }: Document): string[] {
  return Object.entries(paths).flatMap(([path, methods]) => {
    const parts = path.split('/');
    const single = parts.length === 4 && ['info', 'slowlog', 'transaction'].includes(parts[3]);
    if (parts[1] !== 'api' || (parts.length < 5 && !single) || /\/(ws|sse)$/.test(path)) return [];
    return Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`);
  });
}
