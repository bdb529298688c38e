import type { RunFile } from './run-file.js';

/** A checkpoint that is named by its bytes, as an artifact of the log that the run goes into. */
export const isArtifact = (checkpoint: string): boolean => /^[0-9a-f]{64}$/.test(checkpoint);

/** A field of a run file that names a file of whoever reads it, and what to write in its place. */
export type LocalFile = Readonly<{ field: string; value: string; allowed: string }>;

/** The first such field; undefined where the run file stands on nothing but the log and the installed packages. */
export const localFileOf = ({ corpora, base }: RunFile): LocalFile | undefined => {
  for (const [name, input] of Object.entries(corpora))
    if ('path' in input) {
      const allowed = `{ registered: ${name} } after PUT /v1/corpora/${name} with the text`;
      return { field: `corpora.${name}.path`, value: input.path, allowed };
    }
  if (!('checkpoint' in base) || isArtifact(base.checkpoint)) return undefined;
  const allowed = 'the SHA-256 of the checkpoint after PUT /v1/artifacts/SHA256 with its bytes';
  return { field: 'base.checkpoint', value: base.checkpoint, allowed };
};
