import { openCheckpoint, unsignedCheckpoint, type Checkpoint } from '#ledger/checkpoint.js';
import {
  formatNote,
  formatVerifier,
  NoteInvalid,
  parseNote,
  parseVerifier,
  type Signer,
  type Verifier,
} from '#ledger/note.js';
import { ProofInvalid, verifyConsistency } from '#ledger/proof.js';
import { parseWitnessRequest, type WitnessRequest } from '#ledger/witness-request.js';
import type { KeptText } from './domain/kept-text.js';
import { readWitnessed, writeWitnessed, type Witnessed } from './domain/witnessed.js';

/** Why a checkpoint is not co-signed, and the status that c2sp.org/tlog-witness has for it. */
export type Refusal = Readonly<{ status: 400 | 403 | 404 | 409 | 422; message: string; size: number }>;
/** `lines`: the signature lines to be put under the checkpoint. */
export type Cosigned = Readonly<{ status: 200; checkpoint: Checkpoint; note: string; lines: string }>;

/** Keys that a log has had since, as far as they can be found: each handed over to by one that is known. */
export type Following = (origin: string, from: number, known: readonly Verifier[]) => Promise<Followed>;
export type Followed = Readonly<{ keys: readonly Verifier[]; followed: number }>;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const refusal = (status: Refusal['status'], message: string, size = 0): Refusal => ({ status, message, size });

/** A log that a witness has seen nothing of. */
const unseen = (keys: readonly Verifier[]): Witnessed => ({
  size: 0,
  root: '',
  checkpoint: '',
  keys: keys.map(formatVerifier),
  followed: 0,
});

/** Whether what is signed now grew from what was co-signed last. */
const growth = (
  before: Witnessed,
  { oldSize, proof }: WitnessRequest,
  { size, root }: Checkpoint,
): Refusal | undefined => {
  if (oldSize > size)
    return refusal(400, `the old size ${oldSize} is larger than that of the checkpoint, ${size}`, before.size);
  if (oldSize !== before.size)
    return refusal(409, `${before.size} records were co-signed last, not ${oldSize}`, before.size);
  if (oldSize === 0)
    return proof.length === 0 ? undefined : refusal(400, 'what grew from nothing needs no proof', before.size);
  if (oldSize === size && hex(root) !== before.root)
    return refusal(409, `a fork: another log of ${size} records was co-signed before`, before.size);
  try {
    verifyConsistency({ size: oldSize, root: Buffer.from(before.root, 'hex') }, { size, root }, proof);
    return undefined;
  } catch (error) {
    if (!(error instanceof ProofInvalid)) throw error;
    return refusal(422, `a fork, or no proof that it is none: ${error.message}`, before.size);
  }
};

/**
 * Keeps the latest checkpoint of each log that it knows a key of, and co-signs only what grew from it: two logs under one
 * name, or one that forgot records, never both have its signature.
 */
export class Witness {
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly kept: KeptText,
    private readonly signer: Signer,
    /** Keys of the logs that it witnesses, from whoever set it up. */
    private readonly trusted: readonly Verifier[],
    /** POSIX time. */
    private readonly seconds: () => number,
    private readonly follow?: Following,
  ) {}

  /** What was co-signed last of a log; undefined when nothing was. @throws KeptTextUnusable */
  async seen(origin: string): Promise<Witnessed | undefined> {
    return (await readWitnessed(this.kept))[origin];
  }

  /** One request after another, each kept on disk before it is answered. @throws KeptTextUnusable, and what the disk throws */
  add(body: string): Promise<Cosigned | Refusal> {
    const answered = this.turn.then(() => this.answer(body));
    this.turn = answered.catch(() => undefined);
    return answered;
  }

  private async answer(body: string): Promise<Cosigned | Refusal> {
    try {
      const request = parseWitnessRequest(body);
      return await this.judge(request, unsignedCheckpoint(request.checkpoint));
    } catch (error) {
      if (!(error instanceof NoteInvalid)) throw error;
      return refusal(400, error.message);
    }
  }

  private async judge(request: WitnessRequest, checkpoint: Checkpoint): Promise<Cosigned | Refusal> {
    const { origin, size, root } = checkpoint;
    const logs = await readWitnessed(this.kept);
    const trusted = this.trusted.filter(({ name }) => name === origin);
    const before = logs[origin] ?? (trusted.length > 0 ? unseen(trusted) : undefined);
    if (!before) return refusal(404, `no log of the name "${origin}" is witnessed here`);
    const keyed = await this.signedByKnown(request.checkpoint, origin, before, trusted);
    if (!keyed)
      return refusal(403, `the checkpoint of "${origin}" is signed by no key that is known here`, before.size);
    const wrong = growth(before, request, checkpoint);
    if (wrong) return wrong;
    const seen = { ...keyed, size, root: hex(root), checkpoint: request.checkpoint };
    await writeWitnessed(this.kept, { ...logs, [origin]: seen });
    return this.cosign(checkpoint, request.checkpoint);
  }

  /** What is known of the log's keys, with those it has had since where none that is known has signed; undefined: none has. */
  private async signedByKnown(
    text: string,
    origin: string,
    before: Witnessed,
    trusted: readonly Verifier[],
  ): Promise<Witnessed | undefined> {
    const keys = [...new Set([...before.keys, ...trusted.map(formatVerifier)])];
    const known = { ...before, keys };
    if (isSigned(text, keys.map(parseVerifier))) return known;
    const found = await this.follow?.(origin, before.followed, keys.map(parseVerifier));
    if (!found || !isSigned(text, found.keys)) return undefined;
    return { ...known, keys: [...keys, ...found.keys.map(formatVerifier)], followed: found.followed };
  }

  private cosign(checkpoint: Checkpoint, text: string): Cosigned {
    const { text: said, signatures } = parseNote(text);
    const own = this.signer.sign(said, this.seconds());
    const alone = formatNote({ text: said, signatures: [own] });
    const note = formatNote({ text: said, signatures: [...signatures, own] });
    return { status: 200, checkpoint, note, lines: alone.slice(said.length + 1) };
  }
}

const isSigned = (text: string, keys: readonly Verifier[]): boolean => {
  try {
    openCheckpoint(text, keys);
    return true;
  } catch (error) {
    if (error instanceof NoteInvalid) return false;
    throw error;
  }
};
