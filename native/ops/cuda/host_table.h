// The table of ops over a caller's memory: each op copies its inputs to the device and its results back. For comparing
// a device with the contract, op by op; training and evaluation leave everything on the device.
#pragma once
#include "attention.h"
#include "conv.h"
#include "gate.h"
#include "loss.h"
#include "matmul.h"
#include "optimiser.h"
#include "ssd_gradients.h"
#include "staging.h"

namespace trainer {
namespace {

// Ops answer nothing, so the first failure is kept until it is asked for.
inline std::string &host_failure() {
  static std::string failure;
  return failure;
}

template <class Work> void staged(Work work) {
  try {
    Staging copies;
    work(copies);
    copies.finish();
  } catch (const std::exception &error) {
    if (host_failure().empty()) host_failure() = error.what();
  }
}

inline size_t extent(int rows, ptrdiff_t row, int columns, ptrdiff_t column) {
  return size_t(rows - 1) * row + size_t(columns - 1) * column + 1;
}

// The packed form is row-major: the device packs nothing.
inline size_t host_packed_size(int depth, int columns) { return size_t(depth) * columns; }

inline void host_pack(Strided<float> b, int depth, int columns, float *packed) {
  for (int k = 0; k < depth; k++)
    for (int n = 0; n < columns; n++) packed[size_t(k) * columns + n] = b.data[k * b.row + n * b.column];
}

inline void host_matmul(int rows, int columns, int depth, Strided<float> a, const float *packed, float *c,
                        ptrdiff_t c_row) {
  staged([&](Staging &copies) {
    const float *left = copies.in(a.data, extent(rows, a.row, depth, a.column));
    const float *right = copies.in(packed, size_t(depth) * columns);
    float *out = copies.both(c, extent(rows, c_row, columns, 1));
    device_product({rows, columns, depth, {left, a.row, a.column}, {right, columns, 1}, out, c_row});
  });
}

inline void host_add(const float *a, const float *b, float *sum, size_t count) {
  staged([&](Staging &copies) {
    launch_elements(add_kernel, count, copies.in(a, count), copies.in(b, count), copies.both(sum, count));
  });
}

inline void host_norm_forward(const float *x, const float *weight, int rows, int width, float *out, float *inverse) {
  staged([&](Staging &copies) {
    const size_t size = size_t(rows) * width;
    launch_rows(norm_forward_kernel, rows, copies.in(x, size), copies.in(weight, width), width, copies.both(out, size),
                copies.both(inverse, rows));
  });
}

inline void host_norm_again(const float *x, const float *weight, const float *inverse, int rows, int width,
                            float *out) {
  staged([&](Staging &copies) {
    const size_t size = size_t(rows) * width;
    launch_elements(norm_again_kernel, size, copies.in(x, size), copies.in(weight, width), copies.in(inverse, rows),
                    width, copies.both(out, size));
  });
}

inline void host_norm_backward(const float *x, const float *weight, const float *inverse, const float *grad_out,
                               int rows, int width, float *grad_x, float *grad_weight, bool accumulate, float *) {
  staged([&](Staging &copies) {
    const size_t size = size_t(rows) * width;
    const NormBackward op{copies.in(x, size),
                          copies.in(weight, width),
                          copies.in(inverse, rows),
                          copies.in(grad_out, size),
                          width,
                          copies.both(grad_x, size),
                          accumulate};
    launch_rows(norm_backward_kernel, rows, op);
    launch_elements(norm_weight_kernel, width,
                    NormWeight{op.x, op.inverse, op.grad_out, rows, width, copies.both(grad_weight, width), 0});
  });
}

inline void host_conv_forward(const Shape &shape, int length, const ConvForward<float> &op) {
  staged([&](Staging &copies) {
    const Sizes at(shape, 1, length);
    const size_t rows = length, channels = at.channels, heads = at.heads;
    ConvForward<float> here;
    here.projected = copies.in(op.projected, rows * at.projected),
    here.taps = copies.in(op.taps, Shape::taps * channels);
    here.bias = copies.in(op.bias, channels), here.step_bias = copies.in(op.step_bias, heads);
    here.decay_log = copies.in(op.decay_log, heads), here.activated = copies.both(op.activated, rows * channels);
    here.gate = copies.both(op.gate, rows * channels), here.step = copies.both(op.step, rows * heads);
    here.decay = copies.both(op.decay, rows * heads);
    device_conv_forward(at, here, Taps{at.channels, 1});
  });
}

inline void host_conv_backward(const Shape &shape, int length, const ConvBackward<float> &op) {
  staged([&](Staging &copies) {
    const Sizes at(shape, 1, length);
    const size_t rows = length, channels = at.channels, heads = at.heads;
    ConvBackward<float> here;
    here.projected = copies.in(op.projected, rows * at.projected),
    here.taps = copies.in(op.taps, Shape::taps * channels);
    here.step_bias = copies.in(op.step_bias, heads), here.activated = copies.in(op.activated, rows * channels);
    here.gate = copies.in(op.gate, rows * channels),
    here.grad_activated = copies.both(op.grad_activated, rows * channels);
    here.grad_step = copies.in(op.grad_step, rows * heads);
    here.grad_projected = copies.both(op.grad_projected, rows * at.projected);
    here.grad_taps = copies.both(op.grad_taps, Shape::taps * channels);
    here.grad_bias = copies.both(op.grad_bias, channels), here.grad_step_bias = copies.both(op.grad_step_bias, heads);
    device_conv_backward(at, here, Taps{at.channels, 1}, 0);
  });
}

inline size_t host_ssd_scratch(const Shape &) { return 1; }

inline ChunkScratch chunk_scratch(const Sizes &at, Staging &copies) {
  return {copies.take(at.blocks() * at.chunk * at.chunk), copies.take(at.rows() * at.heads),
          copies.take(at.rows() * at.heads)};
}

inline void host_ssd_forward(const Shape &shape, int length, const SsdForward<float> &op) {
  staged([&](Staging &copies) {
    const Sizes at(shape, 1, length);
    const size_t rows = length, state = size_t(at.inner) * at.state;
    const bool keeps = op.state_stride != 0;
    SsdForward<float> here;
    here.activated = copies.in(op.activated, rows * at.channels), here.step = copies.in(op.step, rows * at.heads);
    here.decay = copies.in(op.decay, rows * at.heads), here.skip = copies.in(op.skip, at.heads);
    here.output = copies.both(op.output, rows * at.inner), here.state_stride = ptrdiff_t(state);
    here.states = keeps ? copies.both(op.states, at.chunks * state) : copies.take(at.chunks * state);
    device_ssd_forward(at, here, chunk_scratch(at, copies));
  });
}

inline void host_ssd_backward(const Shape &shape, int length, const SsdBackward<float> &op) {
  staged([&](Staging &copies) {
    const Sizes at(shape, 1, length);
    const size_t rows = length, heads = at.heads;
    SsdBackward<float> here;
    here.activated = copies.in(op.activated, rows * at.channels), here.step = copies.in(op.step, rows * heads);
    here.decay = copies.in(op.decay, rows * heads), here.skip = copies.in(op.skip, heads);
    here.states = copies.in(op.states, size_t(at.chunks) * at.inner * at.state);
    here.decay_log = copies.in(op.decay_log, heads), here.grad_output = copies.in(op.grad_output, rows * at.inner);
    here.grad_activated = copies.both(op.grad_activated, rows * at.channels);
    here.grad_step = copies.both(op.grad_step, rows * heads), here.grad_skip = copies.both(op.grad_skip, heads);
    here.grad_decay_log = copies.both(op.grad_decay_log, heads);
    const auto take = [&](size_t count) { return copies.take(count); };
    device_ssd_backward(at, here, place_backward(at, chunk_scratch(at, copies), take), 0);
  });
}

inline void host_gate_forward(const Shape &shape, int length, const GateForward<float> &op) {
  staged([&](Staging &copies) {
    const Sizes at(shape, 1, length);
    const size_t rows = length, size = rows * at.inner;
    const GateForward<float> here{copies.in(op.output, size), copies.in(op.projected, rows * at.projected),
                                  copies.in(op.weight, at.inner), copies.both(op.normalised, size),
                                  copies.both(op.inverse, rows)};
    launch_rows(gate_forward_kernel, rows, at, here);
  });
}

inline void host_gate_backward(const Shape &shape, int length, const GateBackward<float> &op) {
  staged([&](Staging &copies) {
    const Sizes at(shape, 1, length);
    const size_t rows = length, size = rows * at.inner;
    GateBackward<float> here;
    here.output = copies.in(op.output, size), here.projected = copies.in(op.projected, rows * at.projected);
    here.weight = copies.in(op.weight, at.inner), here.inverse = copies.in(op.inverse, rows);
    here.grad_normalised = copies.in(op.grad_normalised, size), here.normalised = copies.both(op.normalised, size);
    here.grad_output = copies.both(op.grad_output, size);
    here.grad_projected = copies.both(op.grad_projected, rows * at.projected);
    here.grad_weight = copies.both(op.grad_weight, at.inner), here.scratch = copies.take(size);
    device_gate_backward(at, here, 0);
  });
}

// The device has its own.
inline size_t host_attention_scratch(const Shape &, int) { return 1; }

inline void host_attention_forward(const Shape &shape, int length, const AttentionForward<float> &op) {
  staged([&](Staging &copies) {
    const AttentionSizes at(shape, 1, length);
    const size_t size = size_t(length) * at.width, lines = at.items() * length;
    const auto take = [&](size_t count) { return copies.take(count); };
    device_attention_forward(at,
                             {copies.in(op.projected, 3 * size), copies.both(op.output, size),
                              copies.both(op.peak, lines), copies.both(op.share, lines), nullptr},
                             place_attention(at, false, take));
  });
}

inline void host_attention_backward(const Shape &shape, int length, const AttentionBackward<float> &op) {
  staged([&](Staging &copies) {
    const AttentionSizes at(shape, 1, length);
    const size_t size = size_t(length) * at.width, lines = at.items() * length;
    const auto take = [&](size_t count) { return copies.take(count); };
    device_attention_backward(at,
                              {copies.in(op.projected, 3 * size), copies.in(op.peak, lines),
                               copies.in(op.share, lines), copies.in(op.grad_output, size),
                               copies.both(op.grad_projected, 3 * size), nullptr},
                              place_attention(at, true, take));
  });
}

inline void host_cross_entropy(float *logits, const uint8_t *targets, const uint8_t *mask, int rows, int columns,
                               float scale, float *losses) {
  staged([&](Staging &copies) {
    const Positions at{copies.in(targets, rows), copies.in(mask, rows), size_t(rows), 0};
    launch_rows(cross_entropy_kernel, rows, copies.both(logits, size_t(rows) * columns), at, columns,
                copies.in(&scale, 1), copies.both(losses, rows));
  });
}

inline void host_divergence(const float *logits_p, float *logits_q, int rows, int columns, float scale, float *nats,
                            float *) {
  staged([&](Staging &copies) {
    const size_t size = size_t(rows) * columns;
    launch_rows(divergence_kernel, rows, copies.in(logits_p, size), copies.both(logits_q, size), columns,
                copies.in(&scale, 1), copies.both(nats, rows));
  });
}

inline void host_squared_error(const float *x, const float *target, int rows, int width, float scale, float *errors,
                               float *gradient) {
  staged([&](Staging &copies) {
    const size_t size = size_t(rows) * width;
    launch_rows(squared_error_kernel, rows, copies.in(x, size), copies.in(target, size), width, copies.in(&scale, 1),
                copies.both(errors, rows), copies.both(gradient, size));
  });
}

inline float host_square_sum(const float *x, int count) {
  float sum = 0.0f;
  staged([&](Staging &copies) {
    launch_rows(square_sum_kernel, 1, copies.in(x, count), size_t(count), size_t(count), copies.both(&sum, 1));
  });
  return sum;
}

inline void host_adamw(const AdamW<float> &op, float *weight, float *first, float *second, const float *gradient,
                       size_t count) {
  staged([&](Staging &copies) {
    launch_elements(adamw_kernel, count, op, copies.both(weight, count), copies.both(first, count),
                    copies.both(second, count), copies.in(gradient, count));
  });
}

inline void host_pull(float *weight, const float *anchor, float rate, size_t count) {
  staged([&](Staging &copies) {
    launch_elements(pull_kernel, count, copies.both(weight, count), copies.in(anchor, count), rate);
  });
}

inline OpTable<float> host_table() {
  OpTable<float> table{};
  table.name = "cuda";
  table.packed_size = host_packed_size;
  table.pack = host_pack;
  table.matmul = host_matmul;
  table.add = host_add;
  table.norm_forward = host_norm_forward;
  table.norm_backward = host_norm_backward;
  table.norm_again = host_norm_again;
  table.conv_forward = host_conv_forward;
  table.conv_backward = host_conv_backward;
  table.ssd_scratch = host_ssd_scratch;
  table.ssd_forward = host_ssd_forward;
  table.ssd_backward = host_ssd_backward;
  table.gate_forward = host_gate_forward;
  table.gate_backward = host_gate_backward;
  table.attention_scratch = host_attention_scratch;
  table.attention_forward = host_attention_forward;
  table.attention_backward = host_attention_backward;
  table.cross_entropy = host_cross_entropy;
  table.divergence = host_divergence;
  table.squared_error = host_squared_error;
  table.square_sum = host_square_sum;
  table.adamw = host_adamw;
  table.pull = host_pull;
  return table;
}

} // namespace
} // namespace trainer
