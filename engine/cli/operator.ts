import { userInfo } from 'node:os';

/** Who started the command, by the name that this machine has for him. */
export function operatorName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without an entry in the system's user list.
    return process.env['USER'] ?? 'unknown';
  }
}
