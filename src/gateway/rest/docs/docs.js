/**
 * The page of /docs: reads /openapi.json, lists its operations, shows the schemas of one and a form that sends it. What comes from
 * the server is inserted as text.
 */
const list = document.getElementById('list');
const main = document.getElementById('operation');
const search = document.getElementById('search');
const token = document.getElementById('token');

/** An element with text or children. */
function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

function operationsOf(api) {
  return Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      path,
      method: method.toUpperCase(),
      tag: operation.tags?.[0] ?? 'other',
      operation,
      words: [path, method, operation.summary, operation.description].join(' ').toLowerCase(),
    })),
  );
}

// ---- the list ---------------------------------------------------------------------------------------------------------------------

function buttonOf(one) {
  const button = make('button', { type: 'button' }, make('span', { class: 'method' }, one.method), shortPath(one.path));
  button.addEventListener('click', () => {
    location.hash = one.operation.operationId;
  });
  one.button = button;
  return button;
}

function shortPath(path) {
  return path.replace(/^\/api\/v1/, '');
}

function showList(all) {
  const tags = new Map();
  for (const one of all) tags.set(one.tag, [...(tags.get(one.tag) ?? []), one]);
  for (const [tag, some] of tags) {
    const heading = make('h3', {}, tag);
    list.append(heading, ...some.map(buttonOf));
    for (const one of some) one.heading = heading;
  }
}

/** Every word of the search must be somewhere. */
function filter(all) {
  const words = search.value.toLowerCase().split(/\s+/);
  for (const one of all) one.heading.hidden = true;
  for (const one of all) {
    const found = words.every((word) => one.words.includes(word));
    one.button.hidden = !found;
    if (found) one.heading.hidden = false;
  }
}

function move(all, step) {
  const shown = all.filter((one) => !one.button.hidden).map((one) => one.button);
  const at = shown.indexOf(document.activeElement);
  const next = shown[at < 0 ? (step > 0 ? 0 : shown.length - 1) : at + step];
  if (next === undefined) search.focus();
  else next.focus();
}

function addKeys(all) {
  document.addEventListener('keydown', (event) => {
    const typing = event.target.matches('input, textarea, select');
    if (event.key === '/' && !typing) {
      event.preventDefault();
      search.focus();
    }
    if (event.target !== search && !list.contains(event.target)) return;
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    event.preventDefault();
    move(all, event.key === 'ArrowDown' ? 1 : -1);
  });
  search.addEventListener('input', () => filter(all));
}

// ---- one operation ----------------------------------------------------------------------------------------------------------------

/** Those that all operations have are told in one place. */
function parametersOf({ parameters = [] }) {
  return parameters.map((one) => (one.$ref === undefined ? one : api.components.parameters[one.$ref.split('/').pop()]));
}

/** What a query may say only beside a body of bytes stands in the JSON body here. */
function fieldsOf({ operation }) {
  const body = operation.requestBody?.content?.['application/json']?.schema;
  const parameters = parametersOf(operation).filter(({ name }) => body?.properties?.[name] === undefined);
  const fields = parameters.map(({ name, in: where, required, schema, content, description }) => ({
    name,
    where,
    required,
    schema: { description, ...(schema ?? content['application/json'].schema) },
    isJson: content !== undefined,
  }));
  for (const [name, schema] of Object.entries(body?.properties ?? {}))
    fields.push({ name, where: 'body', required: body.required?.includes(name) === true, schema });
  return fields;
}

function inputOf({ name, schema }) {
  const id = `field-${name}`;
  if (schema.type === 'boolean' || Array.isArray(schema.enum)) {
    const values = schema.type === 'boolean' ? ['true', 'false'] : schema.enum;
    return make('select', { id, name }, ...['', ...values].map((value) => make('option', { value }, value)));
  }
  if (schema.type === 'array' || schema.type === 'object' || schema.anyOf?.some(({ type }) => type === 'array'))
    return make('textarea', {
      id,
      name,
      rows: '2',
      placeholder: `JSON ${schema.description ?? ''}`,
      spellcheck: 'false',
    });
  const placeholder = String(schema.default ?? schema.description ?? '');
  return make('input', { id, name, placeholder, spellcheck: 'false', autocomplete: 'off' });
}

