/** A wish to stop that is looked at between batches: a batch that has begun is finished and committed. */
export class StopSignal {
  private wish: string | null = null;

  /** @param above whose wish is heard, too */
  constructor(private readonly above: StopSignal | null = null) {}

  /** The first reason stays. */
  request(reason: string): void {
    this.wish ??= reason;
  }

  get requested(): boolean {
    return this.wish !== null || this.above?.requested === true;
  }

  get reason(): string {
    return this.wish ?? this.above?.reason ?? '';
  }
}

/** Work that ended early because the run was asked to stop. */
export class Stopped extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'Stopped';
  }
}
