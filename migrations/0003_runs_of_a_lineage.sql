-- A lineage is every run of one root.
create index on run_starts (root, position);
