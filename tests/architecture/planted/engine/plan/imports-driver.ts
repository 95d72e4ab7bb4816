import { Client } from 'pg';
import { readFileSync } from 'node:fs';
import type { Row } from '../contract/type.js';
import { read } from '../postgres/reader.js';

export const plan = (row: Row): unknown => [row, read, Client, readFileSync];
