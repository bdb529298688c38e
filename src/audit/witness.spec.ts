import { checkpointText, formatCheckpoint, type Checkpoint } from '#ledger/checkpoint.js';
import { rotate } from '#ledger/key-chain.js';
import { leafHash, merkleRoot, nodeHash } from '#ledger/merkle.js';
import { COSIGNATURE, ED25519, parseNote, signedBy, Signer } from '#ledger/note.js';
import { consistencyProof, type Nodes } from '#ledger/proof.js';
import { formatWitnessRequest } from '#ledger/witness-request.js';
import { Cosigning, WitnessAway, WitnessRefused, type WitnessAnswer } from './cosigning.js';
import { KeptText, KeptTextUnusable } from './domain/kept-text.js';
import { Witness, type Cosigned, type Refusal } from './witness.js';

/** A text that ends with the test. */
class Noted extends KeptText {
  readonly place = 'a note';
  text: string | undefined;
  full = false;
  async read(): Promise<string | undefined> {
    return this.text;
  }
  async write(text: string): Promise<void> {
    if (this.full) throw new Error('no space');
    this.text = text;
  }
}

const LOG = 'log.test/one';
const keyOf = (seed: number, name = LOG): Signer => new Signer(name, ED25519, Buffer.alloc(32, seed));
const logKey = keyOf(1);
const own = new Signer('witness.test/w', COSIGNATURE, Buffer.alloc(32, 9));

const leaves = (count: number, word = 'honest'): readonly Uint8Array[] =>
  Array.from({ length: count }, (_, at) => leafHash(Buffer.from(`${at < 3 ? 'same' : word} ${at}`)));
const nodesOf =
  (all: readonly Uint8Array[]): Nodes =>
  async (level, index) =>
    level === 0
      ? (all[index] as Uint8Array)
      : nodeHash(await nodesOf(all)(level - 1, 2 * index), await nodesOf(all)(level - 1, 2 * index + 1));

const signed = (all: readonly Uint8Array[], by = logKey): string => {
  const checkpoint: Checkpoint = { origin: by.verifier.name, size: all.length, root: merkleRoot(all) };
  return formatCheckpoint(checkpoint, [by.sign(checkpointText(checkpoint))]);
};
const requestOf = async (all: readonly Uint8Array[], oldSize: number, by = logKey): Promise<string> => {
  const proof = oldSize === 0 || oldSize > all.length ? [] : await consistencyProof(nodesOf(all), oldSize, all.length);
  return formatWitnessRequest({ oldSize, proof, checkpoint: signed(all, by) });
};

let kept: Noted;
let witness: Witness;
const again = (): Witness => new Witness(kept, own, [logKey.verifier], () => 1_700_000_000);
beforeEach(() => {
  kept = new Noted();
  witness = again();
});

const refused = async (body: string): Promise<[number, string]> => {
  const before = kept.text;
  const { status, message } = (await witness.add(body)) as Refusal;
  expect(kept.text).toBe(before);
  return [status, message];
};

