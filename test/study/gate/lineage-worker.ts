import { parentPort } from 'node:worker_threads';
import { runLineages, type LineageSetting } from '#experiment/domain/gate-lineages.js';

/** Lineages `from` up to `to` of a setting. */
export type LineagePart = Readonly<{ setting: LineageSetting; from: number; to: number }>;

parentPort?.on('message', ({ setting, from, to }: LineagePart) =>
  parentPort?.postMessage(runLineages(setting, from, to)),
);
