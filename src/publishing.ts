import type { OnApplicationShutdown, Provider } from '@nestjs/common';
import { Cosigning, WitnessAway } from '#audit/cosigning.js';
import { Notary } from '#audit/notary.js';
import { NotaryKey } from '#audit/notary-key.js';
import { RotateLogKeyHandler } from '#audit/rotate-log-key.js';
import { Signing } from '#audit/signing.js';
import { OnnxEvaluator } from '#evaluation/onnx-evaluator.js';
import { Log, LogUnreachable } from '#ledger/log.js';
import type { Verifier } from '#ledger/note.js';
import { TileStore } from '#ledger/tile-store.js';
import { dataFolder } from '#store/data-folder.js';
import { httpWitness } from '#store/http-witness.js';
import { RandomSecrets } from '#store/random-ids.js';
import { TileFolder } from '#store/tile-folder.js';

/** Where a log is signed; without `logKey` the key lies in the data folder. */
export type SigningPlace = Readonly<{ data: string; logKey?: string; witness?: WitnessPlace }>;
/** A witness that must co-sign whatever is published, and the key that it does so with. */
export type WitnessPlace = Readonly<{ url: string; key: Verifier }>;

/** What signs a log, and the files of its keys. */
export type Signs = Readonly<{ notary: Notary; key: NotaryKey }>;

const cosigningBy = ({ url, key }: WitnessPlace): Cosigning => {
  const ask = httpWitness(url);
  const asking = (request: string): ReturnType<typeof ask> =>
    ask(request).catch((error: Error) => {
      const why = error.message || String((error as NodeJS.ErrnoException).code);
      throw new WitnessAway(
        `the witness ${key.name} does not answer at ${url} (${why}); what is recorded is kept, and published when it does`,
      );
    });
  return new Cosigning(asking, key);
};

/** Signs the log of a data folder with a key of its own. */
export const signingIn = ({ data, logKey, witness }: SigningPlace): Signs => {
  const { tlog, notaryKey } = dataFolder(data);
  const key = new NotaryKey(logKey ?? notaryKey, new RandomSecrets());
  return { notary: new Notary(new TileFolder(tlog), () => key.signer(), key, witness && cosigningBy(witness)), key };
};

/** So often a service signs what the log has grown by. */
export const SIGN_EVERY_MS = 500;

/** What a service publishes, and what signs it while it runs. */
export const publishing = (data: string, notary: Notary): Provider[] => [
  { provide: TileStore, useValue: new TileFolder(dataFolder(data).tlog) },
  { provide: Signing, inject: [Log], useFactory: (log: Log) => new Signing(notary, log, SIGN_EVERY_MS) },
];

/** Ends what holds files or processes when the application closes: after the last request was answered. */
class Closing implements OnApplicationShutdown {
  constructor(
    private readonly log: Log,
    private readonly shadow: OnnxEvaluator,
    /** Signs what was written; undefined when nothing may be written. */
    private readonly notary: Notary | undefined,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await this.shadow.close();
    await this.notary?.advance(this.log).catch((error: unknown) => {
      // What a store that is away holds, or what waits for a witness, is signed by the next service.
      if (!(error instanceof LogUnreachable) && !(error instanceof WitnessAway)) throw error;
    });
    await this.log.close();
  }
}

const closing = (notary: Notary | undefined): Provider => ({
  provide: Closing,
  inject: [Log, OnnxEvaluator],
  useFactory: (log: Log, shadow: OnnxEvaluator) => new Closing(log, shadow, notary),
});

/** Ends what is open; where the log may be written, signs it, and lets its key be replaced. */
export const signingAndClosing = (signs: Signs | undefined): Provider[] =>
  signs
    ? [
        closing(signs.notary),
        { provide: Notary, useValue: signs.notary },
        { provide: NotaryKey, useValue: signs.key },
        RotateLogKeyHandler,
      ]
    : [closing(undefined)];
