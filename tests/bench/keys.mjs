// node --expose-gc tests/bench/keys.mjs [--keys 300000]: bytes a key and ns a look-up of every kind of key map, next
// to a JavaScript Map of the same pairs in the same run. Compiled files: npm run build first. Never part of npm test.
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { IntegerKeyMap } from '../../dist/engine/resolve/integer-key-map.js';
import { TextKeyMap } from '../../dist/engine/resolve/text-key-map.js';
import { WordKeyMap } from '../../dist/engine/resolve/word-key-map.js';
import { INT64, UUID } from '../../dist/engine/resolve/words.js';

const { values } = parseArgs({ options: { keys: { type: 'string', default: '300000' } } });
const count = Number(values.keys);
const LOOKUPS = 300_000;

const uuid = (n) => {
  const hex = createHash('md5').update(String(n)).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};
/** Each number below `count` once, in no order. */
const stride = (() => {
  let odd = Math.floor(count * 0.618) | 1;
  const gcd = (a, b) => (b === 0 ? a : gcd(b, a % b));
  while (gcd(odd, count) !== 1) odd += 2;
  return odd;
})();
const shuffled = (n) => (n * stride) % count;

const KINDS = [
  {
    name: 'dense, handles in order',
    key: String,
    value: (n) => String(n + 7),
    make: () => new IntegerKeyMap(),
  },
  {
    name: 'dense, 1 % gaps',
    key: (n) => String(n + Math.floor(n / 100)),
    value: (n) => String(n + Math.floor(n / 99)),
    make: () => new IntegerKeyMap(),
  },
  {
    name: 'dense, handles in no order',
    key: String,
    value: (n) => String(shuffled(n)),
    make: () => new IntegerKeyMap(),
  },
  {
    name: 'sparse, 32 bits',
    key: (n) => String(n * 97),
    value: (n) => String(n),
    make: () => new IntegerKeyMap(),
  },
  {
    name: 'sparse, 64 bits',
    key: (n) => String(n * 997_000_003),
    value: (n) => String(n),
    make: () => new IntegerKeyMap(),
  },
  { name: 'uuid to integer', key: uuid, value: String, make: () => new WordKeyMap(UUID, INT64) },
  { name: 'uuid to uuid', key: uuid, value: (n) => uuid(-n), make: () => new WordKeyMap(UUID, UUID) },
  { name: 'integer to uuid', key: String, value: uuid, make: () => new WordKeyMap(INT64, UUID) },
  {
    name: 'text of 12 to integer',
    key: (n) => `ABC-${String(n).padStart(8, '0')}`,
    value: String,
    make: () => new TextKeyMap(),
  },
  {
    name: 'composite text to integer',
    key: (n) => JSON.stringify([String(n % 1000), uuid(n).slice(0, 8), String(n)]),
    value: String,
    make: () => new TextKeyMap(),
  },
];

const used = () => {
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + (arrayBuffers > external ? arrayBuffers - external : 0);
};

/** Texts made as a row's are: fresh strings, none of which the map holds. */
const fresh = (texts) => texts.map((text) => Buffer.from(text).toString('latin1'));

function time(work) {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start);
}

function measure({ key, value, make }, asks) {
  const before = used();
  const map = make();
  const fill = time(() => {
    for (let n = 0; n < count; n++) map.set(key(n), value(n));
  });
  const bytes = (used() - before) / count;
  let hits = 0;
  const rounds = [0, 1, 2].map(() => {
    const texts = fresh(asks);
    return time(() => {
      for (const text of texts) if (map.get(text) !== undefined) hits++;
    });
  });
  const result = { bytes, fill: fill / count, get: Math.min(...rounds) / asks.length, hits };
  if (typeof map.getNumber === 'function') {
    const numbers = Float64Array.from(asks, Number);
    let sum = 0;
    result.direct =
      Math.min(
        ...[0, 1, 2].map(() =>
          time(() => {
            for (let n = 0; n < numbers.length; n++) sum += map.getNumber(numbers[n]);
          }),
        ),
      ) / numbers.length;
  } else if (typeof map.getBytes === 'function' && key !== String) {
    const buffers = Buffer.concat(asks.map((text) => Buffer.from(`${text}\t`)));
    const ends = [];
    for (let at = buffers.indexOf(9); at >= 0; at = buffers.indexOf(9, at + 1)) ends.push(at);
    const walk = (ask) => {
      let start = 0;
      for (const end of ends) {
        ask(start, end);
        start = end + 1;
      }
    };
    result.text =
      Math.min(...[0, 1, 2].map(() => time(() => walk((s, e) => map.get(buffers.toString('utf8', s, e)))))) /
      ends.length;
    result.direct =
      Math.min(...[0, 1, 2].map(() => time(() => walk((s, e) => map.getBytes(buffers, s, e))))) / ends.length;
  }
  return result;
}

console.log(`${count} keys, ${LOOKUPS} look-ups in no order; Node ${process.version}`);
console.log(
  '| kind | bytes a key | of a Map | ns a get | of a Map | ns from bytes | via a string | ns a set |',
);
console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
for (const kind of KINDS) {
  const asks = Array.from({ length: LOOKUPS }, (_, n) => kind.key(shuffled(n % count)));
  const plain = measure({ ...kind, make: () => new Map() }, asks);
  const own = measure(kind, asks);
  if (own.hits !== plain.hits) throw new Error(`${kind.name}: ${own.hits} found, a Map finds ${plain.hits}`);
  const ns = (n) => (n === undefined ? '–' : n.toFixed(0));
  const row = [
    kind.name,
    own.bytes.toFixed(1),
    (own.bytes / plain.bytes).toFixed(2),
    ns(own.get),
    (own.get / plain.get).toFixed(2),
    ns(own.direct),
    ns(own.text),
    ns(own.fill),
  ];
  console.log(`| ${row.join(' | ')} |`);
}
