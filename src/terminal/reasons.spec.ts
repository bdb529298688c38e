import { figure } from './reasons.js';
import { ranges } from './verdict-explain.js';

test('figures are short, and whole numbers whole', () => {
  expect([null, 0, 307200, 4e6, 0.0125, -0.02725, 103.64512, 0.00000032, 123456.7].map(figure)).toEqual([
    '–',
    '0',
    '307,200',
    '4,000,000',
    '0.0125',
    '-0.02725',
    '103.6',
    '3.2e-7',
    '1.2e+5',
  ]);
});

test('revisions that follow each other are one range', () => {
  expect([ranges([9, 10, 11, 13, 20, 21]), ranges([5]), ranges([])]).toEqual(['9 to 11, 13, 20 to 21', '5', '']);
});
