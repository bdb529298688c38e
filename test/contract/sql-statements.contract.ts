import { sql } from 'kysely';
import type { SqlDatabase } from '#store/sql-database.js';
import { range } from './collecting.js';

/** What every database under the read models must do with statements that come again. `of`: an open, empty one. */
export const statementsContract = (of: () => SqlDatabase): void => {
  describe('statements that come again', () => {
    const add = (place: number, said: string | null, loud: boolean, data: unknown): Promise<unknown> =>
      sql`insert into things (place, said, loud, data) values (${place}, ${said}, ${loud}, ${JSON.stringify(data)})`.execute(
        of().db,
      );
    const from = async (place: number): Promise<readonly unknown[]> =>
      (await sql`select * from things where place >= ${place} order by place`.execute(of().db)).rows;
    beforeEach(async () => {
      await sql`create table things (place bigint primary key, said text, loud boolean, data json)`.execute(of().db);
    });

    it('take each their own parameters', async () => {
      for (const place of range(1, 30)) await add(place, place % 2 ? `no. ${place}` : null, place % 3 === 0, { place });
      expect(await from(29)).toEqual([
        { place: 29, said: 'no. 29', loud: false, data: { place: 29 } },
        { place: 30, said: null, loud: true, data: { place: 30 } },
      ]);
      expect(await from(31)).toEqual([]);
      expect(await from(1)).toHaveLength(30);
    });

    it('work again after they failed, within a transaction too', async () => {
      await add(1, 'first', true, []);
      await expect(add(1, 'again', true, [])).rejects.toMatchObject({ code: '23505' });
      await expect(sql`select ${1}::int / ${0}::int as none`.execute(of().db)).rejects.toThrow(/division by zero/);
      await expect(sql`select absent from things where place = ${1}`.execute(of().db)).rejects.toThrow(/absent/);
      const failing = of()
        .db.transaction()
        .execute(async (transaction) => {
          await sql`insert into things (place) values (${2})`.execute(transaction);
          await sql`insert into things (place) values (${1})`.execute(transaction);
        });
      await expect(failing).rejects.toThrow(/duplicate key/);
      await add(3, 'third', false, []);
      expect(await from(2)).toEqual([{ place: 3, said: 'third', loud: false, data: [] }]);
    });

    it('see a table that was changed in between', async () => {
      await add(1, 'before', true, null);
      expect(await from(1)).toHaveLength(1);
      await sql`alter table things add column more text default 'more'`.execute(of().db);
      expect(await from(1)).toEqual([{ place: 1, said: 'before', loud: true, data: null, more: 'more' }]);
      await sql`alter table things drop column said`.execute(of().db);
      expect(await from(1)).toEqual([{ place: 1, loud: true, data: null, more: 'more' }]);
    });

    it('may be of very many kinds', async () => {
      await add(1, 'one', true, null);
      for (const round of [1, 2])
        for (const kind of range(1, 300)) {
          const column = sql.raw(`place + ${kind} as sum`);
          const { rows } = await sql`select ${column} from things where place = ${1}`.execute(of().db);
          expect({ round, rows }).toEqual({ round, rows: [{ sum: 1 + kind }] });
        }
    });
  });
};
