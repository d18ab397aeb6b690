/** The text of INFO, read: fields by name, in the order of the text, or section by section. */

export type Info = ReadonlyMap<string, string>;

/** The fields of INFO's text. Lines that are no fields (section names) are left out. */
export function parseInfo(text: string): Info {
  const fields = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0 && line[0] !== '#') fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return fields;
}

/**
 * The sections of INFO's text by their names in small letters, each an object of its fields.
 * @param read what becomes of a field's text
 */
export function infoSections<T>(text: string, read: (field: string) => T): Record<string, Record<string, T>> {
  const sections = text.split(/^# /m).slice(1);
  return Object.fromEntries(
    sections.map((section) => {
      const end = section.search(/\r?\n|$/);
      const fields = [...parseInfo(section.slice(end))].map(([name, field]) => [name, read(field)] as const);
      return [section.slice(0, end).toLowerCase(), Object.fromEntries(fields)];
    }),
  );
}

/** How often a command was called, by INFO's `commandstats`. */
export function callsOf(info: Info, command: string): number {
  return Number(parts(info.get(`cmdstat_${command}`) ?? '').get('calls') ?? 0);
}

/** The parts of a field's value `a=1,b=2`. */
export function parts(value: string): ReadonlyMap<string, string> {
  return new Map(
    value.split(',').map((part) => {
      const equals = part.indexOf('=');
      return [part.slice(0, equals), part.slice(equals + 1)];
    }),
  );
}

/** All fields whose name begins with `prefix`: the rest of the name with the parts of the value. At most `limit`. */
export function fieldsOf(
  info: Info,
  prefix: string,
  limit: number,
): (readonly [string, ReadonlyMap<string, string>])[] {
  const all: (readonly [string, ReadonlyMap<string, string>])[] = [];
  for (const [name, value] of info) {
    if (!name.startsWith(prefix) || !value.includes('=')) continue;
    if (all.push([name.slice(prefix.length), parts(value)]) === limit) break;
  }
  return all;
}
