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

it('does not keep a failure', async () => {
  const kept = new Kept<number>(2);
  await expect(kept.of('a', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  expect(await kept.of('a', async () => 1)).toBe(1);
});
