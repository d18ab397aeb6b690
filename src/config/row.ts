/**
 * Row: one directive. Its name says which field of Settings (or of its `limits`) it is, and the compiler checks that the field is of
 * the kind's type. The rows stand in network.ts, process.ts, memory.ts, encodings.ts, observation.ts, persistence.ts,
 * replication.ts, cluster.ts and tls.ts; table.ts joins them.
 *
 * What a row says besides is data too, so that documents can be printed from it: who may change it, and, for a directive that
 * changes nothing here, why not. A value that would promise what is not there is refused, never ignored.
 */
import type { Settings } from '../../commands/settings.js';
import { Limits } from '../../storage/limits.js';
import type { SynapServer } from '../server.js';
import type { Kind } from './kind.js';

const LIMIT_FIELDS: ReadonlySet<string> = new Set(Object.keys(new Limits()));

/** `maxmemory-policy` is `maxmemoryPolicy`, `bio_cpulist` is `bioCpulist`. */
type Camel<S extends string> = S extends `${infer A}-${infer B}`
  ? `${A}${Capitalize<Camel<B>>}`
  : S extends `${infer A}_${infer B}`
    ? `${A}${Capitalize<Camel<B>>}`
    : S;

/** The type of the field that the directive `N` is. */
type Field<N extends string> =
  Camel<N> extends keyof Settings ? Settings[Camel<N>] : Camel<N> extends keyof Limits ? Limits[Camel<N>] : never;

export interface Traits<T> {
  /** An older name. */
  readonly alias?: string;
  /** `start`: only a configuration file or the command line gives it. `protected`: CONFIG SET too, when enable-protected-configs allows. */
  readonly set?: 'start' | 'protected';
  /** A secret: what shows commands must not show it. */
  readonly sensitive?: true;
  /** Every value is kept and told, but changes nothing: why. */
  readonly without?: string;
  /** The reason against a value that would promise what is not there. */
  readonly refuse?: (value: T) => string | undefined;
  /** After the field was written. */
  readonly also?: (settings: Settings) => void;
  /** After CONFIG SET has written everything: what must happen so that the value takes effect. Once, if several rows share it. */
  readonly changed?: (server: SynapServer) => void;
}

export interface Row {
  readonly name: string;
  /** The field's name in Settings or Limits. */
  readonly field: string;
  readonly kind: Kind<unknown>;
  readonly traits: Traits<unknown>;
  get(settings: Settings): unknown;
  put(settings: Settings, value: unknown): void;
}

export function camelCase(name: string): string {
  return name.replace(/[-_](.)/g, (_, letter: string) => letter.toUpperCase());
}

/** A directive and its older names, if any. */
export function row<N extends string>(name: N, kind: Kind<Field<N>>, traits: Traits<Field<N>> = {}): Row {
  const field = camelCase(name);
  const inLimits = LIMIT_FIELDS.has(field);
  const home = (settings: Settings): Record<string, unknown> =>
    (inLimits ? settings.limits : settings) as unknown as Record<string, unknown>;
  return {
    name,
    field,
    kind: kind as unknown as Kind<unknown>,
    traits: traits as unknown as Traits<unknown>,
    get: (settings) => home(settings)[field],
    put: (settings, value) => {
      home(settings)[field] = value;
      traits.also?.(settings);
    },
  };
}

/** Refuses every value but `value`. */
export function only(value: string | number | boolean, reason: string): (given: unknown) => string | undefined {
  return (given) => (given === value ? undefined : reason);
}
