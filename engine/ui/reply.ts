import type { IncomingMessage, ServerResponse } from 'node:http';
import { EXIT, EtlError } from '../contract/errors.js';
import type { DashboardProblem } from '../contract/dashboard.js';

/** A finished answer. */
export interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string | Buffer;
  /** In place of the page's own. */
  readonly policy?: string;
}

/** The page's own script and style, and what they ask of this server; nothing else, from nowhere. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** What every answer says to the browser. */
export function protect(response: ServerResponse, policy = PAGE_POLICY): void {
  const headers = {
    'Content-Security-Policy': policy,
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  };
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}

export function send({ method }: IncomingMessage, response: ServerResponse, reply: Reply): void {
  protect(response, reply.policy);
  const body = Buffer.from(reply.body);
  response.writeHead(reply.status, { 'Content-Type': reply.type, 'Content-Length': body.length });
  response.end(method === 'HEAD' ? undefined : body);
}

export const json = (value: unknown, status = 200): Reply => ({
  status,
  type: 'application/json; charset=utf-8',
  body: JSON.stringify(value),
});

export const problem = (status: number, error: string, help: string | null = null): Reply =>
  json({ error, help } satisfies DashboardProblem, status);

/** What a request asks for is not there, or it does not say it as it should. */
export class Refused extends Error {
  constructor(
    readonly status: 400 | 404 | 409,
    message: string,
    readonly help: string | null = null,
  ) {
    super(message);
  }
}

/** No words of an error that nobody expected go out: they may hold anything. */
export function failure(error: unknown): Reply {
  if (error instanceof Refused) return problem(error.status, error.message, error.help);
  if (!(error instanceof EtlError)) return problem(500, 'an internal error of the dashboard');
  const status = error.exitCode === EXIT.transient ? 503 : error.exitCode === EXIT.usage ? 409 : 500;
  return problem(status, error.message, error.help ?? null);
}
