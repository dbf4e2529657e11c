// The product that gradients of weights are: c (M, N) = aᵀ·b with a (K, M) and b (K, N), K the rows of a batch.
#pragma once

#include "parallel.h"
#include "product.h"

namespace lamina {

constexpr int64_t kLine = 16;  // floats in a line of the cache

struct OuterProduct {
  int64_t k, m, n;
  const float *a, *b;
  float* c;

  // Each thread takes parts of c through all of K, and copies what it needs of both factors a stretch at a time.
  void run(xla::ffi::ThreadPool pool) const {
    constexpr int64_t panel = 2 * kLanes;  // so that equal shares stay whole panels
    const int64_t threads = std::max<int64_t>(1, pool.num_threads());
    // Rather columns than rows, for b is the dearer one to copy; of what is added up, no more than the cache holds.
    const int64_t wide = std::min(n < 2 * panel * threads ? n : share(n, threads, panel), 24 * panel);
    const int64_t across = (n + wide - 1) / wide;
    const int64_t high = std::min<int64_t>(share(m, (threads + across - 1) / across, 4 * kRows), 512);
    const int64_t down = (m + high - 1) / high;
    in_parallel(pool, across * down, [&](int64_t piece) {
      const int64_t i = piece / across * high, j = piece % across * wide;
      part(i, std::min(high, m - i), j, std::min(wide, n - j));
    });
  }

 private:
  // A share of `whole` for each of so many, in multiples of `unit`.
  static int64_t share(int64_t whole, int64_t many, int64_t unit) {
    return ((whole + many - 1) / many + unit - 1) / unit * unit;
  }

  void part(int64_t i, int64_t rows, int64_t j, int64_t columns) const {
    for (int64_t l = 0; l < k; l += kStretch) {
      const int64_t depth = std::min(k - l, kStretch);
      const Matrix<const float> right{b + l * n + j, n, 1};
      const Panels panels = copy_panels(scratch(0, size_of_panels(depth, columns)), right, depth, columns);
      for (int64_t r = 0; r < rows; r += kLine) {
        const int64_t some = std::min<int64_t>(kLine, rows - r);
        product(some, columns, depth, copied(l, depth, i + r, some), panels, {c + (i + r) * n + j, n, 1}, l > 0);
      }
    }
  }

  // Some rows of aᵀ next to each other: where they lie, each number of a row is in another page.
  Matrix<const float> copied(int64_t l, int64_t depth, int64_t first, int64_t count) const {
    float* to = scratch(1, depth * kLine);
    for (int64_t d = 0; d < depth; ++d) {
      const float* from = a + (l + d) * m + first;
      __builtin_prefetch(from + 16 * m);
      if (count == kLine) std::copy_n(from, kLine, to + d * kLine);
      else std::copy_n(from, count, to + d * kLine);
    }
    return {to, 1, kLine};
  }
};

}  // namespace lamina
