import { hash } from 'node:crypto';
import { ArgumentError, type StepFunction } from '../contract/step.js';
import type { Json } from '../contract/value.js';
import { text } from './argument.js';
import { hasLoneSurrogate } from './characters.js';
import { fail } from './quote.js';

/** The namespaces of RFC 9562, section 6.6. */
const NAMESPACES: ReadonlyMap<string, string> = new Map([
  ['dns', '6ba7b810-9dad-11d1-80b4-00c04fd430c8'],
  ['url', '6ba7b811-9dad-11d1-80b4-00c04fd430c8'],
  ['oid', '6ba7b812-9dad-11d1-80b4-00c04fd430c8'],
  ['x500', '6ba7b814-9dad-11d1-80b4-00c04fd430c8'],
]);

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The JSON Schema of a namespace. */
export const NAMESPACE: Json = {
  type: 'string',
  minLength: 1,
  description: `A UUID, or one of ${[...NAMESPACES.keys()].join(', ')}.`,
};

/** A step that makes the UUID of a name: RFC 9562, version 3 (MD5) or 5 (SHA-1). Throws ArgumentError. */
export function nameUuid(version: 3 | 5, argument: Json): StepFunction {
  const written = text(argument, 'the namespace');
  const namespace = NAMESPACES.get(written) ?? written;
  if (!UUID.test(namespace))
    throw new ArgumentError(`"${written}" is neither a UUID nor one of dns, url, oid, x500`);
  const prefix = Buffer.from(namespace.replaceAll('-', ''), 'hex');
  const algorithm = version === 3 ? 'md5' : 'sha1';
  return (value) => {
    if (hasLoneSurrogate(value)) return fail(value, 'holds half a surrogate pair, which UTF-8 cannot');
    const digest = hash(algorithm, Buffer.concat([prefix, Buffer.from(value, 'utf8')]), 'buffer');
    digest.writeUInt8((digest.readUInt8(6) & 0x0f) | (version << 4), 6);
    digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8);
    return digest.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  };
}
