import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const constants = (count: number): string =>
  Array.from({ length: count }, (_, index) => `export const a${index} = ${index};\n`).join('');
const longFunction = (lines: number): string =>
  `export function a(items: number[]): void {\n${'  items.push(1);\n'.repeat(lines - 2)}}\n`;
const importing = (what: string, from: string): string =>
  `import { ${what} } from '${from}';\nexport const a = ${what};\n`;

/** A rule whose pattern matches nothing passes every file: these must be refused, and their neighbours must not. */
const REFUSED: readonly (readonly [path: string, text: string])[] = [
  ['src/run/domain/node.ts', importing('readFileSync', 'node:fs')],
  ['src/run/domain/log.ts', importing('Log', '#ledger/log.js')],
  ['src/run/domain/type.ts', "import type { View } from '#corpus/corpus.view.js';\nexport type A = View;\n"],
  ['src/run/domain/climbs.ts', importing('b', '../b.js')],
  ['src/run/domain/long.ts', constants(201)],
  ['src/ledger/feature.ts', importing('b', '#run/b.js')],
  ['src/dashboard/ui/view.tsx', importing('RunView', '#run/run.view.js')],
  ['src/dashboard/ui/node.ts', importing('createHash', 'node:crypto')],
  ['src/dashboard/ui/asks.tsx', 'export const a = fetch;\n'],
  ['src/dashboard/ui/climbs.tsx', importing('b', '../b.js')],
  ['src/loop/climbs.ts', importing('b', '../run/b.js')],
  ['src/loop/imported-id.ts', importing('randomUUID', 'node:crypto')],
  ['src/loop/id.ts', 'export const a = crypto.randomUUID();\n'],
  ['src/loop/now.ts', 'export const a = Date.now();\n'],
  ['src/loop/date.ts', 'export const a = new Date();\n'],
  ['src/loop/random.ts', 'export const a = Math.random();\n'],
  ['src/loop/environment.ts', "export const a = process.env['HOME'];\n"],
  ['src/loop/long.ts', constants(301)],
  ['src/loop/long-function.ts', longFunction(71)],
];

const ALLOWED: readonly (readonly [path: string, text: string])[] = [
  ['src/run/domain/zod.ts', importing('z', 'zod')],
  ['src/run/domain/near.ts', importing('b', './b.js')],
  ['src/run/domain/event.ts', importing('b', '#ledger/event.js')],
  ['src/run/domain/other.ts', importing('b', '#suite/domain/text-windows.js')],
  ['src/run/domain/full.ts', constants(200)],
  ['src/ledger/crypto.ts', importing('createHash', 'node:crypto')],
  ['src/loop/named.ts', importing('b', '#run/b.js')],
  ['src/loop/full.ts', constants(300)],
  ['src/loop/full-function.ts', longFunction(70)],
  ['src/dashboard/ui/judge.ts', importing('judge', '#constitution/domain/judge.js')],
  ['src/dashboard/ui/type.tsx', "import type { RunView } from '#run/run.view.js';\nexport type A = RunView;\n"],
  ['src/dashboard/ui/client.ts', 'export const a = fetch;\n'],
  ['src/store/system-clock.ts', 'export const a = new Date();\n'],
];

describe('rules of the house', () => {
  let folder: string;
  let refused: Set<string>;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'house rules '));
    copyFileSync('.oxlintrc.json', join(folder, '.oxlintrc.json'));
    for (const [path, text] of [...REFUSED, ...ALLOWED]) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const oxlint = join(process.cwd(), 'node_modules', 'oxlint', 'bin', 'oxlint');
    const { stdout } = spawnSync(process.execPath, [oxlint, '--format=json', 'src'], { cwd: folder, encoding: 'utf8' });
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: { filename: string }[] };
    refused = new Set(diagnostics.map(({ filename }) => filename));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(REFUSED.map(([path]) => path))('refuse %s', (path) => expect(refused).toContain(path));
  it.each(ALLOWED.map(([path]) => path))('allow %s', (path) => expect(refused).not.toContain(path));
});
