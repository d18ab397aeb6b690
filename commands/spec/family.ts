/**
 * A command is data first: one Spec each, by family. The arity is derived from the syntax line: `key value [NX|XX] [GET]`. Words are
 * required, `[...]` is optional, `...` repeats.
 */

export interface Spec {
  readonly syntax: string;
  readonly flags: number;
  readonly since: string;
  readonly complexity: string;
  readonly summary: string;
}

export interface Family<N extends string> {
  readonly group: string;
  readonly specs: Readonly<Record<N, Spec>>;
}

export function family<N extends string>(group: string, specs: Readonly<Record<N, Spec>>): Family<N> {
  return { group, specs };
}

/** COMMAND INFO's arity, the command's own name included: exact, or minus the smallest number when there may be more. */
export function arityOf(spec: Spec): number {
  let depth = 0;
  let required = 1;
  for (const word of spec.syntax.split(/\s+/)) {
    if (word === '') continue;
    if (depth === 0 && !word.startsWith('[')) required++;
    for (const ch of word) depth += ch === '[' ? 1 : ch === ']' ? -1 : 0;
    if (depth < 0) throw new Error(`unbalanced brackets in '${spec.syntax}'`);
  }
  if (depth !== 0) throw new Error(`unbalanced brackets in '${spec.syntax}'`);
  return spec.syntax.includes('[') ? -required : required;
}
