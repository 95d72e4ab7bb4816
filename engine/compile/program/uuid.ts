import { createHash, randomBytes } from 'node:crypto';

const NIL = '00000000-0000-0000-0000-000000000000';

const format = (hex: string): string =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;

/** A name-based UUID of version 5 (RFC 9562, 5.5). */
export function uuid5(namespace: string, name: string): string {
  const hash = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name);
  const bytes = hash.digest();
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return format(bytes.toString('hex', 0, 16));
}

/** The namespace of a mapping's identities: the same on every run and machine. */
export const mappingNamespace = (project: string, mapping: string): string =>
  uuid5(NIL, `${project}/${mapping}`);

/** A time-ordered UUID of version 7 (RFC 9562, 5.7). */
export function uuid7(): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return format(bytes.toString('hex'));
}
