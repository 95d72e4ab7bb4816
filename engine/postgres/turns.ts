/** Gives one after the other the right to use what only one can use at a time, in the order of their asking. */
export class Turns {
  private last: Promise<void> = Promise.resolve();

  /** Waits for its turn. @returns ends it; to be called once */
  async take(): Promise<() => void> {
    let end = (): void => undefined;
    const before = this.last;
    this.last = new Promise((resolve) => {
      end = resolve;
    });
    await before;
    return end;
  }
}
