// One op after the other by the reference and by the table under test, on equal inputs, compared bit for bit.
#include "cuda_tests.h"
#include "adapt/samples.h"
#include "canon/random.h"
#include "expect.h"
#include "model/buffer.h"
#include "ops/select.h"
#include <cstring>
#include <functional>

using namespace trainer;

namespace {

using Values = std::vector<float>;
using Table = OpTable<float>;

const Table &reference = select_ops("reference");

// Seeded values, a fifth of them awkward: zeros of both signs, subnormals, and tiny ones whose products underflow.
Values values_of(size_t count, uint64_t seed) {
  Values values = sample_values(count, seed);
  const RandomStream draw(seed, 7);
  for (size_t i = 0; i < count; i++) {
    const uint32_t kind = draw.bits(i) % 20;
    if (kind == 0) values[i] = 0.0f;
    if (kind == 1) values[i] = -0.0f;
    if (kind == 2) values[i] = values[i] * 1e-39f;
    if (kind == 3) values[i] = values[i] * 1e-23f;
  }
  return values;
}

// What an op gave, all its outputs in one list. The op is called once by each table.
void same(const std::string &what, const Table &tested, const std::function<Values(const Table &)> &op) {
  const Values wanted = op(reference), found = op(tested);
  size_t different = wanted.size() == found.size() ? 0 : 1;
  for (size_t i = 0; i < wanted.size() && i < found.size(); i++)
    different += std::memcmp(&wanted[i], &found[i], sizeof(float)) != 0;
  expect::yes(different == 0,
              what + ": " + std::to_string(different) + " of " + std::to_string(wanted.size()) + " values differ");
}

Values joined(std::initializer_list<Values> lists) {
  Values all;
  for (const Values &list : lists) all.insert(all.end(), list.begin(), list.end());
  return all;
}

void matmuls(const Table &tested) {
  const int sizes[][3] = {{1, 1, 1},        {3, 33, 16},   {31, 65, 17},  {64, 64, 256}, {65, 1, 257},
                          {130, 31, 1},     {66, 129, 40}, {33, 32, 513}, {1, 200, 600}, {1500, 1500, 5},
                          {8400, 130, 260}, {65, 70, 8},   {20, 40, 9}};
  for (const auto &[rows, columns, depth] : sizes)
    for (const bool by_rows : {true, false}) {
      const Values a = values_of(size_t(rows) * depth, 1), b = values_of(size_t(columns) * depth, 2);
      const Strided<float> left = by_rows ? Strided<float>{a.data(), depth, 1} : Strided<float>{a.data(), 1, rows};
      const Strided<float> right = by_rows ? Strided<float>{b.data(), 1, depth} : Strided<float>{b.data(), columns, 1};
      same("matmul " + std::to_string(rows) + " x " + std::to_string(columns) + " x " + std::to_string(depth), tested,
           [=, rows = rows, columns = columns, depth = depth](const Table &ops) {
             Buffer<float> packed(ops.packed_size(depth, columns));
             ops.pack(right, depth, columns, packed.data());
             Values out(size_t(rows) * (columns + 3), 5.0f); // the gaps between the rows stay as they are
             ops.matmul(rows, columns, depth, left, packed.data(), out.data(), columns + 3);
             return out;
           });
    }
}

void rows(const Table &tested) {
  for (const int width : {1, 2, 31, 32, 33, 200}) {
    const int count = 67;
    const size_t size = size_t(count) * width;
    const Values x = values_of(size, 3), weight = values_of(width, 4), grad = values_of(size, 5);
    same("norm of " + std::to_string(width), tested, [=](const Table &ops) {
      Values out(size), inverse(count), again(size), grad_x = values_of(size, 6), grad_weight = values_of(width, 7);
      Values scratch(2 * width);
      ops.norm_forward(x.data(), weight.data(), count, width, out.data(), inverse.data());
      ops.norm_again(x.data(), weight.data(), inverse.data(), count, width, again.data());
      for (const bool accumulate : {false, true})
        ops.norm_backward(x.data(), weight.data(), inverse.data(), grad.data(), count, width, grad_x.data(),
                          grad_weight.data(), accumulate, scratch.data());
      return joined({out, inverse, again, grad_x, grad_weight});
    });
    same("losses over " + std::to_string(width), tested, [=](const Table &ops) {
      Values p = x, q = values_of(size, 8), losses(count), nats(count), scratch(3 * width);
      std::vector<uint8_t> targets(count), mask(count);
      for (int t = 0; t < count; t++) targets[t] = uint8_t(t * 7 % width), mask[t] = t % 3 != 0;
      for (const float scale : {0.0f, 0.25f})
        ops.cross_entropy(p.data(), targets.data(), mask.data(), count, width, scale, losses.data());
      const Values entropy = losses;
      for (const float scale : {0.0f, 0.25f})
        ops.divergence(x.data(), q.data(), count, width, scale, nats.data(), scratch.data());
      return joined({p, entropy, q, nats});
    });
  }
}

void elements(const Table &tested) {
  for (const size_t count : {1u, 31u, 256u, 257u, 5000u})
    same("update of " + std::to_string(count), tested, [=](const Table &ops) {
      Values weight = values_of(count, 9), first = values_of(count, 10), second(count), sum(count);
      const Values gradient = values_of(count, 11), anchor = values_of(count, 12);
      const AdamW<float> constants{0.75f, 0.9f, 0.98f, 1.0f - 0.9f, 1.0f - 0.98f, 10.0f, 50.0f, 1e-8f, 0.002f, 0.01f};
      for (int i = 0; i < 2; i++)
        ops.adamw(constants, weight.data(), first.data(), second.data(), gradient.data(), count);
      ops.pull(weight.data(), anchor.data(), 0.003f, count);
      ops.add(weight.data(), anchor.data(), sum.data(), count);
      return joined({weight, first, second, sum, {ops.square_sum(gradient.data(), int(count))}});
    });
}

void squared_errors(const Table &tested) {
  for (const int width : {1, 31, 33, 200})
    same("squared error of " + std::to_string(width), tested, [=](const Table &ops) {
      const size_t count = 67, size = count * size_t(width);
      const Values x = values_of(size, 40), target = values_of(size, 41);
      Values errors(count), gradient(size);
      ops.squared_error(x.data(), target.data(), int(count), width, 0.375f, errors.data(), gradient.data());
      return joined({errors, gradient});
    });
}

// Lengths at the edges of a tile and of a segment of positions, heads at those of a tile and a warp.
void attention(const Table &tested) {
  const int sizes[][3] = {{1, 1, 1},   {1, 3, 2},    {13, 2, 64}, {33, 1, 65},  {64, 2, 256},
                          {5, 3, 257}, {65, 1, 129}, {7, 2, 600}, {256, 1, 33}, {32, 1, 513}};
  for (const auto &[head, heads, length] : sizes) {
    Shape shape;
    shape.head = head, shape.width = head * heads, shape.layers = 1;
    const size_t rows = size_t(length), width = size_t(shape.width), lines = rows * size_t(heads);
    const Values projected = values_of(rows * 3 * width, 42), grad_output = values_of(rows * width, 43);
    same("attention with " + std::to_string(heads) + " heads of " + std::to_string(head) + ", " +
             std::to_string(length) + " positions",
         tested, [=, length = length](const Table &ops) {
           Values output(rows * width), peak(lines), share(lines), grad_projected(rows * 3 * width);
           Values scratch(ops.attention_scratch(shape, length));
           ops.attention_forward(shape, length,
                                 {projected.data(), output.data(), peak.data(), share.data(), scratch.data()});
           ops.attention_backward(shape, length,
                                  {projected.data(), peak.data(), share.data(), grad_output.data(),
                                   grad_projected.data(), scratch.data()});
           return joined({output, peak, share, grad_projected});
         });
  }
}

// The parts of one layer, one after the other, each on the reference's results of the one before.
class Layer {
public:
  Layer(const Shape &shape, int length, const Table &tested)
      : shape_(shape), length_(length), tested_(tested), rows_(length), inner_(shape.inner()),
        channels_(shape.convolved()), heads_(shape.heads()), states_(rows_ / shape.chunk * inner_ * shape.state),
        projected_(values_of(rows_ * shape.projected(), 20)), taps_(values_of(Shape::taps * channels_, 21)),
        step_bias_(values_of(heads_, 22)), decay_log_(values_of(heads_, 23)), skip_(values_of(heads_, 24)) {}

