const hex = (bytes: ArrayBuffer): string =>
  [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');

const sha256 = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> => {
  // A browser hashes only where a page cannot have been changed on its way: over HTTPS, or from this very machine.
  if (typeof crypto.subtle === 'undefined')
    throw new Error('This browser hashes only on https:// pages and on localhost; open the page in one of these ways.');
  return hex(await crypto.subtle.digest('SHA-256', bytes));
};

const utf8 = new TextEncoder();

/** SHA-256 of a text's UTF-8 bytes, in hex. */
export const textHash = (text: string): Promise<string> => sha256(utf8.encode(text));

/** RFC 6962 leaf hash of a record: SHA-256 of a zero byte and its canonical bytes, in hex. */
export const leafHashOf = (canonical: string): Promise<string> => {
  const bytes = utf8.encode(canonical);
  const leaf = new Uint8Array(bytes.length + 1);
  leaf.set(bytes, 1);
  return sha256(leaf);
};
