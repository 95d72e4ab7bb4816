import type { StepDefinition } from '../contract/step.js';
import { NAMESPACE, nameUuid } from './name-uuid.js';

export const uuid5: StepDefinition = {
  name: 'uuid5',
  summary: 'Makes a UUID of the text and a namespace: version 5 of RFC 9562 (SHA-1), the same on every run.',
  argument: NAMESPACE,
  output: 'uuid',
  kind: 'value',
  make: (argument) => nameUuid(5, argument),
  examples: [
    { argument: 'dns', given: 'www.example.com', gives: '2ed6657d-e927-568b-95e1-2665a8aea6a2' },
    {
      argument: '6BA7B811-9DAD-11D1-80B4-00C04FD430C8',
      given: 'café',
      gives: '79d4db4c-73a9-5cec-bd37-4fc862e2120d',
    },
    { argument: 'oid', given: '', gives: '0a68eb57-c88a-5f34-9e9d-27f85e68af4f' },
  ],
};
