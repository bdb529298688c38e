import { Float, Int, ObjectType } from '@nestjs/graphql';
import { pageOf } from '#doors/page.js';
import { Shown } from '#doors/shown.js';
import type { ArmStatus } from './domain/document.js';
import { DistillationConfigView, LayerPairView } from './settings.view.js';
import { DownstreamView, TransferView } from './transfer.view.js';

const ARTIFACT = 'SHA-256 of the artifact';

/** What all arms share, drawn before anything is trained. */
@ObjectType('DistillationInputs')
export class DistillationInputsView {
  @Shown(() => String, { description: 'artifact: what the teacher learns from' })
  readonly teacherBatches!: string;
  @Shown(() => String, { description: 'artifact: sequences that the teacher is traced on' })
  readonly traced!: string;
  @Shown(() => String, { description: 'artifact: the same as every student reads them' })
  readonly studentBatches!: string;
  @Shown(() => String, { description: 'artifact: held-out sequences that hidden states are compared on' })
  readonly alignment!: string;
  @Shown(() => String, { description: 'artifact: held-out items that teacher and students are examined on' })
  readonly examination!: string;
}

@ObjectType('DistillationTrainer')
export class DistillationTrainerView {
  @Shown(() => String)
  readonly build!: string;
  @Shown(() => String)
  readonly backend!: string;
  @Shown(() => Int)
  readonly threads!: number;
}

@ObjectType('TrainingEnvironment')
export class TrainingEnvironmentView extends DistillationTrainerView {
  @Shown(() => Float)
  readonly elapsedMs!: number;
}

/** What teacher and students say of their training alike. */
@ObjectType({ isAbstract: true })
abstract class TrainedView {
  @Shown(() => String, { description: ARTIFACT })
  readonly plan!: string;
  @Shown(() => String, { description: ARTIFACT })
  readonly receipt!: string;
  @Shown(() => String, { description: ARTIFACT })
  readonly transcript!: string;
  @Shown(() => String, { description: ARTIFACT })
  readonly optimiser!: string;
  @Shown(() => Int)
  readonly steps!: number;
  @Shown(() => Float, { description: 'bytes read' })
  readonly tokens!: number;
  @Shown(() => Float)
  readonly lossFirstNats!: number;
  @Shown(() => Float)
  readonly lossLastNats!: number;
  @Shown(() => TrainingEnvironmentView)
  readonly env!: TrainingEnvironmentView;
}

@ObjectType('DistillationTeacher')
export class TeacherView extends TrainedView {
  @Shown(() => String, { description: 'SHA-256 of its weights' })
  readonly teacher!: string;
  @Shown(() => String, { description: 'artifact: what it says and thinks on the traced sequences' })
  readonly traces!: string;
  @Shown(() => String, { nullable: true, description: "artifact: the control's; null where no arm takes them" })
  readonly shuffled!: string | null;
  @Shown(() => String, { description: 'artifact: its hidden states on the sequences of the alignment' })
  readonly alignmentTraces!: string;
  @Shown(() => DownstreamView, { description: 'what it can do itself' })
  readonly downstream!: DownstreamView;
}

@ObjectType('TeacherDistances')
export class DistancesView {
  @Shown(() => Float, { nullable: true })
  readonly divergenceFirst!: number | null;
  @Shown(() => Float, { nullable: true })
  readonly divergenceLast!: number | null;
  @Shown(() => Float, { nullable: true })
  readonly hiddenFirst!: number | null;
  @Shown(() => Float, { nullable: true })
  readonly hiddenLast!: number | null;
}

@ObjectType('TrainedStudent')
export class TrainedStudentView extends TrainedView {
  @Shown(() => String)
  readonly arm!: string;
  @Shown(() => String, { description: 'SHA-256 of its weights' })
  readonly student!: string;
  @Shown(() => String, { description: 'SHA-256 of its weights before, the same for every arm' })
  readonly initial!: string;
  @Shown(() => DistancesView, {
    nullable: true,
    description: 'from the teacher at the first and the last step; null where nobody teaches',
  })
  readonly distances!: DistancesView | null;
}

/** How well a student's hidden states tell the teacher's. It says nothing of what the student can do. */
@ObjectType('Alignment')
export class AlignmentView {
  @Shown(() => String)
  readonly arm!: string;
  @Shown(() => String, { description: 'SHA-256 of its weights' })
  readonly student!: string;
  @Shown(() => String, { description: "artifact: the student's hidden states" })
  readonly traces!: string;
  @Shown(() => LayerPairView)
  readonly layers!: LayerPairView;
  @Shown(() => Int)
  readonly positionsFitted!: number;
  @Shown(() => Int)
  readonly positionsHeldOut!: number;
  @Shown(() => Float, { description: "share of the teacher's variance that the best linear map explains" })
  readonly r2!: number;
  @Shown(() => Float)
  readonly relativeError!: number;
  @Shown(() => Float, { description: 'linear and debiased' })
  readonly cka!: number;
}

/** A training of which a figure was not finite. */
@ObjectType('AbortedTraining')
export class AbortedTrainingView {
  @Shown(() => String, { nullable: true, description: "null: the teacher's" })
  readonly arm!: string | null;
  @Shown(() => String, { description: ARTIFACT })
  readonly plan!: string;
  @Shown(() => String)
  readonly reason!: string;
  @Shown(() => Int, { nullable: true })
  readonly step!: number | null;
  @Shown(() => String)
  readonly message!: string;
  @Shown(() => DistillationTrainerView)
  readonly env!: DistillationTrainerView;
}

@ObjectType('DistillationArm')
export class DistillationArmView {
  @Shown(() => String)
  readonly arm!: string;
  @Shown(() => String, { description: 'waiting, aborted, trained, aligned or examined' })
  readonly status!: ArmStatus;
  @Shown(() => TrainedStudentView, { nullable: true })
  readonly trained!: TrainedStudentView | null;
  @Shown(() => AbortedTrainingView, { nullable: true, description: 'where it diverged, so that there is no student' })
  readonly aborted!: AbortedTrainingView | null;
  @Shown(() => AlignmentView, { nullable: true, description: 'of hidden states: no sign of what the student can do' })
  readonly alignment!: AlignmentView | null;
  @Shown(() => TransferView, { nullable: true, description: 'what the student can do' })
  readonly transfer!: TransferView | null;
}

/** A teacher and its students, as far as they are. */
@ObjectType('Distillation')
export class DistillationView {
  @Shown(() => String, { example: 'quick' })
  readonly distillation!: string;
  @Shown(() => String, { nullable: true, description: 'the registered experiment that it is of; null: exploratory' })
  readonly experiment!: string | null;
  @Shown(() => String, { description: 'open, or completed once nothing is left to do' })
  readonly status!: 'open' | 'completed';
  @Shown(() => DistillationConfigView)
  readonly config!: DistillationConfigView;
  @Shown(() => DistillationInputsView)
  readonly inputs!: DistillationInputsView;
  @Shown(() => TeacherView, { nullable: true, description: 'null until it is trained and traced' })
  readonly teacher!: TeacherView | null;
  @Shown(() => AbortedTrainingView, { nullable: true, description: 'where the teacher diverged: nothing follows then' })
  readonly aborted!: AbortedTrainingView | null;
  @Shown(() => String, {
    isArray: true,
    description: 'families in which the teacher gives no more answers than the student without one',
  })
  readonly nothingToTeach!: readonly string[];
  @Shown(() => DistillationArmView, { isArray: true })
  readonly arms!: readonly DistillationArmView[];
}

export class DistillationPage extends pageOf(DistillationView) {}
