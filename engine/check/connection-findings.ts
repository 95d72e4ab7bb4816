import { counted } from '../contract/counted.js';
import type { Finding } from '../contract/finding.js';
import type { Position } from '../contract/problem.js';
import type { ConnectionFacts } from './connection-facts.js';
import { POOLER_HELP } from '../postgres/pooler.js';
import { OLDEST } from '../postgres/server-version.js';
import { finding, type FindingParts } from './findings.js';

/** What a run wants of its connections. */
export interface ConnectionNeeds {
  /** Where each connection stands in etl.yaml. */
  readonly at: ReadonlyMap<string, Position>;
  /** Connections that a run opens on each at the most. */
  readonly sessions: ReadonlyMap<string, number>;
  readonly now: Date;
}

/** Connections without which nothing works, however few the jobs. */
const LEAST = 4;
/** A pooler has others wait: with fewer than these, for ever. */
const LEAST_POOLED = 2;
/** Seconds. */
const CLOCK = 60;
const DAY = 86_400_000;
/** Days before a certificate's end. */
const SOON = 30;

const isLocal = (host: string): boolean =>
  host === '' || host.startsWith('/') || ['localhost', '127.0.0.1', '::1'].includes(host);

/** What is wrong with connections that could be opened. */
export function connectionFindings(
  all: readonly ConnectionFacts[],
  needs: ConnectionNeeds,
): readonly Finding[] {
  const target = all.find(({ name }) => name === 'target');
  return all.flatMap((facts) => {
    const about = (parts: Omit<FindingParts, 'subject' | 'at'>): Finding =>
      finding({ ...parts, subject: `connection ${facts.name}`, at: needs.at.get(facts.name) ?? null });
    return [
      ...serverFindings(facts, about),
      ...tlsFindings(facts, needs.now, about),
      ...freeFindings(facts, needs.sessions.get(facts.name) ?? 0, about),
      ...(facts.name === 'target' || target === undefined ? [] : encodingFindings(facts, target, about)),
    ];
  });
}

type About = (parts: Omit<FindingParts, 'subject' | 'at'>) => Finding;

function serverFindings(facts: ConnectionFacts, about: About): readonly Finding[] {
  const found: Finding[] = [];
  if (facts.pooler === 'transaction') {
    found.push(
      about({
        code: 'ETL-CHECK-002',
        severity: 'error',
        message: 'a pooler in transaction mode stands before the server',
        help: POOLER_HELP,
      }),
    );
  }
  if (facts.version < OLDEST * 10_000) {
    found.push(
      about({
        code: 'ETL-CHECK-003',
        severity: 'error',
        message: `PostgreSQL ${String(Math.floor(facts.version / 10_000))} is not supported`,
        help: `use PostgreSQL ${String(OLDEST)} or later`,
      }),
    );
  }
  if (Math.abs(facts.clockAhead) > CLOCK) {
    const by = `${String(Math.round(Math.abs(facts.clockAhead)))} s`;
    found.push(
      about({
        code: 'ETL-CHECK-005',
        severity: 'warning',
        message: `the server's clock is ${by} ${facts.clockAhead > 0 ? 'ahead of' : 'behind'} this machine's`,
        help: 'let both follow a time server (NTP)',
      }),
    );
  }
  if (facts.name === 'target' && (facts.standby || facts.readOnly)) {
    const why = facts.standby
      ? 'the target is a standby'
      : "the role's transactions are read only by default";
    found.push(
      about({
        code: 'ETL-CHECK-009',
        severity: 'error',
        message: `${why}: nothing can be loaded`,
        help: facts.standby
          ? 'name the primary in the url'
          : 'alter role … set default_transaction_read_only = off, or connect as another',
      }),
    );
  }
  return found;
}

function tlsFindings({ tls, host, verified }: ConnectionFacts, now: Date, about: About): readonly Finding[] {
  const remote = !isLocal(host);
  if (remote && (tls === null || !verified)) {
    const what =
      tls === null ? 'is not encrypted' : "is encrypted, but the server's certificate is not verified";
    return [
      about({
        code: 'ETL-CHECK-007',
        severity: 'warning',
        message: `the connection to ${host} ${what}`,
        help: 'ssl: verify-full, with ca: for an authority of your own',
      }),
    ];
  }
  const end = tls?.validTo ?? null;
  const days = end === null ? Infinity : Math.floor((end.getTime() - now.getTime()) / DAY);
  if (days > SOON) return [];
  const when = end?.toISOString().slice(0, 10) ?? '';
  return [
    about({
      code: 'ETL-CHECK-008',
      severity: 'warning',
      message:
        days < 0
          ? `the server's certificate has expired on ${when}`
          : `the server's certificate ends on ${when}, in ${String(days)} days`,
      help: 'renew it before the run',
    }),
  ];
}

function freeFindings({ free, pooler }: ConnectionFacts, needed: number, about: About): readonly Finding[] {
  if (free.count >= needed) return [];
  const least = pooler === 'session' ? LEAST_POOLED : LEAST;
  return [
    about({
      code: 'ETL-CHECK-006',
      severity: free.count < least ? 'error' : 'warning',
      message: `${counted(free.count, 'connection')} ${free.count === 1 ? 'is' : 'are'} free by ${free.limit}, a run opens up to ${String(needed)}`,
      help: 'a run does with fewer mappings at a time then; to give it more, raise that limit or end what holds connections',
    }),
  ];
}

function encodingFindings(
  source: ConnectionFacts,
  target: ConnectionFacts,
  about: About,
): readonly Finding[] {
  const ascii = source.encoding === 'SQL_ASCII' || target.encoding === 'SQL_ASCII';
  const fits = source.encoding === target.encoding || target.encoding === 'UTF8';
  if (!ascii && fits) return [];
  return [
    about({
      code: 'ETL-CHECK-004',
      severity: 'warning',
      message: `the source keeps text as ${source.encoding}, the target as ${target.encoding}`,
      help: ascii
        ? 'SQL_ASCII takes any bytes: make sure that the text is UTF-8, or convert it in the source query'
        : 'make the target database with encoding UTF8, or expect rows with other characters to be refused',
    }),
  ];
}
