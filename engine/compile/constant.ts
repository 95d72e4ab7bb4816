import type { BoundOrigin } from '../contract/compiled.js';
import type { Scalar } from '../contract/value.js';

/** A scalar as a value and as JSON; numbers keep their digits. */
export function constantOf(value: Scalar): Extract<BoundOrigin, { kind: 'constant' }> {
  switch (value.type) {
    case 'null':
      return { kind: 'constant', text: null, json: 'null' };
    case 'number':
      return {
        kind: 'constant',
        text: value.text,
        json: isJsonNumber(value.text) ? value.text : JSON.stringify(value.text),
      };
    case 'boolean':
      return { kind: 'constant', text: value.text, json: value.text };
    case 'string':
      return { kind: 'constant', text: value.text, json: JSON.stringify(value.text) };
  }
}

/** Whether a number's text is one of JSON's (RFC 8259): `01`, `+1`, `NaN` and `.5` are not. */
export const isJsonNumber = (text: string): boolean => /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text);
