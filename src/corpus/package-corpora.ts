import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cutCorpus, type CutCorpus, type TextFile } from './domain/documents.js';
import { proseOfDeclarations, proseOfMarkdown } from './domain/english.js';
import { UnreadableCorpus, readTextFiles } from './read-corpus.js';
import type { Provenance } from './register-corpus.js';

const ENGLISH = [
  '@nestjs/common',
  '@nestjs/core',
  '@nestjs/cqrs',
  '@types/node',
  '@types/validator',
  'adm-zip',
  'class-transformer',
  'class-validator',
  'cli-progress',
  'cli-table3',
  'commander',
  'debug',
  'file-type',
  'global-agent',
  'libphonenumber-js',
  'lmdb',
  'msgpackr',
  'node-addon-api',
  'node-api-headers',
  'onnxruntime-common',
  'path-to-regexp',
  'reflect-metadata',
  'rxjs',
  'semver',
  'strtok3',
  'token-types',
  'type-fest',
  'uint8array-extras',
  'validator',
  'yaml',
  'zod',
] as const;

/**
 * Real text that is on every machine once the packages are installed. The lists are fixed and hold no package that
 * differs between platforms; with the lockfile they give the same bytes everywhere.
 */
type Recipe = Readonly<{
  packages: readonly string[];
  /** Which files, by their path in the package. */
  wanted(path: string): boolean;
  /** Text that a file gives, empty for none. */
  take(path: string, text: string): string;
}>;

const isDeclaration = (path: string): boolean => /\.d\.[cm]?ts$/.test(path);
const isGenerated = (path: string): boolean => /(^|\/)(bundles?|umd|esm5|build)\/|\.min\.|\.bundle\./.test(path);
/** Change logs are lists of links and hashes, licences are copies of each other. */
const isGuide = (path: string): boolean => /\.md$/i.test(path) && !/change|history|licen[cs]e|notice/i.test(path);
const asItIs = (_path: string, text: string): string => text;

const RECIPES = {
  english: {
    packages: ENGLISH,
    wanted: (path) => (isDeclaration(path) || isGuide(path)) && !isGenerated(path),
    take: (path, text) => (isDeclaration(path) ? proseOfDeclarations(text) : proseOfMarkdown(text)),
  },
  javascript: {
    packages: [
      '@nestjs/common',
      '@nestjs/core',
      'class-validator',
      'commander',
      'msgpackr',
      'rxjs',
      'semver',
      'validator',
      'yaml',
      'zod',
    ],
    wanted: (path) => /\.[cm]?js$/.test(path) && !isGenerated(path),
    take: asItIs,
  },
  typescript: {
    packages: ['@nestjs/common', '@nestjs/core', '@types/node', 'class-validator', 'rxjs', 'yaml', 'zod'],
    wanted: (path) => isDeclaration(path) && !isGenerated(path),
    take: asItIs,
  },
  json: {
    packages: [
      '@nestjs/common',
      'class-validator',
      'libphonenumber-js',
      'node-api-headers',
      'oxlint',
      'rxjs',
      'validator',
      'zod',
    ],
    wanted: (path) => path.endsWith('.json') && !isGenerated(path),
    take: asItIs,
  },
  c: {
    packages: ['lmdb', 'node-addon-api', 'node-api-headers'],
    wanted: (path) => /\.(h|hpp|c|cc|cpp)$/.test(path),
    take: asItIs,
  },
} as const satisfies Record<string, Recipe>;

export type PackageCorpus = keyof typeof RECIPES;
export const PACKAGE_CORPORA = Object.keys(RECIPES) as readonly PackageCorpus[];

const MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url));

type Facts = Readonly<{ version: string; licence: string }>;

const factsOf = async (modules: string, name: string): Promise<Facts> => {
  try {
    const facts = JSON.parse(await readFile(join(modules, name, 'package.json'), 'utf8')) as Record<string, unknown>;
    return { version: String(facts['version']), licence: String(facts['license'] ?? 'unstated') };
  } catch {
    throw new UnreadableCorpus(
      `package ${name} is not installed under ${modules}; run npm ci, or bring text with --corpus`,
    );
  }
};

/**
 * One of the demo's domains out of installed packages.
 * @throws UnreadableCorpus when a package of its list is missing
 */
export const readPackageCorpus = async (
  name: PackageCorpus,
  modules: string = MODULES,
): Promise<Readonly<{ cut: CutCorpus; provenance: Provenance }>> => {
  const { packages, wanted, take } = RECIPES[name];
  const files: TextFile[] = [];
  const sources: string[] = [];
  const licences = new Set<string>();
  let filesSkipped = 0;
  for (const owner of packages) {
    const { version, licence } = await factsOf(modules, owner);
    const read = await readTextFiles(join(modules, owner), wanted);
    filesSkipped += read.skipped.length;
    sources.push(`${owner} ${version}`);
    licences.add(licence);
    for (const file of read.files) {
      const text = take(file.name, new TextDecoder().decode(file.bytes));
      if (text !== '') files.push({ name: `${owner}/${file.name}`, bytes: new TextEncoder().encode(text) });
    }
  }
  const provenance: Provenance = {
    origin: { kind: 'human' },
    licence: [...licences].sort().join(' AND '),
    source: `files of the npm packages ${sources.join(', ')}`,
    filesSkipped,
  };
  return { cut: cutCorpus(name, files), provenance };
};
