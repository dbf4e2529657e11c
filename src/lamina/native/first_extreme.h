// The place of each row's first largest or smallest number, a NaN before all: one pass.
#pragma once

#include "parallel.h"
#include "vectors.h"

namespace lamina {

struct FirstExtreme {
  int64_t rows, columns;
  const float* x;
  float sign;  // 1 for the largest, -1 for the smallest
  int32_t* places;

  void run(xla::ffi::ThreadPool pool) const {
    const int64_t some = std::max<int64_t>(1, (1 << 14) / std::max<int64_t>(1, columns));
    in_stretches(pool, rows, some, [&](int64_t first, int64_t end) {
      for (int64_t row = first; row < end; ++row) places[row] = place(x + row * columns);
    });
  }

 private:
  // Each lane keeps its own first extreme; the first of the best lanes is the row's.
  int32_t place(const float* row) const {
    Vec best = all(row[0] * sign);
    Ints where = {}, here = {};
    for (int i = 0; i < kLanes; ++i) here[i] = i;
    const int64_t whole = columns / kLanes * kLanes;
    for (int64_t j = 0; j < whole; j += kLanes, here += kLanes) {
      const Vec own = load(row + j) * sign;
      const Ints better = (own > best) | ((own != own) & (best == best));
      best = better ? own : best;
      where = better ? here : where;
    }
    float top = best[0];
    int32_t found = where[0];
    const auto meet = [&](float own, int32_t at) {
      const bool same = own == top || (own != own && top != top);
      if (own > top || (own != own && top == top) || (same && at < found)) top = own, found = at;
    };
    for (int i = 1; i < kLanes; ++i) meet(best[i], where[i]);
    for (int64_t j = whole; j < columns; ++j) meet(row[j] * sign, static_cast<int32_t>(j));
    return found;
  }
};

}  // namespace lamina
