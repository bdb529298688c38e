import { Int, ObjectType } from '@nestjs/graphql';
import { ApiProperty } from '@nestjs/swagger';
import { Shown } from '#doors/shown.js';
import type { Block } from './domain/document.js';
import type { MadeReport } from './report-of.js';

/** A report, written out. */
@ObjectType('Report')
export class ReportView {
  @Shown(() => String)
  readonly experiment!: string;
  @Shown(() => Int, { description: 'position of the last record that it says anything of' })
  readonly asOf!: number;
  @Shown(() => String, { description: 'which wording and drawing made it' })
  readonly format!: string;
  @Shown(() => String, { description: 'SHA-256 of the HTML' })
  readonly htmlSha256!: string;
  @Shown(() => String, { description: 'SHA-256 of the Markdown' })
  readonly markdownSha256!: string;
}

/** The same in its parts, for whoever lays it out anew. */
export class ReportParts extends ReportView {
  @ApiProperty({
    type: 'array',
    items: { type: 'object' },
    description: 'sentences, tables and figures in their order',
  })
  readonly blocks!: readonly Block[];
}

export const reportParts = ({ report, published }: MadeReport): ReportParts => ({
  experiment: report.experiment,
  asOf: report.asOf,
  format: published.format,
  htmlSha256: published.html,
  markdownSha256: published.markdown,
  blocks: report.blocks,
});
