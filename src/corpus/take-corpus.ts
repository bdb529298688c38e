import { InvalidRequest } from '#doors/dispatch.js';
import type { Artifacts } from '#ledger/artifacts.js';
import type { By, Ledger } from '#ledger/ledger.js';
import type { RegisteredCorpus } from './domain/corpus.js';
import { cutCorpus } from './domain/documents.js';
import { registerCorpus, type Provenance } from './register-corpus.js';
import { uploadedFiles } from './uploaded-files.js';

/**
 * Registers text that is sent as it comes, cut as text of a local folder would be. The same text again changes nothing.
 * @throws InvalidRequest, NotText, Refused when the name stands for other bytes
 */
export const takeCorpus = async (
  ledger: Ledger,
  artifacts: Artifacts,
  name: string,
  chunks: AsyncIterable<Uint8Array>,
  terms: Provenance,
  by: By,
): Promise<RegisteredCorpus> => {
  const files = await uploadedFiles(chunks);
  const cut = cutCorpus(name, files);
  if (cut.corpus.documents.length === 0)
    throw new InvalidRequest(`body: ${files.length} files without one document of 129 bytes or more; send more text`, {
      field: 'body',
      value: `${files.length} files`,
      allowed: 'at least one document of 129 bytes',
    });
  return registerCorpus(ledger, artifacts, cut, terms, by);
};
