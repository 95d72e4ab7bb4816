import fc from 'fast-check';
import { constantOf } from '../../../engine/compile/constant.js';
import type { BoundOrigin, Field } from '../../../engine/contract/compiled.js';
import type { StepUse } from '../../../engine/contract/mapping.js';
import type { BaseType, Scalar } from '../../../engine/contract/value.js';
import { STEPS } from '../../../engine/steps/index.js';
import { AT } from '../../support/compiled.js';
import { VALUES } from './values.js';

/** Scalars of a mapping; some that no database can hold. */
export const scalars: fc.Arbitrary<Scalar> = fc.oneof(
  fc.constant<Scalar>({ type: 'null', text: '' }),
  fc.constantFrom('1', '1.0', '7', '-1', '0', '1.005').map((text): Scalar => ({ type: 'number', text })),
  fc.boolean().map((value): Scalar => ({ type: 'boolean', text: String(value) })),
  fc
    .oneof(VALUES['text'] ?? fc.string(), fc.constantFrom('a\0b', '\ud800'))
    .map((text): Scalar => ({ type: 'string', text })),
);

/** Origins of few fields: plain data that may stand inside `object` and `array` too. */
export function origins(fields: readonly Field[]): fc.Arbitrary<BoundOrigin> {
  const index = fc.nat({ max: fields.length - 1 });
  const leaf: fc.Arbitrary<BoundOrigin> = fc.oneof(
    index.map((field): BoundOrigin => ({ kind: 'fields', fields: [field] })),
    scalars.map(constantOf),
    fc.constantFrom<BoundOrigin>(
      { kind: 'generate', what: 'now' },
      { kind: 'run', what: 'id' },
      { kind: 'run', what: 'mapping' },
      { kind: 'key' },
      { kind: 'row', fields: fields.map((_, n) => n) },
    ),
  );
  const name = fc.constantFrom('a', 'b', 'c"d', '__proto__x', 'é\n');
  const inner = fc.oneof(
    leaf,
    fc.uniqueArray(name, { maxLength: 2 }).chain((names) =>
      fc.tuple(...names.map(() => leaf)).map((all): BoundOrigin => ({
        kind: 'object',
        entries: all.map((origin, n) => ({ key: names[n] ?? '', origin })),
      })),
    ),
  );
  return fc.oneof(
    { weight: 6, arbitrary: index.map((field): BoundOrigin => ({ kind: 'fields', fields: [field] })) },
    { weight: 3, arbitrary: leaf },
    { weight: 1, arbitrary: fc.array(inner, { maxLength: 3 }).map((items): BoundOrigin => ({ kind: 'array', items })) },
    {
      weight: 1,
      arbitrary: fc.tuple(inner, inner).map(([a, b]): BoundOrigin => ({
        kind: 'object',
        entries: [{ key: 'x', origin: a }, { key: 'y', origin: b }],
      })),
    },
  ); // prettier-ignore
}

/** What the language calls the origin's value. */
export const typeOfOrigin = (origin: BoundOrigin, fields: readonly Field[]): BaseType => {
  if (origin.kind === 'fields') return fields[origin.fields[0] ?? -1]?.type.base ?? 'text';
  if (origin.kind === 'object' || origin.kind === 'array' || origin.kind === 'row') return 'json';
  return origin.kind === 'generate' ? 'timestamptz' : 'text';
};

/** Every step of the registry with every argument of its examples; `several` where the first step takes several. */
export const USES = [...STEPS.values()].flatMap((step) =>
  step.examples.map(({ argument }) => ({
    step,
    use: { name: step.name, argument: argument ?? null, at: AT } satisfies StepUse,
  })),
);

/** Up to three steps that take what comes to them, and the type of what they give. */
export function stepsFor(
  base: BaseType,
): fc.Arbitrary<{ readonly uses: readonly StepUse[]; readonly base: BaseType }> {
  return fc
    .array(fc.constantFrom(...USES.filter(({ step }) => step.kind !== 'several')), { maxLength: 3 })
    .map((list) => {
      let type = base;
      const uses: StepUse[] = [];
      for (const { step, use } of list) {
        if (step.accepts !== undefined && !step.accepts.includes(type)) continue;
        const output = typeof step.output === 'function' ? step.output(use.argument) : step.output;
        if (output !== 'same') type = output;
        uses.push(use);
      }
      return { uses, base: type };
    });
}
