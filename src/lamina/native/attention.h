// Attention of float32, forward and backward, without an array of all scores.
//
// A thread takes a key head of one sample with the query heads that share it, and goes through the queries some rows at
// a time, whose scores stay in the cache. Forward keeps the logarithm of each row's sum of exponentials; backward works
// the probabilities out again from it (Dao et al. 2022, arXiv 2205.14135). Arrays lie as the projections leave them,
// (N, T, A, H), and keys that a causal row cannot see are not looked at.
#pragma once

#include <cmath>

#include "parallel.h"
#include "product.h"

namespace lamina {

constexpr int64_t kQueries = 32;  // rows at a time

struct Attention {
  int64_t samples, heads, key_heads, queries, keys, width, value_width;  // N, A, K, T, S, H, V
  float scale;
  bool causal;
  const bool* mask;          // or none
  const int64_t* mask_step;  // from one sample, head, query and key to the next; 0 where all share one
  const float *query, *key, *value;  // (N, T, A, H), (N, S, K, H), (N, S, K, V)

  template <typename T>
  static Matrix<T> part(T* data, int64_t sample, int64_t head, int64_t rows, int64_t heads, int64_t width) {
    return {data + (sample * rows * heads + head) * width, heads * width, 1};
  }
  template <typename T>
  Matrix<T> of_query(T* data, int64_t n, int64_t a) const { return part(data, n, a, queries, heads, width); }
  template <typename T>
  Matrix<T> of_output(T* data, int64_t n, int64_t a) const { return part(data, n, a, queries, heads, value_width); }
  template <typename T>
  Matrix<T> of_key(T* data, int64_t n, int64_t k) const { return part(data, n, k, keys, key_heads, width); }
  template <typename T>
  Matrix<T> of_value(T* data, int64_t n, int64_t k) const { return part(data, n, k, keys, key_heads, value_width); }

  // How many keys the rows up to `last` look at, at most.
  int64_t seen(int64_t last) const { return causal ? std::min(keys, last + 1) : keys; }

  // A row of scores is this far from the next, in whole panels.
  int64_t row() const { return vectors_of(keys) * kLanes; }

  // Calls work(sample, key head) for all. Heads of a sample share pages, so that one thread rather takes several.
  template <typename Work>
  void each_head(xla::ffi::ThreadPool pool, const Work& work) const {
    const int64_t several = samples >= 4 * pool.num_threads() ? key_heads : 1;
    in_stretches(pool, samples * key_heads, several, [&](int64_t first, int64_t end) {
      for (int64_t piece = first; piece < end; ++piece) work(piece / key_heads, piece % key_heads);
    });
  }

  // A head's keys side by side, scaled, as a factor of scores.
  Panels scaled_keys(float* to, Matrix<const float> own) const {
    const Panels turned = copy_panels(to, own.flipped(), width, keys);
    for (int64_t j = 0; j < size_of_panels(width, keys); j += kLanes) store(to + j, load(to + j) * scale);
    return turned;
  }

  // Scores of `rows` queries from `first` on; −∞ where a query does not see the key.
  void scores(float* to, int64_t n, int64_t a, int64_t first, int64_t rows, const Panels& turned) const {
    const int64_t most = seen(first + rows - 1);
    product(rows, most, width, of_query(query, n, a).at(first, 0), turned, {to, row(), 1});
    for (int64_t r = 0; r < rows; ++r, to += row()) {
      const int64_t until = seen(first + r), end = vectors_of(most) * kLanes;
      std::fill(to + until, to + end, -INFINITY);
      if (!mask) continue;
      const bool* open = mask + n * mask_step[0] + a * mask_step[1] + (first + r) * mask_step[2];
      for (int64_t s = 0; s < until; ++s)
        if (!open[s * mask_step[3]]) to[s] = -INFINITY;
    }
  }
};

struct Attend : Attention {
  float *output, *log_sums;  // (N, T, A, V), (N, A, T)

  void run(xla::ffi::ThreadPool pool) const {
    const int64_t group = heads / key_heads, blocks = (queries + kQueries - 1) / kQueries;
    each_head(pool, [&](int64_t n, int64_t k) {
      const Panels turned = scaled_keys(scratch(0, size_of_panels(width, keys)), of_key(key, n, k));
      const Panels values = copy_panels(scratch(1, size_of_panels(keys, value_width)), of_value(value, n, k), keys, value_width);
      float* rows = scratch(2, kQueries * row());
      for (int64_t a = k * group; a < (k + 1) * group; ++a)
        for (int64_t block = 0; block < blocks; ++block) some(n, a, block * kQueries, rows, turned, values);
    });
  }

