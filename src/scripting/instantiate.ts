/**
 * Instantiates Lua's WebAssembly with imports of our own instead of the package's: Lua's C code asks for little (memory, long jumps, a
 * clock), and what it could ask for besides (files, processes) is refused, so no script reaches it. The exports are called directly.
 *
 *   lua_error -> _emscripten_throw_longjmp: throws Infinity ... invoke_vii, in which every protected call runs, catches it
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { LuaModule } from './lua-module.js';

type Export = (...args: number[]) => number;

// Node has it, but its types do not say so.
declare namespace WebAssembly {
  class Memory {
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  class Table {
    get(at: number): unknown;
    set(at: number, f: unknown): void;
    grow(by: number): number;
  }
  class Module {
    constructor(bytes: Uint8Array);
    static imports(module: Module): { module: string; name: string }[];
  }
  class Instance {
    constructor(module: Module, imports: object);
    readonly exports: Readonly<Record<string, unknown>>;
  }
  function compile(bytes: Uint8Array): Promise<Module>;
}

/** Of the WASI: function not supported. */
const ENOSYS = 52;
const PAGE = 64 * 1024;
/** Lua's memory ends here (bytes): what the WebAssembly says it can have. */
const MEMORY_MAX = 2 ** 31;
const LONG_JUMP = Number.POSITIVE_INFINITY;

/** Lua's C code has ended the process that it thinks it has. The state is unusable. */
export class LuaExit extends Error {
  override readonly name = 'LuaExit';
}

/** The binary, being compiled, and compiled; once for all states. */
let compiling: Promise<WebAssembly.Module> | undefined;
let compiled: WebAssembly.Module | undefined;

async function compile(): Promise<WebAssembly.Module> {
  const main = createRequire(import.meta.url).resolve('wasmoon-lua5.1');
  return WebAssembly.compile(await readFile(path.join(path.dirname(main), 'liblua5.1.wasm')));
}

/**
 * A new instance with memory of its own.
 * @throws when the file is missing or there is no memory; the next call tries again
 */
export async function instantiate(): Promise<LuaModule> {
  compiling ??= compile();
  try {
    compiled = await compiling;
  } catch (e) {
    compiling = undefined;
    throw e;
  }
  return instantiateAgain();
}

/** A new instance when there has been one before: at once, in a millisecond. @throws when there is no memory */
export function instantiateAgain(): LuaModule {
  if (compiled === undefined) throw new Error('Lua is not compiled yet');
  const lua = new Imports();
  return lua.begin(new WebAssembly.Instance(compiled, lua.imports(compiled)).exports);
}

class Imports {
  private exports!: Record<'stackSave' | 'stackRestore' | 'setThrew', Export>;
  private memory!: WebAssembly.Memory;
  private table!: WebAssembly.Table;
  private module!: Record<string, unknown>;

  imports(binary: WebAssembly.Module): object {
    const known: Record<string, (...args: number[]) => number | undefined> = {
      exit: (status) => {
        throw new LuaExit(`Lua has ended with status ${status}`);
      },
      invoke_vii: (f, a, b) => this.invoke(f, a, b),
      _emscripten_throw_longjmp: () => {
        throw LONG_JUMP;
      },
      emscripten_memcpy_js: (to, from, n) => {
        (this.module.HEAPU8 as Uint8Array).copyWithin(to, from, from + n);
        return undefined;
      },
      emscripten_resize_heap: (size) => this.grow(size >>> 0),
      emscripten_date_now: Date.now,
      _emscripten_get_now_is_monotonic: () => 1,
    };
    const all: Record<string, Record<string, unknown>> = {};
    for (const { module, name } of WebAssembly.Module.imports(binary))
      (all[module] ??= {})[name] = known[name] ?? ((): number => ENOSYS);
    return all;
  }

  /** The module object, once there are exports. */
  begin(exports: Readonly<Record<string, unknown>>): LuaModule {
    this.exports = exports as Imports['exports'];
    this.memory = exports.memory as WebAssembly.Memory;
    this.table = exports.__indirect_function_table as WebAssembly.Table;
    const calls: Record<string, unknown> = {
      addFunction: (f: Export, signature: string) => this.add(f, signature),
      functionAt: (pointer: number) => this.table.get(pointer),
    };
    for (const [name, f] of Object.entries(exports)) if (typeof f === 'function') calls[`_${name}`] = f;
    // So many properties make an object slow, unless it is a prototype: 12 ns against 4 for two calls.
    const module = Object.create(calls) as Record<string, unknown>;
    this.module = module;
    this.see();
    (exports.emscripten_stack_init as Export)();
    (exports.__wasm_call_ctors as Export)();
    return module as unknown as LuaModule;
  }

  /** Views onto the memory as it is now. */
  private see(): void {
    const { module } = this;
    const { buffer } = this.memory;
    module.HEAPU8 = new Uint8Array(buffer);
    module.HEAP32 = new Int32Array(buffer);
    module.HEAPU32 = new Uint32Array(buffer);
    module.HEAPF64 = new Float64Array(buffer);
  }

  /** More memory, by a quarter at least, so that views do not change often. @returns 1; 0 when there is none */
  private grow(size: number): number {
    const has = this.memory.buffer.byteLength;
    if (size > MEMORY_MAX) return 0;
    for (const wanted of [Math.min(Math.max(size, has * 1.25), MEMORY_MAX), size])
      try {
        this.memory.grow(Math.ceil((wanted - has) / PAGE));
        this.see();
        return 1;
      } catch {
        // Less may do.
      }
    return 0;
  }

  /** Calls a function of the table; a long jump out of it comes back to C, which finds it by `setThrew`. */
  private invoke(f: number, a: number, b: number): undefined {
    const { exports } = this;
    const stack = exports.stackSave();
    try {
      (this.table.get(f) as Export)(a, b);
    } catch (e) {
      exports.stackRestore(stack);
      if (e !== LONG_JUMP) throw e;
      exports.setThrew(1, 0);
    }
    return undefined;
  }

  /** Puts a function into the table. @param signature its result, then its arguments: `i` an integer, `v` none */
  private add(f: Export, signature: string): number {
    const at = this.table.grow(1);
    this.table.set(at, asExport(f, signature));
    return at;
  }
}

/** A table takes exported functions alone: `f` goes through a module that exports what it imports. */
function asExport(f: Export, signature: string): Export {
  const args = signature.length - 1;
  const results = signature[0] === 'v' ? [0] : [1, 0x7f];
  const type = [1, 0x60, args, ...new Array<number>(args).fill(0x7f), ...results];
  const bytes = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]; // magic, version
  bytes.push(1, type.length, ...type);
  bytes.push(2, 7, 1, 1, 0x65, 1, 0x66, 0, 0); // import "e" "f", a function of type 0
  bytes.push(7, 5, 1, 1, 0x66, 0, 0); // export "f"
  const wrapper = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)), { e: { f } });
  return wrapper.exports.f as Export;
}
