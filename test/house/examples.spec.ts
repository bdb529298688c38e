import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { parseDistillation } from '#distillation/parse-distillation.js';
import { registerExperiment } from '#experiment/domain/experiment.js';
import { parseRegistration } from '#experiment/parse-registration.js';

const FOLDER = 'examples';
/** Where a newcomer is sent to an example from. */
const PAGES = ['README.md', ...readdirSync('docs').map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith('.md'),
);

const text = (path: string): string => readFileSync(path, 'utf8');
const files = readdirSync(FOLDER);

/** What a file would begin, and under which name; whoever adds another kind says here how it is read. */
const named = (fields: object): string => {
  if ('experiment' in fields) {
    const registration = parseRegistration(fields);
    registerExperiment(registration, { runs: new Set(), others: [] })({ status: 'absent' });
    return registration.experiment;
  }
  return parseDistillation(fields).distillation;
};

it.each(files.filter((name) => name.endsWith('.yaml')))('%s is one that its command takes', (name) => {
  const example = named(parse(text(`${FOLDER}/${name}`)) as object);
  expect(PAGES.some((page) => new RegExp(`^pl .* ${example}\\b`, 'm').test(text(page)))).toBe(true);
});

it('what a page registers or begins is a file that is there', () => {
  const begun = PAGES.flatMap((page) => [
    ...text(page).matchAll(/^pl (?:experiment register|distillation run) (\S+)/gm),
  ]);
  expect(begun.length).toBeGreaterThan(2);
  expect(begun.map(([, path]) => path).filter((path = '') => !existsSync(path))).toEqual([]);
});

it('every example is named where it is explained, and every one that is named is there', () => {
  const told = PAGES.flatMap((page) => [...text(page).matchAll(/\bexamples\/([\w.-]+\w)/g)].map(([, name]) => name));
  expect([...new Set(told)].sort()).toEqual([...files].sort());
});

it('the registration that docs/experiments.md shows is the example', () => {
  const [, shown] = /^```yaml\n(.*?)^```$/ms.exec(text('docs/experiments.md')) ?? [];
  expect(shown).toBe(text(`${FOLDER}/experiment.yaml`));
});
