import { parse } from 'yaml';

export const contract = parse;
