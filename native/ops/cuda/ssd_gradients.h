// The second half of the backward: gradients of C, B, dt, D and A, from what ssd_backward.h left.
#pragma once
#include "ssd_backward.h"

namespace trainer {
namespace {

// dC or dB of a chunk: heads ascending through the states, then what flows through CB.
template <bool OfC> __global__
__launch_bounds__(BlockPart::threads) void grad_memory_kernel(Sizes at, SsdBackward<float> op, SsdBackwardScratch w) {
  const int Q = at.chunk, N = at.state, P = at.head;
  const size_t block = blockIdx.x;
  const TilePlace tile(N);
  BlockSums total;
  clear_tile(total);
  const auto add = [&](const BlockSums &part) {
#pragma unroll
    for (int i = 0; i < block_each; i++)
#pragma unroll
      for (int j = 0; j < block_each; j++) total[i][j] = Cuda::add(total[i][j], part[i][j]);
  };
  const HeadView shared(at, op, w, HeadPlace(at, block * at.heads));
  if (OfC ? !shared.first : !shared.last)
    for (int head = 0; head < at.heads; head++) {
      const HeadView v(at, op, w, HeadPlace(at, block * at.heads + head));
      const float *state = OfC ? v.state : v.grad_state;
      BlockSums part;
      clear_tile(part);
      chain_tile<block_tile, block_each, Span::all, Fast::depth, Fast::depth>(
          tile.m, Q, tile.n, N, 0, P, [=](int t, int p) { return OfC ? v.weighted(t, p) : v.left(t, p); },
          [=](int n, int p) { return state[n * P + p]; }, part);
      add(part);
    }
  const float *gradient = w.grad_similarity + block * Q * Q, *other = OfC ? shared.b : shared.c;
  BlockSums part;
  clear_tile(part);
  chain_tile<block_tile, block_each, OfC ? Span::up_to_row : Span::from_row, OfC ? Fast::depth : Fast::other, Fast::other>(
      tile.m, Q, tile.n, N, 0, Q, [=](int t, int k) { return OfC ? gradient[t * Q + k] : gradient[k * Q + t]; },
      [=](int n, int k) { return other[k * shared.row + n]; }, part);
  add(part);
  float *out = op.grad_activated + block * Q * at.channels + at.inner + (OfC ? N : 0);
  store_tile<block_tile, block_each>(tile.m, Q, tile.n, N, total,
                                 [=](int t, int n, float value) { out[t * at.channels + n] = value; });
}

// R32 over the channels of one position: a warp for each.
__global__ void position_dots_kernel(size_t count, Sizes at, SsdBackward<float> op, SsdBackwardScratch w) {
  const size_t i = row_index();
  if (i >= count) return;
  const HeadPlace here(at, i / at.chunk);
  const HeadView v(at, op, w, here);
  const int t = int(i % at.chunk), P = at.head;
  const float *from = w.from_state + i * P, *into = w.into_state + i * P, *grad = w.grad_scaled + i * P;
  float from_dot = 0.0f, into_dot = 0.0f, scaled_dot = 0.0f, skip_dot = 0.0f;
  for (int p = lane_index(); p < P; p += warp_lanes) {
    if (!v.first) from_dot = Cuda::fma(v.weighted(t, p), from[p], from_dot);
    if (!v.last) into_dot = Cuda::fma(into[p], v.left(t, p), into_dot);
    scaled_dot = Cuda::fma(grad[p], v.x[t * v.row + p], scaled_dot);
    skip_dot = Cuda::fma(v.dy[t * v.dy_row + p], v.x[t * v.row + p], skip_dot);
  }
  from_dot = fold_warp(from_dot), into_dot = fold_warp(into_dot);
  scaled_dot = fold_warp(scaled_dot), skip_dot = fold_warp(skip_dot);
  if (lane_index() != 0) return;
  const size_t line = here.line(at) + t;
  w.from_dot[line] = from_dot, w.into_dot[line] = into_dot, w.scaled_dot[line] = scaled_dot,
  w.skip_dot[line] = skip_dot;
}

__global__ void state_dots_kernel(size_t count, Sizes at, SsdBackward<float> op, SsdBackwardScratch w) {
  const size_t i = row_index();
  if (i >= count) return;
  const HeadView v(at, op, w, HeadPlace(at, i));
  if (v.first || v.last) return;
  const float dot = warp_dot(v.grad_state, v.state, at.state * at.head);
  if (lane_index() == 0) w.state_dot[i] = dot;
}

// The gradient of the decays, then of dt: a thread for each chunk of each head, positions descending.
__global__ void grad_step_kernel(size_t count, Sizes at, SsdBackward<float> op, SsdBackwardScratch w) {
  const size_t i = element_index();
  if (i >= count) return;
  const HeadPlace here(at, i);
  const HeadView v(at, op, w, here);
  const int Q = at.chunk;
  const size_t line = here.line(at);
  float total = 0.0f;
  if (!v.last) {
    for (int t = 0; t < Q; t++) total = Cuda::add(total, w.into_dot[line + t]);
    if (!v.first) total = Cuda::fma(w.state_dot[i], v.entering[Q - 1], total);
  }
  const float rate = -trainer::exp<Cuda>(op.decay_log[here.head]);
  float running = 0.0f, grad_rate = 0.0f;
  for (int t = Q - 1; t >= 0; t--) {
    float decay = v.first ? 0.0f : w.from_dot[line + t];
    if (!v.last) decay = Cuda::sub(decay, w.into_dot[line + t]);
    if (!v.last && t == Q - 1) decay = Cuda::add(decay, total);
    decay = Cuda::sub(Cuda::add(decay, w.row_sum[line + t]), w.column_sum[line + t]);
    running = Cuda::add(running, decay);
    grad_rate = Cuda::fma(running, v.dt[t], grad_rate);
    op.grad_step[line + t] = Cuda::fma(running, rate, w.scaled_dot[line + t]);
  }
  w.rate_sum[i] = grad_rate;
}

// D and A_log: chunks descending, a thread for each head of each sequence; `stride` from one sequence's parameters to
// the next.
__global__ void grad_head_kernel(size_t count, Sizes at, SsdBackward<float> op, SsdBackwardScratch w, size_t stride) {
  const size_t i = element_index();
  if (i >= count) return;
  const size_t head = i % at.heads, sequence = i / at.heads;
  const float rate = -trainer::exp<Cuda>(op.decay_log[head]);
  float *grad_skip = op.grad_skip + sequence * stride + head, *grad_log = op.grad_decay_log + sequence * stride + head;
  float skip = *grad_skip, log = *grad_log;
  for (int chunk = at.chunks - 1; chunk >= 0; chunk--) {
    const size_t line = i * at.length + size_t(chunk) * at.chunk;
    for (int t = 0; t < at.chunk; t++) skip = Cuda::add(skip, w.skip_dot[line + t]);
    log = Cuda::fma(w.rate_sum[(sequence * at.chunks + chunk) * at.heads + head], rate, log);
  }
  *grad_skip = skip, *grad_log = log;
}

inline void device_ssd_backward(const Sizes &at, const SsdBackward<float> &op, const SsdBackwardScratch &w,
                                size_t stride) {
  const int Q = at.chunk, N = at.state, P = at.head;
  const size_t heads = at.head_blocks(), positions = heads * Q;
  device_ssd_prepare(at, op.activated, op.decay, w.chunk);
  launch_tiles(grad_state_kernel, heads, N, P, at, op, w);
  launch_elements(grad_state_passing_kernel, size_t(at.sequences) * at.heads * N * P, at, w);
  launch_tiles(through_states_kernel, heads, Q, P, at, op, w);
  launch_tiles(grad_mixing_kernel, heads, Q, Q, at, op, w);
  launch_elements(grad_similarity_kernel, at.blocks() * Q * Q, at, op, w);
  launch_rows(mixing_rows_kernel, positions, at, w);
  launch_elements(mixing_columns_kernel, positions, at, w);
  launch_tiles(grad_scaled_kernel, heads, Q, P, at, op, w);
  launch_tiles(grad_memory_kernel<true>, at.blocks(), Q, N, at, op, w);
  launch_tiles(grad_memory_kernel<false>, at.blocks(), Q, N, at, op, w);
  launch_rows(position_dots_kernel, positions, at, op, w);
  launch_rows(state_dots_kernel, heads, at, op, w);
  launch_elements(grad_step_kernel, heads, at, op, w);
  launch_elements(grad_head_kernel, size_t(at.sequences) * at.heads, at, op, w, stride);
}

} // namespace
} // namespace trainer
