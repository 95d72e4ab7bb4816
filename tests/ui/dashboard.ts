import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { start, type Running } from '../cli/etl.js';

/** An answer of the dashboard, as it came over the wire. */
export interface Answered {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** A started `etl ui`. */
export class Dashboard {
  private constructor(
    private readonly running: Running,
    readonly port: number,
    readonly url: string,
  ) {}

  static async start(
    folder: string,
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Dashboard> {
    const running = start(['ui', folder, '--port', '0', ...args], { env });
    let said = '';
    running.process.stdout?.on('data', (text: string) => (said += text));
    await running.says('Ctrl-C ends it');
    const url = /http:\S+/.exec(said)?.[0] ?? '';
    return new Dashboard(running, Number(new URL(url).port), url);
  }

  /** The path goes over the wire as it is given. */
  async ask(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Answered> {
    const sent = request({ host: '127.0.0.1', port: this.port, path, method, headers });
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) text += String(chunk);
    return { status: response.statusCode ?? 0, headers: response.headers, text };
  }

  /** @throws where the answer is not 200 */
  async get<T>(path: string): Promise<T> {
    const { status, text } = await this.ask(path);
    if (status !== 200) throw new Error(`${path}: ${String(status)} ${text}`);
    return JSON.parse(text) as T;
  }

  /** Ends it as Ctrl-C does. @returns its exit code */
  async stop(): Promise<number | null> {
    this.running.process.kill('SIGINT');
    return (await this.running.ended).code;
  }
}
