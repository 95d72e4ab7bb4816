export type { Fault } from './fault.js';
export { readExpression, readQuery, readStatements } from './grammar.js';
export type { ReadSql } from './grammar.js';
export { loadParser } from './parser.js';
export { SqlTrees } from './normal.js';
export type { QueryParts } from './normal.js';
export { provenanceOf } from './provenance.js';
export type { QueryProvenance } from './provenance.js';
