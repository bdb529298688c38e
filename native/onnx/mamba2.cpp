#include "mamba2.h"

#include <map>

#include "graph.h"
#include "../state/invalid.h"

namespace ledger {
namespace {

constexpr int64_t chunk = 64, taps = 4, vocabulary = 256;
constexpr int64_t any = -1;         // the batch axis in shapes
constexpr float excluded = -1e30f;  // added before exp, makes a term exactly zero

std::string shape_text(const Extents &extents) {
  std::string text = "[";
  for (size_t i = 0; i < extents.size(); i++) text += (i > 0 ? ", " : "") + std::to_string(extents[i]);
  return text + "]";
}

// Adds +0 where `keep(row, column)`, else the excluded constant.
template <class Keep>
Value mask(OnnxGraph &graph, int64_t size, Keep keep) {
  std::vector<float> values(size_t(size * size));
  for (int64_t i = 0; i < size * size; i++) values[size_t(i)] = keep(i / size, i % size) ? 0.0f : excluded;
  return graph.numbers({size, size}, values);
}

class Mamba2Graph {
 public:
  Mamba2Graph(const std::vector<Tensor> &tensors, int64_t length) : length_(length), chunks_(length / chunk) {
    for (const Tensor &tensor : tensors) tensors_[tensor.name] = &tensor;
    measure();
  }

  std::string build() {
    const Value embeddings = weight("backbone.embeddings.weight", {vocabulary, width_});
    Value x = graph_.node("Gather", {embeddings, "tokens"});
    for (int64_t layer = 0; layer < layers_; layer++) x = graph_.add(x, block(x, layer));
    const Value last = normalised(x, weight("backbone.norm_f.weight", {width_}));
    graph_.named_output(graph_.matrix_product(last, graph_.transpose(embeddings, {1, 0})), "logits");
    if (used_ != tensors_.size()) {
      throw Invalid("the checkpoint has " + std::to_string(tensors_.size()) + " tensors, its model has " +
                    std::to_string(used_));
    }
    return graph_.model("mamba2", {{"tokens", 7, {any, length_}}}, {{"logits", 1, {any, length_, vocabulary}}});
  }

 private:
  const Tensor &tensor(const std::string &name) const {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) throw Invalid("the checkpoint has no tensor \"" + name + "\"");
    return *found->second;
  }

  // Sizes of the model from the shapes of its tensors.
  void measure() {
    const auto extent = [this](const std::string &name, size_t axis, size_t axes) {
      const Extents &shape = tensor(name).shape;
      if (shape.size() != axes) throw Invalid("tensor \"" + name + "\" has an unknown shape " + shape_text(shape));
      return shape[axis];
    };
    const auto has = [this](const char *name) {
      return tensors_.count("backbone.layers." + std::to_string(layers_) + "." + name) > 0;
    };
    for (; has("norm.weight"); layers_++) {
      if (!has("mixer.q_proj.weight")) continue;
      throw Invalid("layer " + std::to_string(layers_) + " is attention; only pure Mamba-2 models are exported as ONNX");
    }
    width_ = extent("backbone.embeddings.weight", 1, 2);
    const std::string mixer = "backbone.layers.0.mixer.";
    inner_ = extent(mixer + "norm.weight", 0, 1);
    heads_ = extent(mixer + "dt_bias", 0, 1);
    convolved_ = extent(mixer + "conv1d.bias", 0, 1);
    state_ = (convolved_ - inner_) / 2;
    if (state_ < 1 || (convolved_ - inner_) % 2 != 0 || inner_ % heads_ != 0) {
      throw Invalid("the checkpoint's sizes do not fit: " + std::to_string(inner_) + " inner channels, " +
                    std::to_string(heads_) + " heads, " + std::to_string(convolved_) + " convolved channels");
    }
    head_ = inner_ / heads_;
  }

  Value weight(const std::string &name, const Extents &shape) {
    const Tensor &found = tensor(name);
    if (found.shape != shape) {
      throw Invalid("tensor \"" + name + "\" must have the shape " + shape_text(shape) + ", not " + shape_text(found.shape));
    }
    used_++;
    return graph_.weight(found);
  }

  Value normalised(const Value &x, const Value &gain) {
    const Value mean = graph_.node("ReduceMean", {graph_.multiply(x, x), graph_.integers({-1})}, {{"keepdims", {1}}});
    const Value size = graph_.node("Sqrt", {graph_.add(mean, graph_.number(1e-5f))});
    return graph_.multiply(graph_.node("Div", {x, size}), gain);
  }

  // Causal depthwise convolution of [batch, length, channels]: a sum of four shifted products.
  Value convolution(const Value &x, const std::string &prefix) {
    const Value kernel = weight(prefix + "weight", {convolved_, 1, taps});
    const Value by_tap = graph_.transpose(graph_.reshape(kernel, {convolved_, taps}), {1, 0});
    const auto tap = graph_.split(by_tap, 0, Extents(size_t(taps), 1));
    const Value padded = graph_.node("Pad", {x, graph_.integers({0, taps - 1, 0, 0, 0, 0})});
    Value sum = weight(prefix + "bias", {convolved_});
    for (int64_t i = 0; i < taps; i++) {
      sum = graph_.add(sum, graph_.multiply(graph_.slice(padded, 1, i, i + length_), tap[size_t(i)]));
    }
    return sum;
  }

