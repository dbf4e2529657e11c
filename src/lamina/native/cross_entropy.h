// The cross-entropy of rows of logits with class numbers, and its gradient: one pass each, no array of probabilities.
#pragma once

#include <cmath>

#include "parallel.h"
#include "vectors.h"

namespace lamina {

constexpr int64_t kSomeRows = 8;  // of logits, in one piece of work

struct CrossEntropy {
  int64_t rows, classes;
  const float* logits;
  const int32_t* labels;
  float *losses, *log_sums;  // log Σ e^{logit}

  void run(xla::ffi::ThreadPool pool) const {
    in_stretches(pool, rows, kSomeRows, [&](int64_t first, int64_t end) {
      for (int64_t row = first; row < end; ++row) one(row);
    });
  }

 private:
  void one(int64_t row) const {
    const float* x = logits + row * classes;
    const int64_t whole = classes / kLanes * kLanes;
    Vec top = all(-INFINITY), sums = {};
    for (int64_t j = 0; j < whole; j += kLanes) top = greatest(top, load(x + j));
    float highest = -INFINITY;
    for (int i = 0; i < kLanes; ++i) highest = std::max(highest, top[i]);
    for (int64_t j = whole; j < classes; ++j) highest = std::max(highest, x[j]);
    for (int64_t j = 0; j < whole; j += kLanes) sums += exp(load(x + j) - highest);
    float sum = sum_of(sums);
    for (int64_t j = whole; j < classes; ++j) sum += std::exp(x[j] - highest);
    const float log_sum = std::log(sum);
    const int32_t label = labels[row];
    losses[row] = label >= 0 && label < classes ? log_sum - (x[label] - highest) : NAN;
    log_sums[row] = log_sum + highest;
  }
};

// e^{logit − log sum}·of_sum, less of_label at the label.
struct CrossEntropyPull {
  int64_t rows, classes;
  const float* logits;
  const int32_t* labels;
  const float *log_sums, *of_sum, *of_label;
  float* g_logits;

  void run(xla::ffi::ThreadPool pool) const {
    in_stretches(pool, rows, kSomeRows, [&](int64_t first, int64_t end) {
      for (int64_t row = first; row < end; ++row) one(row);
    });
  }

 private:
  void one(int64_t row) const {
    const float* x = logits + row * classes;
    float* g = g_logits + row * classes;
    each_vector(classes, [&](int64_t j, int64_t count) {
      store(g + j, exp(load(x + j, count) - log_sums[row]) * of_sum[row], count);
    });
    const int32_t label = labels[row];
    if (label >= 0 && label < classes) g[label] -= of_label[row];
  }
};

}  // namespace lamina
