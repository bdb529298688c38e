// Speed of this machine on one model, as JSON in and out.
#pragma once
#include <string>

namespace trainer {

// Options, all optional: dModel, layers, length, batch, steps, threads, isa, backend. See docs/trainer.md.
std::string bench(const std::string &options_json);

} // namespace trainer
