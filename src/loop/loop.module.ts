import { Module } from '@nestjs/common';
import { AdvanceRunHandler } from './advance-run.js';
import { DrillRunHandler } from './drill-run.js';
import { ResetAnchorHandler } from './reset-anchor.js';
import { RollBackRunHandler } from './roll-back-run.js';
import { StartPlannedRunHandler } from './start-planned-run.js';
import { StartRunHandler } from './start-run.js';

@Module({
  providers: [
    StartRunHandler,
    StartPlannedRunHandler,
    AdvanceRunHandler,
    RollBackRunHandler,
    DrillRunHandler,
    ResetAnchorHandler,
  ],
})
export class LoopModule {}
