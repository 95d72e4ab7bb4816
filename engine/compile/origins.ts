import type { BoundOrigin } from '../contract/compiled.js';
import type { Origin } from '../contract/mapping.js';
import type { BaseType } from '../contract/value.js';
import { constantOf } from './constant.js';
import type { Context } from './context.js';

/** An origin with its fields found, and the type of what it gives. */
export interface Bound {
  readonly origin: BoundOrigin;
  /** The type of the value, or null for a constant, which the target column's own input reads. */
  readonly type: BaseType | null;
  readonly volatile: boolean;
}

/** Finds an origin's fields. */
export function bindOrigin(context: Context, origin: Origin): Bound | null {
  switch (origin.kind) {
    case 'source': {
      const columns = origin.columns.map((name) => context.sourceColumn(name));
      const found = columns.filter((column) => column !== null);
      if (found.length < columns.length) return null;
      const fields = found.map((column) => context.fields.value(column));
      return { origin: { kind: 'fields', fields }, type: found[0]?.type.base ?? null, volatile: false };
    }
    case 'sql': {
      const described = context.sides.shape.expressions.get(origin.sql.value);
      if (described === undefined) return null;
      const field = context.fields.expression(origin.sql.value, described.type, 'sql');
      return { origin: { kind: 'fields', fields: [field] }, type: described.type.base, volatile: false };
    }
    case 'value':
      return { origin: constantOf(origin.value), type: null, volatile: false };
    case 'object': {
      const entries = origin.entries.map(({ key, origin: inner }) => ({
        key,
        bound: bindOrigin(context, inner),
      }));
      const found = entries.flatMap(({ key, bound }) => (bound === null ? [] : [{ key, bound }]));
      if (found.length < entries.length) return null;
      return {
        origin: { kind: 'object', entries: found.map(({ key, bound }) => ({ key, origin: bound.origin })) },
        type: 'json',
        volatile: found.some(({ bound }) => bound.volatile),
      };
    }
    case 'array': {
      const items = origin.items.map((inner) => bindOrigin(context, inner));
      const found = items.filter((item) => item !== null);
      if (found.length < items.length) return null;
      return {
        origin: { kind: 'array', items: found.map((item) => item.origin) },
        type: 'json',
        volatile: found.some((item) => item.volatile),
      };
    }
    case 'generate':
      return {
        origin: { kind: 'generate', what: origin.what },
        type: origin.what === 'now' ? 'timestamptz' : 'uuid',
        volatile: origin.what !== 'uuid5',
      };
    case 'run':
      return {
        origin: { kind: 'run', what: origin.what },
        type: origin.what === 'started_at' ? 'timestamptz' : 'text',
        volatile: origin.what !== 'mapping',
      };
    case 'row': {
      if (origin.what === 'key') return { origin: { kind: 'key' }, type: null, volatile: false };
      const fields = context.sides.shape.columns.map((column) => context.fields.read(column));
      return { origin: { kind: 'row', fields }, type: 'json', volatile: false };
    }
  }
}