 private:
  void some(int64_t n, int64_t a, int64_t first, float* p, const Panels& turned, const Panels& values) const {
    const int64_t rows = std::min(kQueries, queries - first), most = seen(first + rows - 1);
    scores(p, n, a, first, rows, turned);
    float totals[kQueries];
    for (int64_t r = 0; r < rows; ++r) totals[r] = exponentials(p + r * row(), most, log_sums + (n * heads + a) * queries + first + r);
    const Matrix<float> result = of_output(output, n, a).at(first, 0);
    product(rows, value_width, most, {p, row(), 1}, values, result);
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t j = 0; j < value_width; ++j) result.data[r * result.row + j] *= totals[r];
  }

  // e^{score − highest} in place; returns one over their sum, and 0 in a row that sees nothing.
  static float exponentials(float* row, int64_t most, float* log_sum) {
    Vec top = all(-INFINITY);
    for (int64_t j = 0; j < most; j += kLanes) top = greatest(top, load(row + j));
    float highest = -INFINITY;
    for (int i = 0; i < kLanes; ++i) highest = std::max(highest, top[i]);
    highest = std::max(highest, -3.402823466e38f);  // finite in an empty row, too
    Vec sums = {};
    for (int64_t j = 0; j < most; j += kLanes) {
      const Vec e = exp(load(row + j) - highest);
      sums += e;
      store(row + j, e);
    }
    const float sum = std::max(sum_of(sums), 1.0f);  // the highest score alone adds 1
    *log_sum = highest + std::log(sum);
    return 1.0f / sum;
  }
};

struct AttendPull : Attention {
  const float *g, *log_sums, *through;     // (N, T, A, V), (N, A, T), Σ_s p_s ∂L/∂p_s (N, A, T)
  float *g_query, *g_key, *g_value;

  void run(xla::ffi::ThreadPool pool) const {
    const int64_t group = heads / key_heads, blocks = (queries + kQueries - 1) / kQueries;
    each_head(pool, [&](int64_t n, int64_t k) {
      const auto own_keys = of_key(key, n, k);
      float* space = scratch(0, size_of_panels(width, keys) + size_of_panels(value_width, keys) + size_of_panels(keys, width));
      const Panels turned = scaled_keys(space, own_keys);
      space += size_of_panels(width, keys);
      const Panels turned_values = copy_panels(space, of_value(value, n, k).flipped(), value_width, keys);
      const Panels plain = copy_panels(space + size_of_panels(value_width, keys), own_keys, keys, width);
      // Added up side by side: rows of a head are so far from each other that they would push themselves out of the cache.
      float* sums = scratch(3, keys * (width + value_width));
      std::fill_n(sums, keys * (width + value_width), 0.0f);
      const Matrix<float> key_sums{sums, width, 1}, value_sums{sums + keys * width, value_width, 1};
      for (int64_t a = k * group; a < (k + 1) * group; ++a)
        for (int64_t block = 0; block < blocks; ++block)
          some(n, a, block * kQueries, turned, turned_values, plain, key_sums, value_sums);
      copy_rows(of_key(g_key, n, k), key_sums);
      copy_rows(of_value(g_value, n, k), value_sums);
    });
  }

 private:
  void copy_rows(Matrix<float> to, Matrix<float> from) const {
    for (int64_t s = 0; s < keys; ++s) std::copy_n(from.data + s * from.row, from.row, to.data + s * to.row);
  }

  void some(int64_t n, int64_t a, int64_t first, const Panels& turned, const Panels& turned_values, const Panels& plain,
            Matrix<float> key_sums, Matrix<float> value_sums) const {
    const int64_t rows = std::min(kQueries, queries - first), most = seen(first + rows - 1);
    float *p = scratch(1, 2 * kQueries * row()), *slopes = p + kQueries * row();
    const auto own = of_query(query, n, a).at(first, 0);
    const auto g_rows = of_output(g, n, a).at(first, 0);
    scores(p, n, a, first, rows, turned);
    product(rows, most, value_width, g_rows, turned_values, {slopes, row(), 1});
    for (int64_t r = 0; r < rows; ++r) {
      const int64_t place = (n * heads + a) * queries + first + r;
      slope(p + r * row(), slopes + r * row(), most, log_sums[place], through[place]);
    }
    product(rows, width, most, {slopes, row(), 1}, plain, of_query(g_query, n, a).at(first, 0));
    float* few = scratch(2, size_of_panels(kQueries, std::max(width, value_width)));
    product(most, width, rows, {slopes, 1, row()}, copy_panels(few, own, rows, width), key_sums, true);
    product(most, value_width, rows, {p, 1, row()}, copy_panels(few, g_rows, rows, value_width), value_sums, true);
  }

  // Scores become probabilities, and the values' gradients those of the scores.
  void slope(float* p, float* slopes, int64_t most, float log_sum, float through) const {
    for (int64_t j = 0; j < most; j += kLanes) {
      const Vec probability = exp(load(p + j) - log_sum);
      store(p + j, probability);
      store(slopes + j, probability * (load(slopes + j) - through) * scale);
    }
  }
};

}  // namespace lamina