  // h entering each chunk, [batch, chunks, heads, state, head]: all chunks at once, as one product with the decay
  // from the end of chunk c to the start of chunk z. `last` [batch, chunks, heads, 1]; `added` [.., heads, head, state].
  Value entering_state(const Value &last, const Value &added) {
    const auto by_head = [this](const Value &sum) {
      return graph_.transpose(graph_.reshape(sum, {any, chunks_, heads_}), {0, 2, 1});
    };
    const Value before = graph_.unsqueeze(by_head(graph_.cumulative_sum(last, 1, true)), -1);
    const Value through = graph_.unsqueeze(by_head(graph_.cumulative_sum(last, 1)), -2);
    const Value earlier = mask(graph_, chunks_, [](int64_t z, int64_t c) { return c < z; });
    const Value decay = graph_.exponential(graph_.add(graph_.subtract(before, through), earlier));
    const Value flat = graph_.reshape(graph_.transpose(added, {0, 2, 1, 3, 4}), {any, heads_, chunks_, head_ * state_});
    const Value entering = graph_.reshape(graph_.matrix_product(decay, flat), {any, heads_, chunks_, head_, state_});
    return graph_.transpose(entering, {0, 2, 1, 4, 3});
  }

  // The state-space map: x [batch, length, inner], B and C [batch, length, state], dt [batch, length, heads].
  Value state_space(const Value &x, const Value &b, const Value &c, const Value &dt, const std::string &mixer) {
    const Value xs = graph_.transpose(graph_.reshape(x, {any, chunks_, chunk, heads_, head_}), {0, 1, 3, 2, 4});
    const Value steps = graph_.transpose(graph_.reshape(dt, {any, chunks_, chunk, heads_}), {0, 1, 3, 2});
    const Value rate = graph_.node("Neg", {graph_.exponential(weight(mixer + "A_log", {heads_}))});
    const Value log_decay = graph_.cumulative_sum(graph_.multiply(steps, graph_.unsqueeze(rate, -1)), 3);
    const Value bs = graph_.reshape(b, {any, chunks_, 1, chunk, state_});
    const Value cs = graph_.reshape(c, {any, chunks_, 1, chunk, state_});
    const Value scaled = graph_.multiply(xs, graph_.unsqueeze(steps, -1));

    const Value causal = mask(graph_, chunk, [](int64_t l, int64_t s) { return s <= l; });
    const Value span = graph_.subtract(graph_.unsqueeze(log_decay, -1), graph_.unsqueeze(log_decay, -2));
    const Value decay = graph_.exponential(graph_.add(span, causal));
    const Value scores = graph_.matrix_product(cs, graph_.transpose(bs, {0, 1, 2, 4, 3}));
    const Value inside = graph_.matrix_product(graph_.multiply(scores, decay), scaled);

    const Value last = graph_.slice(log_decay, 3, chunk - 1, chunk);
    const Value to_end = graph_.exponential(graph_.subtract(last, log_decay));
    const Value faded = graph_.multiply(scaled, graph_.unsqueeze(to_end, -1));
    const Value added = graph_.matrix_product(graph_.transpose(faded, {0, 1, 2, 4, 3}), bs);
    const Value carried = graph_.multiply(graph_.matrix_product(cs, entering_state(last, added)),
                                          graph_.unsqueeze(graph_.exponential(log_decay), -1));

    const Value skip = graph_.reshape(weight(mixer + "D", {heads_}), {heads_, 1, 1});
    const Value y = graph_.add(graph_.add(inside, carried), graph_.multiply(xs, skip));
    return graph_.reshape(graph_.transpose(y, {0, 1, 3, 2, 4}), {any, length_, inner_});
  }

  Value block(const Value &x, int64_t layer) {
    const std::string prefix = "backbone.layers." + std::to_string(layer) + ".";
    const std::string mixer = prefix + "mixer.";
    const int64_t projected = inner_ + convolved_ + heads_;
    const Value input = normalised(x, weight(prefix + "norm.weight", {width_}));
    const Value into = graph_.transpose(weight(mixer + "in_proj.weight", {projected, width_}), {1, 0});
    const auto parts = graph_.split(graph_.matrix_product(input, into), -1, {inner_, convolved_, heads_});
    const Value dt = graph_.node("Softplus", {graph_.add(parts[2], weight(mixer + "dt_bias", {heads_}))});
    const Value mixed = graph_.silu(convolution(parts[1], mixer + "conv1d."));
    const auto xbc = graph_.split(mixed, -1, {inner_, state_, state_});
    const Value y = state_space(xbc[0], xbc[1], xbc[2], dt, mixer);
    const Value gated = normalised(graph_.multiply(y, graph_.silu(parts[0])), weight(mixer + "norm.weight", {inner_}));
    const Value out = graph_.transpose(weight(mixer + "out_proj.weight", {width_, inner_}), {1, 0});
    return graph_.matrix_product(gated, out);
  }

  std::map<std::string, const Tensor *> tensors_;
  OnnxGraph graph_;
  size_t used_ = 0;
  int64_t length_, chunks_, layers_ = 0;
  int64_t width_ = 0, inner_ = 0, heads_ = 0, head_ = 0, state_ = 0, convolved_ = 0;
};

}  // namespace

std::string mamba2_as_onnx(const std::vector<Tensor> &tensors, int length) {
  if (length < chunk || length % chunk != 0 || length > 65536) {
    throw Invalid("length must be a multiple of 64 from 64 to 65536, not " + std::to_string(length));
  }
  return Mamba2Graph(tensors, length).build();
}

}  // namespace ledger
