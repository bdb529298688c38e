/** A text that outlives the process, in a place that its owner alone may write. */
export abstract class KeptText {
  /** Where it is, for people. */
  abstract readonly place: string;
  /** Undefined where nothing was kept yet. @throws KeptTextUnusable */
  abstract read(): Promise<string | undefined>;
  /** Whole and on disk when it resolves. */
  abstract write(text: string): Promise<void>;
}

/** What was kept is not what its reader needs, or may be anybody's. */
export class KeptTextUnusable extends Error {
  override readonly name = 'KeptTextUnusable';
}
