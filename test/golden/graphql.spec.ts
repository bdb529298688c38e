import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { GraphQLSchemaBuilderModule, GraphQLSchemaFactory } from '@nestjs/graphql';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { RESOLVERS } from '#graphql/resolvers.js';

const PATH = join(process.cwd(), 'test', 'golden', 'schema.gql');

/** The contract of /graphql. GOLDEN=write publishes a new one; a field that clients ask for is not taken away. */
test('the schema is the one published', async () => {
  const context = await NestFactory.createApplicationContext(GraphQLSchemaBuilderModule, { logger: false });
  const schema = await context.get(GraphQLSchemaFactory).create(RESOLVERS);
  const printed = `${printSchema(lexicographicSortSchema(schema))}\n`;
  await context.close();
  if (process.env['GOLDEN'] === 'write') writeFileSync(PATH, printed);
  expect(printed).toBe(readFileSync(PATH, 'utf8'));
});
