-- Read models of the run. Append-only: a question as of position P reads the rows with position <= P.
-- Hashes are 64 hex digits; recorded_at is RFC 3339 as in the record; cycle 0 is the training of the base.

create table run_starts (
  position bigint primary key,
  run text not null,
  recorded_at text not null,
  root text not null,
  config json not null
);
create index on run_starts (run, position);

-- running, halted, completed; what a run is at a position is its last row until there.
create table run_statuses (
  position bigint primary key,
  run text not null,
  recorded_at text not null,
  status text not null,
  reason text,
  requester text
);
create index on run_statuses (run, position);

-- via: anchor, promotion, rollback.
create table run_champions (
  position bigint primary key,
  run text not null,
  recorded_at text not null,
  revision bigint not null,
  type text not null,
  via text not null,
  cycle bigint,
  checkpoint text not null,
  predecessor text,
  reason text
);
create index on run_champions (run, position);

create table run_proposals (
  position bigint primary key,
  run text not null,
  recorded_at text not null,
  cycle bigint not null,
  policy text not null,
  data json not null
);
create index on run_proposals (run, cycle, position);

create table run_refusals (
  position bigint primary key,
  run text not null,
  recorded_at text not null,
  cycle bigint not null,
  violations json not null
);
create index on run_refusals (run, cycle, position);

create table run_allocations (
  position bigint not null,
  run text not null,
  cycle bigint not null,
  policy text not null,
  domain text collate "C" not null,
  ppm bigint not null,
  score double precision,
  primary key (position, domain)
);
create index on run_allocations (run, position, domain);

-- stage: requested, started, produced, aborted; ends: an abort after which the cycle is not trained again.
create table run_updates (
  position bigint primary key,
  run text not null,
  recorded_at text not null,
  cycle bigint not null,
  attempt bigint not null,
  stage text not null,
  ends boolean not null,
  data json not null
);
create index on run_updates (run, cycle, position);

create table run_probes (
  position bigint primary key,
  run text not null,
  recorded_at text not null,
  cycle bigint not null,
  subject text not null,
  role text not null,
  checkpoint text not null,
  suite text not null,
  evaluator text not null,
  queries_left bigint not null,
  items bigint not null,
  scored_bytes bigint not null,
  correct bigint not null,
  capability double precision,
  general_bits_per_byte double precision
);
create index on run_probes (run, cycle, position);

create table run_shadows (
  position bigint primary key,
  run text not null,
  cycle bigint not null,
  data json not null
);
create index on run_shadows (run, cycle, position);

create table run_drift (
  position bigint primary key,
  run text not null,
  recorded_at text not null,
  cycle bigint not null,
  checkpoint text not null,
  metric text not null,
  value double precision,
  unit text not null,
  reference text not null,
  threshold double precision,
  alarm boolean not null
);
create index on run_drift (run, position);
create index on run_drift (run, cycle, position);

create table run_verdicts (
  position bigint primary key,
  run text not null,
  recorded_at text not null,
  revision bigint not null,
  cycle bigint not null,
  candidate text not null,
  verdict text not null,
  alpha_spent double precision not null,
  alpha_left double precision not null,
  data json not null
);
create index on run_verdicts (run, cycle, position);
create index on run_verdicts (run, position);

-- Every event of every run.
create table run_events (
  position bigint primary key,
  run text not null,
  revision bigint not null,
  id text not null,
  recorded_at text not null,
  type text not null,
  version bigint not null,
  actor_kind text not null,
  actor_id text not null,
  cycle bigint,
  causation_id text not null,
  correlation_id text not null,
  sentence text not null
);
create index on run_events (run, position);
create index on run_events (run, revision);
