import type { Command } from 'commander';
import { proveConsistency } from '#audit/proving.js';
import { verifyConsistency } from '#ledger/proof.js';
import { BadInput } from './failures.js';
import { grouped } from './format.js';
import { placed, published } from './published-log.js';
import { whole, type Session } from './session.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const consistency = async (session: Session, from: number, to: number | undefined): Promise<void> => {
  if (to !== undefined && from > to)
    throw new BadInput(`${from} ${to}: the first size is that of the older log, so it cannot be the larger one`);
  const proof = await placed(session, proveConsistency(await published(session), from, to));
  // What was put together from tiles is believed only when it holds.
  verifyConsistency(proof.from, proof.to, proof.path);
  const { screen } = session;
  screen.say(`The log of ${grouped(proof.to.size)} records begins with that of ${grouped(from)}:`);
  screen.say(`  root over ${grouped(from)}  ${hex(proof.from.root)}`);
  screen.say(`  root over ${grouped(proof.to.size)}  ${hex(proof.to.root)}`);
  screen.say(`  proof (RFC 9162), ${proof.path.length} hashes${proof.path.length > 0 ? ':' : ''}`);
  for (const hash of proof.path) screen.say(`    ${hex(hash)}`);
  screen.document({
    from: { size: from, root: hex(proof.from.root) },
    to: { size: proof.to.size, root: hex(proof.to.root) },
    path: proof.path.map(hex),
    checkpoint: proof.signed.text,
  });
};

export const registerConsistency = (log: Command, session: Session): void => {
  const size = whole(1, Number.MAX_SAFE_INTEGER);
  log
    .command('consistency')
    .argument('<from>', 'size of the older log', size)
    .argument('[to]', 'size of the newer one (default: all that is signed)', size)
    .description('prove that the log of one size begins with that of a smaller one (RFC 9162)')
    .action((from: number, to?: number) => consistency(session, from, to));
};
