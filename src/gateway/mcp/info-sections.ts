/** The text of INFO as objects: `# Memory` begins a section, `used_memory:1048576` is a field of it. */
export function infoSections(text: string): Record<string, Record<string, string>> {
  const sections: [string, [string, string][]][] = [];
  for (const line of text.split('\r\n')) {
    if (line.startsWith('# ')) sections.push([line.slice(2).toLowerCase(), []]);
    const colon = line.indexOf(':');
    if (colon > 0 && sections.length > 0)
      sections[sections.length - 1][1].push([line.slice(0, colon), line.slice(colon + 1)]);
  }
  return Object.fromEntries(sections.map(([name, fields]) => [name, Object.fromEntries(fields)]));
}