describe('a witness', () => {
  it('co-signs what grew, with its time, and remembers it over a restart', async () => {
    let old = 0;
    for (const size of [0, 2, 4, 4, 7, 300]) {
      witness = again();
      const outcome = (await witness.add(await requestOf(leaves(size), old))) as Cosigned;
      expect(outcome.status).toBe(200);
      expect(signedBy(parseNote(outcome.note), own.verifier)).toBe(1_700_000_000);
      expect(signedBy(parseNote(outcome.note), logKey.verifier)).toBe(0);
      expect(outcome.note.endsWith(outcome.lines)).toBe(true);
      expect(outcome.lines).toMatch(/^— witness\.test\/w \S+\n$/);
      expect(await witness.seen(LOG)).toMatchObject({ size });
      old = size;
    }
  });

  it('refuses a fork, a rollback, an old size that is not the last, and says what it saw last', async () => {
    await witness.add(await requestOf(leaves(7), 0));
    const fork = leaves(9, 'forked');
    expect(await refused(await requestOf(fork, 7))).toEqual([422, expect.stringContaining('a fork')]);
    expect(await refused(await requestOf(leaves(7, 'forked'), 7))).toEqual([409, expect.stringContaining('a fork')]);
    expect(await refused(await requestOf(leaves(5), 5))).toEqual([409, '7 records were co-signed last, not 5']);
    expect(await refused(await requestOf(leaves(5), 7))).toEqual([400, expect.stringContaining('larger')]);
    expect(await refused(await requestOf(leaves(9), 0))).toEqual([409, expect.any(String)]);
    const unproved = formatWitnessRequest({ oldSize: 7, proof: [], checkpoint: signed(leaves(9)) });
    expect(await refused(unproved)).toEqual([422, expect.stringContaining('is empty')]);
    expect((await witness.add(await requestOf(leaves(9), 7))).status).toBe(200);
  });

  it('knows no other log, and no other key of its log', async () => {
    expect(await refused(await requestOf(leaves(4), 0, keyOf(1, 'log.test/other')))).toEqual([
      404,
      expect.stringContaining('log.test/other'),
    ]);
    expect(await refused(await requestOf(leaves(4), 0, keyOf(2)))).toEqual([403, expect.stringContaining('no key')]);
  });

  it.each([
    ['nothing', ''],
    ['no size', 'young 3\n\nx\n'],
    ['a size with zeroes', 'old 03\n\nx\n'],
    ['no checkpoint', 'old 0\n\nhello\n'],
    ['a hash that is none', `old 1\nAAAA\n\n${signed(leaves(4))}`],
    ['a proof from nothing', `old 0\n${Buffer.alloc(32).toString('base64')}\n\n${signed(leaves(4))}`],
    ['64 hashes', `old 1\n${`${Buffer.alloc(32).toString('base64')}\n`.repeat(64)}\n${signed(leaves(4))}`],
  ])('cannot read %s', async (_, body) => {
    expect((await refused(body))[0]).toBe(400);
  });

  it('answers one after another, so that two that came at once are no rollback', async () => {
    await witness.add(await requestOf(leaves(3), 0));
    const [small, large] = [await requestOf(leaves(5), 3), await requestOf(leaves(8), 3)];
    const answers = await Promise.all([witness.add(large), witness.add(small)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 409]);
    expect(await witness.seen(LOG)).toMatchObject({ size: 8 });
  });

  it('signs nothing that it cannot remember, and nothing once it has forgotten', async () => {
    kept.full = true;
    await expect(witness.add(await requestOf(leaves(3), 0))).rejects.toThrow('no space');
    kept.text = '{}';
    await expect(witness.add(await requestOf(leaves(3), 0))).rejects.toThrow(KeptTextUnusable);
  });

  it('follows the log to a key that the one it knows has handed over to', async () => {
    const next = keyOf(2);
    rotate(logKey, next.verifier);
    const follow = async () => ({ keys: [logKey.verifier, next.verifier], followed: 4 });
    const following = new Witness(kept, own, [logKey.verifier], () => 1, follow);
    expect((await following.add(await requestOf(leaves(4), 0))).status).toBe(200);
    expect((await following.add(await requestOf(leaves(6), 4, next))).status).toBe(200);
    expect((await following.add(await requestOf(leaves(8), 6, keyOf(3)))).status).toBe(403);
    // What it learnt it knows when nobody can be asked any more.
    expect((await again().add(await requestOf(leaves(8), 6, next))).status).toBe(200);
  });
});

describe('a log that needs a witness', () => {
  const answers = async (body: string): Promise<WitnessAnswer> => {
    const outcome = await witness.add(body);
    if (outcome.status === 200) return { status: 200, body: outcome.lines };
    return { status: outcome.status, body: outcome.status === 409 ? `${outcome.size}\n` : outcome.message };
  };
  const asked = (all: readonly Uint8Array[]) => ({
    size: all.length,
    signed: signed(all),
    prove: (from: number) => consistencyProof(nodesOf(all), from, all.length),
  });
  const cosign = (all: readonly Uint8Array[], before: number, ask = answers) =>
    new Cosigning(ask, own.verifier).cosign(asked(all), before);

  it('has its signature, also where it was not told what the witness saw last', async () => {
    for (const [size, before] of [
      [4, 0],
      [9, 0],
      [12, 4],
    ] as const) {
      const signatures = await cosign(leaves(size), before);
      const { text } = parseNote(signed(leaves(size)));
      expect(signedBy({ text, signatures }, own.verifier)).toBe(1_700_000_000);
    }
  });

  it('hears why it has none', async () => {
    await cosign(leaves(9), 0);
    await expect(cosign(leaves(8), 0)).rejects.toThrow(/has seen another log of 9 records/);
    await expect(cosign(leaves(10, 'forked'), 0)).rejects.toThrow(/refuses \(422\).*fork/);
    await expect(cosign(leaves(10), 9, async () => ({ status: 503, body: 'busy' }))).rejects.toThrow(WitnessAway);
    const foreign = new Signer('witness.test/w', COSIGNATURE, Buffer.alloc(32, 8));
    const stranger = async (body: string): Promise<WitnessAnswer> => {
      const outcome = await new Witness(new Noted(), foreign, [logKey.verifier], () => 1).add(
        body.replace(/^old 9\n(?:[^\n]+\n)*/, 'old 0\n'),
      );
      return { status: 200, body: (outcome as Cosigned).lines };
    };
    await expect(cosign(leaves(10), 9, stranger)).rejects.toThrow(WitnessRefused);
  });
});
