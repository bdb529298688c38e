// Products in tiles: a block of threads computes one square of the result, each thread a few elements of it. The
// operands pass through shared memory; per element the fma chain runs over ascending k, whatever the tile.
#pragma once
#include "canon/constants.h"
#include "device.h"
#include "ops/op_table.h"

namespace trainer {
namespace {

// Which terms of the chain of row m exist.
enum class Span { all, up_to_row, from_row }; // all; k <= m; k >= m

constexpr int depth_step = 8;

// The place of a thread: element (i, j) of its part is row(i), column(j) of the tile. Neighbouring threads take
// neighbouring groups of four columns, so that a warp reads shared memory without conflicts.
template <int Tile, int Each> struct TilePart {
  static constexpr int side = Tile / Each;
  static constexpr unsigned threads = side * side;
  __device__ static int row(int i) { return i / 4 * 4 * side + int(threadIdx.x) / side * 4 + i % 4; }
  __device__ static int column(int j) { return j / 4 * 4 * side + int(threadIdx.x) % side * 4 + j % 4; }
};

// Which index runs fastest in memory, so that neighbouring threads load neighbouring elements.
enum class Fast { depth, other };

// One operand's part of a step in shared memory. A thread first fetches its elements to registers, while the block
// still computes with those of the step before, and puts them down after it.
template <int Tile, unsigned Threads, Fast Along> struct OperandTile {
  static constexpr int each = Tile * depth_step / int(Threads);
  // rows begin on 16 bytes, so that four neighbours are one load
  using Shared = float[depth_step][Tile + 4];

  __device__ static int depth(int i) { return Along == Fast::depth ? place(i) % depth_step : place(i) / Tile; }
  __device__ static int other(int i) { return Along == Fast::depth ? place(i) / depth_step : place(i) % Tile; }
  template <class Element> __device__ void fetch(int first, int limit, int begin, int end, Element element) {
#pragma unroll
    for (int i = 0; i < each; i++) {
      const int m = first + other(i), k = begin + depth(i);
      held[i] = m < limit && k < end ? element(m, k) : 0.0f;
    }
  }
  __device__ void put(Shared &tile) const {
#pragma unroll
    for (int i = 0; i < each; i++) tile[depth(i)][other(i)] = held[i];
  }
  float held[each];

private:
  __device__ static int place(int i) { return i * int(Threads) + int(threadIdx.x); }
};

__device__ inline void load_four(const float *from, float *to) {
  const float4 four = *reinterpret_cast<const float4 *>(from);
  to[0] = four.x, to[1] = four.y, to[2] = four.z, to[3] = four.w;
}

// sum[i][j] = the chain over k in [begin, end) of left(m, k) * right(n, k), going on from what it holds. All threads of
// the block must call it.
template <int Tile, int Each, Span Terms, Fast AlongLeft, Fast AlongRight, class Left, class Right>
__device__ inline void chain_tile(int m0, int rows, int n0, int columns, int begin, int end, Left left, Right right,
                                  float (&sum)[Each][Each]) {
  using Part = TilePart<Tile, Each>;
  __shared__ __align__(16) float left_tile[depth_step][Tile + 4], right_tile[depth_step][Tile + 4];
  OperandTile<Tile, Part::threads, AlongLeft> next_left;
  OperandTile<Tile, Part::threads, AlongRight> next_right;
  const auto take = [&](int k, int here) {
    float a[Each], b[Each];
#pragma unroll
    for (int i = 0; i < Each; i += 4) {
      load_four(&left_tile[k][Part::row(i)], a + i);
      load_four(&right_tile[k][Part::column(i)], b + i);
    }
#pragma unroll
    for (int i = 0; i < Each; i++) {
      const int m = m0 + Part::row(i);
      if (Terms == Span::up_to_row && here > m) continue;
      if (Terms == Span::from_row && here < m) continue;
#pragma unroll
      for (int j = 0; j < Each; j++) sum[i][j] = Cuda::fma(a[i], b[j], sum[i][j]);
    }
  };
  const auto fetch = [&](int k0) {
    next_left.fetch(m0, rows, k0, end, left);
    next_right.fetch(n0, columns, k0, end, right);
  };
  fetch(begin);
  for (int k0 = begin; k0 < end; k0 += depth_step) {
    const int steps = end - k0 < depth_step ? end - k0 : depth_step;
    __syncthreads(); // the tiles of the step before have been read
    next_left.put(left_tile);
    next_right.put(right_tile);
    __syncthreads();
    if (k0 + depth_step < end) fetch(k0 + depth_step);
    if (steps == depth_step) {
#pragma unroll
      for (int k = 0; k < depth_step; k++) take(k, k0 + k);
    } else {
      for (int k = 0; k < steps; k++) take(k, k0 + k); // terms beyond the depth do not exist: they are not zeros
    }
  }
}

template <int Each> __device__ inline void clear_tile(float (&sum)[Each][Each]) {
#pragma unroll
  for (int i = 0; i < Each; i++)
#pragma unroll
    for (int j = 0; j < Each; j++) sum[i][j] = 0.0f;
}

// Calls store(m, n, value) for the elements of this thread that exist.
template <int Tile, int Each, class Store>
__device__ inline void store_tile(int m0, int rows, int n0, int columns, const float (&sum)[Each][Each], Store store) {
  using Part = TilePart<Tile, Each>;
#pragma unroll
  for (int i = 0; i < Each; i++)
#pragma unroll
    for (int j = 0; j < Each; j++) {
      const int m = m0 + Part::row(i), n = n0 + Part::column(j);
      if (m < rows && n < columns) store(m, n, sum[i][j]);
    }
}

// c[m, n] of every item of a batch; element (m, k) of `a` and (k, n) of `b` by their strides.
struct Product {
  int rows, columns, depth;
  Strided<float> a;
  Strided<float> b;
  float *c;
  ptrdiff_t c_row;
  int items = 1;
  ptrdiff_t a_item = 0, b_item = 0, c_item = 0;
};

// Without `Segmented` the depth is that of one segment: fewer registers, so that two blocks run on one multiprocessor.
template <int Tile, int Each, bool Segmented, Fast AlongLeft, Fast AlongRight>
__global__ __launch_bounds__(TilePart<Tile, Each>::threads, Segmented ? 1 : 2) void product_kernel(Product op) {
  const int m0 = int(blockIdx.x) * Tile, n0 = int(blockIdx.y) * Tile;
  const float *a = op.a.data + blockIdx.z * op.a_item, *b = op.b.data + blockIdx.z * op.b_item;
  const auto left = [=](int m, int k) { return a[m * op.a.row + k * op.a.column]; };
  const auto right = [=](int n, int k) { return b[k * op.b.row + n * op.b.column]; };
  float total[Each][Each], part[Each][Each];
  for (int begin = 0; begin == 0 || (Segmented && begin < op.depth); begin += segment_depth) {
    const int end = begin + segment_depth < op.depth ? begin + segment_depth : op.depth;
    clear_tile(part);
    chain_tile<Tile, Each, Span::all, AlongLeft, AlongRight>(m0, op.rows, n0, op.columns, begin, end, left, right,
                                                             part);
#pragma unroll
    for (int i = 0; i < Each; i++)
#pragma unroll
      for (int j = 0; j < Each; j++)
        total[i][j] = !Segmented || begin == 0 ? part[i][j] : Cuda::add(total[i][j], part[i][j]);
  }
  float *c = op.c + blockIdx.z * op.c_item;
  const ptrdiff_t row = op.c_row;
  store_tile<Tile, Each>(m0, op.rows, n0, op.columns, total,
                         [=](int m, int n, float value) { c[m * row + n] = value; });
}

template <int Tile, int Each, bool Segmented, Fast AlongLeft, Fast AlongRight>
inline void launch_product(const Product &op) {
  const dim3 grid(blocks_for(op.rows, Tile), blocks_for(op.columns, Tile), unsigned(op.items));
  launch(product_kernel<Tile, Each, Segmented, AlongLeft, AlongRight>, grid, TilePart<Tile, Each>::threads, op);
}

constexpr size_t enough_blocks = 132; // multiprocessors of an H100 or H200

template <Fast AlongLeft, Fast AlongRight> inline void choose_tile(const Product &op) {
  // large tiles load less per product, small ones fill the device; the bits are the same
  const size_t large = size_t(blocks_for(op.rows, 128)) * blocks_for(op.columns, 128) * op.items;
  if (large >= enough_blocks && op.rows > 64 && op.columns > 64) {
    if (op.depth <= segment_depth) return launch_product<128, 8, false, AlongLeft, AlongRight>(op);
    return launch_product<128, 8, true, AlongLeft, AlongRight>(op);
  }
  if (op.columns > 32) return launch_product<64, 4, true, AlongLeft, AlongRight>(op);
  launch_product<32, 4, true, AlongLeft, AlongRight>(op);
}

inline void device_product(const Product &op) {
  const bool depth_left = op.a.column == 1, depth_right = op.b.row == 1 && op.b.column != 1;
  if (depth_left && depth_right) return choose_tile<Fast::depth, Fast::depth>(op);
  if (depth_left) return choose_tile<Fast::depth, Fast::other>(op);
  if (depth_right) return choose_tile<Fast::other, Fast::depth>(op);
  choose_tile<Fast::other, Fast::other>(op);
}

} // namespace
} // namespace trainer
