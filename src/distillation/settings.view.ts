import { Float, Int, ObjectType } from '@nestjs/graphql';
import { Shown } from '#doors/shown.js';

@ObjectType('StudentModel')
export class StudentModelView {
  @Shown(() => Int)
  readonly vocab!: number;
  @Shown(() => Int)
  readonly dModel!: number;
  @Shown(() => Int)
  readonly layers!: number;
  @Shown(() => Int)
  readonly dState!: number;
  @Shown(() => Int)
  readonly headDim!: number;
  @Shown(() => Int)
  readonly expand!: number;
  @Shown(() => Int)
  readonly convWidth!: number;
  @Shown(() => Int)
  readonly chunk!: number;
}

@ObjectType('TeacherModel')
export class TeacherModelView extends StudentModelView {
  @Shown(() => Int, { isArray: true, description: 'layers that attend; the others are Mamba-2' })
  readonly attention!: readonly number[];
}

@ObjectType('StudentTraining')
export class StudentTrainingView {
  @Shown(() => Int)
  readonly steps!: number;
  @Shown(() => Int, { description: 'sequences of a step' })
  readonly batch!: number;
  @Shown(() => Float)
  readonly learningRate!: number;
}

@ObjectType('TeacherTraining')
export class TeacherTrainingView extends StudentTrainingView {
  @Shown(() => Int, { description: 'share of tasks in what it reads, in millionths' })
  readonly taskPpm!: number;
}

@ObjectType('TeacherSetting')
export class TeacherSettingView {
  @Shown(() => TeacherModelView)
  readonly model!: TeacherModelView;
  @Shown(() => TeacherTrainingView)
  readonly training!: TeacherTrainingView;
}

@ObjectType('StudentSetting')
export class StudentSettingView {
  @Shown(() => StudentModelView)
  readonly model!: StudentModelView;
  @Shown(() => StudentTrainingView)
  readonly training!: StudentTrainingView;
}

@ObjectType('TraceSetting')
export class TraceSettingView {
  @Shown(() => Int, { description: 'sequences that the teacher is traced on' })
  readonly sequences!: number;
  @Shown(() => Int, { description: 'share of tasks among them, in millionths' })
  readonly taskPpm!: number;
  @Shown(() => Int, { description: 'so many of the most likely bytes are kept' })
  readonly logits!: number;
}

@ObjectType('LayerPair')
export class LayerPairView {
  @Shown(() => Int)
  readonly teacher!: number;
  @Shown(() => Int)
  readonly student!: number;
}

@ObjectType('DistillationEvaluation')
export class EvaluationSettingView {
  @Shown(() => Int, { description: 'of each family' })
  readonly items!: number;
  @Shown(() => Int)
  readonly documents!: number;
  @Shown(() => Int, { description: 'sequences of each domain that hidden states are compared on' })
  readonly alignment!: number;
  @Shown(() => Float, { description: 'smallest difference of interest in exact answers, points' })
  readonly sesoiPoints!: number;
  @Shown(() => Float, { description: 'the same in bits per byte, percent' })
  readonly sesoiPercent!: number;
  @Shown(() => Float, { description: 'chance of an error over everything that is said of the seed' })
  readonly alpha!: number;
}

@ObjectType('LogitsLoss')
export class LogitsLossView {
  @Shown(() => Float)
  readonly weight!: number;
  @Shown(() => Float)
  readonly temperature!: number;
}

@ObjectType('ArmSetting')
export class ArmSettingView {
  @Shown(() => String, { description: 'the first is none, which nobody teaches' })
  readonly arm!: string;
  @Shown(() => Float, { description: 'weight of the next byte' })
  readonly taskWeight!: number;
  @Shown(() => LogitsLossView, { nullable: true, description: "null where the teacher's logits teach nothing" })
  readonly logits!: LogitsLossView | null;
  @Shown(() => Float, { nullable: true, description: 'weight of the hidden states; null where they teach nothing' })
  readonly hidden!: number | null;
  @Shown(() => Boolean, { description: 'the control: each trace is of another sequence' })
  readonly shuffled!: boolean;
}

/** Everything that a distillation was told, with what its file left out. */
@ObjectType('DistillationConfig')
export class DistillationConfigView {
  @Shown(() => String)
  readonly distillation!: string;
  @Shown(() => Float)
  readonly seed!: number;
  @Shown(() => String, { description: 'numerics that it is trained by' })
  readonly contract!: string;
  @Shown(() => Int, { description: 'tokens of a sequence' })
  readonly sequence!: number;
  @Shown(() => String, { description: 'corpus' })
  readonly general!: string;
  @Shown(() => String, { isArray: true })
  readonly families!: readonly string[];
  @Shown(() => TeacherSettingView)
  readonly teacher!: TeacherSettingView;
  @Shown(() => StudentSettingView)
  readonly student!: StudentSettingView;
  @Shown(() => TraceSettingView)
  readonly traces!: TraceSettingView;
  @Shown(() => LayerPairView, { description: 'whose hidden states are taught and compared' })
  readonly layers!: LayerPairView;
  @Shown(() => ArmSettingView, { isArray: true })
  readonly arms!: readonly ArmSettingView[];
  @Shown(() => EvaluationSettingView)
  readonly evaluation!: EvaluationSettingView;
}
