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

test('several flexible columns share what room there is, and nothing of their text is cut', () => {
  const field = 'constitution.alphaPlan.alphaSpentBefore';
  const value = JSON.stringify({ id: 'a'.repeat(40), list: [1, 2, 3] });
  const table = { head: ['field', 'a', 'b'], rows: [[field, value, 'short']], flexible: [0, 1, 2] };
  const lines = renderTable(table, 60);
  expect(lines.every((line) => line.length <= 60)).toBe(true);
  const letters = (text: string): string => [...text.replace(/\s/g, '')].sort().join('');
  expect(letters(lines.slice(2).join(''))).toBe(letters(field + value + 'short'));
});
