import type { OnApplicationShutdown, Provider } from '@nestjs/common';
import { Notary } from '#audit/notary.js';
import { NotaryKey } from '#audit/notary-key.js';
import { Signing } from '#audit/signing.js';
import { OnnxEvaluator } from '#evaluation/onnx-evaluator.js';
import { Log, LogUnreachable } from '#ledger/log.js';
import { TileStore } from '#ledger/tile-store.js';
import { dataFolder } from '#store/data-folder.js';
import { RandomSecrets } from '#store/random-ids.js';
import { TileFolder } from '#store/tile-folder.js';

/** Signs the log of a data folder with the folder's own key. */
export const notaryIn = (data: string): Notary => {
  const { tlog, notaryKey } = dataFolder(data);
  const key = new NotaryKey(notaryKey, new RandomSecrets());
  return new Notary(new TileFolder(tlog), () => key.signer());
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
      // What a store that is away holds is signed by the next service.
      if (!(error instanceof LogUnreachable)) throw error;
    });
    await this.log.close();
  }
}

export const closing = (notary: Notary | undefined): Provider => ({
  provide: Closing,
  inject: [Log, OnnxEvaluator],
  useFactory: (log: Log, shadow: OnnxEvaluator) => new Closing(log, shadow, notary),
});
