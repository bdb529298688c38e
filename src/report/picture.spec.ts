import * as Plot from '@observablehq/plot';
import { describe, expect, it } from '@jest/globals';
import { picture, standing } from './picture.js';

const drawn = (value: number): string =>
  picture(
    'A <b> & "c"',
    [{ sign: 'dot', colour: 'var(--good)', means: 'a < b' }],
    [
      {
        height: 200,
        marks: [
          Plot.dot([{ x: 1 / 3, y: value }], { x: 'x', y: 'y', r: 4, fill: 'var(--good)' }),
          Plot.text([{ x: 0, y: 0, text: '1.23456 <i>' }], { x: 'x', y: 'y', text: 'text' }),
        ],
      },
    ],
  );

describe('a picture', () => {
  it('is the same text every time, with nothing finer than hundredths of a pixel', () => {
    expect(drawn(2 / 3)).toBe(drawn(2 / 3));
    expect(drawn(2 / 3)).toBe(drawn(2 / 3 + 1e-12));
    expect(drawn(2 / 3).match(/"[^"]*\d\.\d{3,}[^"]*"/g)).toBeNull();
  });

  it('takes words as words, and leaves no style sheet behind', () => {
    const svg = drawn(1);
    expect(svg).toContain('aria-label="A &lt;b&gt; &amp; &quot;c&quot;"');
    expect(svg).toContain('>1.23456 &lt;i&gt;</text>');
    expect(svg).not.toMatch(/<style|style=/);
  });

  it('stands alone with its title and every colour that it names', () => {
    const file = standing('A < b', drawn(1));
    expect(file).toContain('>A &lt; b</text>');
    for (const [, name] of file.matchAll(/var\((--[a-z0-9-]+)\)/g)) expect(file).toContain(`${name}:#`);
  });
});
