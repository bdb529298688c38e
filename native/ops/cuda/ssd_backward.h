// The state-space dual backward. The gradients of the states pass from the last chunk to the first, a thread for each
// element; then all chunks and heads go at once, and what the reference adds up over heads, positions or chunks is a
// chain in that order. The arithmetic is that of ops/reference/ssd_backward.h.
#pragma once
#include "ssd_forward.h"

namespace trainer {
namespace {

struct SsdBackwardScratch {
  ChunkScratch chunk;
  float *grad_states;     // [S, C, H, N, P] gradient of the state leaving the chunk; none for the last chunk
  float *grad_mixing;     // [S, C, H, Q, Q] first the gradient of M, then that times M; +0 above the diagonal
  float *grad_similarity; // [S, C, Q, Q]
  float *from_state, *into_state, *grad_scaled; // [S, C, H, Q, P] C h, B R, and the gradient of dt x
  float *from_dot, *into_dot, *row_sum, *column_sum, *scaled_dot, *skip_dot; // [S, H, T]
  float *state_dot, *rate_sum;                                               // [S, C, H]
};

// Hands out the memory: `take(count)` answers a place of that many values.
template <class Take> SsdBackwardScratch place_backward(const Sizes &at, const ChunkScratch &chunk, Take take) {
  const size_t Q = at.chunk, P = at.head, N = at.state, heads = at.head_blocks(), lines = at.rows() * at.heads;
  SsdBackwardScratch w;
  w.chunk = chunk;
  w.grad_states = take(heads * N * P), w.grad_mixing = take(heads * Q * Q),
  w.grad_similarity = take(at.blocks() * Q * Q);
  for (float **rows : {&w.from_state, &w.into_state, &w.grad_scaled}) *rows = take(heads * Q * P);
  for (float **line : {&w.from_dot, &w.into_dot, &w.row_sum, &w.column_sum, &w.scaled_dot, &w.skip_dot})
    *line = take(lines);
  w.state_dot = take(heads), w.rate_sum = take(heads);
  return w;
}

// Where the values of one chunk and head stand.
struct HeadView {
  const float *x, *b, *c, *dt, *cs, *entering, *leaving, *similarity, *dy, *state, *grad_state;
  int row, dy_row;
  bool first, last;
  __device__ HeadView(const Sizes &at, const SsdBackward<float> &op, const SsdBackwardScratch &w,
                      const HeadPlace &here) {
    const float *rows = op.activated + here.row(at) * at.channels;
    const size_t line = here.line(at), size = size_t(at.state) * at.head, head = here.block * at.heads + here.head;
    x = rows + here.head * at.head, b = rows + at.inner, c = b + at.state;
    dt = op.step + line, cs = op.decay + line, entering = w.chunk.entering + line, leaving = w.chunk.leaving + line;
    similarity = w.chunk.similarity + here.block * at.chunk * at.chunk;
    dy = op.grad_output + here.row(at) * at.inner + here.head * at.head;
    state = op.states + head * size, grad_state = w.grad_states + head * size;
    row = at.channels, dy_row = at.inner, first = here.chunk == 0, last = here.chunk + 1 == at.chunks;
  }
  __device__ float scaled(int s, int p) const { return Cuda::mul(x[s * row + p], dt[s]); }
  __device__ float left(int s, int p) const { return Cuda::mul(scaled(s, p), leaving[s]); }
  __device__ float weighted(int l, int p) const { return Cuda::mul(dy[l * dy_row + p], entering[l]); }
  __device__ float fading(int l, int s) const { return trainer::exp<Cuda>(Cuda::sub(cs[l], cs[s])); }
};

// C^T (exp(cs) dy) of a chunk, into the place of the gradient of the state leaving the chunk before.
__global__ __launch_bounds__(BlockPart::threads) void grad_state_kernel(Sizes at, SsdBackward<float> op,
                                                                      SsdBackwardScratch w) {
  const HeadPlace here(at, blockIdx.x);
  const HeadView v(at, op, w, here);
  if (v.first) return;
  const int N = at.state, P = at.head;
  const TilePlace tile(P);
  BlockSums sum;
  clear_tile(sum);
  chain_tile<block_tile, block_each, Span::all, Fast::other, Fast::other>(
      tile.m, N, tile.n, P, 0, at.chunk, [=](int n, int q) { return v.c[q * v.row + n]; },
      [=](int p, int q) { return v.weighted(q, p); }, sum);
  float *out = w.grad_states + ((here.block - 1) * at.heads + here.head) * size_t(N) * P;
  store_tile<block_tile, block_each>(tile.m, N, tile.n, P, sum, [=](int n, int p, float value) { out[n * P + p] = value; });
}

__global__ void grad_state_passing_kernel(size_t count, Sizes at, SsdBackwardScratch w) {
  const size_t i = element_index();
  if (i >= count) return;
  const size_t size = size_t(at.state) * at.head, stride = at.heads * size, sequence = i / stride, element = i % stride;
  const float *entering = w.chunk.entering + (sequence * at.heads + element / size) * at.length;
  float *gradient = w.grad_states + sequence * at.chunks * stride + element;
  for (int chunk = at.chunks - 2; chunk > 0; chunk--) {
    const float kept = entering[(chunk + 1) * at.chunk - 1];
    gradient[(chunk - 1) * stride] = Cuda::fma(kept, gradient[chunk * stride], gradient[(chunk - 1) * stride]);
  }
}

// C h and B R.
__global__ __launch_bounds__(BlockPart::threads) void through_states_kernel(Sizes at, SsdBackward<float> op,
                                                                          SsdBackwardScratch w) {
  const HeadPlace here(at, blockIdx.x);
  const HeadView v(at, op, w, here);
  const int Q = at.chunk, N = at.state, P = at.head;
  const TilePlace tile(P);
  const auto product = [&](const float *rows, const float *state, float *out) {
    BlockSums sum;
    clear_tile(sum);
    chain_tile<block_tile, block_each, Span::all, Fast::depth, Fast::other>(
        tile.m, Q, tile.n, P, 0, N, [=](int l, int n) { return rows[l * v.row + n]; },
        [=](int p, int n) { return state[n * P + p]; }, sum);
    store_tile<block_tile, block_each>(tile.m, Q, tile.n, P, sum,
                                   [=](int l, int p, float value) { out[l * P + p] = value; });
  };
  if (!v.first) product(v.c, v.state, w.from_state + size_t(blockIdx.x) * Q * P);
  if (!v.last) product(v.b, v.grad_state, w.into_state + size_t(blockIdx.x) * Q * P);
}

// The gradient of M: dy (dt x)^T.
__global__ __launch_bounds__(BlockPart::threads) void grad_mixing_kernel(Sizes at, SsdBackward<float> op,
                                                                       SsdBackwardScratch w) {
  const HeadView v(at, op, w, HeadPlace(at, blockIdx.x));
  const int Q = at.chunk;
  const TilePlace tile(Q);
  BlockSums sum;
  clear_tile(sum);
  chain_tile<block_tile, block_each, Span::all, Fast::depth, Fast::depth>(
      tile.m, Q, tile.n, Q, 0, at.head, [=](int l, int p) { return v.dy[l * v.dy_row + p]; },
      [=](int s, int p) { return v.scaled(s, p); }, sum);
  float *out = w.grad_mixing + size_t(blockIdx.x) * Q * Q;
  store_tile<block_tile, block_each>(tile.m, Q, tile.n, Q, sum, [=](int l, int s, float value) { out[l * Q + s] = value; });
}

// The gradient of CB, heads ascending; the gradient of M becomes itself times M.
__global__ void grad_similarity_kernel(size_t count, Sizes at, SsdBackward<float> op, SsdBackwardScratch w) {
  const size_t i = element_index();
  if (i >= count) return;
  const size_t square = size_t(at.chunk) * at.chunk, block = i / square, element = i % square;
  const int l = int(element / at.chunk), s = int(element % at.chunk);
  float sum = 0.0f;
  for (int head = 0; head < at.heads; head++) {
    const size_t index = block * at.heads + head;
    float &gradient = w.grad_mixing[index * square + element];
    if (s > l) {
      gradient = 0.0f;
      continue;
    }
    const float decay = HeadView(at, op, w, HeadPlace(at, index)).fading(l, s);
    sum = Cuda::fma(gradient, decay, sum);
    gradient = Cuda::mul(gradient, Cuda::mul(w.chunk.similarity[i], decay));
  }
  w.grad_similarity[i] = sum;
}

// Sums over the rows and columns of the gradient of M times M: a warp for a row, then a thread for a column.
__global__ void mixing_rows_kernel(size_t count, Sizes at, SsdBackwardScratch w) {
  const size_t i = row_index();
  if (i >= count) return;
  const HeadPlace here(at, i / at.chunk);
  float sum = 0.0f;
  for (int s = lane_index(); s < at.chunk; s += warp_lanes) sum = Cuda::add(sum, w.grad_mixing[i * at.chunk + s]);
  sum = fold_warp(sum);
  if (lane_index() == 0) w.row_sum[here.line(at) + i % at.chunk] = sum;
}

__global__ void mixing_columns_kernel(size_t count, Sizes at, SsdBackwardScratch w) {
  const size_t i = element_index();
  if (i >= count) return;
  const HeadPlace here(at, i / at.chunk);
  const size_t s = i % at.chunk;
  const float *gradient = w.grad_mixing + i / at.chunk * at.chunk * at.chunk;
  float sum = 0.0f;
  for (size_t l = s; l < size_t(at.chunk); l++) sum = Cuda::add(sum, gradient[l * at.chunk + s]);
  w.column_sum[here.line(at) + s] = sum;
}

// What flows to dt x, and to x itself.
__global__ __launch_bounds__(BlockPart::threads) void grad_scaled_kernel(Sizes at, SsdBackward<float> op,
                                                                       SsdBackwardScratch w) {
  const HeadPlace here(at, blockIdx.x);
  const HeadView v(at, op, w, here);
  const int Q = at.chunk, P = at.head;
  const TilePlace tile(P);
  BlockSums sum;
  clear_tile(sum);
  chain_tile<block_tile, block_each, Span::from_row, Fast::other, Fast::other>(
      tile.m, Q, tile.n, P, 0, Q, [=](int s, int l) { return Cuda::mul(v.similarity[l * Q + s], v.fading(l, s)); },
      [=](int p, int l) { return v.dy[l * v.dy_row + p]; }, sum);
  const float *into = w.into_state + size_t(blockIdx.x) * Q * P;
  float *out = w.grad_scaled + size_t(blockIdx.x) * Q * P, *dx = op.grad_activated + (v.x - op.activated);
  const float skip = op.skip[here.head];
  store_tile<block_tile, block_each>(tile.m, Q, tile.n, P, sum, [=](int s, int p, float value) {
    if (!v.last) value = Cuda::add(Cuda::mul(v.leaving[s], into[s * P + p]), value);
    out[s * P + p] = value;
    dx[s * v.row + p] = Cuda::fma(value, v.dt[s], Cuda::mul(skip, v.dy[s * v.dy_row + p]));
  });
}

} // namespace
} // namespace trainer
