/** What OpenTelemetry's environment variables ask for. */
export interface OtlpSettings {
  /** Where each signal is sent; null where it is not. */
  readonly traces: OtlpTarget | null;
  readonly metrics: OtlpTarget | null;
  /** Of the resource: `service.name` and what OTEL_RESOURCE_ATTRIBUTES adds. */
  readonly resource: Readonly<Record<string, string>>;
  /** Milliseconds between two reports of the metrics. */
  readonly interval: number;
}

export interface OtlpTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds that one request may take. */
  readonly timeout: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_TIMEOUT = 10_000;
const DEFAULT_INTERVAL = 60_000;

/**
 * Reads the variables that OpenTelemetry's specification names; null where nothing is asked for: no endpoint is set, or
 * OTEL_SDK_DISABLED is true.
 * @param tell is told of what is asked for and cannot be done
 */
export function otlpSettings(env: Environment, tell: (message: string) => void): OtlpSettings | null {
  if (env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return null;
  const [traces, metrics] = [targetOf(env, 'TRACES', tell), targetOf(env, 'METRICS', tell)];
  if (traces === null && metrics === null) return null;
  const named = env['OTEL_SERVICE_NAME'];
  const resource = {
    'service.name': 'crosswalk',
    ...pairs(env['OTEL_RESOURCE_ATTRIBUTES']),
    ...(isSet(named) ? { 'service.name': named } : {}),
  };
  return {
    traces,
    metrics,
    resource,
    interval: number(env['OTEL_METRIC_EXPORT_INTERVAL'], DEFAULT_INTERVAL),
  };
}

function targetOf(
  env: Environment,
  signal: 'TRACES' | 'METRICS',
  tell: (message: string) => void,
): OtlpTarget | null {
  const either = (name: string): string | undefined => {
    const own = env[`OTEL_EXPORTER_OTLP_${signal}_${name}`];
    return isSet(own) ? own : env[`OTEL_EXPORTER_OTLP_${name}`];
  };
  const own = env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`];
  const base = env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  const isOff = env[`OTEL_${signal}_EXPORTER`]?.toLowerCase() === 'none';
  if (isOff || !(isSet(own) || isSet(base))) return null;
  const url = isSet(own) ? own : `${(base ?? '').replace(/\/+$/, '')}/v1/${signal.toLowerCase()}`;
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    tell(`OpenTelemetry: nothing is sent, the endpoint is no http(s) address`);
    return null;
  }
  if (either('PROTOCOL') === 'grpc') {
    tell('OpenTelemetry: nothing is sent, OTEL_EXPORTER_OTLP_PROTOCOL=grpc is not spoken: take http/json');
    return null;
  }
  return { url, headers: pairs(either('HEADERS')), timeout: number(either('TIMEOUT'), DEFAULT_TIMEOUT) };
}

const isSet = (value: string | undefined): value is string => value !== undefined && value !== '';

function number(text: string | undefined, otherwise: number): number {
  const value = Number(text);
  return isSet(text) && Number.isFinite(value) && value > 0 ? value : otherwise;
}

/** `a=1,b=%20`: keys and values of the W3C Baggage form. */
function pairs(text = ''): Readonly<Record<string, string>> {
  const found = text.split(',').flatMap((part) => {
    const at = part.indexOf('=');
    const [key, value] = [part.slice(0, at).trim(), part.slice(at + 1).trim()];
    return at < 1 || key === '' ? [] : [[key, decoded(value)] as const];
  });
  return Object.fromEntries(found);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
