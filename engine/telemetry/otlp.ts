import type { Family } from './figures.js';

/** Documents of OTLP 1.x in its JSON encoding: ids in hex, 64-bit numbers as text. */

type Value = string | number | boolean;

export type Attributes = Readonly<Record<string, Value>>;

/** Milliseconds since 1970. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly attributes: Attributes;
  readonly ok: boolean;
}

const SCOPE = { name: 'crosswalk' };
const INTERNAL = 1;
const STATUS = { ok: 1, error: 2 } as const;
const CUMULATIVE = 2;

const nanos = (ms: number): string => `${String(Math.round(ms * 1000))}000`;

const attributes = (of: Attributes): readonly object[] =>
  Object.entries(of).map(([key, value]) => ({
    key,
    value:
      typeof value === 'string'
        ? { stringValue: value }
        : typeof value === 'boolean'
          ? { boolValue: value }
          : Number.isInteger(value)
            ? { intValue: String(value) }
            : { doubleValue: value },
  }));

export function tracesDocument(resource: Attributes, spans: readonly Span[]): object {
  const shown = spans.map(({ traceId, spanId, parentSpanId, name, start, end, attributes: own, ok }) => ({
    traceId,
    spanId,
    ...(parentSpanId === null ? {} : { parentSpanId }),
    name,
    kind: INTERNAL,
    startTimeUnixNano: nanos(start),
    endTimeUnixNano: nanos(end),
    attributes: attributes(own),
    status: { code: ok ? STATUS.ok : STATUS.error },
  }));
  const scopeSpans = [{ scope: SCOPE, spans: shown }];
  return { resourceSpans: [{ resource: { attributes: attributes(resource) }, scopeSpans }] };
}

/** @param since when the counters began @param now of the points; milliseconds since 1970 */
export function metricsDocument(
  resource: Attributes,
  families: readonly Family[],
  { since, now }: { readonly since: number; readonly now: number },
): object {
  const metrics = families.flatMap(({ name, help, kind, unit, points }) => {
    if (points.length === 0) return [];
    const dataPoints = points.map(({ labels, value }) => ({
      attributes: attributes(labels),
      startTimeUnixNano: nanos(since),
      timeUnixNano: nanos(now),
      ...(Number.isInteger(value) && unit !== 's' ? { asInt: String(value) } : { asDouble: value }),
    }));
    const data =
      kind === 'gauge'
        ? { gauge: { dataPoints } }
        : { sum: { dataPoints, aggregationTemporality: CUMULATIVE, isMonotonic: true } };
    return [{ name: `crosswalk.${name}`, description: help, unit, ...data }];
  });
  const scopeMetrics = [{ scope: SCOPE, metrics }];
  return { resourceMetrics: [{ resource: { attributes: attributes(resource) }, scopeMetrics }] };
}
