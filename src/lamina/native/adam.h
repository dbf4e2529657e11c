// One step of Adam for some tensors: w, m and v are read once and written once.
#pragma once

#include <cmath>

#include "parallel.h"
#include "vectors.h"

namespace lamina {

inline Vec root(Vec x) {
  for (int i = 0; i < kLanes; ++i) x[i] = std::sqrt(x[i]);  // compilers make one instruction of it
  return x;
}

struct Adam {
  int64_t count;
  const float *w, *g, *m, *v;
  float rate, first, second;  // η, 1/(1 − β₁^t), 1/(1 − β₂^t)
  float beta_1, beta_2, epsilon;
  float *new_w, *new_m, *new_v;

  void run(int64_t first, int64_t end) const {
    each_vector(end - first, [&](int64_t j, int64_t some) { change(first + j, some); });
  }

 private:
  void change(int64_t i, int64_t some) const {
    const Vec slope = load(g + i, some);
    const Vec mean = beta_1 * load(m + i, some) + (1 - beta_1) * slope;
    const Vec size = beta_2 * load(v + i, some) + (1 - beta_2) * slope * slope;
    store(new_m + i, mean, some);
    store(new_v + i, size, some);
    store(new_w + i, load(w + i, some) - rate * (mean * first) / (root(size * second) + epsilon), some);
  }
};

inline void run_all(xla::ffi::ThreadPool pool, const std::vector<Adam>& all) {
  std::vector<int64_t> counts;
  for (const Adam& own : all) counts.push_back(own.count);
  in_shares(pool, counts, 1 << 14, [&](size_t tensor, int64_t first, int64_t end) { all[tensor].run(first, end); });
}

}  // namespace lamina
