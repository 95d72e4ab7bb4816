import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import type { Child, TestProject } from '../support/project.js';

/** An answer of the dashboard, as it came over the wire. */
export interface Answered {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** A started `etl ui`, for several tests: whoever starts it stops it. */
export class Dashboard {
  private constructor(
    private readonly child: Child,
    readonly url: string,
    readonly port: number,
  ) {}

  static async start(project: TestProject, args: readonly string[] = []): Promise<Dashboard> {
    const child = project.spawn(['--port', '0', ...args], 'ui');
    const url = await new Promise<string>((resolve, reject) => {
      let said = '';
      child.process.stdout?.on('data', (text: string) => {
        said += text;
        const found = /http:\S+(?=\n)/.exec(said);
        if (found !== null) resolve(found[0]);
      });
      void child.ended.then(({ output }) => {
        reject(new Error(`etl ui ended: ${output}`));
      });
    });
    return new Dashboard(child, url, Number(new URL(url).port));
  }

  /** The path goes over the wire as it is given. */
  async ask(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Answered> {
    const response = await this.open(path, headers, method);
    let text = '';
    for await (const chunk of response) text += String(chunk);
    return { status: response.statusCode ?? 0, headers: response.headers, text };
  }

  /** An answer as it begins. */
  async open(
    path: string,
    headers: Readonly<Record<string, string>> = {},
    method = 'GET',
  ): Promise<IncomingMessage> {
    const sent = request({ host: '127.0.0.1', port: this.port, path, method, headers });
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return response.setEncoding('utf8');
  }

  /** @throws where the answer is not 200 */
  async get<T>(path: string): Promise<T> {
    const { status, text } = await this.ask(path);
    if (status !== 200) throw new Error(`${path}: ${String(status)} ${text}`);
    return JSON.parse(text) as T;
  }

  /** Ends it as Ctrl-C does. @returns its exit code */
  async stop(): Promise<number | null> {
    this.child.process.kill('SIGINT');
    return (await this.child.ended).code;
  }
}
