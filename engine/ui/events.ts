import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { DashboardEvent, DashboardRun } from '../contract/dashboard.js';
import { readRun } from './answers/run.js';
import type { Desk } from './desk.js';
import { failure, protect } from './reply.js';

/** Pages that look on at once; each may have one event unread, and is told of nothing more until it has read that. */
const CLIENTS = 100;

/** Whoever reads nothing for so long is cut off; the browser asks again by itself. Milliseconds. */
const STALLED_MS = 60_000;

/** Between two looks at the state, milliseconds; at least four times as long as a look takes, within bounds. */
const LOOK_MS = 1000;
const MOST_MS = 5000;
const SHARE = 4;

/** A comment keeps connections open that pass through others' hands. */
const SIGN_OF_LIFE_MS = 15_000;

interface Client {
  readonly run: string;
  readonly response: ServerResponse;
  /** What it was sent last, without the times that pass anyway. */
  last: string;
  /** The list of runs when it was last told anything. */
  runs: string;
  isLost: boolean;
  /** Since when it has not read what it was sent; null: it has. */
  stalledAt: number | null;
}

/** Server-sent events: one look at the state for all pages, as long as there is any. */
export class Events {
  private readonly clients = new Set<Client>();
  private looking: Promise<void> | null = null;
  /** Ends the pause between two looks: whoever comes hears at once how things stand. */
  private news = new AbortController();
  private stopped = false;
  private saidAt = Date.now();
  /** The state was read since anybody last could change it. */
  private isSettled = false;

  constructor(private readonly desk: Desk) {}

  get isFull(): boolean {
    return this.clients.size >= CLIENTS;
  }

  /** Sends events of a run from now on until the page goes. */
  add(run: string, response: ServerResponse): void {
    protect(response);
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'X-Accel-Buffering': 'no',
    });
    response.write('retry: 2000\n\n');
    const client: Client = { run, response, last: '', runs: '', isLost: false, stalledAt: null };
    this.clients.add(client);
    this.isSettled = false;
    response.on('close', () => this.clients.delete(client));
    response.on('drain', () => {
      client.stalledAt = null;
      this.isSettled = false;
    });
    this.news.abort();
    if (this.looking === null) this.begin();
  }

  private begin(): void {
    this.looking = this.look().finally(() => {
      this.looking = null;
      // Somebody may have come in the moment in which the last one went.
      if (this.clients.size > 0 && !this.stopped) this.begin();
    });
  }

  private async look(): Promise<void> {
    while (this.clients.size > 0 && !this.stopped) {
      const began = Date.now();
      this.news = new AbortController();
      await this.once();
      const { signal } = this.news;
      const pause = Math.min(MOST_MS, Math.max(LOOK_MS, SHARE * (Date.now() - began)));
      await wait(pause, undefined, { ref: false, signal }).catch(() => undefined);
    }
  }

  private async once(): Promise<void> {
    try {
      const { site, pool } = this.desk;
      const mayChange = !pool.exclusive && (await site.mayChange());
      if (mayChange || !this.isSettled) await this.tell();
      this.isSettled = !mayChange;
    } catch (error) {
      this.isSettled = false;
      const said = JSON.parse(failure(error).body.toString()) as { readonly error: string };
      this.tellLost(said.error);
    }
    if (Date.now() - this.saidAt > SIGN_OF_LIFE_MS) this.signOfLife();
  }

  private async tell(): Promise<void> {
    const asked = [...new Set([...this.clients].map(({ run }) => run))];
    const read = await this.desk.read(async (session, schema) => {
      const answers = new Map<string, DashboardRun>();
      let runs = '';
      for (const run of asked) {
        const seen = await readRun(session, schema, this.desk, run);
        if (seen === null) continue;
        answers.set(run, seen.answer);
        runs = JSON.stringify(
          seen.state.runs.map(({ run: name, status, resumes }) => [name, status, resumes]),
        );
      }
      return { answers, runs };
    });
    const { answers, runs } = read?.value ?? { answers: new Map<string, DashboardRun>(), runs: '' };
    for (const client of this.ready()) {
      const answer = answers.get(client.run);
      if (client.last !== '' && (client.runs !== runs || client.isLost)) this.send(client, 'runs', {});
      client.runs = runs;
      client.isLost = false;
      if (answer !== undefined) this.tellRun(client, answer);
      else if (asked.includes(client.run)) this.tellNone(client);
    }
  }

  private tellRun(client: Client, answer: DashboardRun): void {
    // Of a run that goes on the clock is news, too: a page that hears nothing would take it for stuck.
    const said = JSON.stringify(answer.alive ? answer : { ...answer, at: '' });
    if (said === client.last) return;
    client.last = said;
    this.send(client, 'run', answer);
  }

  private tellNone(client: Client): void {
    const reason = client.run === 'last' ? 'nothing has been run yet' : `there is no run "${client.run}"`;
    if (client.last === reason) return;
    client.last = reason;
    this.send(client, 'lost', { reason });
  }

  private tellLost(reason: string): void {
    for (const client of this.ready()) {
      client.isLost = true;
      if (client.last === reason) continue;
      client.last = reason;
      this.send(client, 'lost', { reason });
    }
  }

  /** Those that have read what they were sent: nothing piles up for the others, who are told how things stand when they have. */
  private ready(): readonly Client[] {
    return [...this.clients].filter((client) => {
      if (!client.response.writableNeedDrain) return true;
      client.stalledAt ??= Date.now();
      if (Date.now() - client.stalledAt > STALLED_MS) client.response.destroy();
      return false;
    });
  }

  private send({ response }: Client, event: DashboardEvent, data: unknown): void {
    this.saidAt = Date.now();
    response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  private signOfLife(): void {
    this.saidAt = Date.now();
    for (const { response } of this.ready()) response.write(': still here\n\n');
  }

  async stop(): Promise<void> {
    this.stopped = true;
    for (const { response } of this.clients) response.destroy();
    this.clients.clear();
    this.news.abort();
    await this.looking;
  }
}
