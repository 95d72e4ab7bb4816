import { UUID, safeInteger } from './words.js';

/** How a packed value's bytes are read; the first of them says so. */
const TEXT = 0;
const UINT32 = 1;
const DOUBLE = 2;
const UUID16 = 3;

const words = new Int32Array(4);

/** The most bytes that {@link pack} writes for a text. */
export const packedBound = (text: string): number => 17 + text.length * 3;

/** Writes a value in few bytes: whole numbers in 4 or 8, UUIDs in 16, all else as UTF-8. Gives where it ends. */
export function pack(text: string, to: Buffer, at: number): number {
  const number = text.length <= 16 ? safeInteger(text) : NaN;
  if (!Number.isNaN(number)) {
    const small = number >= 0 && number < 4294967296;
    to[at] = small ? UINT32 : DOUBLE;
    return small ? to.writeUInt32LE(number, at + 1) : to.writeDoubleLE(number, at + 1);
  }
  if (UUID.write(text, words)) {
    to[at] = UUID16;
    for (let i = 0; i < 4; i++) to.writeInt32LE(words[i] ?? 0, at + 1 + i * 4);
    return at + 17;
  }
  to[at] = TEXT;
  return at + 1 + to.write(text, at + 1, 'utf8');
}

/** The text of a packed value that ends before `end`. */
export function unpack(from: Buffer, at: number, end: number): string {
  switch (from[at]) {
    case UINT32:
      return String(from.readUInt32LE(at + 1));
    case DOUBLE:
      return String(from.readDoubleLE(at + 1));
    case UUID16:
      for (let i = 0; i < 4; i++) words[i] = from.readInt32LE(at + 1 + i * 4);
      return UUID.read(words);
    default:
      return from.toString('utf8', at + 1, end);
  }
}
