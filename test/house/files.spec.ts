import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const FOLDERS = ['src', 'test', 'tools', 'bin', 'native'];
const SOURCE = ['.ts', '.tsx', '.css', '.mjs', '.cpp', '.h', '.hpp', '.cu', '.cuh'];

const files = FOLDERS.flatMap((folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name)),
).filter((path) => !/node_modules|\bbuild\b|\bdist\b/.test(path));
const sources = files.filter((path) => SOURCE.includes(extname(path)));
const own = import.meta.url.split('/').at(-1)?.replace('.js', '.ts');

const offenders = (paths: readonly string[], is: (path: string) => boolean): readonly string[] => paths.filter(is);
const linesWith = (paths: readonly string[], pattern: RegExp): readonly string[] =>
  paths
    .filter((path) => basename(path) !== own)
    .flatMap((path) =>
      readFileSync(path, 'utf8')
        .split('\n')
        .flatMap((line, at) => (pattern.test(line) ? [`${path}:${at + 1}`] : [])),
    );

describe('the files of the house', () => {
  it('are there to be looked at', () => {
    expect(sources.length).toBeGreaterThan(100);
  });

  it('are named in kebab-case and hide behind no index', () => {
    const named = (path: string) => !/^[a-z0-9]+([-.][a-z0-9]+)*$/.test(basename(path, extname(path)));
    expect(
      offenders(
        sources.filter((path) => /^(src|test|tools)/.test(path)),
        named,
      ),
    ).toEqual([]);
    expect(offenders(sources, (path) => basename(path).startsWith('index.'))).toEqual([]);
  });

  it('lie in folders that say what is in them', () => {
    const banned = ['utils', 'util', 'shared', 'common', 'interfaces', 'helpers', 'misc', 'lib'];
    expect(
      offenders(files, (path) =>
        dirname(path)
          .split('/')
          .some((part) => banned.includes(part)),
      ),
    ).toEqual([]);
  });

  it('give no class or type a name that says nothing', () => {
    const empty =
      /\b((class|interface)\s+|type\s+(?=\w+\s*[=<]))(I[A-Z][a-z]\w*|\w+(Manager|Helper|Impl|Base|Util|Utils))\b/;
    expect(linesWith(sources, empty)).toEqual([]);
  });

  it('number the migrations one after another', () => {
    const numbers = readdirSync('migrations').map((name) => Number(/^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1]));
    expect(numbers.sort()).toEqual(numbers.map((_, at) => at + 1));
  });

  it('promise no later work', () => {
    expect(linesWith(sources, /\b(TODO|FIXME|XXX|HACK)\b/)).toEqual([]);
  });

  it('stay under 300 lines, a domain under 200', () => {
    const lines = (path: string) => readFileSync(path, 'utf8').trimEnd().split('\n').length;
    const long = (path: string) => lines(path) > (/\/domain\/.*(?<!\.spec)\.ts$/.test(path) ? 200 : 300);
    expect(offenders(sources, long)).toEqual([]);
  });
});

describe('time, chance and surroundings', () => {
  const edge =
    /^src\/(main|cli|app\.module)\.ts$|^src\/store\/(system-clock|counted-clock|random-ids)\.ts$|^src\/dashboard\/ui\/browser-clock\.ts$|\.spec\.ts$/;
  const inner = sources.filter((path) => path.startsWith('src/') && !edge.test(path));

  it.each([
    ['Date', /\bDate\.now\b|\bnew Date\(|\bDate\(\)/],
    ['Math.random', /\bMath\.random\b/],
    ['random UUIDs and bytes', /\brandom(UUID|Bytes|Int)\b/],
    ['the environment', /\bprocess\.env\b/],
    ['a stop watch', /\bperformance\.now\b|\bprocess\.hrtime\b/],
  ])('%s: only at the edge', (_, pattern) => {
    expect(linesWith(inner, pattern)).toEqual([]);
  });
});
