// What the loops of recurrent layers share.
//
// Rows of a batch know nothing of each other, so each thread takes some rows through all steps: threads never wait for
// one another, and a step's gates are worked out while its products are still in the cache. Kernels of gates that are
// sigmoids are divided by two, since σ(2z) = (1 + tanh z)/2.
#pragma once

#include "parallel.h"
#include "product.h"

namespace lamina {

// Sizes of a layer's arrays, (N, T, F) or (N, T, U), and the order of its steps.
struct Loop {
  int64_t batch, steps, features, units;
  bool reverse;
  const bool* mask;  // (N, T), or none

  int64_t pieces() const { return (batch + kRows - 1) / kRows; }
  int64_t at(int64_t step) const { return reverse ? steps - 1 - step : step; }
  bool skips(int64_t row, int64_t t) const { return mask && !mask[row * steps + t]; }

  // Step t of the rows from `first` on, of an array (N, T, width).
  template <typename T>
  Matrix<T> rows(T* data, int64_t first, int64_t t, int64_t width) const {
    return {data + (first * steps + t) * width, steps * width, 1};
  }
};

inline Vec sigmoid_of(Vec tanh) { return tanh * 0.5f + 0.5f; }

}  // namespace lamina
