import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collect } from '#ledger/ledger.js';
import { loadRun } from '#loop/run-context.js';
import { begin, smallFile, smallPorts } from './small-run.js';

const ports = smallPorts();
let folder = '';
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'preparing-'))));
afterAll(async () => {
  await rm(folder, { recursive: true });
  await ports.shadow.close();
});

const english = { package: 'english' };
const notes = async (bytes: number): Promise<object> => {
  const path = join(folder, 'notes.txt');
  const lines = Array.from({ length: Math.ceil(bytes / 80) }, (_, at) => `note ${at}: ${Math.sin(at)} and ${at ** 3}`);
  await writeFile(path, lines.join('\n\n').repeat(1).slice(0, bytes));
  return { texts: ['notes'], corpora: { english, notes: { path } } };
};

describe('a run that is refused', () => {
  it('for text too small for its scout leaves no trace, and starts with more text under the same names', async () => {
    const log = ports.ledger.log;
    await expect(begin(ports, smallFile('own', await notes(3_000)))).rejects.toThrow(/suite own-scout/);
    expect(await collect(log.readAll())).toEqual([]);
    await begin(ports, smallFile('own', await notes(200_000)));
    expect((await loadRun(ports, 'own')).config.texts).toEqual(['notes']);
  }, 60_000);

  it('for one corpus leaves the others unregistered', async () => {
    const fresh = smallPorts({ log: ports.ledger.log, artifacts: ports.artifacts });
    const before = await collect(ports.ledger.log.readAll());
    const path = join(folder, 'new.txt');
    await writeFile(path, Array.from({ length: 4_000 }, (_, at) => `line ${at} ${Math.cos(at)}`).join('\n'));
    const { corpora } = (await notes(150_000)) as { corpora: object };
    const file = smallFile('other', { texts: ['added', 'notes'], corpora: { ...corpora, added: { path } } });
    await expect(begin(fresh, file)).rejects.toThrow(
      'corpus notes is registered with other bytes; write "notes: { registered: notes }"',
    );
    expect(await collect(ports.ledger.log.readAll())).toEqual(before);
    await fresh.shadow.close();
  }, 60_000);
});

describe('text as the log has it', () => {
  it('serves a further run, wherever it came from', async () => {
    const corpora = { english: { registered: 'english' }, notes: { registered: 'notes' } };
    await begin(ports, smallFile('later', { texts: ['notes'], corpora }));
    const [own, later] = [await loadRun(ports, 'own'), await loadRun(ports, 'later')];
    expect(later.config.texts).toEqual(own.config.texts);
    const registered = await collect(ports.ledger.log.readAll({ types: ['CorpusRegistered'] }));
    expect(registered).toHaveLength(2);
  }, 60_000);

  it.each([
    ['that nobody registered', { latin: { registered: 'latin' } }, 'latin', /corpus latin is not registered/],
    ['under another name', { mine: { registered: 'english' } }, 'mine', /write english: { registered: english }/],
  ])('is refused %s', async (_what, corpora, general, message) => {
    await expect(begin(ports, smallFile('never', { corpora, general }))).rejects.toThrow(message);
  });
});
