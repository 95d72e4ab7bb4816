import 'node:fs';

export const page = 1;