  void all() {
    convolution();
    state_space();
    gate();
  }

private:
  std::string named(const char *what) const {
    return std::string(what) + " with " + std::to_string(heads_) + " heads of " + std::to_string(shape_.head) +
           ", state " + std::to_string(shape_.state) + ", " + std::to_string(length_) + " positions";
  }

  void convolution() {
    const Values bias = values_of(channels_, 25);
    const auto forward = [&](const Table &ops) {
      activated_.assign(rows_ * channels_, 0), gate_ = activated_, step_.assign(rows_ * heads_, 0), decay_ = step_;
      ops.conv_forward(shape_, length_,
                       {projected_.data(), taps_.data(), bias.data(), step_bias_.data(), decay_log_.data(),
                        activated_.data(), gate_.data(), step_.data(), decay_.data()});
      return joined({activated_, gate_, step_, decay_});
    };
    same(named("convolution"), tested_, forward);
    forward(reference);
    const Values grad_step = values_of(rows_ * heads_, 26);
    same(named("convolution's gradient"), tested_, [&](const Table &ops) {
      Values grad = values_of(rows_ * channels_, 27), grad_in(projected_.size()),
             grad_taps = values_of(taps_.size(), 28);
      Values grad_bias = values_of(channels_, 29), grad_step_bias = values_of(heads_, 30);
      ops.conv_backward(shape_, length_,
                        {projected_.data(), taps_.data(), step_bias_.data(), activated_.data(), gate_.data(),
                         grad.data(), grad_step.data(), grad_in.data(), grad_taps.data(), grad_bias.data(),
                         grad_step_bias.data()});
      return joined({grad, grad_in, grad_taps, grad_bias, grad_step_bias});
    });
  }

