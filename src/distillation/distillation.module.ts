import { Module } from '@nestjs/common';
import { NativeEvaluator } from '#evaluation/native-evaluator.js';
import { Artifacts } from '#ledger/artifacts.js';
import { Ledger } from '#ledger/ledger.js';
import { LoopListener } from '#loop/loop-ports.js';
import { NativeTrainer } from '#trainer/train-natively.js';
import { AdvanceDistillationHandler } from './advance-distillation.js';
import { DistillationPorts } from './ports.js';
import { StartDistillationHandler } from './start-distillation.js';

type Ports = [Ledger, Artifacts, NativeTrainer, NativeEvaluator, LoopListener];

/** What distils a teacher into students. */
@Module({
  providers: [
    StartDistillationHandler,
    AdvanceDistillationHandler,
    {
      provide: DistillationPorts,
      inject: [Ledger, Artifacts, NativeTrainer, NativeEvaluator, LoopListener],
      useFactory: (...ports: Ports) => new DistillationPorts(...ports),
    },
  ],
})
export class DistillationModule {}
