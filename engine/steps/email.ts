import type { StepDefinition } from '../contract/step.js';
import { fail } from './quote.js';

/** RFC 5322's dot-atom, letters of every script (RFC 6531); no quoted local parts. */
const LOCAL = /^[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~-]+)*$/u;
const LABEL = /^[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}-]{0,61}[\p{L}\p{N}\p{M}])?$/u;

/** Lengths of RFC 5321. */
const MOST_LOCAL = 64;
const MOST = 254;

export const email: StepDefinition = {
  name: 'email',
  summary:
    'Trims an e-mail address and writes its domain in lower case; the part before the @ keeps its case. What does not look like exactly one address rejects.',
  argument: null,
  accepts: ['text', 'other'],
  output: 'text',
  kind: 'value',
  make: () => (value) => {
    const address = value.trim();
    const at = address.lastIndexOf('@');
    const domain = address.slice(at + 1).toLowerCase();
    const isAddress = at > 0 && address.length <= MOST && isLocal(address.slice(0, at)) && isDomain(domain);
    return isAddress ? address.slice(0, at + 1) + domain : fail(value, 'is no e-mail address');
  },
  examples: [
    { given: ' Ada.Lovelace+x@Example.COM ', gives: 'Ada.Lovelace+x@example.com' },
    { given: 'a@b.org, c@d.org', gives: { fails: '"a@b.org, c@d.org" is no e-mail address' } },
    { given: 'Ada <a@b.org>', gives: { fails: '"Ada <a@b.org>" is no e-mail address' } },
    { given: 'ada@localhost', gives: { fails: '"ada@localhost" is no e-mail address' } },
  ],
};

function isLocal(local: string): boolean {
  return local.length <= MOST_LOCAL && LOCAL.test(local);
}

/** At least two labels, the last of them no number. */
function isDomain(domain: string): boolean {
  const labels = domain.split('.');
  return (
    labels.length >= 2 && labels.every((label) => LABEL.test(label)) && !/^[0-9]+$/.test(labels.at(-1) ?? '')
  );
}
