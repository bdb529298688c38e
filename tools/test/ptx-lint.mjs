// What nvcc makes of the CUDA backend's sources, judged as text: only IEEE-rounded binary32 instructions, none that the
// compiler may contract, flush or approximate, no float atomics, no tensor cores. Needs nvcc and no GPU.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Each refused form with the reason; an instruction is its opcode with all suffixes. */
const REFUSED = [
  [/[.]ftz\b/, 'flushes subnormals'],
  [/[.]approx\b|^(?:div|rcp|sqrt)[.]full\b/, 'is approximate'],
  [/^(?:add|sub|mul|fma|mad)(?![.]r[nzmp])[.](?:f32|f32x2)/, 'names no rounding: ptxas may contract it'],
  [/^(?:add|sub|mul|fma|mad|div|rcp|sqrt)[.]r[zmp]/, 'rounds another way than to nearest'],
  [/^(?:red|atom)[.].*[.](?:f16|bf16|f32|f64|f16x2|bf16x2)\b|^multimem/, 'adds floats in no fixed order'],
  [/^(?:mma|wmma|wgmma|tcgen05)\b/, 'is a tensor core instruction'],
  [/[.](?:tf32|bf16|f16|f16x2|bf16x2|e4m3|e5m2)\b/, 'has less than binary32'],
  [/^(?:ex2|lg2|sin|cos|tanh|rsqrt)\b/, 'is not one of the contract’s functions'],
  [/[.]f64\b/, 'is binary64, which no op has'],
];

/** The instructions of a PTX text, without predicates and labels. */
export const instructionsOf = (ptx) =>
  [...ptx.matchAll(/^\s*(?:@!?%p\d+\s+)?([a-z]\w*(?:[.:]+\w+)+)[ \t]/gm)].map(([, opcode]) => opcode);

/** What is wrong with a PTX text, one line for each kind. */
export function refusals(ptx) {
  const kinds = new Set(instructionsOf(ptx));
  return [...kinds].sort().flatMap((opcode) => {
    const reason = REFUSED.find(([pattern]) => pattern.test(opcode))?.[1];
    return reason === undefined ? [] : [`${opcode} ${reason}`];
  });
}

const fmaCount = (ptx) => instructionsOf(ptx).filter((opcode) => opcode.startsWith('fma.')).length;

export function findNvcc(env = process.env) {
  const folders = [...(env.PATH ?? '').split(delimiter), join(env.CUDA_HOME ?? '', 'bin'), '/usr/local/cuda/bin'];
  return folders.map((folder) => join(folder, 'nvcc')).find((path) => existsSync(path));
}

/** Compiles a source to PTX; answers {ok, text}: the PTX, or what nvcc said. */
function toPtx(nvcc, { source, include, out, options }) {
  const flags = ['-ptx', '-std=c++20', '-O3', '-arch=compute_90', '-diag-suppress', '1675', '-I', include];
  return new Promise((resolve) => {
    execFile(nvcc, [...flags, ...options, source, '-o', out], { maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      resolve(
        error === null ? { ok: true, text: readFileSync(out, 'utf8') } : { ok: false, text: `${stdout}${stderr}` },
      );
    });
  });
}

// A compiler that is asked for everything forbidden must be caught, or the lint sees nothing.
const MUST_BE_CAUGHT = `
__global__ void bad(float *x, int *n) {
  float y = x[0] * x[1] + x[2];
  atomicAdd(x + 3, __expf(y) / x[4]);
}
`;

/** Lints the plugin of a checkout; answers {passed, failed, skips}. */
export async function ptxLint(root, write = (text) => process.stdout.write(text)) {
  const nvcc = findNvcc();
  const name = 'PTX of the CUDA backend';
  if (nvcc === undefined) return { passed: 0, failed: 0, skips: [{ name, cause: 'nvcc not found on this machine' }] };
  const folder = join(root, 'build', 'ptx');
  mkdirSync(folder, { recursive: true });
  const include = join(root, 'native');
  const compile = (source, out, options) => toPtx(nvcc, { source, include, out: join(folder, out), options });
  const source = join(root, 'native', 'ops', 'cuda', 'plugin.cu');
  const bad = join(folder, 'bad.cu');
  writeFileSync(bad, MUST_BE_CAUGHT);
  const [plain, contracted, caught, badPlain, badContracted] = await Promise.all([
    compile(source, 'plugin.ptx', ['-fmad=false']),
    compile(source, 'plugin-contracted.ptx', ['-fmad=true']),
    compile(bad, 'bad.ptx', ['-use_fast_math']),
    compile(bad, 'bad-plain.ptx', ['-fmad=false']),
    compile(bad, 'bad-contracted.ptx', ['-fmad=true']),
  ]);
  const broken = [plain, contracted, caught, badPlain, badContracted].find(({ ok }) => !ok);
  if (broken !== undefined) {
    write(`FAILED: ${name}: nvcc could not compile it\n${broken.text}\n`);
    return { passed: 0, failed: 1, skips: [] };
  }
  const checks = [
    ['no instruction is refused', refusals(plain.text)],
    ['none is refused with contraction allowed', refusals(contracted.text)],
    ['contraction finds nothing', sameCount(fmaCount(plain.text), fmaCount(contracted.text))],
    ['the lint sees what it must', unseen(caught.text)],
    ['the lint sees contraction', fmaCount(badPlain.text) < fmaCount(badContracted.text) ? [] : ['it does not']],
  ];
  for (const [what, wrong] of checks) for (const line of wrong) write(`FAILED: ${name}: ${what}: ${line}\n`);
  const failed = checks.filter(([, wrong]) => wrong.length > 0).length;
  write(`ptx: ${checks.length - failed} passed, ${failed} failed (${fmaCount(plain.text)} fma)\n`);
  return { passed: checks.length - failed, failed, skips: [] };
}

const sameCount = (plain, contracted) =>
  plain > 0 && plain === contracted ? [] : [`${plain} fma without it, ${contracted} with it`];

function unseen(ptx) {
  const found = refusals(ptx).join('\n');
  return ['.ftz', '.approx', 'fixed order']
    .filter((part) => !found.includes(part))
    .map((part) => `${part} not noticed`);
}
