import { ED25519, keyId, NoteInvalid, signedBy, type Signature, type Signer, type Verifier } from './note.js';

/** A key that gave way to another. `signature`: what the old key signed, 64 bytes. Keys are 32 raw bytes. */
export type Rotation = Readonly<{
  origin: string;
  oldKey: Uint8Array;
  newKey: Uint8Array;
  signature: Uint8Array;
}>;

/** A key, and the size of the smallest checkpoint that it signs. */
export type KeyInForce = Readonly<{ from: number; verifier: Verifier }>;

const verifierOf = (name: string, key: Uint8Array): Verifier => ({ name, algorithm: ED25519, key });

/** What the holder of a log's key signs to hand over to the next. Its first line keeps it apart from any checkpoint. */
const rotationText = (origin: string, oldKey: Uint8Array, newKey: Uint8Array): string => {
  const [from, to] = [oldKey, newKey].map((key) => Buffer.from(key).toString('base64'));
  return `prometheus-ledger/log-key-rotation/v1 ${origin}\n${from}\n${to}\n`;
};

/** Hands over from one key of a log to the next. */
export const rotate = (old: Signer, next: Verifier): Rotation => {
  const { name, key } = old.verifier;
  const { signature } = old.sign(rotationText(name, key, next.key));
  return { origin: name, oldKey: key, newKey: next.key, signature };
};

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

export const isSameVerifier = (a: Verifier, b: Verifier): boolean =>
  a.name === b.name && a.algorithm === b.algorithm && isSame(a.key, b.key);

/** The keys of one log, each handed over to by the one before, in the order of its records. */
export class KeyChain {
  private readonly keys: KeyInForce[];

  constructor(first: Verifier, from = 0) {
    this.keys = [{ from, verifier: first }];
  }

  /** Every key, the first one first. */
  get all(): readonly KeyInForce[] {
    return this.keys;
  }

  /** The key that signs checkpoints over so many records. */
  at(size: number): Verifier {
    const found = this.keys.findLast(({ from }) => from <= size) ?? this.keys[0];
    return (found as KeyInForce).verifier;
  }

  /** @param index of the record that says so, from 0: checkpoints that cover it have the new key. @throws NoteInvalid */
  take({ origin, oldKey, newKey, signature }: Rotation, index: number): void {
    const { verifier } = this.keys.at(-1) as KeyInForce;
    const next = verifierOf(origin, newKey);
    if (!isSameVerifier(verifier, verifierOf(origin, oldKey)))
      throw new NoteInvalid(`a key of "${origin}" is replaced that was not the log's key there`);
    if (this.keys.some((known) => isSame(known.verifier.key, newKey)))
      throw new NoteInvalid('the log has had its new key before');
    const given: Signature = { name: origin, id: keyId(verifier), signature };
    const text = rotationText(origin, oldKey, newKey);
    if (signedBy({ text, signatures: [given] }, verifier) === undefined)
      throw new NoteInvalid('the old key has not signed that the new one replaces it');
    this.keys.push({ from: index + 1, verifier: next });
  }
}
