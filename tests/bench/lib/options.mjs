import { parseArgs } from 'node:util';

const integer = (name, text) => {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`--${name} ${text}: give a whole number above 0`);
};

const READ = {
  count: integer,
  number: (name, text) => {
    if (Number(text) > 0) return Number(text);
    throw new Error(`--${name} ${text}: give a number above 0`);
  },
  text: (_name, text) => text,
  scale: (name, text) => {
    if (['sample', 'full'].includes(text)) return text;
    throw new Error(`--${name} ${text}: give sample or full`);
  },
  server: (name, text) => {
    if (['embedded', 'system'].includes(text)) return text;
    throw new Error(`--${name} ${text}: give embedded or system`);
  },
  latency: (name, text) => {
    const found = /^(\d+(?:\.\d+)?)ms$/.exec(text)?.[1];
    if (found !== undefined) return Number(found);
    throw new Error(`--${name} ${text}: give milliseconds, as in 20ms`);
  },
  list: (_name, text) => text.split(','),
};

/** Options that several scripts have, each `[kind, default, sentence]`. */
export const SHARED = {
  rounds: ['count', '5', 'rounds that count'],
  latency: ['latency', '0ms', 'a round trip to the server takes that much longer, as in 20ms'],
  server: ['server', 'embedded', "embedded, or system: a throw-away cluster of the system's PostgreSQL"],
};

/**
 * Reads the command line. `--help` prints what there is and ends the process; so does, with exit code 2, what cannot be
 * understood.
 * @param specs name → `[kind, default, sentence]`, the kinds of READ and `flag`
 */
export function readOptions(command, sentence, specs) {
  const all = { ...specs, help: ['flag', '', 'show this'] };
  const options = Object.fromEntries(
    Object.entries(all).map(([name, [kind]]) => [name, { type: kind === 'flag' ? 'boolean' : 'string' }]),
  );
  try {
    const { values } = parseArgs({ options });
    if (values.help) {
      console.log(help(command, sentence, all));
      process.exit(0);
    }
    const read = ([name, [kind, fallback]]) =>
      kind === 'flag' ? values[name] === true : readOne(READ[kind], name, values[name] ?? fallback);
    return Object.fromEntries(Object.entries(specs).map((entry) => [entry[0], read(entry)]));
  } catch (error) {
    console.error(`${error.message}\n\n${help(command, sentence, all)}`);
    process.exit(2);
  }
}

const readOne = (read, name, text) => (text === null ? null : read(name, text));

function help(command, sentence, specs) {
  const lines = Object.entries(specs).map(([name, [kind, fallback, text]]) => {
    const shown = kind === 'flag' ? `--${name}` : `--${name} <${kind}>`;
    return `  ${shown.padEnd(20)} ${text}${fallback ? ` (default ${fallback})` : ''}`;
  });
  return `${command}: ${sentence}\n\n${lines.join('\n')}`;
}
