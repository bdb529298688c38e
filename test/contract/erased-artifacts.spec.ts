import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArtifactGone, ArtifactMissing, type Artifacts } from '#ledger/artifacts.js';
import { FileArtifacts } from '#store/file-artifacts.js';
import { MemoryArtifacts } from '#store/memory-artifacts.js';

let folder = '';
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'erased-'))));
afterEach(() => rm(folder, { recursive: true }));

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
async function* chunks(value: string): AsyncGenerator<Uint8Array> {
  yield text(value);
}

const stores: readonly [string, () => Artifacts][] = [
  ['memory', () => new MemoryArtifacts()],
  ['files', () => new FileArtifacts(folder)],
];

describe.each(stores)('artifacts erased from %s', (_, open) => {
  it('are gone, say why, and are not taken in again', async () => {
    const artifacts = open();
    const [name, other] = [await artifacts.put(text('secret')), await artifacts.put(text('other'))];
    await artifacts.erase(name, 'it was a secret');
    await artifacts.erase(name, 'another reason');
    const told = `artifact ${name} was erased: it was a secret`;
    await expect(artifacts.get(name)).rejects.toThrow(told);
    expect(await artifacts.has(name)).toBe(false);
    await expect(artifacts.put(text('secret'))).rejects.toThrow(ArtifactGone);
    await expect(artifacts.receive(name, chunks('secret'))).rejects.toThrow(ArtifactGone);
    expect(await artifacts.has(name)).toBe(false);
    expect(Buffer.from(await artifacts.get(other)).toString()).toBe('other');
  });

  it('may have been missing before', async () => {
    const artifacts = open();
    const name = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    await expect(artifacts.get(name)).rejects.toThrow(ArtifactMissing);
    await artifacts.erase(name, 'nobody may bring it');
    await expect(artifacts.put(text('abc'))).rejects.toThrow(ArtifactGone);
  });
});
