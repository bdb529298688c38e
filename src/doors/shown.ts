import { Field, Float, ID, Int } from '@nestjs/graphql';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';

export type ShownOptions = Readonly<{
  description?: string;
  nullable?: boolean;
  isArray?: boolean;
  example?: unknown;
  /** OpenAPI only; the bounds themselves are class-validator's. */
  minimum?: number;
  maximum?: number;
  pattern?: string;
}>;

type TypeThunk = () => unknown;
/** Typed for one kind of type at a time, which is known here only when the thunk is called. */
type GraphqlField = (returns: TypeThunk, options: object) => PropertyDecorator;

/** OpenAPI's word for a scalar that GraphQL names otherwise. */
const SCALARS = new Map<unknown, ApiPropertyOptions>([
  [Int, { type: 'integer' }],
  [Float, { type: 'number' }],
  [ID, { type: 'string' }],
  [String, { type: 'string' }],
  [Number, { type: 'number' }],
  [Boolean, { type: 'boolean' }],
]);

/** A class that is declared further down cannot be looked at yet; it is no scalar, so its thunk will do. */
const orLater = (thunk: TypeThunk): unknown => {
  try {
    return thunk();
  } catch (error) {
    if (error instanceof ReferenceError) return undefined;
    throw error;
  }
};

const openApiType = (thunk: TypeThunk): ApiPropertyOptions => {
  const type = orLater(thunk);
  const scalar = SCALARS.get(type);
  if (scalar) return scalar;
  if (typeof type === 'object' && type !== null) return { enum: Object.values(type) };
  // Written here, so that the function is called `type`: that is how the OpenAPI generator knows a thunk.
  return { type: () => thunk() as () => unknown };
};

const FIELDS = Symbol('fields');

/** Names of the fields of a class of answers, in their order; the columns of its CSV. */
export const fieldsOf = (answer: abstract new (...given: never[]) => unknown): readonly string[] =>
  (Reflect.getMetadata(FIELDS, answer.prototype as object) as readonly string[] | undefined) ?? [];

const addField = (target: object, property: string): void => {
  const before = (Reflect.getMetadata(FIELDS, target) as readonly string[] | undefined) ?? [];
  Reflect.defineMetadata(FIELDS, [...before, property], target);
};

/**
 * A field as every door shows it: in OpenAPI and in GraphQL. The thunk answers a class, a GraphQL scalar (`Int`, `Float`,
 * `ID`, `String`, `Boolean`) or an enum object that `registerEnumType` knows.
 */
export const Shown =
  (thunk: TypeThunk, { nullable = false, isArray = false, ...said }: ShownOptions = {}): PropertyDecorator =>
  (target, property) => {
    addField(target, property as string);
    const api = { ...openApiType(thunk), isArray, nullable, ...said } as ApiPropertyOptions;
    ApiProperty(api)(target, property);
    const { description } = said;
    const graphql = { nullable, ...(description !== undefined && { description }) };
    const returns = (): never => (isArray ? [thunk()] : thunk()) as never;
    (Field as GraphqlField)(returns, graphql)(target, property);
  };
