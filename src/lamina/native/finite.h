// Whether arrays hold neither infinity nor NaN.
#pragma once

#include <vector>

#include "parallel.h"
#include "vectors.h"

namespace lamina {

struct Numbers {
  const float* data;
  int64_t count;
};

inline bool all_finite(const float* data, int64_t count) {
  Vec sums = {};  // 0 times a finite number is 0, and NaN otherwise
  each_vector(count, [&](int64_t j, int64_t some) { sums += load(data + j, some) * 0.0f; });
  return sum_of(sums) == 0;
}

inline bool all_finite(xla::ffi::ThreadPool pool, const std::vector<Numbers>& arrays) {
  std::vector<int64_t> counts;
  for (const Numbers& own : arrays) counts.push_back(own.count);
  std::atomic<bool> finite{true};
  in_shares(pool, counts, 1 << 16, [&](size_t array, int64_t first, int64_t end) {
    if (finite && !all_finite(arrays[array].data + first, end - first)) finite = false;
  });
  return finite;
}

}  // namespace lamina
