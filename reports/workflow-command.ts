/** A message of a GitHub workflow command: https://docs.github.com/actions/reference/workflow-commands-for-github-actions */
export const data = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

/** A value of one of its properties. */
export const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
