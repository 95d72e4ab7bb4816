/** Where one word of a name ends and the next begins: `TrackId`, `XMLFile`, `address2`. */
const SEAMS = /(?<=\p{Ll})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})|(?<=\p{L})(?=\p{N})|(?<=\p{N})(?=\p{L})/u;

/** A name's words: parted at signs and at capitals, in small letters, singular. */
export function wordsOf(name: string): readonly string[] {
  return name
    .split(/[^\p{L}\p{N}]+/u)
    .flatMap((part) => part.split(SEAMS))
    .filter((word) => word !== '')
    .map((word) => singular(word.toLowerCase()))
    .flatMap((word) => COMPOUNDS.get(word) ?? [word])
    .map((word, n, all) => (all[n + 1] === 'name' ? (INITIALS.get(word) ?? word) : word));
}

/** One word that others write as two. */
const COMPOUNDS: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ...['surname', 'lname', 'lastname'].map((word) => [word, ['last', 'name']] as [string, string[]]),
  ...['forename', 'fname', 'firstname'].map((word) => [word, ['first', 'name']] as [string, string[]]),
  ...['zip', 'zipcode', 'postcode', 'postalcode', 'plz'].map(
    (word) => [word, ['postal', 'code']] as [string, string[]],
  ),
  ...['dob', 'birthday', 'birthdate'].map((word) => [word, ['birth', 'date']] as [string, string[]]),
  ['username', ['user', 'name']],
  ['filename', ['file', 'name']],
  ['homepage', ['home', 'page']],
  ['website', ['home', 'page']],
]);

const IRREGULAR: ReadonlyMap<string, string> = new Map([
  ['people', 'person'],
  ['children', 'child'],
  ['men', 'man'],
  ['women', 'woman'],
  ['data', 'datum'],
  ['indices', 'index'],
  ['news', 'news'],
]);

/** English plurals; a word that is none stays. Wrong guesses do no harm: both sides are treated alike. */
function singular(word: string): string {
  const irregular = IRREGULAR.get(word);
  if (irregular !== undefined) return irregular;
  if (word.length < 4) return word;
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  if (/(?:ss|x|ch|sh|us)es$/.test(word)) return word.slice(0, -2);
  return /(?:ss|us|is)$/.test(word) || !word.endsWith('s') ? word : word.slice(0, -1);
}

/** Of `fName` and `l_name`. */
const INITIALS: ReadonlyMap<string, string> = new Map([
  ['f', 'first'],
  ['l', 'last'],
  ['m', 'middle'],
]);

/** Words that mean the same in the names of tables and columns; a word may stand in several lines. */
const SYNONYMS: readonly (readonly string[])[] = [
  ['customer', 'client', 'cust', 'patron', 'buyer'],
  ['user', 'account', 'login', 'profile', 'member'],
  ['employee', 'staff', 'emp', 'worker', 'personnel'],
  ['person', 'contact', 'individual'],
  ['company', 'organisation', 'organization', 'org', 'firm', 'business'],
  ['supplier', 'vendor'],
  ['product', 'item', 'article', 'goods'],
  ['order', 'purchase'],
  ['invoice', 'bill', 'billing'],
  ['line', 'detail', 'item', 'position', 'pos'],
  ['task', 'todo', 'job', 'ticket', 'issue'],
  ['shop', 'store', 'branch', 'outlet'],
  ['office', 'location', 'site', 'practice'],
  ['doctor', 'physician', 'practitioner', 'provider'],
  ['visit', 'appointment', 'encounter'],
  ['category', 'kind', 'type', 'class', 'group'],
  ['status', 'state', 'stage'],
  ['state', 'region', 'province'],
  ['country', 'nation'],
  ['city', 'town'],
  ['address', 'addr', 'street'],
  ['phone', 'telephone', 'tel', 'fon'],
  ['mobile', 'cell', 'cellphone'],
  ['email', 'mail'],
  ['fax', 'telefax', 'facsimile'],
  ['name', 'title', 'label', 'caption', 'nm'],
  ['title', 'subject', 'heading'],
  ['first', 'given'],
  ['last', 'family'],
  ['birth', 'born'],
  ['gender', 'sex'],
  ['description', 'descr', 'desc', 'detail', 'text', 'body'],
  ['comment', 'note', 'remark', 'memo', 'annotation'],
  ['number', 'no', 'nr', 'num', 'nbr', 'code'],
  ['code', 'abbreviation', 'symbol', 'key'],
  ['quantity', 'qty', 'count', 'cnt', 'amount'],
  ['amount', 'amt', 'sum', 'total', 'value'],
  ['price', 'cost', 'rate', 'fee'],
  ['discount', 'rebate', 'reduction'],
  ['currency', 'curr', 'ccy'],
  ['picture', 'photo', 'image', 'img', 'pic'],
  ['password', 'pwd', 'passwd', 'passphrase'],
  ['created', 'create', 'creation', 'inserted', 'added', 'entered'],
  ['updated', 'update', 'modified', 'changed', 'modification', 'edited'],
  ['deleted', 'removed', 'archived'],
  ['active', 'enabled', 'live'],
  ['at', 'on', 'date', 'time', 'datetime', 'timestamp', 'ts', 'dt', 'dat'],
  ['start', 'begin', 'from', 'since', 'opened'],
  ['end', 'finish', 'until', 'to', 'closed'],
  ['due', 'deadline', 'required'],
  ['shipped', 'sent', 'dispatched', 'delivered'],
  ['parent', 'super', 'upper'],
  ['manager', 'boss', 'supervisor', 'lead'],
  ['owner', 'holder', 'assignee', 'responsible'],
  ['order', 'position', 'pos', 'sort', 'rank', 'sequence', 'seq'],
  ['language', 'lang', 'locale'],
  ['film', 'movie', 'video'],
  ['length', 'duration'],
  ['identifier', 'id', 'key', 'pk', 'uid', 'uuid', 'guid', 'nr', 'no'],
  ['url', 'link', 'page', 'href'],
  ['year', 'yr'],
  ['metadata', 'meta', 'extra', 'properties', 'attribute'],
];

