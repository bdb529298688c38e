// A teacher's traces of sequences: its logits and hidden states at every position, as an artifact.
#pragma once
#include "machine.h"
#include "model/parameters.h"
#include "state/sequences.h"
#include "state/traces.h"

namespace trainer {

// {"logits": most likely bytes per position (256: all, 0: none), "hidden": layers, ascending}. Throws ledger::Invalid.
ledger::TraceHeader read_trace_request(const std::string &json, const Shape &shape);
// Writes the traces that the header asks for; count, length and width are filled in. Throws Failure(TRAINER_NON_FINITE).
std::vector<uint8_t> trace(const Machine &machine, const Model &model, const ledger::Sequences &sequences,
                           ledger::TraceHeader header);

} // namespace trainer
