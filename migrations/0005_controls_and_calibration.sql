-- What the primary evaluator gave where the right answer is known beforehand, every figure of it in `figures`.
create table run_controls (
  position bigint primary key,
  run text not null,
  cycle bigint not null,
  evaluator text not null,
  figures json not null
);
create index on run_controls (run, cycle, position);

-- Evaluations of which nothing is scored. cause: control, timed-out, crashed, blank, constant.
create table run_voids (
  position bigint primary key,
  run text not null,
  cycle bigint not null,
  evaluator text not null,
  cause text not null,
  reason text not null
);
create index on run_voids (run, cycle, position);

-- How sure a model is, and how rightly; null where a figure is not finite. subject: anchor, candidate.
create table run_calibrations (
  position bigint primary key,
  run text not null,
  cycle bigint not null,
  subject text not null,
  checkpoint text not null,
  suite text not null,
  evaluator text not null,
  documents bigint not null,
  scored_bytes bigint not null,
  ece double precision,
  brier double precision,
  nll_nats_per_byte double precision,
  aurc double precision,
  coverage double precision,
  set_size_mean double precision
);
create index on run_calibrations (run, cycle, position);
