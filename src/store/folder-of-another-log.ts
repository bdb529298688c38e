import { existsSync } from 'node:fs';
import type { DataFolder } from './data-folder.js';

/** The data folder is another log's. */
export class FolderOfAnotherLog extends Error {
  override readonly name = 'FolderOfAnotherLog';
}

/** @throws FolderOfAnotherLog when the folder belongs to a log in an event store */
export const requireEmbedded = (folder: DataFolder): void => {
  if (existsSync(folder.eventStore))
    throw new FolderOfAnotherLog(
      `the log that belongs to ${folder.artifacts} lies in an event store; ask its service with --url, or serve it with --store eventstore`,
    );
};
