// Channels brought to mean 0 and variance 1 over all rows, scaled and shifted, and the gradient of that. Rows are taken
// in pieces that stay in the cache; what the pieces give is put together in their order, whoever has worked them out.
#pragma once

#include <cmath>

#include "parallel.h"
#include "vectors.h"

namespace lamina {

struct Channels {
  int64_t rows, channels;

  int64_t each() const { return std::max<int64_t>(8, 8192 / channels); }  // rows in a piece
  int64_t pieces() const { return (rows + each() - 1) / each(); }

  // Calls of(first, end, sums) for the pieces, each with room of its own for two numbers a channel.
  template <typename Of>
  float* by_pieces(xla::ffi::ThreadPool pool, const Of& of) const {
    float* sums = scratch(0, pieces() * 2 * channels);
    in_stretches(pool, rows, each(), [&](int64_t first, int64_t end) { of(first, end, sums + first / each() * 2 * channels); });
    return sums;
  }

  // Calls of(first, end) for stretches of rows.
  template <typename Of>
  void by_rows(xla::ffi::ThreadPool pool, const Of& of) const { in_stretches(pool, rows, each(), of); }

  // The sum over rows of value(i), a vector of what is at place i of the arrays; four at a time do not wait for another.
  template <typename Value>
  Vec sum(int64_t first, int64_t end, int64_t j, const Value& value) const {
    Vec sums[4] = {};
    int64_t row = first;
    for (; row + 4 <= end; row += 4)
      for (int k = 0; k < 4; ++k) sums[k] += value((row + k) * channels + j);
    for (; row < end; ++row) sums[0] += value(row * channels + j);
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
  }
};

struct Moments : Channels {
  const float* x;
  float *mean, *variance;

  void run(xla::ffi::ThreadPool pool) const {
    const float* found = by_pieces(pool, [&](int64_t first, int64_t end, float* own) { moments(first, end, own); });
    join(found);
  }

 private:
  // Mean and sum of squared distances from it, of some rows.
  void moments(int64_t first, int64_t end, float* own) const {
    each_vector(channels, [&](int64_t j, int64_t count) {
      const Vec middle = sum(first, end, j, [&](int64_t i) { return load(x + i, count); }) / static_cast<float>(end - first);
      const Vec squares = sum(first, end, j, [&](int64_t i) {
        const Vec distance = load(x + i, count) - middle;
        return distance * distance;
      });
      store(own + j, middle, count);
      store(own + channels + j, squares, count);
    });
  }

  // Those of all rows (Chan, Golub and LeVeque 1979).
  void join(const float* found) const {
    for (int64_t j = 0; j < channels; ++j) {
      double middle = 0, squares = 0, seen = 0;
      for (int64_t p = 0; p < pieces(); ++p) {
        const double count = std::min(each(), rows - p * each());
        const double distance = found[2 * p * channels + j] - middle;
        seen += count;
        middle += distance * count / seen;
        squares += found[(2 * p + 1) * channels + j] + distance * distance * count * (seen - count) / seen;
      }
      mean[j] = static_cast<float>(middle);
      variance[j] = static_cast<float>(squares / seen);
    }
  }
};

struct BatchNormPull : Channels {
  const float *x, *gamma, *mean, *variance, *g;
  float epsilon;
  float *g_x, *g_gamma, *g_beta;

  void run(xla::ffi::ThreadPool pool) const {
    const float* found = by_pieces(pool, [&](int64_t first, int64_t end, float* own) { sums(first, end, own); });
    for (int64_t j = 0; j < channels; ++j) {
      double slopes = 0, along = 0;
      for (int64_t p = 0; p < pieces(); ++p) {
        slopes += found[2 * p * channels + j];
        along += found[(2 * p + 1) * channels + j];
      }
      g_beta[j] = static_cast<float>(slopes);
      g_gamma[j] = static_cast<float>(along / std::sqrt(variance[j] + static_cast<double>(epsilon)));
    }
    by_rows(pool, [&](int64_t first, int64_t end) { slopes(first, end); });
  }

 private:
  void sums(int64_t first, int64_t end, float* own) const {
    each_vector(channels, [&](int64_t j, int64_t count) {
      const Vec middle = load(mean + j, count);
      store(own + j, sum(first, end, j, [&](int64_t i) { return load(g + i, count); }), count);
      store(own + channels + j, sum(first, end, j, [&](int64_t i) {
              return load(g + i, count) * (load(x + i, count) - middle);
            }), count);
    });
  }

  void slopes(int64_t first, int64_t end) const {
    each_vector(channels, [&](int64_t j, int64_t count) {
      const Vec middle = load(mean + j, count), even = load(g_beta + j, count) / static_cast<float>(rows);
      Vec slope = load(gamma + j, count), along = load(g_gamma + j, count) / static_cast<float>(rows);
      for (int i = 0; i < count; ++i) {
        const float inverse = 1 / std::sqrt(variance[j + i] + epsilon);
        slope[i] *= inverse;
        along[i] *= inverse;
      }
      for (int64_t i = first * channels + j; i < end * channels; i += channels)
        store(g_x + i, (load(g + i, count) - even - (load(x + i, count) - middle) * along) * slope, count);
    });
  }
};

}  // namespace lamina
