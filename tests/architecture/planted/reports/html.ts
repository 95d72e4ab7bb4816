import { test } from 'vitest';
import { nothing } from './nothing.js';

export const html = [test, nothing];
