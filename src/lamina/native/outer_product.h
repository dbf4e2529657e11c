// The product that gradients of weights are: c (M, N) = aᵀ·b with a (K, M) and b (K, N), K the rows of a batch.
#pragma once

#include "parallel.h"
#include "product.h"

namespace lamina {

struct OuterProduct {
  int64_t k, m, n;
  const float *a, *b;
  float* c;

  // Each thread takes parts of c through all of K. The left factor is read where it lies, a line of the cache for every
  // step of K; of the right one a thread copies what it needs, a stretch at a time.
  void run(xla::ffi::ThreadPool pool) const {
    constexpr int64_t panel = 2 * kLanes;  // so that equal shares stay whole panels
    const int64_t threads = std::max<int64_t>(1, pool.num_threads());
    // Threads share the columns, lest each copies all of b; or the rows, where a is much the larger one to read. Of what
    // is added up, no more than the cache holds.
    const bool by_rows = m >= 2 * n || n < 2 * panel * threads;
    const int64_t wide = std::min(by_rows ? n : share(n, threads, panel), 24 * panel);
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
      product(rows, columns, depth, {a + l * m + i, 1, m}, panels, {c + i * n + j, n, 1}, l > 0);
    }
  }
};

}  // namespace lamina
