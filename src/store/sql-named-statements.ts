import { type PGlite, parse, protocol } from '@electric-sql/pglite';

/** Statements that are kept. The service has fewer: what differs from question to question are parameters. */
const MOST_KEPT = 256;
const KEPT = /^\s*(select|with|insert|update|delete)\b/i;
/** From PGlite's file of that name, which holds the one parameter. */
const COPY = /^\s*copy\b.*'\/dev\/blob'$/i;
/** Without parameters, and no tables are other than before. */
const HARMLESS = /^\s*(select|begin|start|commit|rollback|savepoint|release|analyze)\b/i;

type Messages = Parameters<typeof parse.parseResults>[0];
type Result = ReturnType<typeof parse.parseResults>[number];
type Prepared = Readonly<{ name: string; parameterTypes: readonly number[]; columns: Messages }>;

const { serialize } = protocol;
const WITHOUT_DISK = { syncToFs: false };

/**
 * Statements to PGlite, each parsed and planned once and not at every use: that is four fifths of what a question about
 * one run costs.
 */
export class NamedStatements {
  private readonly prepared = new Map<string, Prepared>();
  private made = 0;

  constructor(private readonly pglite: PGlite) {}

  /** One at a time. @throws the database's error, with PostgreSQL's code */
  async run(sql: string, parameters: readonly unknown[]): Promise<Result | undefined> {
    if (parameters.length > 0 && KEPT.test(sql)) return this.runKept(sql, parameters);
    if (COPY.test(sql)) return this.pglite.query(sql, [], { blob: new Blob([String(parameters[0])]) });
    if (!HARMLESS.test(sql)) await this.forget();
    if (parameters.length > 0) return this.pglite.query(sql, [...parameters]);
    return (await this.pglite.exec(sql)).at(-1);
  }

  private async runKept(sql: string, parameters: readonly unknown[]): Promise<Result | undefined> {
    const { name, parameterTypes, columns } = await this.prepare(sql);
    const { serializers, parsers } = this.pglite;
    const values = parameters.map((value, at) => {
      if (value === null || value === undefined) return null;
      return serializers[parameterTypes[at] ?? 0]?.(value) ?? String(value);
    });
    const found = await this.send(serialize.bind({ statement: name, values }), serialize.execute({}));
    return parse.parseResults([...columns, ...found], parsers)[0];
  }

  private async prepare(sql: string): Promise<Prepared> {
    const known = this.prepared.get(sql);
    // What was used last is dropped last.
    this.prepared.delete(sql);
    if (known) return this.keep(sql, known);
    const name = `s${(this.made += 1)}`;
    const said = await this.send(serialize.parse({ name, text: sql }), serialize.describe({ type: 'S', name }));
    const parameterTypes = parse.parseDescribeStatementResults(said);
    const columns = said.filter((message) => message.name === 'rowDescription');
    await this.dropOldest();
    return this.keep(sql, { name, parameterTypes, columns });
  }

  private keep(sql: string, prepared: Prepared): Prepared {
    this.prepared.set(sql, prepared);
    return prepared;
  }

  private async dropOldest(): Promise<void> {
    const [oldest] = this.prepared.size >= MOST_KEPT ? this.prepared : [];
    if (!oldest) return;
    this.prepared.delete(oldest[0]);
    await this.send(serialize.close({ type: 'S', name: oldest[1].name }));
  }

  /** A plan may not fit tables that are changed. */
  private async forget(): Promise<void> {
    if (this.prepared.size === 0) return;
    this.prepared.clear();
    await this.pglite.exec('deallocate all');
  }

  /** After the sync that ends it, an error concerns nothing that is sent later. */
  private async send(...parts: readonly Uint8Array[]): Promise<Messages> {
    const message = Buffer.concat([...parts, serialize.sync()]);
    const { messages } = await this.pglite.execProtocol(message, WITHOUT_DISK);
    return messages;
  }
}