  void state_space() {
    const auto forward = [&](const Table &ops) {
      Values output(rows_ * inner_), running(rows_ * inner_), state(inner_ * shape_.state),
          scratch(ops.ssd_scratch(shape_));
      states_kept_.assign(states_, 0);
      ops.ssd_forward(shape_, length_,
                      {activated_.data(), step_.data(), decay_.data(), skip_.data(), output.data(), states_kept_.data(),
                       ptrdiff_t(state.size()), scratch.data()});
      ops.ssd_forward(shape_, length_,
                      {activated_.data(), step_.data(), decay_.data(), skip_.data(), running.data(), state.data(), 0,
                       scratch.data()});
      // the first chunk has no entering state: what stands in its place has no meaning
      return joined({output, running, Values(states_kept_.begin() + ptrdiff_t(state.size()), states_kept_.end())});
    };
    same(named("state space"), tested_, forward);
    forward(reference);
    const Values grad_output = values_of(rows_ * inner_, 31);
    same(named("state space's gradient"), tested_, [&](const Table &ops) {
      Values grad(rows_ * channels_), grad_step(rows_ * heads_), grad_skip = values_of(heads_, 32);
      Values grad_decay = values_of(heads_, 33), scratch(ops.ssd_scratch(shape_));
      ops.ssd_backward(shape_, length_,
                       {activated_.data(), step_.data(), decay_.data(), skip_.data(), states_kept_.data(),
                        decay_log_.data(), grad_output.data(), grad.data(), grad_step.data(), grad_skip.data(),
                        grad_decay.data(), scratch.data()});
      return joined({grad, grad_step, grad_skip, grad_decay});
    });
  }

  void gate() {
    const Values output = values_of(rows_ * inner_, 34), weight = values_of(inner_, 35),
                 grad = values_of(rows_ * inner_, 36);
    same(named("gated norm"), tested_, [&](const Table &ops) {
      Values normalised(rows_ * inner_), inverse(rows_), again(rows_ * inner_), grad_output(rows_ * inner_);
      Values grad_in(projected_.size()), grad_weight = values_of(inner_, 37), scratch(3 * inner_);
      ops.gate_forward(shape_, length_,
                       {output.data(), projected_.data(), weight.data(), normalised.data(), inverse.data()});
      ops.gate_backward(shape_, length_,
                        {output.data(), projected_.data(), weight.data(), inverse.data(), grad.data(), again.data(),
                         grad_output.data(), grad_in.data(), grad_weight.data(), scratch.data()});
      return joined({normalised, inverse, again, grad_output, grad_in, grad_weight});
    });
  }

  const Shape shape_;
  int length_;
  const Table &tested_;
  size_t rows_, inner_, channels_, heads_, states_;
  const Values projected_, taps_, step_bias_, decay_log_, skip_;
  Values activated_, gate_, step_, decay_, states_kept_;
};

} // namespace

void shape_tests(const Table &tested) {
  matmuls(tested);
  rows(tested);
  elements(tested);
  squared_errors(tested);
  attention(tested);
  struct Case {
    int width, state, head, expand, chunk, length;
  };
  const Case cases[] = {{1, 1, 1, 1, 64, 64},    {3, 2, 2, 2, 64, 192},     {33, 65, 33, 2, 64, 128},
                        {65, 33, 65, 1, 64, 64}, {40, 130, 80, 2, 64, 128}, {6, 5, 4, 2, 24, 72}};
  for (const Case &at : cases) {
    Shape shape;
    shape.width = at.width, shape.layers = 1, shape.state = at.state, shape.head = at.head, shape.expand = at.expand;
    shape.chunk = at.chunk;
    Layer(shape, at.length, tested).all();
  }
}
