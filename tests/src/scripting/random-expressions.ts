/**
 * Random expressions of Lua that call bit, struct, cmsgpack, string.format and the functions of Lua that take integers, with arguments
 * that are now and then wrong, on the edge, or of another type.
 */
const FRACTIONS = ['0.5', '-0.5', '1.5', '2.5', '-1.5', '1/3', '-2/3', '1e-300', '123456.789', '0.1', '1e15+0.5'];
const SPECIAL = ['1/0', '-1/0', '0/0', '-(0/0)', '1e300', '-1e300', '-0'];
const OTHERS = ['nil', 'true', 'false', '{}', '"x"', '"12"', '"0x1f"', '" 7 "', '"1e2"', '""', 'string.len'];
const TEXTS = ['""', '"a"', '"abc"', '"a\\0b"', '"\\200\\255x"', '"quo\\"te\\\\\\n\\r"', '"hello world, hello"'];

export class RandomExpressions {
  constructor(private readonly random: () => number) {}

  below(n: number): number {
    return Math.floor(this.random() * n);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  private chance(p: number): boolean {
    return this.random() < p;
  }

  private many(n: number, f: () => string): string {
    return Array.from({ length: n }, f).join(',');
  }

  small(): string {
    return String(this.below(20) - 4);
  }

  number(): string {
    switch (this.below(8)) {
      case 0:
      case 1:
        return this.small();
      case 2:
        return String(this.below(2 ** 32) - 2 ** 31);
      case 3:
        return `${this.chance(0.5) ? '-' : ''}2^${this.below(70)}${this.pick(['', '+1', '-1', '+0.5'])}`;
      case 4:
        return this.pick(FRACTIONS);
      case 5:
        return this.chance(0.5) ? this.pick(SPECIAL) : this.small();
      case 6:
        return String((this.random() - 0.5) * 10 ** (this.below(40) - 10));
      default:
        return String(this.below(300));
    }
  }

  string(): string {
    if (this.chance(0.1)) return `string.rep(${this.pick(TEXTS)},${this.pick([10, 31, 32, 99, 100, 255, 256, 600])})`;
    if (this.chance(0.3))
      return `"${Array.from({ length: this.below(12) }, () => `\\${String(this.below(256)).padStart(3, '0')}`).join('')}"`;
    return this.pick(TEXTS);
  }

  any(): string {
    if (this.chance(0.03)) return this.pick(OTHERS);
    return this.chance(0.7) ? this.number() : this.string();
  }

  /** A number, mostly. */
  private numeric(): string {
    return this.chance(0.04) ? this.any() : this.number();
  }

  /** An index, a count or a base: small, mostly. */
  private index(): string {
    return this.chance(0.6) ? this.small() : this.numeric();
  }

  value(depth = 0): string {
    if (depth > 4 || this.chance(0.5)) return this.chance(0.1) ? this.pick(OTHERS) : this.any();
    const items = this.many(this.below(5), () => {
      const item = this.value(depth + 1);
      if (this.chance(0.6)) return item;
      const key = this.chance(0.5)
        ? this.pick(['"k"', '"key"', 'true', '"1"'])
        : this.pick(['1', '2', '3', '0', '2.5', '-1', '2^40']);
      return `[${key}]=${item}`;
    });
    return `{${items}}`;
  }

  bit(): string {
    const name = this.pick([
      'tobit',
      'bnot',
      'band',
      'bor',
      'bxor',
      'lshift',
      'rshift',
      'arshift',
      'rol',
      'ror',
      'bswap',
      'tohex',
    ]);
    const argument = () => (this.chance(0.04) ? this.pick(OTHERS) : this.number());
    return `bit.${name}(${this.many(this.chance(0.05) ? this.below(4) : 2, argument)})`;
  }

  formatItem(): string {
    let item = '%';
    if (this.chance(0.4))
      item += Array.from({ length: this.below(4) }, () => this.pick(['-', '+', ' ', '#', '0'])).join('');
    if (this.chance(0.4)) item += this.below(this.chance(0.05) ? 200 : 30);
    if (this.chance(0.4)) item += `.${this.chance(0.1) ? '' : this.below(this.chance(0.05) ? 200 : 25)}`;
    return item + this.pick([...'cdiouxXeEfgGqsdxsg', ...(this.chance(0.05) ? ['y', 'a', '%', 'l', ''] : [])]);
  }

  format(): string {
    const items = Array.from({ length: 1 + this.below(4) }, () => this.formatItem());
    const values = items.map((item) => (/[qs]$/.test(item) && this.chance(0.8) ? this.string() : this.numeric()));
    if (this.chance(0.02)) values.pop();
    return `string.format("${items.join(this.pick(['', ' ', '|', '%%']))}"${values.map((v) => `,${v}`).join('')})`;
  }

  private structOption(): string {
    if (this.chance(0.02)) return this.pick(['z', '?', '5', '\\t', 'i33', 'i99999999999', '!3', '!0']);
    if (this.chance(0.2)) return this.pick(['>', '<', '!', '!1', '!2', '!4', '!8', '!16', '!32', ' ']);
    return this.pick([
      ...'bBhHlLTiIfdxscbBHi',
      `i${this.below(33)}`,
      `I${this.below(33)}`,
      `i${1 + this.below(8)}`,
      `I${1 + this.below(8)}`,
      `c${this.below(6)}`,
    ]);
  }

  struct(): string {
    const options = Array.from({ length: this.below(6) }, () => this.structOption());
    const format = `"${options.join('')}"`;
    if (this.chance(0.15)) return `struct.size(${format})`;
    const values = options
      .filter((o) => /^[a-zA-Z]/.test(o) && o !== 'x')
      .map((o) => (/^[sc]/.test(o) ? this.string() : this.chance(0.02) ? this.any() : this.number()));
    const packed = `struct.pack(${[format, ...values].join(',')})`;
    if (this.chance(0.5)) return packed;
    const position = this.chance(0.2) ? `,${this.chance(0.7) ? this.small() : this.number()}` : '';
    return `struct.unpack(${format},${this.chance(0.5) ? packed : `string.rep(${this.string()},9)`}${position})`;
  }

  cmsgpack(): string {
    const roll = this.below(4);
    if (roll === 0) return `cmsgpack.pack(${this.many(1 + this.below(3), () => this.value())})`;
    if (roll === 1) return `cmsgpack.unpack(cmsgpack.pack(${this.many(1 + this.below(3), () => this.value())}))`;
    const bytes = Array.from({ length: this.below(14) }, () =>
      this.chance(0.4)
        ? this.pick([
            0x81, 0x82, 0x91, 0x93, 0xa2, 0xc0, 0xc2, 0xca, 0xcb, 0xcc, 0xcd, 0xce, 0xcf, 0xd0, 0xd1, 0xd2, 0xd3, 0xd9,
            0xda, 0xdc, 0xde,
          ])
        : this.below(256),
    );
    const text = `"${bytes.map((b) => `\\${String(b).padStart(3, '0')}`).join('')}"`;
    if (roll === 2) return `cmsgpack.unpack(${text})`;
    const offset = () => (this.chance(0.8) ? String(this.below(5)) : this.number());
    if (this.chance(0.5)) return `cmsgpack.unpack_one(${text}${this.chance(0.7) ? `,${offset()}` : ''})`;
    return `cmsgpack.unpack_limit(${text},${offset()}${this.chance(0.5) ? `,${offset()}` : ''})`;
  }

  /** Functions of Lua itself, with numbers on the edges of what C casts. */
  lua(): string {
    const s = this.string();
    const x = this.numeric();
    const y = this.numeric();
    const i = this.index();
    const j = this.index();
    const list = `{${this.many(this.below(6), () => this.any())}}`;
    return this.pick([
      `string.sub(${s},${i},${j})`,
      `string.sub(${s},${i})`,
      `string.byte(${s},${i},${j})`,
      `string.byte(${s},${i})`,
      `string.char(${this.many(this.below(4), () => (this.chance(0.8) ? String(this.below(256)) : this.numeric()))})`,
      `string.rep(${this.pick(TEXTS)},${this.repetitions()})`,
      `string.find(${s},${this.pick(TEXTS)},${i},true)`,
      `string.match(${s},".+",${i})`,
      `string.gsub(${s},".","%0%0",${i})`,
      `table.concat(${list},",",${this.place()},${this.place()})`,
      `table.concat(${list},${s},${this.place()})`,
      `unpack(${list},${i},${j})`,
      `unpack(${list},${i})`,
      `select(${i},${this.many(1 + this.below(4), () => this.any())})`,
      `(function(t) table.insert(t,${this.place()},${x}) return t end)(${list})`,
      `(function(t) return table.remove(t,${this.place()}), t end)(${list})`,
      `tonumber(${this.digits()},${this.chance(0.8) ? String(2 + this.below(35)) : i})`,
      `tonumber(${this.digits()})`,
      `(tostring(${x}):gsub('0x%x+',''))`,
      `(${x})..""`,
      `math.${this.pick(['floor', 'ceil', 'abs', 'sqrt', 'modf', 'frexp'])}(${x})`,
      `math.${this.pick(['fmod', 'ldexp', 'max', 'min', 'mod'])}(${x},${i})`,
      `(${x})%(${y})`,
      `(${x})${this.pick(['+', '-', '*', '/', '^', '<', '=='])}(${y})`,
      `error("text",${i})`,
      `(function() local n=0 for k=${i},${j},${this.pick(['1', '-1', '0.5', '2^30'])} do n=n+1 if n>20 then break end end return n end)()`,
      `({${this.many(4, () => this.small())}})[${x}]`,
    ]);
  }

  /** An index into a table: not so far off that every place up to it would be visited. */
  private place(): string {
    return this.chance(0.8)
      ? this.small()
      : this.pick([
          '2^32+2',
          '-2^32',
          '2^33-1',
          '2^52+3',
          '2^63',
          '1/0',
          '0/0',
          '1e300',
          '2.9',
          '-0.5',
          'nil',
          '"2"',
          '"x"',
        ]);
  }

  private digits(): string {
    if (this.chance(0.1)) return this.any();
    const alphabet = this.pick([
      '01',
      '0123456789',
      '0123456789abcdef',
      '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ',
    ]);
    const text = Array.from({ length: this.below(22) }, () => this.pick([...alphabet])).join('');
    return `"${this.pick(['', '', '', '-', '+', ' ', '0x', '-0x', '0X', '- '])}${text}${this.pick(['', '', '', ' ', '.5', 'e5', 'p3', 'z', '\\0', '.'])}"`;
  }

  /** Few, or so many that they are negative or few when cut to 32 bits; never so many that memory decides. */
  private repetitions(): string {
    return this.chance(0.7)
      ? this.small()
      : this.pick(['2^32+3', '2^33-1', '2^31', '-2^31', '-2^33', '2^63', '0/0', '1/0', '2^52+2', '1e300', '2.9']);
  }
}
