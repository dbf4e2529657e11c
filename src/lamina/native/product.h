// Matrix products of float32 with any strides, on one thread: c = a·b, or c += a·b.
//
// The right factor is copied into panels of up to three vectors' width, in stretches of K, so that it is read in order;
// the left factor is read where it lies. A tile of c is held in registers while a stretch goes by (Goto and van de Geijn 2008, Anatomy of high-performance matrix multiplication). The order
// in which an element's terms are added depends on K alone, not on the number of threads or the place in the matrix.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "vectors.h"

namespace lamina {

constexpr int kRows = kRegisters == 32 ? 8 : 4;  // of a tile
constexpr int kVectors = 3;                      // a panel's width, in vectors
constexpr int64_t kStretch = 320;                // of K, copied at a time

// A matrix in memory: element (i, j) is at data[i * row + j * column].
template <typename T>
struct Matrix {
  T* data;
  int64_t row, column;
  Matrix flipped() const { return {data, column, row}; }
  Matrix at(int64_t i, int64_t j) const { return {data + i * row + j * column, row, column}; }
  operator Matrix<const T>() const { return {data, row, column}; }
};

// R rows of c, and V vectors of its columns, over `depth` terms; `width` columns are really there. A row of the panel
// has `step` numbers, and more vectors than V where not all of its columns are wanted.
template <int R, int V>
inline void tile(int64_t depth, Matrix<const float> a, const float* panel, int64_t step, Matrix<float> c, int width, bool add) {
  Vec sums[R][V] = {};
  for (int r = 0; r < R; ++r)
    for (int v = 0; v < V; ++v) __builtin_prefetch(c.data + r * c.row + v * kLanes, 1);
  for (int64_t k = 0; k < depth; ++k) {
    Vec b[V];
    for (int v = 0; v < V; ++v) b[v] = load(panel + k * step + v * kLanes);
    const float* left = a.data + k * a.column;
    __builtin_prefetch(left + 4 * a.column);  // of a turned factor, each step is in another line, and in another page
    __builtin_prefetch(left + 24 * a.column, 0, 2);
    for (int r = 0; r < R; ++r)
      for (int v = 0; v < V; ++v) sums[r][v] += b[v] * left[r * a.row];
  }
  if (width == V * kLanes && c.column == 1) {
    for (int r = 0; r < R; ++r)
      for (int v = 0; v < V; ++v) {
        float* to = c.data + r * c.row + v * kLanes;
        store(to, add ? load(to) + sums[r][v] : sums[r][v]);
      }
    return;
  }
  for (int r = 0; r < R; ++r) {
    const float* from = reinterpret_cast<const float*>(sums[r]);
    for (int j = 0; j < width; ++j) {
      float* to = c.data + r * c.row + j * c.column;
      *to = add ? *to + from[j] : from[j];
    }
  }
}

struct PlainTile {
  template <int R, int V>
  static constexpr auto of = tile<R, V>;
};

template <typename T, int V, int... R>
inline auto choose(int rows, std::integer_sequence<int, R...>) {
  static constexpr decltype(T::template of<1, V>) tiles[] = {T::template of<R + 1, V>...};
  return tiles[rows - 1];
}

// The tile of a kind T that has so many rows and vectors.
template <typename T>
inline auto tile_of(int rows, int vectors) {
  constexpr auto all = std::make_integer_sequence<int, kRows>{};
  return vectors == 3 ? choose<T, 3>(rows, all) : vectors == 2 ? choose<T, 2>(rows, all) : choose<T, 1>(rows, all);
}

// How wide the next panel is, in vectors, with so many vectors of columns left: two and two rather than three and one,
// since a single vector leaves the adders waiting.
inline int next_panel(int64_t vectors) { return vectors == 4 ? 2 : static_cast<int>(std::min<int64_t>(vectors, kVectors)); }

// Copies `depth` rows of `width` columns of b next to each other, with zeros up to V vectors.
template <int V>
inline void copy_panel(float* to, Matrix<const float> b, int64_t depth, int width) {
  constexpr int padded = V * kLanes;
  if (b.column == 1 && width == padded) {
    for (int64_t k = 0; k < depth; ++k)
      for (int v = 0; v < V; ++v) store(to + k * padded + v * kLanes, load(b.data + k * b.row + v * kLanes));
    return;
  }
  int64_t k = 0;
  if (b.row == 1 && width == padded)
    for (; k <= depth - kLanes; k += kLanes)
      for (int v = 0; v < V; ++v) turn(b.at(k, v * kLanes).data, b.column, to + k * padded + v * kLanes, padded);
  for (int j = 0; j < padded; ++j)
    for (int64_t i = k; i < depth; ++i) to[i * padded + j] = j < width ? b.data[i * b.row + j * b.column] : 0.0f;
}

inline int64_t vectors_of(int64_t columns) { return (columns + kLanes - 1) / kLanes; }

// One stretch of b in panels.
inline void copy_stretch(float* to, Matrix<const float> b, int64_t depth, int64_t n) {
  for (int64_t j = 0; j < n;) {
    const int vectors = next_panel(vectors_of(n - j)), padded = vectors * kLanes;
    const int width = static_cast<int>(std::min<int64_t>(n - j, padded));
    (vectors == 3 ? copy_panel<3> : vectors == 2 ? copy_panel<2> : copy_panel<1>)(to, b.at(0, j), depth, width);
    to += depth * padded;
    j += width;
  }
}

// A right factor (K, N) that has been copied: stretches, each in panels.
struct Panels {
  const float* data;
  int64_t k, n;
};

inline int64_t size_of_panels(int64_t k, int64_t n) { return k * vectors_of(n) * kLanes; }

inline Panels copy_panels(float* to, Matrix<const float> b, int64_t k, int64_t n) {
  for (int64_t l = 0; l < k; l += kStretch)
    copy_stretch(to + size_of_panels(l, n), b.at(l, 0), std::min(k - l, kStretch), n);
  return {to, k, n};
}

// c (m, n) = or += a (m, k)·b. With k or n less than b has, the first terms and columns alone take part; of the last
// vector all columns are written.
inline void product(int64_t m, int64_t n, int64_t k, Matrix<const float> a, Panels b, Matrix<float> c, bool add = false) {
  for (int64_t l = 0; l < k; l += kStretch, add = true) {
    const int64_t depth = std::min(b.k - l, kStretch);
    const float* stretch = b.data + size_of_panels(l, b.n);
    for (int64_t i = 0; i < m; i += kRows) {
      const int rows = static_cast<int>(std::min<int64_t>(m - i, kRows));
      for (int64_t j = 0; j < n;) {
        const int whole = next_panel(vectors_of(b.n - j)), vectors = std::min<int64_t>(whole, vectors_of(n - j));
        const int width = static_cast<int>(std::min<int64_t>(b.n - j, vectors * kLanes));
        tile_of<PlainTile>(rows, vectors)(std::min(k - l, depth), a.at(i, l), stretch + depth * j, whole * kLanes,
                                          c.at(i, j), width, add);
        j += width;
      }
    }
  }
}

constexpr int64_t kFew = 2;   // rows for which a right factor is not worth copying
constexpr int64_t kTaken = 8;  // rows of a right factor that are read side by side

// Adds a (R, count)·b (count, n) to R rows of sums, or begins them with it.
template <int R>
inline void add_rows(int64_t n, int64_t count, Matrix<const float> a, Matrix<const float> b, float* sums, bool first) {
  Vec left[kTaken][R] = {};
  for (int64_t k = 0; k < count; ++k)
    for (int r = 0; r < R; ++r) left[k][r] = all(a.data[r * a.row + k * a.column]);
  int64_t j = 0;
  if (count == kTaken)
    for (const float* rows = b.data; j <= n - kLanes; j += kLanes, rows += kLanes) {
      Vec of[R];
      for (int r = 0; r < R; ++r) of[r] = first ? Vec{} : load(sums + r * n + j);
      for (int k = 0; k < kTaken; ++k) {
        const Vec row = load(rows + k * b.row);
        for (int r = 0; r < R; ++r) of[r] += row * left[k][r];
      }
      for (int r = 0; r < R; ++r) store(sums + r * n + j, of[r]);
    }
  for (; j < n; j += kLanes) {
    const int64_t lanes = std::min<int64_t>(kLanes, n - j);
    for (int r = 0; r < R; ++r) {
      Vec of = first ? Vec{} : load(sums + r * n + j, lanes);
      for (int64_t k = 0; k < count; ++k) of += load(b.data + k * b.row + j, lanes) * left[k][r];
      store(sums + r * n + j, of, lanes);
    }
  }
}

// The same for at most kFew rows, and a b whose columns lie next to each other, read where it lies: so few rows read it
// once only, and to copy it would take as long. Terms are added in the order of `product`; `sums` holds m·n floats.
inline void thin_product(int64_t m, int64_t n, int64_t k, Matrix<const float> a, Matrix<const float> b, Matrix<float> c,
                         float* sums, bool add) {
  constexpr decltype(&add_rows<1>) adders[kFew] = {add_rows<1>, add_rows<2>};
  for (int64_t l = 0; l < k; l += kStretch, add = true) {
    const int64_t end = std::min(k, l + kStretch);
    for (int64_t at = l; at < end; at += kTaken)
      adders[m - 1](n, std::min(kTaken, end - at), a.at(0, at), b.at(at, 0), sums, at == l);
    for (int64_t r = 0; r < m; ++r)
      each_vector(n, [&](int64_t j, int64_t lanes) {
        float* to = c.data + r * c.row + j;
        const Vec sum = load(sums + r * n + j, lanes);
        store(to, add ? load(to, lanes) + sum : sum, lanes);
      });
  }
}

}  // namespace lamina
