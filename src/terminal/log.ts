import { readFile, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { proveEntry, publishedCheckpoint } from '#audit/proving.js';
import { headOf } from '#ledger/log.js';
import { NoteInvalid } from '#ledger/note.js';
import { ProofInvalid } from '#ledger/proof.js';
import { parseTlogProof, verifyTlogProof } from '#ledger/tlog-proof.js';
import { BadInput } from './failures.js';
import { grouped } from './format.js';
import { registerConsistency } from './log-consistency.js';
import { registerRotation } from './log-rotation.js';
import { placed, published } from './published-log.js';
import { whole, type Session } from './session.js';
import { keyOf } from './verify-options.js';

const checkpoint = async (session: Session): Promise<void> => {
  const { text, checkpoint: said } = await placed(session, publishedCheckpoint(await published(session)));
  const root = Buffer.from(said.root).toString('hex');
  session.screen.say(text.trimEnd());
  session.screen.document({ origin: said.origin, size: said.size, root, checkpoint: text });
};

/** Positions of an embedded log count from 1 without gaps, indexes of its tree from 0. */
const indexOf = (position: number): number => position - 1;

type Proving = Readonly<{ to?: string }>;

/** @throws BadInput where the log ends before it, which is another thing than not being signed yet */
const requireThere = (session: Session, position: number): Promise<void> =>
  session.read(async ({ log }) => {
    const head = await headOf(log);
    if (position > head)
      throw new BadInput(`${position}: the log has ${grouped(head)} records; name one from 1 to ${head}`);
  });

const prove = async (session: Session, position: number, { to = `record-${position}` }: Proving): Promise<void> => {
  await requireThere(session, position);
  const { entry, proof } = await placed(session, proveEntry(await published(session), indexOf(position)));
  const [record, path] = [`${to}.json`, `${to}.tlog-proof`];
  const write = (file: string, bytes: Uint8Array | string): Promise<void> =>
    writeFile(file, bytes, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
      throw new BadInput(`--to ${to}: ${file} cannot be written (${error.code}); name another place`);
    });
  await write(record, entry);
  await write(path, proof);
  const { screen } = session;
  screen.say(`Wrote ${record}, the record at position ${position}, and ${path}, the proof that the log has it.`);
  session.suggest('what anybody can do with them, who has the key of the log', `log check ${path} ${record} --key KEY`);
  screen.document({ position, record, proof: path });
};

const bytesOf = (file: string): Promise<Buffer> =>
  readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new BadInput(`${file}: cannot be read (${error.code})`);
  });

const check = async (session: Session, proof: string, record: string, { key }: { key: string }): Promise<void> => {
  const verifier = await keyOf(key);
  const [text, entry] = [(await bytesOf(proof)).toString('utf8'), await bytesOf(record)];
  const { screen } = session;
  try {
    const parsed = parseTlogProof(text);
    const { checkpoint: said } = verifyTlogProof(parsed, entry, [verifier]);
    const { origin, size } = said;
    screen.say(`Record ${grouped(parsed.index)} (from 0) of the ${grouped(size)} that ${origin} signed.`);
    screen.paragraph('It shows that the log has this record, not what came after it.');
    screen.document({ ok: true, index: parsed.index, size, origin });
  } catch (error) {
    if (!(error instanceof ProofInvalid) && !(error instanceof NoteInvalid)) throw error;
    screen.paragraph(`NOT proved: ${error.message}`, '', 'bad');
    screen.document({ ok: false, message: error.message });
    session.failCheck();
  }
};

export const registerLog = (program: Command, session: Session): void => {
  const log = program.command('log').description('the log as it is published, for tools of others');
  log
    .command('checkpoint')
    .description('print the latest signed checkpoint (c2sp.org/tlog-checkpoint)')
    .action(() => checkpoint(session));
  log
    .command('prove')
    .argument('<position>', 'position of a record', whole(1, Number.MAX_SAFE_INTEGER))
    .option('--to <name>', 'where to write, without an ending (default: record-<position>)')
    .description('write a record and the offline proof that the log has it (c2sp.org/tlog-proof)')
    .action((position: number, options: Proving) => prove(session, position, options));
  log
    .command('check')
    .argument('<proof>', 'a .tlog-proof file')
    .argument('<record>', 'the record that it is about, byte for byte')
    .requiredOption('--key <key>', "the log's public key, or a file with it")
    .description('check such a proof; exit 1 when it does not hold')
    .action((proof: string, record: string, options: { key: string }) => check(session, proof, record, options));
  registerConsistency(log, session);
  registerRotation(log, session);
};
