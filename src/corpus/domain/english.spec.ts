import { proseOfDeclarations, proseOfMarkdown } from './english.js';

describe('proseOfMarkdown', () => {
  it('keeps sentences and drops code, tables, HTML and the targets of links', () => {
    const text = [
      '# Guide',
      '<p align="center">x</p>',
      'Read [the manual](https://example.com) <b>first</b>.',
      '```js',
      'const hidden = 1;',
      '```',
      '| a | b |',
      '![badge](x.svg)',
      '[ref]: https://example.com',
      '- item one',
      '',
      '',
      '',
      'End.',
    ].join('\n');
    expect(proseOfMarkdown(text)).toBe('# Guide\nRead the manual first.\n\n- item one\n\nEnd.\n');
  });

  it('drops a fence that is never closed', () => {
    expect(proseOfMarkdown('Before.\n```\ncode\nmore')).toBe('Before.\n');
  });
});

describe('proseOfDeclarations', () => {
  it('keeps the sentences of doc comments, without examples and version tags', () => {
    const text = `/**
 * Reads a file and returns its contents as {@link Buffer a buffer}.
 * \`\`\`js
 * read();
 * \`\`\`
 * @since v1.0.0
 * @param path Where the file is.
 */
declare function read(path: string): Buffer;
/** Short. */
declare const x: number;`;
    expect(proseOfDeclarations(text)).toBe(
      'Reads a file and returns its contents as a buffer.\n@param path Where the file is.\n',
    );
  });
});
