import { sql } from 'kysely';
import type { LastChange } from '#doors/kept-rows.js';

/** The last event of a run: what is asked about it alone changes with it and with nothing else. */
export const changeOfRun: LastChange = (asOf, run) =>
  sql`(select max(position) from run_events where run = ${run} and position <= ${asOf})`;
