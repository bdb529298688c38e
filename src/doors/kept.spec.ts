import { Kept } from './kept.js';

it('asks once for what is asked at the same time and again, and drops what was longest not asked for', async () => {
  const kept = new Kept<string>(2);
  const asked: string[] = [];
  const of = (key: string) =>
    kept.of(key, async () => {
      asked.push(key);
      return key.toUpperCase();
    });
  expect(await Promise.all([of('a'), of('a'), of('b')])).toEqual(['A', 'A', 'B']);
  await of('a');
  await of('c');
  expect(asked).toEqual(['a', 'b', 'c']);
  await of('a');
  await of('b');
  expect(asked).toEqual(['a', 'b', 'c', 'b']);
});

it('keeps as much as may be kept by weight, and not what alone weighs more', async () => {
  const kept = new Kept<string>(6, ({ length }) => length);
  const asked: string[] = [];
  const ask = async (...answers: readonly string[]): Promise<readonly string[]> => {
    asked.length = 0;
    for (const answer of answers) await kept.of(answer, async () => (asked.push(answer), answer));
    return [...asked];
  };
  expect(await ask('a', 'bb', 'ccc')).toEqual(['a', 'bb', 'ccc']);
  expect(await ask('too heavy', 'too heavy', 'a', 'bb', 'ccc')).toEqual(['too heavy', 'too heavy']);
  expect(await ask('dd')).toEqual(['dd']);
  expect(await ask('ccc')).toEqual([]);
  expect(await ask('a')).toEqual(['a']);
  expect(await ask('bb', 'ccc')).toEqual(['bb']);
});

it('does not keep a failure', async () => {
  const kept = new Kept<number>(2);
  await expect(kept.of('a', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  expect(await kept.of('a', async () => 1)).toBe(1);
});
