/** Reasons of the operating system in the words that C programs print: "No such file or directory". */
import { getSystemErrorMap } from 'node:util';

/** Where libuv's words are not the C library's. */
const WORDS: Readonly<Record<string, string>> = {
  EADDRNOTAVAIL: 'Cannot assign requested address',
  EAFNOSUPPORT: 'Address family not supported by protocol',
  EISDIR: 'Is a directory',
};

/** The reason of an error that Node has thrown for a system call; its message when it is another. */
export function systemReason(e: unknown): string {
  const { code, errno, message } = e as NodeJS.ErrnoException;
  const words = WORDS[code ?? ''] ?? getSystemErrorMap().get(errno ?? 0)?.[1];
  return words === undefined ? message : words[0].toUpperCase() + words.slice(1);
}
