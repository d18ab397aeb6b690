/** Numbers, sizes and times as people read them. */

const NUMBER = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

export function number(n) {
  return Number.isFinite(n) ? NUMBER.format(n) : '–';
}

/** 12.3K */
export function short(n) {
  return Number.isFinite(n) ? SHORT.format(n) : '–';
}

export function size(bytes) {
  if (!Number.isFinite(bytes)) return '–';
  let n = bytes;
  for (const unit of ['B', 'KiB', 'MiB', 'GiB', 'TiB']) {
    if (Math.abs(n) < 1024 || unit === 'TiB') return `${NUMBER.format(n)} ${unit}`;
    n /= 1024;
  }
  return '';
}

/** A length of time; `ms` below 0 is for ever. */
export function duration(ms) {
  if (!Number.isFinite(ms)) return '–';
  if (ms < 1000) return `${NUMBER.format(ms)} ms`;
  const s = Math.floor(ms / 1000);
  if (s < 60) return `${NUMBER.format(ms / 1000)} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86_400)} d ${Math.floor((s % 86_400) / 3600)} h`;
}

export function micros(us) {
  if (!Number.isFinite(us)) return '–';
  return us < 1000 ? `${NUMBER.format(us)} µs` : duration(us / 1000);
}

/** A moment in ms since the epoch. */
export function moment(ms) {
  return ms > 0
    ? new Date(ms)
        .toISOString()
        .replace('T', ' ')
        .replace(/\.\d+Z$/, ' UTC')
    : '–';
}

export function percent(part, whole) {
  return whole > 0 ? `${NUMBER.format((100 * part) / whole)} %` : '–';
}

/** Text that is not longer than `max`, with what was left out. */
export function cut(value, max = 500) {
  const text = String(value);
  return text.length > max ? `${text.slice(0, max)}… (${number(text.length)} characters)` : text;
}

/** The fields of INFO's text. */
export function infoFields(text) {
  const fields = new Map();
  for (const line of String(text).split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0 && line[0] !== '#') fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return fields;
}
