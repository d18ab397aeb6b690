/** Units of memory, lower case, as sizes in configuration and in DEBUG are written: 1k is 1000 bytes, 1kb 1024. */
export const MEMORY_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1000,
  kb: 1024,
  m: 1000 ** 2,
  mb: 1024 ** 2,
  g: 1000 ** 3,
  gb: 1024 ** 3,
};
