// Whether arrays hold neither infinity nor NaN.
#pragma once

#include <vector>

#include "parallel.h"
#include "vectors.h"

namespace lamina {

struct Numbers {
  const float* data;
  int64_t count;

  bool all_finite() const {
    Vec sums = {};  // 0 times a finite number is 0, and NaN otherwise
    each_vector(count, [&](int64_t j, int64_t some) { sums += load(data + j, some) * 0.0f; });
    return sum_of(sums) == 0;
  }
};

inline bool all_finite(xla::ffi::ThreadPool pool, const std::vector<Numbers>& arrays) {
  constexpr int64_t most = 1 << 16;
  std::vector<Numbers> pieces;
  for (const auto& [data, count] : arrays)
    for (int64_t first = 0; first < count; first += most)
      pieces.push_back({data + first, std::min(most, count - first)});
  std::atomic<bool> finite{true};
  in_parallel(pool, static_cast<int64_t>(pieces.size()), [&](int64_t i) {
    if (finite && !pieces[i].all_finite()) finite = false;
  });
  return finite;
}

}  // namespace lamina
