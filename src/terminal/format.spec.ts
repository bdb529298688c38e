import { bar, day, duration, grouped, moment, points, signed, speed, typed, worse, worsening, wrap } from './format.js';

test('counts are grouped by thousands', () => {
  expect([0, 999, 1000, 1228800].map(grouped)).toEqual(['0', '999', '1,000', '1,228,800']);
});

test('times are seconds up to a minute, then minutes', () => {
  expect([0.04, 9.94, 41.2, 60, 185].map(duration)).toEqual(['0.0 s', '9.9 s', '41 s', '1 min 0 s', '3 min 5 s']);
});

test('speeds above a thousand are in thousands', () => {
  expect([950, 31234].map(speed)).toEqual(['950 tokens/s', '31.2 k tokens/s']);
});

test('a difference has its sign, and nothing that rounds to zero has one', () => {
  expect([signed(0.04, 1), signed(-0.04, 1), signed(1.25, 1), signed(-2, 0)]).toEqual(['0.0', '0.0', '+1.3', '-2']);
  expect(points(0.0182)).toBe('+1.8 points');
});

test('worsening is relative to the anchor and says the direction', () => {
  expect([worsening(2.5, 2.5), worsening(2.525, 2.5), worsening(2.4, 2.5), worsening(3.1, 2.5)]).toEqual([
    'the same as the anchor',
    '1.0% worse than the anchor',
    '4.0% better than the anchor',
    '24% worse than the anchor',
  ]);
});

test('text breaks at spaces, never beyond the width, and keeps every word', () => {
  const text = 'Promoted, since all 13 rules pass: general quality better against the anchor.';
  const lines = wrap(text, 30, '  ! ');
  expect(lines.every((line) => line.length <= 30)).toBe(true);
  expect(lines.map((line) => line.slice(0, 4))).toEqual(['  ! ', ...lines.slice(1).map(() => '    ')]);
  expect(lines.map((line) => line.slice(4)).join(' ')).toBe(text);
});

test('a bar fills in eighths and stays inside its width', () => {
  expect([bar(0, 4), bar(0.5, 4), bar(1, 4), bar(2, 4), bar(-1, 4), bar(0.53, 4)]).toEqual([
    '',
    '██',
    '████',
    '████',
    '',
    '██▏',
  ]);
});

test('a change of general text is said in words', () => {
  expect([-2.84, 1, 24.4, 0.01].map(worse)).toEqual(['2.8% better', '1.0% worse', '24% worse', 'the same']);
});

test('times are RFC 3339', () => {
  const recorded = '2026-03-01T14:05:09.123Z';
  expect([moment(recorded), day(recorded)]).toEqual(['2026-03-01T14:05:09Z', '2026-03-01']);
});

test('words are quoted where a shell would take them apart', () => {
  expect(['./a/b.yaml', 'a b', "it's", '', '$x'].map(typed)).toEqual([
    './a/b.yaml',
    "'a b'",
    `'it'\\''s'`,
    "''",
    "'$x'",
  ]);
});
