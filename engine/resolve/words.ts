/** How texts of one form are kept in 32-bit words. What has another form is not accepted. */
export interface WordCodec {
  readonly words: number;
  /** Writes the text's words to `to[0…]`; false where it has not this codec's one form. */
  write(text: string, to: Int32Array): boolean;
  read(from: Int32Array): string;
}

const SAFE_INTEGER = /^(?:0|-?[1-9]\d{0,14})$/;
const LONG_INTEGER = /^-?[1-9]\d{15,18}$/;
const TWO_32 = 4294967296;
const DIGITS = 1e9;

/** A text as a whole number of at most 15 digits in the one form that it has, or NaN. */
export const safeInteger = (text: string): number => (SAFE_INTEGER.test(text) ? Number(text) : NaN);

/** The words of a whole number of at most 2⁵³: low, high. */
export function writeNumber(number: number, to: Int32Array): void {
  to[0] = number | 0;
  to[1] = Math.floor(number / TWO_32);
}

/** The number that two words are, or NaN where it has more than 15 digits. */
export function readNumber(from: Int32Array): number {
  const number = (from[1] ?? 0) * TWO_32 + ((from[0] ?? 0) >>> 0);
  return number < 1e15 && number > -1e15 ? number : NaN;
}

/** Sixteen to nineteen digits, without BigInt: a tenth of its time. */
function writeLong(text: string, to: Int32Array): boolean {
  const negative = text.charCodeAt(0) === 0x2d;
  const split = text.length - 9;
  const front = Number(text.slice(negative ? 1 : 0, split));
  const back = Number(text.slice(split));
  // front × 10⁹ + back, its upper and its lower 16 bits times 10⁹ apart, since the product has up to 63 bits.
  const upper = Math.floor(front / 65536) * DIGITS;
  const rest = (upper % 65536) * 65536 + (front % 65536) * DIGITS + back;
  const high = Math.floor(upper / 65536) + Math.floor(rest / TWO_32);
  const low = rest % TWO_32;
  if (high > 0x7fffffff && !(negative && high === 0x80000000 && low === 0)) return false;
  to[0] = negative ? -low : low;
  to[1] = negative ? (low === 0 ? -high : ~high) : high;
  return true;
}

/** Whole numbers of 64 bits: low word, high word. */
export const INT64: WordCodec = {
  words: 2,
  write: (text, to) => {
    if (SAFE_INTEGER.test(text)) {
      writeNumber(Number(text), to);
      return true;
    }
    return LONG_INTEGER.test(text) && writeLong(text, to);
  },
  read: (from) => {
    const number = readNumber(from);
    if (!Number.isNaN(number)) return String(number);
    return ((BigInt(from[1] ?? 0) << 32n) | BigInt((from[0] ?? 0) >>> 0)).toString();
  },
};

/** What a character is worth as a hexadecimal digit in lower case; 16 where it is none. */
const DIGIT = Uint8Array.from({ length: 256 }, (_, code) => {
  const at = '0123456789abcdef'.indexOf(String.fromCharCode(code));
  return at < 0 ? 16 : at;
});
/** Where each pair of digits stands in a UUID's text, and where its hyphens do. */
const PAIRS = Uint8Array.of(0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34);
const HYPHENS = Uint8Array.of(8, 13, 18, 23);
const HYPHEN = 0x2d;

/** As {@link UUID}'s `write`, from a field's bytes. */
export function writeUuidBytes(buffer: Uint8Array, start: number, end: number, to: Int32Array): boolean {
  if (end - start !== 36) return false;
  for (const at of HYPHENS) if (buffer[start + at] !== HYPHEN) return false;
  let bad = 0;
  let word = 0;
  for (let pair = 0; pair < 16; pair++) {
    const at = start + (PAIRS[pair] ?? 0);
    const high = DIGIT[buffer[at] ?? 0] ?? 0;
    const low = DIGIT[buffer[at + 1] ?? 0] ?? 0;
    bad |= high | low;
    word = (word << 8) | (high << 4) | low;
    if ((pair & 3) === 3) to[pair >> 2] = word;
  }
  return bad < 16;
}

const characters = new Uint8Array(36);

function writeUuid(text: string, to: Int32Array): boolean {
  if (text.length !== 36) return false;
  for (let at = 0; at < 36; at++) {
    const code = text.charCodeAt(at);
    characters[at] = code < 0x80 ? code : 0;
  }
  return writeUuidBytes(characters, 0, 36, to);
}

const HEX = Buffer.from('0123456789abcdef');
const printed = Buffer.alloc(36, HYPHEN);

/** One string of 36 characters: put together from pieces it costs five times as much. */
function readUuid(from: Int32Array): string {
  for (let pair = 0; pair < 16; pair++) {
    const byte = (from[pair >> 2] ?? 0) >>> (24 - 8 * (pair & 3));
    const at = PAIRS[pair] ?? 0;
    printed[at] = HEX[(byte >>> 4) & 15] ?? 0;
    printed[at + 1] = HEX[byte & 15] ?? 0;
  }
  return printed.toString('latin1');
}

/** UUIDs in the form that PostgreSQL prints. */
export const UUID: WordCodec = {
  words: 4,
  write: writeUuid,
  read: readUuid,
};

/** Values that are all zero mean an empty slot: what is zero after this is a value that hardly anybody has. */
export function veil(words: Int32Array): void {
  words[words.length - 1] = (words[words.length - 1] ?? 0) ^ 0x80000000;
}
