import type { StepDefinition } from '../contract/step.js';
import { NAMESPACE, nameUuid } from './name-uuid.js';

export const uuid3: StepDefinition = {
  name: 'uuid3',
  summary: 'Makes a UUID of the text and a namespace: version 3 of RFC 9562 (MD5), the same on every run.',
  argument: NAMESPACE,
  output: 'uuid',
  kind: 'value',
  make: (argument) => nameUuid(3, argument),
  examples: [
    { argument: 'dns', given: 'www.example.com', gives: '5df41881-3aed-3515-88a7-2f4a814cf09e' },
    {
      argument: '6BA7B811-9DAD-11D1-80B4-00C04FD430C8',
      given: 'café',
      gives: 'e3c5138d-fa47-372c-a143-e9a287f8075f',
    },
    { argument: 'oid', given: '', gives: '596b79dc-00dd-3991-a72f-d3696c38c64f' },
  ],
};
