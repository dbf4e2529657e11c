// x·Φ(x) and Φ(x), in one pass over the memory.
#pragma once

#include "parallel.h"
#include "vectors.h"

namespace lamina {

// The lower tail is e^{−x²/2}·t·Σ_k c_k t^k with t = 1/(1 + 0.2121|x|), as in the plain form.
inline Vec normal_cdf(Vec x) {
  const Vec t = 1.0f / (1.0f + 0.2121f * (x < 0 ? -x : x));
  Vec sum = all(-0.06480541825294495f);
  for (const float c : {0.24306213855743408f, -0.25648340582847595f, 0.27401337027549744f, -0.04726402461528778f,
                        0.10735683888196945f, 0.07420287281274796f, 0.0853356420993805f, 0.08458196371793747f})
    sum = sum * t + c;
  const Vec tail = exp(x * x * -0.5f) * t * sum;
  return x < 0 ? tail : 1.0f - tail;
}

inline void gelu_with_gate(xla::ffi::ThreadPool pool, int64_t count, const float* x, float* y, float* gate) {
  in_stretches(pool, count, 1 << 14, [=](int64_t first, int64_t end) {
    each_vector(end - first, [=](int64_t j, int64_t some) {
      const Vec v = load(x + first + j, some), phi = normal_cdf(v);
      store(gate + first + j, phi, some);
      store(y + first + j, v * phi, some);
    });
  });
}

}  // namespace lamina
