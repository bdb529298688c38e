/** A file whose bytes are no text; the message names the file and what would help. */
export class NotText extends Error {
  override readonly name = 'NotText';
}

const LF = 10;
const CR = 13;

const decoded = (name: string, bytes: Uint8Array, encoding: string): string => {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new NotText(`${name}: no valid ${encoding} text; convert it to UTF-8, or leave it out if it is binary`);
  }
};

const withLineFeeds = (bytes: Uint8Array): Uint8Array => {
  if (!bytes.includes(CR)) return bytes;
  const kept = new Uint8Array(bytes.length);
  let length = 0;
  bytes.forEach((byte, at) => {
    if (byte === LF && bytes[at - 1] === CR) return;
    kept[length] = byte === CR ? LF : byte;
    length += 1;
  });
  return kept.slice(0, length);
};

/**
 * UTF-8 bytes of a text file, without byte order mark and with LF line ends. UTF-16 is read where a byte order mark
 * announces it.
 * @throws NotText on a NUL byte or an invalid encoding
 */
export const decodeText = (name: string, bytes: Uint8Array): Uint8Array => {
  const [first, second, third] = bytes;
  const wide = first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : '';
  let text = bytes;
  if (wide) text = new TextEncoder().encode(decoded(name, bytes, wide));
  else if (first === 0xef && second === 0xbb && third === 0xbf) text = bytes.subarray(3);
  const nul = text.indexOf(0);
  if (nul >= 0)
    throw new NotText(
      `${name}: byte ${nul} is NUL, so it is binary, or UTF-16 without a byte order mark; leave it out`,
    );
  if (!wide) decoded(name, text, 'utf-8');
  return withLineFeeds(text);
};
