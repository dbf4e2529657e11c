// What the loops of recurrent layers share.
//
// Rows of a batch know nothing of each other, so each thread takes some rows through all steps: threads never wait for
// one another, and a step's gates are worked out while its products are still in the cache. Kernels of gates that are
// sigmoids are divided by two, since σ(2z) = (1 + tanh z)/2.
#pragma once

#include "parallel.h"
#include "product.h"

namespace lamina {

// Sizes of a loop over time, and where its steps are.
struct Loop {
  int64_t steps, batch, units;
  bool reverse;
  const bool* mask;  // (T, N), or none

  int64_t pieces() const { return (batch + kRows - 1) / kRows; }
  int64_t at(int64_t step) const { return reverse ? steps - 1 - step : step; }
  bool skips(int64_t t, int64_t row) const { return mask && !mask[t * batch + row]; }
};

// All of a matrix that a loop multiplies with at each step, copied once.
inline Panels copied(Matrix<const float> kernel, int64_t k, int64_t n) {
  return copy_panels(scratch(0, size_of_panels(k, n)), kernel, k, n);
}

// Calls of(j, V) for each vector's worth of `units`; what does not fill a vector is moved through a small one.
template <typename Of>
inline void each_vector(int64_t units, const Of& of) {
  for (int64_t j = 0; j < units; j += kLanes) of(j, std::min<int64_t>(kLanes, units - j));
}

inline Vec sigmoid_of(Vec tanh) { return tanh * 0.5f + 0.5f; }

}  // namespace lamina
