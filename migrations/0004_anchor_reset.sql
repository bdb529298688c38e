-- Where people signed that whoever begins from a run starts a lineage anew; `root` is of the lineage that was left.
create table anchor_resets (
  position bigint primary key,
  run text not null,
  root text not null,
  anchor text not null,
  reason text not null,
  signers json not null,
  recorded_at text not null
);
create index on anchor_resets (root, position);
