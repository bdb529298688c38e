import { parseNote, signedBy, type Signature, type Verifier } from '#ledger/note.js';
import { formatWitnessRequest } from '#ledger/witness-request.js';

/** The witness that a log must have does not answer. Nothing is lost: what is not published now is published later. */
export class WitnessAway extends Error {
  override readonly name = 'WitnessAway';
}

/** The witness answers and does not co-sign. */
export class WitnessRefused extends Error {
  override readonly name = 'WitnessRefused';
}

/** How a witness is asked: what it answered to a request of c2sp.org/tlog-witness. */
export type WitnessAnswer = Readonly<{ status: number; body: string }>;
/** @throws WitnessAway */
export type AskWitness = (request: string) => Promise<WitnessAnswer>;

/** A checkpoint that the log has signed, and the proof that it grew from any smaller size. */
export type ToCosign = Readonly<{
  size: number;
  signed: string;
  prove: (from: number) => Promise<readonly Uint8Array[]>;
}>;

/** Has checkpoints co-signed by the one witness whose key is known. */
export class Cosigning {
  constructor(
    private readonly ask: AskWitness,
    private readonly witness: Verifier,
  ) {}

  /**
   * The signatures of the witness, to stand beside those of the log.
   * @param before size that the witness is thought to have seen last
   * @throws WitnessAway, WitnessRefused
   */
  async cosign(asked: ToCosign, before: number): Promise<readonly Signature[]> {
    const first = await this.request(asked, before);
    if (first.status !== 409) return this.accepted(asked, first);
    const seen = Number(first.body.trim());
    if (!/^\d+\n?$/.test(first.body) || seen > asked.size || seen === before)
      throw new WitnessRefused(`the witness ${this.witness.name} has seen another log of ${seen} records in this name`);
    return this.accepted(asked, await this.request(asked, seen));
  }

  private async request({ signed, prove }: ToCosign, from: number): Promise<WitnessAnswer> {
    const proof = from === 0 ? [] : await prove(from);
    return this.ask(formatWitnessRequest({ oldSize: from, proof, checkpoint: signed }));
  }

  private accepted({ signed }: ToCosign, { status, body }: WitnessAnswer): readonly Signature[] {
    const { name } = this.witness;
    if (status >= 500) throw new WitnessAway(`the witness ${name} cannot answer now (${status}): ${body.trim()}`);
    if (status !== 200)
      throw new WitnessRefused(`the witness ${name} refuses (${status}): ${body.trim().slice(0, 300)}`);
    const { text } = parseNote(signed);
    const { signatures } = parseNote(`${text}\n${body}`);
    const own = signatures.filter((one) => signedBy({ text, signatures: [one] }, this.witness) !== undefined);
    if (own.length === 0) throw new WitnessRefused(`the witness answers without a signature by the key of ${name}`);
    return own;
  }
}
