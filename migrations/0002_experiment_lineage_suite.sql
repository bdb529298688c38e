-- What each event of a run says about its curves; `fact` is what the event says, as far as a curve needs it.
create table experiment_facts (
  position bigint primary key,
  run text not null,
  kind text not null,
  fact json not null
);
create index on experiment_facts (run, position);

-- Bytes of text that there are to learn from.
create table experiment_texts (
  position bigint primary key,
  corpus text not null,
  train_bytes bigint not null
);

-- Chance of error and number of candidates that a constitution plans.
create table constitution_plans (
  position bigint primary key,
  constitution text not null,
  version bigint not null,
  alpha double precision not null,
  k_max bigint not null
);
create index on constitution_plans (constitution, version, position);

-- made: update, base, given. parent is null of the last two.
create table checkpoint_origins (
  position bigint primary key,
  run text not null,
  cycle bigint not null,
  checkpoint text not null,
  parent text,
  made text not null,
  replayable boolean
);
create index on checkpoint_origins (checkpoint, position);

create table suite_seals (
  position bigint primary key,
  suite text not null,
  role text not null,
  data json not null
);
create index on suite_seals (suite, position);

-- One row for each query of a suite.
create table suite_uses (
  position bigint primary key,
  suite text not null,
  run text not null,
  cycle bigint not null,
  candidate text not null,
  remaining bigint not null
);
create index on suite_uses (suite, position);