/** What a form field means: text, unless its schema wants something else. */
function meaning({ schema }, input) {
  if (schema.type === 'boolean') return input.value === 'true';
  if (input.tagName === 'TEXTAREA') return JSON.parse(input.value);
  return /^\{"base64": *"[^"]*"\}$/.test(input.value) ? JSON.parse(input.value) : input.value;
}

/** A query says an array by several parameters, an object as JSON, anything else as text. */
function queryValues({ isJson }, input) {
  return !isJson && input.tagName === 'TEXTAREA' ? [JSON.parse(input.value)].flat() : [input.value];
}

function requestOf(one, fields, form) {
  let { path } = one;
  const query = new URLSearchParams();
  const body = {};
  for (const field of fields) {
    const input = form.elements.namedItem(field.name);
    if (input.value === '' && !field.required) continue;
    if (field.where === 'path') path = path.replace(`{${field.name}}`, encodeURIComponent(input.value));
    else if (field.where === 'query') for (const value of queryValues(field, input)) query.append(field.name, value);
    else body[field.name] = meaning(field, input);
  }
  const headers = token.value === '' ? {} : { authorization: `Bearer ${token.value}` };
  const options = { method: one.method, headers };
  if (one.method === 'POST') {
    headers['content-type'] = 'application/json';
    options.body = JSON.stringify(body);
  }
  const text = query.toString();
  return [text === '' ? path : `${path}?${text}`, options];
}

async function send(one, fields, form, output) {
  output.className = '';
  try {
    const [url, options] = requestOf(one, fields, form);
    const response = await fetch(url, options);
    const text = await response.text();
    const shown = response.headers.get('content-type')?.includes('json')
      ? JSON.stringify(JSON.parse(text), null, 2)
      : text;
    output.textContent = `${response.status} ${response.statusText}\n${shown}`;
    if (!response.ok) output.className = 'bad';
  } catch (error) {
    output.className = 'bad';
    output.textContent = String(error.message);
  }
}

function formOf(one) {
  const fields = fieldsOf(one);
  const rows = fields.map((field) => {
    const name = make('span', {}, field.name, make('small', {}, field.required ? ' required' : ''));
    return make('label', { for: `field-${field.name}` }, name, inputOf(field));
  });
  const output = make('pre', { 'aria-live': 'polite' });
  const form = make('form', {}, ...rows, make('p', {}, make('button', { type: 'submit' }, 'Send')));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    send(one, fields, form, output);
  });
  return [form, output];
}

function schemaOf({ operation }) {
  const body = operation.requestBody?.content?.['application/json']?.schema;
  if (body !== undefined) return body;
  return { parameters: parametersOf(operation) };
}

function answerSchemaOf({ operation }) {
  return operation.responses?.['200']?.content?.['application/json']?.schema ?? {};
}

function show(one) {
  const json = (value) => make('pre', { tabindex: '0' }, JSON.stringify(value, null, 2));
  main.replaceChildren(
    make('h2', {}, `${one.method} ${one.path}`),
    make('p', {}, one.operation.summary ?? ''),
    make('p', { class: 'hint' }, one.operation.description ?? ''),
    make('h3', {}, 'Try it'),
    ...formOf(one),
    make('h3', {}, 'Arguments'),
    json(schemaOf(one)),
    make('h3', {}, 'Answer'),
    json(answerSchemaOf(one)),
  );
  main.scrollTop = 0;
  main.focus();
}

function follow(all) {
  const id = location.hash.slice(1);
  for (const one of all) one.button.setAttribute('aria-current', String(one.operation.operationId === id));
  const chosen = all.find((one) => one.operation.operationId === id);
  if (chosen !== undefined) show(chosen);
}

const api = await (await fetch('/openapi.json')).json();
document.getElementById('version').textContent = api.info.version;
const all = operationsOf(api);
showList(all);
addKeys(all);
addEventListener('hashchange', () => follow(all));
follow(all);
