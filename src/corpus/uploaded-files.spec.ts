import { expect, it } from '@jest/globals';
import { uploadedFiles } from './uploaded-files.js';

const sent = async function* (...chunks: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
};
const line = (name: string, text: string): string => `${JSON.stringify({ name, text })}\n`;

const read = async (...chunks: readonly (string | Uint8Array)[]): Promise<readonly (readonly [string, string])[]> =>
  (await uploadedFiles(sent(...chunks))).map(({ name, bytes }) => [name, Buffer.from(bytes).toString()] as const);

it('reads one file a line, wherever the chunks break, in the order of the names', async () => {
  const text = 'Grüße,\r\n"zwei" Zeilen';
  const bytes = Buffer.from(line('b.txt', text) + line('a/ä.txt', 'eins'));
  const expected = [
    ['a/ä.txt', 'eins'],
    ['b.txt', 'Grüße,\n"zwei" Zeilen'],
  ];
  for (let at = 0; at <= bytes.length; at += 1)
    expect(await read(bytes.subarray(0, at), bytes.subarray(at))).toEqual(expected);
  expect(await read(...[...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(expected);
});

it('takes a last line without an end, and skips empty ones', async () => {
  expect(await read(`\n${line('a', 'x')}\n{"name":"b","text":""}`)).toEqual([
    ['a', 'x'],
    ['b', ''],
  ]);
  expect(await read()).toEqual([]);
});

it.each([
  ['no JSON', 'once upon a time', /line 1: it is no JSON/],
  ['no UTF-8', Uint8Array.of(0xff, 0xfe), /line 1: it is no JSON in UTF-8/],
  ['another field', '{"name":"a","text":"x","path":"/etc/passwd"}', /line 1: .*path/],
  ['a text that is none', '{"name":"a","text":1}', /line 1: text/],
  ['no name', '{"name":"","text":"x"}', /line 1: name/],
  ['a name twice', line('a', 'x') + line('a', 'y'), /line 2: "a" stands twice/],
  ['a lone surrogate', '{"name":"a","text":"\\ud800"}', /line 1: text: a lone surrogate/],
  ['binary text', line('a.bin', 'x\0y'), /a\.bin: byte 1 is NUL/],
])('refuses %s', async (_, body, message) => {
  await expect(uploadedFiles(sent(body))).rejects.toThrow(message);
});

it('hands on that the sender went away', async () => {
  const broken = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from(line('a', 'x'));
    throw new Error('gone');
  };
  await expect(uploadedFiles(broken())).rejects.toThrow('gone');
});
