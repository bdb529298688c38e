// What can be said about a checkpoint and about this build, as JSON.
#pragma once
#include "model/parameters.h"
#include "state/json.h"
#include <string>

namespace trainer {

// The model part of a plan.
ledger::Json shape_json(const Shape &shape);
// {architecture, finite, model, parameters, root, tensors: [{name, sha256, shape}]}; the architecture is the SHA-256 of the
// tensors' names and shapes.
std::string describe(const Model &model);
// {best, build, compiler, contract, isa: [{available, name}], threads}
ledger::Json describe_machine();
// [{available, device, name, reason}]; the first call tries the device.
ledger::Json describe_backends();

} // namespace trainer
