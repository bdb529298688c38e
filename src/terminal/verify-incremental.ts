import { inspectedByCrew } from '#audit/crew.js';
import { verified, type Verified } from '#audit/domain/finding.js';
import { rejudgeAll } from '#audit/rejudge-all.js';
import { makesReports } from '#report/made-again.js';
import { readVerified, writeVerified } from '#audit/domain/verified-so-far.js';
import { beginningOf, verifyNew, type Start } from '#audit/verify-new.js';
import { auditedFolder, auditedService } from '#audited-folder.js';
import { allEvents } from '#event-catalogue.js';
import { Refused } from '#ledger/decider.js';
import type { TileStore } from '#ledger/tile-store.js';
import { dataFolder } from '#store/data-folder.js';
import { OwnerFile } from '#store/owner-file.js';
import { BadInput } from './failures.js';
import { grouped } from './format.js';
import { placed } from './published-log.js';
import type { Session } from './session.js';
import { judging, sayVerified, tell } from './verified-words.js';

const beginning = async (session: Session, tiles: TileStore): Promise<Start> => {
  const key = await tiles.read('key.pub');
  if (key) return beginningOf(Buffer.from(key).toString('utf8'));
  throw new Refused(`${session.where}: nothing of this log is signed yet, and only signed records are remembered`);
};

const sayFrom = ({ screen }: Session, before: Start, { events }: Verified): void => {
  if (before.size === 0) screen.say('  all        nothing was verified so before');
  else
    screen.paragraph(
      `the ${grouped(events - before.size)} records after the first ${grouped(before.size)}, which were verified before and are not read again; the signed log still begins with them`,
      '  new        ',
    );
};

/** Goes on from the last verification of this kind, and remembers how far it came. */
export const verifyIncrementally = async (session: Session, file: true | string): Promise<void> => {
  const { screen } = session;
  const service = await session.named();
  if (service && file === true)
    throw new BadInput('--incremental: of a service at --url, name the file that says how far it was verified');
  const audited = service ? auditedService(service) : auditedFolder(session.data);
  const store = new OwnerFile(file === true ? dataFolder(session.data).verified : file);
  const { tiles } = audited;
  const before = (await readVerified(store)) ?? (await beginning(session, tiles));
  const inspection = inspectedByCrew(session.place.threads);
  const options = { events: allEvents, inspection, onProgress: tell(screen) };
  const { verification, streams, soFar } = await placed(session, verifyNew(audited, tiles, before, options));
  const verdicts = await session.read(({ ports }) =>
    rejudgeAll(ports, { onRun: judging(screen), streams, makesReports }),
  );
  const result = verified(verification, verdicts);
  screen.say(`Verified ${session.where}`);
  sayFrom(session, before, result);
  sayVerified(screen, result);
  if (result.ok && soFar) await writeVerified(store, soFar);
  else if (!result.ok) session.failCheck();
  screen.document({
    ...result,
    verifiedBefore: before.size,
    verifiedSoFar: result.ok ? (soFar?.size ?? 0) : before.size,
  });
};