const GROUPS = new Map<string, ReadonlySet<number>>();
for (const [n, words] of SYNONYMS.entries()) {
  for (const word of words) GROUPS.set(word, new Set([...(GROUPS.get(word) ?? []), n]));
}

/** Words that say little: `created` and `created_at`, `dt_birth` and `birth_date` speak of one thing. */
const FILLERS: ReadonlySet<string> = new Set(
  'a an the of at on in by is has flag id pk fk date time datetime timestamp ts dt dat day tbl tab table vw ref str txt int num vc bool legacy old source src orig original former external ext'.split(
    ' ',
  ),
);

/** How much of a name a word is. */
export const weightOf = (word: string): number => (FILLERS.has(word) ? 0.25 : 1);

/** Whether a word stands for where a row came from: `legacy_id`. */
export const isOld = (word: string): boolean => OLD.has(word);
const OLD: ReadonlySet<string> = new Set(
  'legacy old source src orig original former previous external ext import imported migrated'.split(' '),
);

/** How alike two words are, from 0 to 1. */
export function likeness(a: string, b: string): number {
  if (a === b) return 1;
  const [ours, theirs] = [GROUPS.get(a), GROUPS.get(b)];
  if (ours !== undefined && theirs !== undefined && [...ours].some((group) => theirs.has(group))) return 0.85;
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (short.length < 2 || /^\p{N}/u.test(short)) return 0;
  if (isInflected(short, long)) return 0.9;
  if (short.length >= 3 && long.startsWith(short)) return 0.7;
  if (isMisspelt(short, long)) return 0.8;
  return short.length >= 2 && isAbbreviated(short, long) ? 0.6 : 0;
}

/** `hire` and `hired`, `order` and `ordered`, `ship` and `shipped`. */
const isInflected = (short: string, long: string): boolean =>
  short.length >= 3 && [`${short}d`, `${short}ed`, `${short}${short.slice(-1)}ed`].includes(long);

/** Whether the letters of `short` stand in `long` in this order, the first one in front: `qty`, `addr`. */
function isAbbreviated(short: string, long: string): boolean {
  if (
    !long.startsWith(short.charAt(0)) ||
    short.length * 3 < long.length ||
    short.length * 4 > long.length * 3
  )
    return false;
  let at = -1;
  for (const letter of short) {
    at = long.indexOf(letter, at + 1);
    if (at < 0) return false;
  }
  return true;
}

/** One letter more, less or other, in words that are long enough for that to be a slip. */
function isMisspelt(short: string, long: string): boolean {
  if (short.length < 5 || long.length - short.length > 1) return false;
  let same = 0;
  while (same < short.length && short[same] === long[same]) same++;
  const rest = long.slice(same + 1);
  return rest === short.slice(same) || rest === short.slice(same + 1);
}
