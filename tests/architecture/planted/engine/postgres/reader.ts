import { main } from '../cli/main.js';

export const read = main;
