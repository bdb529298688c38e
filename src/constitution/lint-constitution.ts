import type { Misfit } from '#doors/dispatch.js';
import { explainIssue, misfitOf } from '#doors/explain-issue.js';
import { canonicalJson } from '#ledger/record.js';
import { constitutionInputSchema, rulesSchema } from './domain/document.js';
import { warningsOf, type Warning } from './domain/warnings.js';

/** Something that keeps a document from being a constitution; `sentence` says all of it. */
export type Problem = Misfit & Readonly<{ sentence: string }>;
export type Lint = Readonly<{ problems: readonly Problem[]; warnings: readonly Warning[] }>;

/** Every unknown field of an object is an issue of its own. */
const apart = <I extends { code: string; keys?: readonly string[] }>(issue: I): readonly I[] =>
  issue.code === 'unrecognized_keys' && issue.keys ? issue.keys.map((key) => ({ ...issue, keys: [key] })) : [issue];

type Issues = NonNullable<ReturnType<typeof constitutionInputSchema.safeParse>['error']>['issues'];

/** What a list of rules lacks as a whole, which is looked at only where every field of the document is well-formed. */
const lackingRules = (input: unknown): Issues => {
  const rules = (input as { rules?: unknown } | null)?.rules;
  if (rules === undefined) return [];
  const issues = rulesSchema.safeParse(rules).error?.issues ?? [];
  return issues.map((issue) => ({ ...issue, path: ['rules', ...issue.path] }));
};

/**
 * All that is wrong with a document at once, and where nothing is, what is likely not meant. Simulates the gate, which
 * takes a second or so.
 */
export const lintConstitution = (input: unknown): Lint => {
  const parsed = constitutionInputSchema.safeParse(input);
  if (parsed.success) return { problems: [], warnings: warningsOf(parsed.data) };
  const found = [...parsed.error.issues, ...lackingRules(input)].flatMap(apart).map((issue) => ({
    ...misfitOf(issue, input, constitutionInputSchema),
    sentence: explainIssue(issue, input, constitutionInputSchema),
  }));
  const distinct = new Map(found.map((problem) => [canonicalJson([problem.field, problem.allowed]), problem]));
  return { problems: [...distinct.values()], warnings: [] };
};
