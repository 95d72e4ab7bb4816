import type { Session } from '../contract/session.js';
import { readPlan } from '../state/kept-plan.js';
import { readPaces } from '../state/pace.js';
import type { ProjectState } from '../state/status.js';
import { NOTHING_KNOWN, outlookOf, type Known, type Outlook } from './outlook.js';

/** Seconds that a rate is measured over: a batch may take some. */
const WINDOW = 15;

/** Looks at one project again and again: rates come from a look some seconds ago. */
export class Looks {
  private past: readonly ProjectState[] = [];
  private known: { readonly id: string; readonly facts: Known } | null = null;

  constructor(private readonly project: string) {}

  /** The outlook of a state that was just read. To be called in the transaction that read it. @param schema quoted */
  async outlook(session: Session, schema: string, state: ProjectState): Promise<Outlook> {
    const { run, worker } = state;
    const isOpen = run?.status === 'running' && worker !== null;
    const known = run === null ? NOTHING_KNOWN : await this.facts(session, schema, run, isOpen);
    const [before = null] = this.past.filter((look) => look.run?.run === run?.run);
    if (isOpen) this.keep(state);
    return outlookOf(state, before, known);
  }

  private keep(state: ProjectState): void {
    const oldest = Date.parse(state.at) - WINDOW * 1000;
    const recent = this.past.filter(({ at }) => Date.parse(at) >= oldest);
    this.past = [...recent, state];
  }

  /** Plan and history do not change while a run goes on; when it is over nobody asks for the history. */
  private async facts(
    session: Session,
    schema: string,
    { run, resumes }: NonNullable<ProjectState['run']>,
    isOpen: boolean,
  ): Promise<Known> {
    const id = `${run} ${String(resumes)} ${String(isOpen)}`;
    if (this.known?.id !== id) {
      const plan = await readPlan(session, schema, run);
      const { paces } = isOpen
        ? { paces: await readPaces(session, schema, { project: this.project, run }) }
        : NOTHING_KNOWN;
      this.known = { id, facts: { plan, paces } };
    }
    return this.known.facts;
  }
}
