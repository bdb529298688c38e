import { z } from 'zod';
import { InvalidRequest } from '#doors/dispatch.js';
import { decodeText } from './domain/decode-text.js';
import type { TextFile } from './domain/documents.js';
import { codeUnitOrder, MOST_BYTES } from './read-corpus.js';

/** JSON writes some bytes of text as two. */
export const MOST_UPLOADED_BYTES = 2 * MOST_BYTES;

const LF = 10;
const FORM = '{"name": "guide/first.txt", "text": "…"}, one file a line';
const lineSchema = z.strictObject({ name: z.string().min(1).max(1000), text: z.string() });

const misfit = (line: number, value: string, why: string): InvalidRequest => {
  const field = `line ${line}`;
  return new InvalidRequest(`${field}: ${why}; each line is ${FORM}`, {
    field,
    value: value.slice(0, 200),
    allowed: FORM,
  });
};

const tooMuch = (bytes: number): InvalidRequest => {
  const allowed = `${MOST_BYTES / 1024 ** 2} MiB of text in one corpus`;
  const value = `${bytes} bytes or more`;
  return new InvalidRequest(`body: ${value}; at most ${allowed}: send a part of it, or several corpora`, {
    field: 'body',
    value,
    allowed,
  });
};

/** Lines of bytes that come in chunks, without their ends. */
async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let open: Uint8Array[] = [];
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, from)) {
      yield Buffer.concat([...open, chunk.subarray(from, at)]);
      open = [];
      from = at + 1;
    }
    open.push(chunk.subarray(from));
  }
  yield Buffer.concat(open);
}

const fileOf = (line: number, bytes: Uint8Array): TextFile => {
  let text = '';
  let read: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    read = JSON.parse(text);
  } catch {
    throw misfit(line, text, 'it is no JSON in UTF-8');
  }
  const parsed = lineSchema.safeParse(read);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw misfit(line, text, `${issue?.path.join('.') || 'it'}: ${issue?.message}`);
  }
  const { name, text: content } = parsed.data;
  if (!content.isWellFormed()) throw misfit(line, name, 'text: a lone surrogate is not text');
  return { name, bytes: decodeText(name, Buffer.from(content)) };
};

/**
 * Files of text sent as lines of JSON, in the order of their names, whatever order they came in.
 * @throws InvalidRequest naming the line, NotText
 */
export const uploadedFiles = async (chunks: AsyncIterable<Uint8Array>): Promise<readonly TextFile[]> => {
  const files = new Map<string, TextFile>();
  let [line, total] = [0, 0];
  for await (const bytes of linesOf(chunks)) {
    line += 1;
    if (bytes.length === 0) continue;
    const file = fileOf(line, bytes);
    if (files.has(file.name)) throw misfit(line, file.name, `"${file.name}" stands twice`);
    files.set(file.name, file);
    total += file.bytes.length;
    if (total > MOST_BYTES) throw tooMuch(total);
  }
  return [...files.values()].sort((a, b) => codeUnitOrder(a.name, b.name));
};
