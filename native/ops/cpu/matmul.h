// Matmul over the vector vocabulary: register tiles of rows x columns, each element one fma chain over ascending k.
#pragma once
#include "canon/functions.h"
#include "ops/op_table.h"
#include <cstring>
#include <utility>

namespace trainer {
namespace {

// A right-hand side in panels of as many columns as a tile has: element (k, n) stands at
// data[(n / columns) * panel + k * row + n % columns].
struct Panels {
  const float *data;
  ptrdiff_t row, panel;
};

// Which k belong to row m of the product: all of them, k <= m, or k >= m. Nothing else is ever multiplied.
enum class Span { all, up_to_row, from_row };

template <class S> constexpr int tile_columns = S::tile_vectors * S::width;

template <class S, int Rows> struct Tile {
  typename S::Vec sum[Rows][S::tile_vectors];

  inline __attribute__((always_inline)) void clear() {
#pragma GCC unroll 16
    for (int i = 0; i < Rows; i++)
#pragma GCC unroll 4
      for (int j = 0; j < S::tile_vectors; j++) sum[i][j] = S::set1(0.0f);
  }
  // Takes term k into rows [First, Last).
  template <int First, int Last>
  inline __attribute__((always_inline)) void take(const float *a, ptrdiff_t a_row, const float *b) {
    typename S::Vec right[S::tile_vectors];
#pragma GCC unroll 4
    for (int j = 0; j < S::tile_vectors; j++) right[j] = S::load(b + j * S::width);
#pragma GCC unroll 16
    for (int i = First; i < Last; i++) {
      const typename S::Vec left = S::set1(a[i * a_row]);
#pragma GCC unroll 4
      for (int j = 0; j < S::tile_vectors; j++) sum[i][j] = S::fma(left, right[j], sum[i][j]);
    }
  }
  inline __attribute__((always_inline)) void put(float *c, ptrdiff_t c_row, bool add) const {
#pragma GCC unroll 16
    for (int i = 0; i < Rows; i++)
#pragma GCC unroll 4
      for (int j = 0; j < S::tile_vectors; j++) {
        float *to = c + i * c_row + j * S::width;
        S::store(to, add ? S::add(S::load(to), sum[i][j]) : sum[i][j]);
      }
  }
};

// Terms that only some rows of the tile have: term begin + j belongs to rows above j (from_row) or from j on (up_to_row).
template <class S, int Rows, Span span, int J>
inline __attribute__((always_inline)) void take_triangle(Tile<S, Rows> &tile, const float *a, ptrdiff_t a_row,
                                                         ptrdiff_t a_step, const float *b, ptrdiff_t b_row) {
  if constexpr (J < Rows) {
    if constexpr (span == Span::up_to_row)
      tile.template take<J, Rows>(a + J * a_step, a_row, b + J * b_row);
    else
      tile.template take<0, J + 1>(a + J * a_step, a_row, b + J * b_row);
    take_triangle<S, Rows, span, J + 1>(tile, a, a_row, a_step, b, b_row);
  }
}

template <class S, int Rows, Span span>
void tile_product(int first_row, int depth, const float *a, ptrdiff_t a_row, ptrdiff_t a_step, const float *b,
                  ptrdiff_t b_row, float *c, ptrdiff_t c_row, bool add) {
  Tile<S, Rows> tile;
  tile.clear();
  int k = 0, end = depth;
  if constexpr (span == Span::up_to_row) end = first_row;
  if constexpr (span == Span::from_row) {
    k = first_row;
    take_triangle<S, Rows, span, 0>(tile, a + k * a_step, a_row, a_step, b + k * b_row, b_row);
    k += Rows;
  }
  const float *left = a + k * a_step, *right = b + k * b_row;
#pragma GCC unroll 4
  for (; k < end; k++, left += a_step, right += b_row) tile.template take<0, Rows>(left, a_row, right);
  if constexpr (span == Span::up_to_row) take_triangle<S, Rows, span, 0>(tile, left, a_row, a_step, right, b_row);
  tile.put(c, c_row, add);
}

using TileProduct = void (*)(int, int, const float *, ptrdiff_t, ptrdiff_t, const float *, ptrdiff_t, float *, ptrdiff_t,
                             bool);

template <class S, Span span> struct TileTable {
  TileProduct rows[S::tile_rows + 1];
  template <int... Index> static constexpr TileTable make(std::integer_sequence<int, Index...>) {
    return {{nullptr, tile_product<S, Index + 1, span>...}};
  }
};
template <class S, Span span>
constexpr TileTable<S, span> tiles = TileTable<S, span>::make(std::make_integer_sequence<int, S::tile_rows>());

// One tile that may stick out of the right edge of c.
template <class S, Span span>
inline void place_tile(int rows, int columns, int first_row, int depth, const float *a, ptrdiff_t a_row, ptrdiff_t a_step,
                       const float *b, ptrdiff_t b_row, float *c, ptrdiff_t c_row, bool add) {
  constexpr int width = tile_columns<S>;
  const TileProduct product = tiles<S, span>.rows[rows];
  if (columns >= width) return product(first_row, depth, a, a_row, a_step, b, b_row, c, c_row, add);
  float edge[S::tile_rows * width];
  product(first_row, depth, a, a_row, a_step, b, b_row, edge, width, false);
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < columns; j++)
      c[i * c_row + j] = add ? c[i * c_row + j] + edge[i * width + j] : edge[i * width + j];
}

// c (+)= a b for one depth segment; a Span other than all needs rows == depth.
template <class S, Span span = Span::all>
inline void product(int rows, int columns, int depth, Strided<float> a, Panels b, float *c, ptrdiff_t c_row, bool add) {
  for (int n = 0; n < columns; n += tile_columns<S>)
    for (int m = 0; m < rows; m += S::tile_rows)
      place_tile<S, span>(rows - m < S::tile_rows ? rows - m : S::tile_rows, columns - n, m, depth, a.data + m * a.row,
                          a.row, a.column, b.data + n / tile_columns<S> * b.panel, b.row, c + m * c_row + n, c_row, add);
}

// The same where only elements with n <= m are wanted: tiles wholly above the diagonal are left alone.
template <class S>
inline void product_lower(int rows, int depth, Strided<float> a, Panels b, float *c, ptrdiff_t c_row) {
  for (int n = 0; n < rows; n += tile_columns<S>)
    for (int m = n / S::tile_rows * S::tile_rows; m < rows; m += S::tile_rows)
      place_tile<S, Span::all>(rows - m < S::tile_rows ? rows - m : S::tile_rows, rows - n, m, depth,
                               a.data + m * a.row, a.row, a.column, b.data + n / tile_columns<S> * b.panel, b.row,
                               c + m * c_row + n, c_row, false);
}

constexpr int cpu_segment_depth = 256;

template <class S> inline int panel_count(int columns) { return (columns + tile_columns<S> - 1) / tile_columns<S>; }

template <class S> size_t cpu_packed_size(int depth, int columns) {
  return size_t(panel_count<S>(columns)) * tile_columns<S> * depth;
}

// `columns` columns of one panel, transposed from rows of `b` with stride b.column; the rest of the panel is zero.
template <class S> inline void pack_transposed(Strided<float> b, int depth, int columns, float *to) {
  constexpr int width = tile_columns<S>, block = S::transpose_size;
  int k = 0;
  if (columns == width)
    for (; k + block <= depth; k += block)
      for (int n = 0; n < width; n += block)
        S::transpose(b.data + k + n * b.column, b.column, to + k * width + n, width);
  for (; k < depth; k++)
    for (int n = 0; n < width; n++) to[k * width + n] = n < columns ? b.data[k + n * b.column] : 0.0f;
}

template <class S> inline void pack_rows(Strided<float> b, int depth, int columns, float *to) {
  constexpr int width = tile_columns<S>;
  for (int k = 0; k < depth; k++) {
    const float *from = b.data + k * b.row;
    if (columns == width) {
#pragma GCC unroll 4
      for (int j = 0; j < S::tile_vectors; j++) S::store(to + k * width + j * S::width, S::load(from + j * S::width));
    } else {
      for (int n = 0; n < width; n++) to[k * width + n] = n < columns ? from[n] : 0.0f;
    }
  }
}

// Element (k, n) of `b`, one of whose strides is 1. Columns beyond the last are padded; k never is.
template <class S> void cpu_pack(Strided<float> b, int depth, int columns, float *packed) {
  constexpr int width = tile_columns<S>;
  for (int n = 0; n < columns; n += width) {
    const int here = columns - n < width ? columns - n : width;
    const Strided<float> panel{b.data + n * b.column, b.row, b.column};
    if (b.column == 1)
      pack_rows<S>(panel, depth, here, packed + size_t(n) * depth);
    else
      pack_transposed<S>(panel, depth, here, packed + size_t(n) * depth);
  }
}

// A block of columns of `a` (rows of the product) in the order in which tiles read them: [tile][k][row of the tile].
template <class S> inline void pack_left(const float *a, ptrdiff_t a_step, int rows, int depth, float *to) {
  for (int m = 0; m < rows; m += S::tile_rows) {
    const float *from = a + m;
    if (rows - m >= S::tile_rows) {
      for (int k = 0; k < depth; k++, from += a_step, to += S::tile_rows)
        std::memcpy(to, from, S::tile_rows * sizeof(float));
    } else {
      for (int k = 0; k < depth; k++, from += a_step, to += rows - m)
        for (int i = 0; i < rows - m; i++) to[i] = from[i];
    }
  }
}

// Rows of `a` that are used together, so that they stay in the nearest cache while the panels go by.
template <class S> constexpr int block_rows = (S::tile_rows < 8 ? 4 : 2) * S::tile_rows;

// One depth segment of a block of rows against all panels. `a` has its k side by side, or is packed by pack_left.
template <class S, bool packed_left>
inline void block_product(int rows, int columns, int depth, const float *a, ptrdiff_t a_row, const float *packed,
                          ptrdiff_t panel, float *c, ptrdiff_t c_row, bool add) {
  for (int n = 0; n < columns; n += tile_columns<S>, packed += panel)
    for (int m = 0; m < rows; m += S::tile_rows) {
      const int here = rows - m < S::tile_rows ? rows - m : S::tile_rows;
      const float *left = packed_left ? a + ptrdiff_t(m) * depth : a + m * a_row;
      place_tile<S, Span::all>(here, columns - n, 0, depth, left, packed_left ? 1 : a_row, packed_left ? here : 1,
                               packed, tile_columns<S>, c + m * c_row + n, c_row, add);
    }
}

template <class S>
void cpu_matmul(int rows, int columns, int depth, Strided<float> a, const float *packed, float *c, ptrdiff_t c_row) {
  float left[block_rows<S> * cpu_segment_depth];
  const ptrdiff_t panel = ptrdiff_t(tile_columns<S>) * depth;
  for (int k = 0; k < depth; k += cpu_segment_depth) {
    const int deep = depth - k < cpu_segment_depth ? depth - k : cpu_segment_depth;
    const float *right = packed + ptrdiff_t(k) * tile_columns<S>;
    for (int m = 0; m < rows; m += block_rows<S>) {
      const int tall = rows - m < block_rows<S> ? rows - m : block_rows<S>;
      const float *from = a.data + m * a.row + k * a.column;
      if (a.column == 1) {
        block_product<S, false>(tall, columns, deep, from, a.row, right, panel, c + m * c_row, c_row, k > 0);
      } else {
        pack_left<S>(from, a.column, tall, deep, left);
        block_product<S, true>(tall, columns, deep, left, 1, right, panel, c + m * c_row, c_row, k > 0);
      }
    }
  }
}

} // namespace
} // namespace trainer
