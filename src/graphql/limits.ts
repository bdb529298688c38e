import {
  getNamedType,
  isCompositeType,
  Kind,
  type ASTVisitor,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';
// Its other form brings a second copy of graphql along, whose types are strangers to those of the schema.
import { getComplexity, type ComplexityEstimatorArgs } from 'graphql-query-complexity/cjs';
import { MOST_PER_PAGE } from '#doors/page.js';
import { graphError, QueryTooLarge } from './graph-problem.js';

export const MOST_TOKENS = 2000;
/** Deep enough for the query by which tools read the schema. */
export const MOST_DEPTH = 16;
export const MOST_ALIASES = 30;
/** Objects that an answer may have; a field that is much work counts as many. */
export const MOST_COST = 10_000;

type Measured = Readonly<{ depth: number; aliases: number }>;
const NOTHING: Measured = { depth: 0, aliases: 0 };

/** How deep an operation goes and how many aliases it has, with what its fragments add wherever they are used. */
class Measuring {
  private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  private readonly measured = new Map<string, Measured>();

  constructor(document: DocumentNode) {
    const all = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
    this.fragments = new Map(all.map((fragment) => [fragment.name.value, fragment]));
  }

  of(set: SelectionSetNode | undefined): Measured {
    let { depth, aliases } = NOTHING;
    for (const node of set?.selections ?? []) {
      const isField = node.kind === Kind.FIELD;
      const inner = node.kind === Kind.FRAGMENT_SPREAD ? this.ofFragment(node.name.value) : this.of(node.selectionSet);
      depth = Math.max(depth, inner.depth + (isField ? 1 : 0));
      aliases += inner.aliases + (isField && node.alias ? 1 : 0);
    }
    return { depth, aliases };
  }

  private ofFragment(name: string): Measured {
    const known = this.measured.get(name);
    if (known) return known;
    // A fragment within itself is refused by another rule; here it must only end.
    this.measured.set(name, NOTHING);
    const found = this.of(this.fragments.get(name)?.selectionSet);
    this.measured.set(name, found);
    return found;
  }
}

const refuse = (context: ValidationContext, field: string, value: number, most: number, advice: string): void => {
  if (value <= most) return;
  context.reportError(graphError(new QueryTooLarge({ field, value, allowed: `at most ${most}` }, advice)));
};

/** Refuses what is too deep or has too many aliases, before anything is answered. */
export const limitShape = (context: ValidationContext): ASTVisitor => ({
  Document(document) {
    const measuring = new Measuring(document);
    for (const node of document.definitions) {
      if (node.kind !== Kind.OPERATION_DEFINITION) continue;
      const { depth, aliases } = measuring.of(node.selectionSet);
      refuse(context, 'depth', depth, MOST_DEPTH, 'ask for what lies deeper by a query of its own');
      refuse(context, 'aliases', aliases, MOST_ALIASES, 'ask in several requests');
    }
  },
});

const timesOf = ({ first }: Readonly<Record<string, unknown>>): number =>
  typeof first === 'number' ? Math.min(Math.max(first, 1), MOST_PER_PAGE) : 1;

/** What a field costs: one for each object, times as many as are asked for; `complexity` of a field that is much work. */
const costOf = ({ args, childComplexity, field }: ComplexityEstimatorArgs): number => {
  if (field.name.startsWith('__')) return 0;
  const { complexity } = field.extensions;
  const own = typeof complexity === 'number' ? complexity : isCompositeType(getNamedType(field.type)) ? 1 : 0;
  return own + timesOf(args) * childComplexity;
};

/** @throws QueryTooLarge when the answer could have more objects than are allowed; GraphQLError for unfit variables */
export const checkCost = (
  schema: GraphQLSchema,
  query: DocumentNode,
  variables: Readonly<Record<string, unknown>> | null | undefined,
): void => {
  const cost = getComplexity({
    schema,
    query,
    variables: { ...variables },
    estimators: [costOf],
    maxQueryNodes: MOST_COST,
  });
  if (cost > MOST_COST)
    throw new QueryTooLarge(
      { field: 'cost', value: cost, allowed: `at most ${MOST_COST}` },
      'an object costs 1, times `first` of the lists around it; ask for fewer at once, or in several requests',
    );
};
