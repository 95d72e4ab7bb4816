import { h } from './dom.js';

const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ['/', 'to the filter (of the rejects)'],
  ['g r', 'all runs'],
  ['g l', 'the last run'],
  ['g o', 'overview of this run'],
  ['g g', 'its graph'],
  ['g j', 'its rejects'],
  ['g c', 'compare two runs'],
  ['g a', 'audit'],
  ['?', 'this help'],
  ['Esc', 'closes it, leaves a field'],
];

/** Opens the list of keys. */
export function showHelp(): void {
  const open = document.querySelector('dialog');
  if (open !== null) return;
  const dialog = h(
    'dialog',
    { 'aria-labelledby': 'help-title' },
    h('h2', { id: 'help-title' }, 'Keys'),
    h(
      'dl.keys',
      null,
      KEYS.map(([keys, what]) =>
        h(
          'div',
          null,
          h(
            'dt',
            null,
            keys.split(' ').map((key) => h('kbd', null, key)),
          ),
          h('dd', null, what),
        ),
      ),
    ),
    h('p.soft', null, 'This page only reads. Where something is to be done it shows the command.'),
    h('form', { method: 'dialog' }, h('button', null, 'Close')),
  ) as HTMLDialogElement;
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
