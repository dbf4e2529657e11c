// Rows brought to mean 0 and variance 1, scaled and shifted, and the gradient of that: each row is read once from
// memory and written once.
#pragma once

#include <cmath>

#include "parallel.h"
#include "vectors.h"

namespace lamina {

constexpr int64_t kSomeNorms = 32;  // rows in one piece of work

struct LayerNorm {
  int64_t rows, features;
  const float *x, *gamma, *beta;
  float epsilon;
  float *y, *means, *inverses;  // inverses: 1/√(v + ε)

  void run(xla::ffi::ThreadPool pool) const {
    in_stretches(pool, rows, kSomeNorms, [&](int64_t first, int64_t end) {
      for (int64_t row = first; row < end; ++row) one(row);
    });
  }

 private:
  void one(int64_t row) const {
    const float* from = x + row * features;
    float* to = y + row * features;
    Vec sums = {}, squares = {};
    each_vector(features, [&](int64_t j, int64_t count) { sums += load(from + j, count); });
    const float mean = sum_of(sums) / features;
    each_vector(features, [&](int64_t j, int64_t count) {
      const Vec centred = first_of(load(from + j, count) - mean, count);
      squares += centred * centred;
    });
    const float inverse = 1 / std::sqrt(sum_of(squares) / features + epsilon);
    each_vector(features, [&](int64_t j, int64_t count) {
      const Vec normal = (load(from + j, count) - mean) * inverse;
      store(to + j, normal * load(gamma + j, count) + load(beta + j, count), count);
    });
    means[row] = mean;
    inverses[row] = inverse;
  }
};

struct LayerNormPull {
  int64_t rows, features;
  const float *x, *gamma, *means, *inverses, *g;
  float *g_x, *g_gamma, *g_beta;  // the latter for each piece of rows, to be added up

  void run(xla::ffi::ThreadPool pool) const {
    in_stretches(pool, rows, kSomeNorms, [&](int64_t first, int64_t end) {
      const int64_t sums = first / kSomeNorms * features;
      float *of_gamma = g_gamma + sums, *of_beta = g_beta + sums;
      std::fill_n(of_gamma, features, 0.0f);
      std::fill_n(of_beta, features, 0.0f);
      for (int64_t row = first; row < end; ++row) one(row, of_gamma, of_beta);
    });
  }

 private:
  void one(int64_t row, float* of_gamma, float* of_beta) const {
    const float *from = x + row * features, *slope = g + row * features;
    float* to = g_x + row * features;
    const float mean = means[row], inverse = inverses[row];
    Vec sums = {}, products = {};
    each_vector(features, [&](int64_t j, int64_t count) {
      const Vec normal = (load(from + j, count) - mean) * inverse, own = load(slope + j, count);
      const Vec scaled = own * load(gamma + j, count);
      sums += scaled;
      products += scaled * normal;
      store(of_gamma + j, load(of_gamma + j, count) + own * normal, count);
      store(of_beta + j, load(of_beta + j, count) + own, count);
    });
    const float along = sum_of(sums) / features, across = sum_of(products) / features;
    each_vector(features, [&](int64_t j, int64_t count) {
      const Vec normal = (load(from + j, count) - mean) * inverse;
      const Vec scaled = load(slope + j, count) * load(gamma + j, count);
      store(to + j, (scaled - along - normal * across) * inverse, count);
    });
  }
};

}  // namespace lamina
