// x·Φ(x) and its slope, in one pass over the memory.
#pragma once

#include "parallel.h"
#include "vectors.h"

namespace lamina {

constexpr float kDensity = 0.3989422804f;  // of the normal distribution at 0, 1/√(2π)

struct Normal {
  Vec below, power;  // Φ(x), e^{−x²/2}
};

// The lower tail is e^{−x²/2}·t·Σ_k c_k t^k with t = 1/(1 + 0.2121|x|), as in the plain form.
inline Normal normal_at(Vec x) {
  const Vec t = 1.0f / (1.0f + 0.2121f * (x < 0 ? -x : x)), power = exp(x * x * -0.5f);
  Vec sum = all(-0.06480541825294495f);
  for (const float c : {0.24306213855743408f, -0.25648340582847595f, 0.27401337027549744f, -0.04726402461528778f,
                        0.10735683888196945f, 0.07420287281274796f, 0.0853356420993805f, 0.08458196371793747f})
    sum = sum * t + c;
  const Vec tail = power * t * sum;
  return {x < 0 ? tail : 1.0f - tail, power};
}

// z·Φ(z) and Φ(z) + z·φ(z) of z = x + bias, where there is one: `width` numbers, the same for each row of x.
struct Gelu {
  int64_t count, width;
  const float *x, *bias;
  float *y, *slope;

  void run(xla::ffi::ThreadPool pool) const {
    const int64_t row = bias ? width : 1 << 14;
    const int64_t rows = (count + row - 1) / row, some = std::max<int64_t>(1, (1 << 14) / row);
    in_stretches(pool, rows, some, [&](int64_t first, int64_t end) {
      for (int64_t i = first * row; i < std::min(end * row, count); i += row) one(i, std::min(row, count - i));
    });
  }

 private:
  void one(int64_t start, int64_t numbers) const {
    each_vector(numbers, [&](int64_t j, int64_t some) {
      const Vec own = load(x + start + j, some), z = bias ? own + load(bias + j, some) : own;
      const auto [below, power] = normal_at(z);
      const Vec near = least(greatest(z, all(-100.0f)), all(100.0f));  // so that ∞·0 is 0
      store(y + start + j, z * below, some);
      store(slope + start + j, below + near * power * kDensity, some);
    });
  }
};

}  // namespace lamina
