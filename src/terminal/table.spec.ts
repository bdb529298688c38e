import { renderTable } from './table.js';

test('columns are as wide as they need, figures on the right', () => {
  const lines = renderTable(
    {
      head: ['name', 'n'],
      rows: [
        ['a', '1'],
        ['longer', '100'],
      ],
      right: [1],
    },
    80,
  );
  expect(lines).toEqual(['name      n', '──────  ───', 'a         1', 'longer  100']);
});

test('the flexible column gives way and keeps its words', () => {
  const words = 'several words that do not fit into so narrow a terminal';
  const lines = renderTable({ head: ['what', 'n'], rows: [[words, '1']], flexible: 0 }, 40);
  expect(lines.every((line) => line.length <= 40)).toBe(true);
  expect(
    lines
      .slice(2)
      .map((line) => line.replace(/ +1$/, '').trim())
      .join(' '),
  ).toBe(words);
});
