import { KeyChain, rotate } from './key-chain.js';
import { ED25519, NoteInvalid, Signer } from './note.js';

const keyOf = (seed: number, name = 'log.test/keys'): Signer => new Signer(name, ED25519, Buffer.alloc(32, seed));
const [first, second, third] = [keyOf(1), keyOf(2), keyOf(3)] as [Signer, Signer, Signer];

describe('the keys of a log', () => {
  it('are each in force from the checkpoint on that covers the record which says so', () => {
    const chain = new KeyChain(first.verifier);
    chain.take(rotate(first, second.verifier), 4);
    chain.take(rotate(second, third.verifier), 9);
    expect([0, 4, 5, 9, 10, 99].map((size) => chain.at(size))).toEqual(
      [first, first, second, second, third, third].map(({ verifier }) => verifier),
    );
  });

  it.each([
    ['who was not the key', () => rotate(second, third.verifier)],
    ['who has another name', () => rotate(keyOf(1, 'other.test'), second.verifier)],
    ['who had it before', () => rotate(first, first.verifier)],
    ['who did not sign', () => ({ ...rotate(first, second.verifier), newKey: third.verifier.key })],
    ['whose signature is cut', () => ({ ...rotate(first, second.verifier), signature: new Uint8Array(63) })],
  ])('are handed over by nobody %s', (_, rotation) => {
    const chain = new KeyChain(first.verifier);
    expect(() => chain.take(rotation(), 4)).toThrow(NoteInvalid);
    expect(chain.at(99)).toEqual(first.verifier);
  });
});
