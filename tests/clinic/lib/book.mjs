import { surroundings, table } from '../../bench/lib/figures.mjs';

/** What a stage found otherwise than expected: ends the rehearsal. */
export class Difference extends Error {
  constructor(stage, lines) {
    const more = lines.length > 20 ? `\n  and ${lines.length - 20} more` : '';
    super(
      `${stage}: ${lines.length} differences\n${lines
        .slice(0, 20)
        .map((line) => `  ${line}`)
        .join('\n')}${more}`,
    );
  }
}

const count = (number) => number.toLocaleString('en');

/** The log of a rehearsal and its figures. */
export class Book {
  #rows = [];
  #notes = [];

  say(line) {
    console.log(`${new Date().toISOString().slice(11, 19)}  ${line}`);
  }

  note(line) {
    this.#notes.push(line);
    this.say(line);
  }

  /**
   * Writes down a stage that has been judged: its command, what it came to in words, how long it took and how much memory
   * the process had (MB), and what was compared. @throws Difference where `faults` has a line
   */
  enter(stage, { words, came = '', seconds, rss = null, judged = '', faults = [] }) {
    this.#rows.push([
      stage,
      `\`${words}\``,
      came,
      seconds.toFixed(1),
      rss === null ? '' : rss.toFixed(0),
      judged,
    ]);
    this.say(`${stage.padEnd(9)} ${words}: ${[came, `${seconds.toFixed(1)} s`].filter(Boolean).join(', ')}`);
    if (faults.length > 0) throw new Difference(stage, faults);
    if (judged !== '') this.say(`${' '.repeat(10)}as expected: ${judged}`);
  }

  /** The figures in Markdown. @param failed what ended the rehearsal early, or null */
  markdown({ title, version, money, failed }) {
    const parts = [
      `# ${title}`,
      surroundings(version),
      failed === null ? 'Every stage came to what it should.' : `**Ended early.** ${failed}`,
      table(['stage', 'command', 'came to', 'seconds', 'memory, MB', 'compared and equal'], this.#rows),
      ...this.#notes.map((note) => `- ${note}`),
      ...(money.length === 0
        ? []
        : [
            table(
              ['sum', 'source = target'],
              money.map(({ mapping, column, sum }) => [`${mapping}.${column}`, sum]),
            ),
          ]),
    ];
    return `${parts.join('\n\n')}\n`;
  }

  /** `15,837 rows, 432 rejected` of a run's summary. */
  static counts({ mappings }) {
    const sum = (key) => mappings.reduce((total, one) => total + one[key], 0);
    const parts = ['read', 'inserted', 'updated', 'unchanged', 'skipped', 'rejected'].map((key) => [
      key,
      sum(key),
    ]);
    return parts
      .filter(([key, of]) => key === 'read' || of > 0)
      .map(([key, of]) => `${count(of)} ${key}`)
      .join(', ');
  }
}
