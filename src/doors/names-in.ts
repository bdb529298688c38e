import { sql, type RawBuilder } from 'kysely';

/** These names as a table of one column: `from ${namesIn(runs)} as asked (run)` asks about all of them in one statement. */
export const namesIn = (names: readonly string[]): RawBuilder<unknown> =>
  sql`json_array_elements_text(${JSON.stringify(names)}::json)`;
