import { createHash } from 'node:crypto';
import { describe, expect, it, afterEach, beforeEach } from '@jest/globals';
import { ArtifactDamaged, ArtifactMissing, type Artifacts } from '#ledger/artifacts.js';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** What every store of artifacts must do. `open` gives an empty one. */
export const artifactsContract = (name: string, open: () => Promise<Artifacts>, discard: () => Promise<void>): void => {
  describe(`${name} keeps the contract of artifacts`, () => {
    let artifacts: Artifacts;
    beforeEach(async () => {
      artifacts = await open();
    });
    afterEach(discard);

    it('names bytes by their SHA-256 and gives them back', async () => {
      expect(await artifacts.put(text('abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
      for (const bytes of [new Uint8Array(), text('é'), Uint8Array.from({ length: 300_000 }, (_, at) => at * at)]) {
        const name = await artifacts.put(bytes);
        expect(name).toBe(createHash('sha256').update(bytes).digest('hex'));
        expect(Buffer.compare(await artifacts.get(name), bytes)).toBe(0);
        expect(await artifacts.has(name)).toBe(true);
      }
    });

    it('takes the same bytes again, also at once', async () => {
      const names = await Promise.all(Array.from({ length: 8 }, () => artifacts.put(text('same'))));
      expect(new Set(names).size).toBe(1);
      expect(Buffer.from(await artifacts.get(names[0] ?? '')).toString()).toBe('same');
    });

    it('keeps its own copy', async () => {
      const bytes = text('mine');
      const name = await artifacts.put(bytes);
      bytes.fill(0);
      (await artifacts.get(name)).fill(1);
      expect(Buffer.from(await artifacts.get(name)).toString()).toBe('mine');
    });

    it('takes bytes as they come, whole and under their own name or not at all', async () => {
      const chunks = async function* (...parts: readonly string[]): AsyncGenerator<Uint8Array> {
        for (const part of parts) {
          if (part === 'broken') throw new Error('the sender went away');
          yield text(part);
        }
      };
      const [name, absent] = [createHash('sha256').update('abcdef').digest('hex'), '0'.repeat(64)];
      await expect(artifacts.receive(name, chunks('abc', 'broken'))).rejects.toThrow('the sender went away');
      expect(await artifacts.has(name)).toBe(false);
      await artifacts.receive(name, chunks('abc', 'def'));
      await artifacts.receive(name, chunks('abcdef'));
      expect(Buffer.from(await artifacts.get(name)).toString()).toBe('abcdef');
      await expect(artifacts.receive(absent, chunks('abc', 'def'))).rejects.toThrow(ArtifactDamaged);
      expect(await artifacts.has(absent)).toBe(false);
    });

    it('tells of many which are there, as of each', async () => {
      const names = await Promise.all(Array.from({ length: 20 }, (_, at) => artifacts.put(text(`number ${at}`))));
      const [erased, ...left] = names as [string, ...string[]];
      await artifacts.erase(erased, 'by request').catch(() => undefined);
      const beside = `${(left[0] as string).slice(0, 2)}${'0'.repeat(62)}`;
      const asked = [...names, beside, '0'.repeat(64), 'abc', '..', ''];
      const there: string[] = [];
      for (const name of asked) if (await artifacts.has(name)) there.push(name);
      expect(there).toEqual(expect.arrayContaining(left));
      expect([...(await artifacts.among(asked))].toSorted()).toEqual(there.toSorted());
    });

    it('names what is missing', async () => {
      const absent = '0'.repeat(64);
      expect(await artifacts.has(absent)).toBe(false);
      const got = artifacts.get(absent);
      await expect(got).rejects.toThrow(ArtifactMissing);
      await expect(got).rejects.toThrow(absent);
    });

    it.each(['', 'abc', `../../${'0'.repeat(58)}`, 'A'.repeat(64), `${'0'.repeat(64)}\n`])(
      'has no artifact named %j',
      async (name) => {
        expect(await artifacts.has(name)).toBe(false);
        await expect(artifacts.get(name)).rejects.toThrow(ArtifactMissing);
      },
    );
  });
};
