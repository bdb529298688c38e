import { BalanceGraph } from './balance.graphql.js';
import { DistillationGraph } from './distillation.graphql.js';
import { RunOutcome } from './experiment.graphql.js';
import { FollowGraph } from './follow.graphql.js';
import { LogGraph } from './log.graphql.js';
import { RunMemory } from './memory.graphql.js';
import { PeopleGraph } from './people.graphql.js';
import { ReportGraph } from './report.graphql.js';
import { RunCommandsGraph } from './run-commands.graphql.js';
import { RunLists } from './run-lists.graphql.js';
import { RunGraph } from './run.graphql.js';
import { CycleVerdict, JudgedAgain, RunVerdict } from './verdict.graphql.js';

/** Everything that the graph has. */
export const RESOLVERS = [
  RunGraph,
  RunLists,
  RunVerdict,
  CycleVerdict,
  JudgedAgain,
  RunOutcome,
  RunMemory,
  ReportGraph,
  DistillationGraph,
  BalanceGraph,
  LogGraph,
  RunCommandsGraph,
  PeopleGraph,
  FollowGraph,
];
