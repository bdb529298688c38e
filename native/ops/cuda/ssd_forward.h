// The state-space dual forward. Within a chunk everything is a product in tiles, each chunk and head by its own blocks
// of threads; only the states pass from chunk to chunk, a thread for each element. The arithmetic is that of
// ops/reference/ssd_forward.h.
#pragma once
#include "sizes.h"
#include "tiles.h"

namespace trainer {
namespace {

// Values that forward and backward make anew from activations, for one batch.
struct ChunkScratch {
  float *similarity;         // [S, C, Q, Q] C_l . B_s, +0 above the diagonal
  float *entering, *leaving; // [S, H, T] exp(cs), exp(cs_last - cs)
};

// One chunk and head of one sequence.
struct HeadPlace {
  size_t sequence, block; // block counts chunks of all sequences
  int chunk, head;
  __device__ HeadPlace(const Sizes &at, size_t index)
      : sequence(index / at.heads / at.chunks), block(index / at.heads), chunk(int(index / at.heads % at.chunks)),
        head(int(index % at.heads)) {}
  // First row of the chunk in [S * T, ...], and in what stands per head.
  __device__ size_t row(const Sizes &at) const { return block * at.chunk; }
  __device__ size_t line(const Sizes &at) const {
    return (sequence * at.heads + head) * at.length + size_t(chunk) * at.chunk;
  }
};

__global__ void edges_kernel(size_t count, Sizes at, const float *decay, ChunkScratch out) {
  const size_t i = element_index();
  if (i >= count) return;
  const size_t last = i / at.chunk * at.chunk + at.chunk - 1;
  out.entering[i] = trainer::exp<Cuda>(decay[i]);
  out.leaving[i] = trainer::exp<Cuda>(Cuda::sub(decay[last], decay[i]));
}

__global__ __launch_bounds__(BlockPart::threads) void similarity_kernel(Sizes at, const float *activated,
                                                                      float *similarity) {
  const float *b = activated + size_t(blockIdx.x) * at.chunk * at.channels + at.inner, *c = b + at.state;
  const int Q = at.chunk, row = at.channels;
  const TilePlace tile(Q);
  BlockSums sum;
  clear_tile(sum);
  chain_tile<block_tile, block_each, Span::all, Fast::depth, Fast::depth>(
      tile.m, Q, tile.n, Q, 0, at.state, [=](int l, int n) { return c[l * row + n]; },
      [=](int s, int n) { return b[s * row + n]; }, sum);
  float *out = similarity + size_t(blockIdx.x) * Q * Q;
  store_tile<block_tile, block_each>(tile.m, Q, tile.n, Q, sum,
                                 [=](int l, int s, float value) { out[l * Q + s] = s <= l ? value : 0.0f; });
}

// What a chunk adds to the state, into the place of the state entering the next chunk.
__global__ __launch_bounds__(BlockPart::threads) void state_kernel(Sizes at, SsdForward<float> op, ChunkScratch w) {
  const HeadPlace here(at, blockIdx.x);
  if (here.chunk + 1 == at.chunks) return;
  const int N = at.state, P = at.head, row = at.channels;
  const float *x = op.activated + here.row(at) * row + here.head * P, *b = op.activated + here.row(at) * row + at.inner;
  const float *dt = op.step + here.line(at), *leaving = w.leaving + here.line(at);
  const TilePlace tile(P);
  BlockSums sum;
  clear_tile(sum);
  chain_tile<block_tile, block_each, Span::all, Fast::other, Fast::other>(
      tile.m, N, tile.n, P, 0, at.chunk, [=](int n, int q) { return b[q * row + n]; },
      [=](int p, int q) { return Cuda::mul(Cuda::mul(x[q * row + p], dt[q]), leaving[q]); }, sum);
  float *out = op.states + (here.block + 1) * op.state_stride + size_t(here.head) * N * P;
  store_tile<block_tile, block_each>(tile.m, N, tile.n, P, sum, [=](int n, int p, float value) { out[n * P + p] = value; });
}

// Adds the states before, chunk by chunk.
__global__ void state_passing_kernel(size_t count, Sizes at, SsdForward<float> op, ChunkScratch w) {
  const size_t i = element_index();
  if (i >= count) return;
  const size_t stride = op.state_stride, sequence = i / stride, element = i % stride;
  const float *entering = w.entering + (sequence * at.heads + element / (at.state * at.head)) * at.length;
  float *state = op.states + sequence * at.chunks * stride + element;
  for (int chunk = 1; chunk + 1 < at.chunks; chunk++) {
    const float kept = entering[(chunk + 1) * at.chunk - 1];
    state[(chunk + 1) * stride] = Cuda::fma(kept, state[chunk * stride], state[(chunk + 1) * stride]);
  }
}

__global__ __launch_bounds__(BlockPart::threads) void output_kernel(Sizes at, SsdForward<float> op, ChunkScratch w) {
  const HeadPlace here(at, blockIdx.x);
  const int Q = at.chunk, N = at.state, P = at.head, row = at.channels;
  const float *x = op.activated + here.row(at) * row + here.head * P,
              *c = op.activated + here.row(at) * row + at.inner + N;
  const float *dt = op.step + here.line(at), *cs = op.decay + here.line(at), *entering = w.entering + here.line(at);
  const float *similarity = w.similarity + here.block * Q * Q;
  const float *state = op.states + here.block * op.state_stride + size_t(here.head) * N * P;
  const float skip = op.skip[here.head];
  const TilePlace tile(P);
  BlockSums sum, remembered;
  clear_tile(sum);
  clear_tile(remembered);
  chain_tile<block_tile, block_each, Span::up_to_row, Fast::depth, Fast::other>(
      tile.m, Q, tile.n, P, 0, Q,
      [=](int l, int s) { return Cuda::mul(similarity[l * Q + s], trainer::exp<Cuda>(Cuda::sub(cs[l], cs[s]))); },
      [=](int p, int s) { return Cuda::mul(x[s * row + p], dt[s]); }, sum);
  if (here.chunk > 0)
    chain_tile<block_tile, block_each, Span::all, Fast::depth, Fast::other>(
        tile.m, Q, tile.n, P, 0, N, [=](int l, int n) { return c[l * row + n]; },
        [=](int p, int n) { return state[n * P + p]; }, remembered);
  float *out = op.output + here.row(at) * at.inner + here.head * P;
#pragma unroll
  for (int i = 0; i < block_each; i++)
#pragma unroll
    for (int j = 0; j < block_each; j++) {
      const int l = tile.m + BlockPart::row(i), p = tile.n + BlockPart::column(j);
      if (l >= Q || p >= P) continue;
      const float y = here.chunk > 0 ? Cuda::fma(entering[l], remembered[i][j], sum[i][j]) : sum[i][j];
      out[size_t(l) * at.inner + p] = Cuda::fma(skip, x[l * row + p], y);
    }
}

inline void device_ssd_prepare(const Sizes &at, const float *activated, const float *decay, const ChunkScratch &w) {
  launch_elements(edges_kernel, at.rows() * at.heads, at, decay, w);
  launch_tiles(similarity_kernel, at.blocks(), at.chunk, at.chunk, at, activated, w.similarity);
}

inline void device_ssd_forward(const Sizes &at, const SsdForward<float> &op, const ChunkScratch &w) {
  device_ssd_prepare(at, op.activated, op.decay, w);
  launch_tiles(state_kernel, at.head_blocks(), at.state, at.head, at, op, w);
  launch_elements(state_passing_kernel, size_t(at.sequences) * op.state_stride, at, op, w);
  launch_tiles(output_kernel, at.head_blocks(), at.chunk, at.head, at, op, w);
}

} // namespace
} // namespace trainer
