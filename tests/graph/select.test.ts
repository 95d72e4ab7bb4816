import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { select, type Selectable } from '../../engine/graph/select.js';
import { edgesOf } from './arbitrary.js';

const node = (name: string, path: string, phase: string | null, ...tags: string[]): Selectable => ({
  name,
  tags,
  phase,
  path,
});

const NODES: readonly Selectable[] = [
  node('roles', 'core/roles.yaml', 'core', 'small'),
  node('users', 'core/users.yaml', 'core', 'pii', 'small'),
  node('user_roles', 'core/deep/user_roles.yaml', 'core'),
  node('tasks', 'business/tasks.yaml', 'business', 'high-volume'),
  node('notes', 'business/notes.yml', 'business', 'pii'),
  node('languages', 'etl.yaml', null),
  node('a.b', 'core-old/a.b.yaml', 'old'),
];
const EDGES = edgesOf('user_roles>users user_roles>roles tasks>users tasks>tasks notes>tasks');

describe('select', () => {
  test.each([
    { selector: 'users', gives: 'users' },
    { selector: 'user*', gives: 'users user_roles' },
    { selector: '*s', gives: 'roles users user_roles tasks notes languages' },
    { selector: '*', gives: 'roles users user_roles tasks notes languages a.b' },
    { selector: 'a.b', gives: 'a.b' },
    { selector: 'tag:pii', gives: 'users notes' },
    { selector: 'tag:high*', gives: 'tasks' },
    { selector: 'phase:core', gives: 'roles users user_roles' },
    { selector: 'path:core', gives: 'roles users user_roles' },
    { selector: 'path:core/', gives: 'roles users user_roles' },
    { selector: 'path:core/deep', gives: 'user_roles' },
    { selector: 'path:core/users.yaml', gives: 'users' },
    { selector: 'path:*.yml', gives: 'notes' },
    { selector: '+tasks', gives: 'users tasks' },
    { selector: 'users+', gives: 'users user_roles tasks notes' },
    { selector: '+tasks+', gives: 'users tasks notes' },
    { selector: '+notes', gives: 'users tasks notes' },
    { selector: 'tag:pii+', gives: 'users user_roles tasks notes' },
    { selector: '+phase:business', gives: 'users tasks notes' },
    { selector: 'users roles', gives: 'roles users' },
    { selector: '  users   roles ', gives: 'roles users' },
    { selector: 'tag:pii,phase:core', gives: 'users' },
    { selector: 'users+,tag:pii', gives: 'users notes' },
    { selector: 'tag:pii,phase:core roles', gives: 'roles users' },
    { selector: '+user_roles,path:core,tag:small', gives: 'roles users' },
  ])('$selector', ({ selector, gives }) => {
    const { names, empty } = select([selector], NODES, EDGES);
    expect(NODES.map(({ name }) => name).filter((name) => names.has(name))).toEqual(gives.split(' '));
    expect(empty).toEqual([]);
  });

  test.each([
    { selectors: ['user'], empty: ['user'] },
    { selectors: ['Users'], empty: ['Users'] },
    { selectors: ['aXb'], empty: ['aXb'] },
    { selectors: ['tag:Pii'], empty: ['tag:Pii'] },
    { selectors: ['tag:'], empty: ['tag:'] },
    { selectors: ['phase:'], empty: ['phase:'] },
    { selectors: ['path:cor'], empty: ['path:cor'] },
    { selectors: ['path:deep'], empty: ['path:deep'] },
    { selectors: ['+'], empty: ['+'] },
    { selectors: ['++'], empty: ['++'] },
    { selectors: [','], empty: [','] },
    { selectors: ['users,roles'], empty: ['users,roles'] },
    { selectors: ['users,'], empty: ['users,'] },
    { selectors: ['users nothing', 'tag:none'], empty: ['nothing', 'tag:none'] },
    { selectors: ['users|roles'], empty: ['users|roles'] },
    { selectors: ['(users)'], empty: ['(users)'] },
  ])('nothing matched: $selectors', ({ selectors, empty }) => {
    expect(select(selectors, NODES, EDGES).empty).toEqual(empty);
  });

  it('a selector that matches nothing takes nothing from its neighbours', () => {
    expect([...select(['nothing', 'users'], NODES, EDGES).names]).toEqual(['users']);
  });

  it('no selector selects nothing', () => {
    expect(select([], NODES, EDGES)).toEqual({ names: new Set(), empty: [] });
  });

  it('a name selects its mapping alone, whatever characters it has', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z.()[\]{}|^$?\\-]{1,6}$/), {
      minLength: 2,
      maxLength: 4,
    });
    fc.assert(
      fc.property(names, ([first = '', ...rest]) => {
        const nodes = [first, ...rest].map((name) => node(name, `${name}.yaml`, null));
        expect([...select([first], nodes, []).names]).toEqual([first]);
      }),
    );
  });
});
