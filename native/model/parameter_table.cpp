// Kept apart from the files around it, so that the CUDA plugin needs nothing else of the core.
#include "parameters.h"

namespace trainer {

ParameterTable::ParameterTable(const Shape &shape) : shape_(shape) {
  const int64_t width = shape.width, inner = shape.inner(), heads = shape.heads(), channels = shape.convolved();
  embeddings_ = add("backbone.embeddings.weight", {Shape::vocabulary, width}, false);
  for (int i = 0; i < shape.layers; i++) {
    const std::string layer = "backbone.layers." + std::to_string(i) + ".", mixer = layer + "mixer.";
    LayerOffsets at{};
    at.norm = add(layer + "norm.weight", {width}, false);
    if (shape.attends(i)) {
      at.in_proj = add(mixer + "q_proj.weight", {width, width}, true);
      add(mixer + "k_proj.weight", {width, width}, true);
      add(mixer + "v_proj.weight", {width, width}, true);
      at.out_proj = add(mixer + "o_proj.weight", {width, width}, true);
      layers_.push_back(at);
      continue;
    }
    at.in_proj = add(mixer + "in_proj.weight", {shape.projected(), width}, true);
    at.taps = add(mixer + "conv1d.weight", {channels, 1, Shape::taps}, true);
    at.conv_bias = add(mixer + "conv1d.bias", {channels}, false);
    at.step_bias = add(mixer + "dt_bias", {heads}, false);
    at.decay_log = add(mixer + "A_log", {heads}, false);
    at.skip = add(mixer + "D", {heads}, false);
    at.gate_norm = add(mixer + "norm.weight", {inner}, false);
    at.out_proj = add(mixer + "out_proj.weight", {width, inner}, true);
    layers_.push_back(at);
  }
  final_norm_ = add("backbone.norm_f.weight", {width}, false);
}

size_t ParameterTable::add(std::string name, std::vector<int64_t> shape, bool decays) {
  size_t size = 1;
  for (int64_t extent : shape) size *= size_t(extent);
  const size_t offset = count_;
  all_.push_back({std::move(name), std::move(shape), offset, size, decays});
  count_ += size;
  return offset;
}

} // namespace trainer
