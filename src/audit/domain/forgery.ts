import type { FindingKind } from './finding.js';

/** One thing a forger may do to a data folder; the checksums in the store are forged along. */
export type Forgery =
  /** One bit of one byte in the middle of the record. */
  | Readonly<{ kind: 'flip byte'; position: number }>
  /** The record disappears; `close`: later ones move up, so that no position is empty. */
  | Readonly<{ kind: 'remove record'; position: number; close: boolean }>
  | Readonly<{ kind: 'swap records'; positions: readonly [number, number] }>
  /** The record at `to` moves before the one at `from`; those in between move down. */
  | Readonly<{ kind: 'reorder records'; from: number; to: number }>
  /** Everything after the position is cut off. */
  | Readonly<{ kind: 'cut tail'; after: number }>
  /** One bit of an artifact that the event at the position is the first to name. */
  | Readonly<{ kind: 'change artifact'; sha256: string; position: number }>
  | Readonly<{ kind: 'remove artifact'; sha256: string; position: number }>;

/** How a verification with a seal names it: kind, and first bad position. */
export const expectedFinding = (forgery: Forgery): Readonly<{ kind: FindingKind; position: number }> => {
  switch (forgery.kind) {
    case 'flip byte':
      return { kind: 'byte change', position: forgery.position };
    case 'remove record':
      return { kind: 'gap', position: forgery.position };
    case 'swap records':
      return { kind: 'order swap', position: Math.min(...forgery.positions) };
    case 'reorder records':
      return { kind: 'order swap', position: forgery.from };
    case 'cut tail':
      return { kind: 'truncation', position: forgery.after + 1 };
    case 'change artifact':
      return { kind: 'artifact changed', position: forgery.position };
    case 'remove artifact':
      return { kind: 'artifact missing', position: forgery.position };
  }
};
