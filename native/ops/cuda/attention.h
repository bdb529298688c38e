// Causal attention. A stripe of rows, one segment of positions, goes at a time against all positions before it; within a
// stripe each head of each sequence has its own blocks of threads. The arithmetic is that of ops/reference/attention.h.
#pragma once
#include "ops/op_table.h"
#include "tiles.h"

namespace trainer {
namespace {

struct AttentionSizes {
  AttentionSizes(const Shape &shape, int sequences, int length)
      : sequences(sequences), length(length), heads(shape.attention_heads()), head(shape.head), width(shape.width),
        stripe(length < segment_depth ? length : segment_depth) {}
  int sequences, length, heads, head, width;
  int stripe; // rows of a whole one

  size_t items() const { return size_t(sequences) * heads; }
  __host__ __device__ int end(int begin) const { return length - begin < stripe ? length : begin + stripe; }
};

// Rows of w and of g that are in hand, [S, AH, stripe, T]: of row t the first t + 1.
struct AttentionScratch {
  float *weights, *grads; // grads only for the backward
};

template <class Take> AttentionScratch place_attention(const AttentionSizes &at, bool backward, Take take) {
  const size_t size = at.items() * at.stripe * at.length;
  return {take(size), backward ? take(size) : nullptr};
}

// One row for each position of each sequence, `row` apart; a head's channels side by side.
template <class Value> struct HeadRows {
  Value *data;
  ptrdiff_t row;
  __device__ Value *of(const AttentionSizes &at, size_t item) const {
    return data + item / at.heads * at.length * row + item % at.heads * at.head;
  }
};

__device__ inline float score_scale(int head) { return Cuda::div(1.0f, Cuda::sqrt(float(head))); }
__device__ inline float *stripe_of(float *rows, const AttentionSizes &at, size_t item) {
  return rows + item * at.stripe * at.length;
}

// out[t][j] = left_t . right_j for j <= t, times the scale of scores where those are asked for.
template <bool Scores> __global__ __launch_bounds__(BlockPart::threads) void
pairs_kernel(AttentionSizes at, int begin, HeadRows<const float> left, HeadRows<const float> right, float *rows) {
  const int end = at.end(begin);
  const TilePlace tile(end);
  const int first = begin + tile.m, last = first + block_tile < end ? first + block_tile : end;
  if (tile.n >= last) return; // nothing but later positions
  const float *from = left.of(at, blockIdx.x), *to = right.of(at, blockIdx.x);
  float *out = stripe_of(rows, at, blockIdx.x);
  BlockSums sum;
  clear_tile(sum);
  chain_tile<block_tile, block_each, Span::all, Fast::depth, Fast::depth>(
      first, end, tile.n, end, 0, at.head, [=](int t, int p) { return from[t * left.row + p]; },
      [=](int j, int p) { return to[j * right.row + p]; }, sum);
  const float scale = Scores ? score_scale(at.head) : 1.0f;
  const size_t length = at.length;
  store_tile<block_tile, block_each>(first, end, tile.n, end, sum, [=](int t, int j, float value) {
    if (j <= t) out[(t - begin) * length + j] = Scores ? Cuda::mul(value, scale) : value;
  });
}

// From scores to w: a warp for each row.
__global__ void attention_weights_kernel(size_t count, AttentionSizes at, int begin, AttentionScratch w, float *peak,
                                         float *share) {
  const size_t i = row_index();
  if (i >= count) return;
  const int number = at.end(begin) - begin, t = begin + int(i % number);
  const size_t item = i / number, line = item * at.length + t;
  float *row = stripe_of(w.weights, at, item) + size_t(t - begin) * at.length;
  const float most = warp_largest(row, t + 1);
  float sum = 0.0f;
  for (int j = lane_index(); j <= t; j += warp_lanes) {
    row[j] = trainer::exp<Cuda>(Cuda::sub(row[j], most));
    sum = Cuda::add(sum, row[j]);
  }
  const float part = Cuda::div(1.0f, fold_warp(sum));
  for (int j = lane_index(); j <= t; j += warp_lanes) row[j] = Cuda::mul(row[j], part);
  if (lane_index() == 0) peak[line] = most, share[line] = part;
}

// From scores to w, and from products with the values to g.
__global__ void attention_grads_kernel(size_t count, AttentionSizes at, int begin, AttentionScratch w,
                                       const float *peak, const float *share) {
  const size_t i = row_index();
  if (i >= count) return;
  const int number = at.end(begin) - begin, t = begin + int(i % number);
  const size_t item = i / number, line = item * at.length + t, place = size_t(t - begin) * at.length;
  float *weights = stripe_of(w.weights, at, item) + place, *grads = stripe_of(w.grads, at, item) + place;
  const float most = peak[line], part = share[line], scale = score_scale(at.head);
  float sum = 0.0f;
  for (int j = lane_index(); j <= t; j += warp_lanes) {
    weights[j] = Cuda::mul(trainer::exp<Cuda>(Cuda::sub(weights[j], most)), part);
    sum = Cuda::fma(weights[j], grads[j], sum);
  }
  const float mean = fold_warp(sum);
  for (int j = lane_index(); j <= t; j += warp_lanes)
    grads[j] = Cuda::mul(Cuda::mul(weights[j], Cuda::sub(grads[j], mean)), scale);
}

// out_t = sum over j <= t of weights[t][j] right_j, one segment of positions j after the other.
__global__ __launch_bounds__(BlockPart::threads) void
sum_over_earlier_kernel(AttentionSizes at, int begin, float *rows, HeadRows<const float> right, HeadRows<float> out) {
  const int end = at.end(begin);
  const TilePlace tile(at.head);
  const int first = begin + tile.m;
  const float *weights = stripe_of(rows, at, blockIdx.x), *from = right.of(at, blockIdx.x);
  const size_t length = at.length;
  BlockSums total, part;
  for (int segment = 0; segment <= begin; segment += segment_depth) {
    const int next = segment + segment_depth, last = next < first + block_tile ? next : first + block_tile;
    clear_tile(part);
    chain_tile<block_tile, block_each, Span::up_to_row, Fast::depth, Fast::other>(
        first, end, tile.n, at.head, segment, last < end ? last : end,
        [=](int t, int j) { return weights[(t - begin) * length + j]; },
        [=](int p, int j) { return from[j * right.row + p]; }, part);
#pragma unroll
    for (int i = 0; i < block_each; i++)
#pragma unroll
      for (int j = 0; j < block_each; j++)
        total[i][j] = segment == 0 ? part[i][j] : Cuda::add(total[i][j], part[i][j]);
  }
  float *to = out.of(at, blockIdx.x);
  store_tile<block_tile, block_each>(first, end, tile.n, at.head, total,
                                     [=](int t, int p, float value) { to[t * out.row + p] = value; });
}

// out_j += sum over t >= j of weights[t][j] right_t, t in the stripe; set where this is the first part.
__global__ __launch_bounds__(BlockPart::threads) void
sum_over_later_kernel(AttentionSizes at, int begin, float *rows, HeadRows<const float> right, HeadRows<float> out) {
  const int end = at.end(begin);
  const TilePlace tile(at.head);
  const float *weights = stripe_of(rows, at, blockIdx.x), *from = right.of(at, blockIdx.x);
  const size_t length = at.length;
  BlockSums sum;
  clear_tile(sum);
  chain_tile<block_tile, block_each, Span::from_row, Fast::other, Fast::other>(
      tile.m, end, tile.n, at.head, begin < tile.m ? tile.m : begin, end,
      [=](int j, int t) { return weights[(t - begin) * length + j]; },
      [=](int p, int t) { return from[t * right.row + p]; }, sum);
  float *to = out.of(at, blockIdx.x);
  store_tile<block_tile, block_each>(tile.m, end, tile.n, at.head, sum, [=](int j, int p, float value) {
    float &place = to[j * out.row + p];
    place = j < begin ? Cuda::add(place, value) : value;
  });
}

inline void device_attention_forward(const AttentionSizes &at, const AttentionForward<float> &op,
                                     const AttentionScratch &w) {
  const ptrdiff_t row = 3 * ptrdiff_t(at.width);
  const HeadRows<const float> q{op.projected, row}, k{op.projected + at.width, row}, v{k.data + at.width, row};
  for (int begin = 0; begin < at.length; begin += at.stripe) {
    const int end = at.end(begin);
    launch_tiles(pairs_kernel<true>, at.items(), end - begin, end, at, begin, q, k, w.weights);
    launch_rows(attention_weights_kernel, at.items() * (end - begin), at, begin, w, op.peak, op.share);
    launch_tiles(sum_over_earlier_kernel, at.items(), end - begin, at.head, at, begin, w.weights, v,
                 HeadRows<float>{op.output, at.width});
  }
}

inline void device_attention_backward(const AttentionSizes &at, const AttentionBackward<float> &op,
                                      const AttentionScratch &w) {
  const ptrdiff_t row = 3 * ptrdiff_t(at.width);
  const HeadRows<const float> q{op.projected, row}, k{op.projected + at.width, row}, v{k.data + at.width, row};
  const HeadRows<const float> grad{op.grad_output, at.width};
  const HeadRows<float> dq{op.grad_projected, row}, dk{op.grad_projected + at.width, row}, dv{dk.data + at.width, row};
  for (int begin = 0; begin < at.length; begin += at.stripe) {
    const int end = at.end(begin), rows = end - begin;
    launch_tiles(pairs_kernel<true>, at.items(), rows, end, at, begin, q, k, w.weights);
    launch_tiles(pairs_kernel<false>, at.items(), rows, end, at, begin, grad, v, w.grads);
    launch_rows(attention_grads_kernel, at.items() * rows, at, begin, w, op.peak, op.share);
    launch_tiles(sum_over_earlier_kernel, at.items(), rows, at.head, at, begin, w.grads, k, dq);
    launch_tiles(sum_over_later_kernel, at.items(), end, at.head, at, begin, w.grads, q, dk);
    launch_tiles(sum_over_later_kernel, at.items(), end, at.head, at, begin, w.weights, grad, dv);
  }
}

} // namespace
} // namespace trainer
