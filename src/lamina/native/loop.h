// What the loops of recurrent layers share.
//
// Rows of a batch know nothing of each other, so each thread takes some rows through all steps: threads never wait for
// one another, and a step's gates are worked out while its products are still in the cache. Gates that are sigmoids
// are kept as a tanh, since σ(z) = (1 + tanh(z/2))/2.
//
// A batch of one tile's rows or fewer would keep one thread busy only. There two threads take half of the units each and
// meet after every step: each reads its half of the weights again and again, side by side, so that they stay in its
// cache. The inputs of several steps are projected together, for a product of few rows takes as long as reading the
// weights does.
#pragma once

#include "parallel.h"
#include "product.h"

namespace lamina {

// Sizes of a layer's arrays, (N, T, F) or (N, T, U), and the order of its steps.
struct Loop {
  int64_t batch, steps, features, units;
  bool reverse;
  const bool* mask;  // (N, T), or none

  // Calls work(first row, rows) for all rows, at most a tile's at a time, and as many for each thread.
  template <typename Work>
  void each_piece(xla::ffi::ThreadPool pool, const Work& work) const {
    const int64_t threads = std::max<int64_t>(1, pool.num_threads()), tiles = (batch + kRows - 1) / kRows;
    const int64_t pieces = std::max(threads, (tiles + threads - 1) / threads * threads);
    const int64_t rows = std::max<int64_t>(1, (batch + pieces - 1) / pieces);
    in_stretches(pool, batch, rows, [&](int64_t first, int64_t end) { work(first, end - first); });
  }
  int64_t at(int64_t step) const { return reverse ? steps - 1 - step : step; }
  bool skips(int64_t row, int64_t t) const { return mask && !mask[row * steps + t]; }

  bool few() const { return batch <= kRows; }

  // Step t of the rows from `first` on, of an array (N, T, width).
  template <typename T>
  Matrix<T> rows(T* data, int64_t first, int64_t t, int64_t width) const {
    return {data + (first * steps + t) * width, steps * width, 1};
  }
};

// The products of a step, (rows, width) each: of its inputs with the kernel, and of the state with the recurrent one.
struct Products {
  const Loop& loop;
  const float* x;
  int64_t width;
  Panels of_x, of_h;

  Products(const Loop& loop, const float* x, const float* kernel, const float* recurrent, int64_t width)
      : loop(loop), x(x), width(width) {
    const int64_t size = size_of_panels(loop.features, width);
    float* space = scratch(0, size + size_of_panels(loop.units, width));
    of_x = copy_panels(space, {kernel, width, 1}, loop.features, width);
    of_h = copy_panels(space + size, {recurrent, width, 1}, loop.units, width);
  }

  void of_inputs(int64_t first, int64_t rows, int64_t step, Matrix<float> z) const {
    product(rows, width, loop.features, loop.rows(x, first, loop.at(step), loop.features), of_x, z);
  }
  void of_state(int64_t rows, const float* h, Matrix<float> z, bool add) const {
    product(rows, width, loop.units, {h, loop.units, 1}, of_h, z, add);
  }
};

// The same for few rows, the state's by halves of the units.
class FewRows {
 public:
  FewRows(xla::ffi::ThreadPool pool, const Loop& loop, const float* x, const float* kernel, const float* recurrent,
          int64_t gates)
      : pool(pool), loop(loop), x(x), recurrent(recurrent), gates(gates), width(gates * loop.units) {
    const bool meets = loop.units * width >= kWorthMeeting;  // else threads would wait longer than they work
    half = meets ? vectors_of(loop.units / 2) * kLanes : loop.units;
    const int64_t size = size_of_panels(loop.features, width);
    float* space = scratch(0, size + (is_copied() ? gates * parts() * size_of_panels(loop.units, half) : 0));
    of_x = copy_panels(space, {kernel, width, 1}, loop.features, width);
    of_h = space + size;
    if (is_copied())
      in_parallel(pool, gates * parts(), [&](int64_t i) {
        copy_panels(of_h + i * size_of_panels(loop.units, half), block(i), loop.units, end(i % parts()) - first(i % parts()));
      });
  }

  // Calls work(step, z, part) for all parts of all steps, with z (rows, width) the projected inputs; two parts of a step
  // at the same time where there are two threads.
  template <typename Work>
  void each_step(const Work& work) const {
    float* z = scratch(1, loop.batch * kTogether * width);
    for (int64_t begin = 0; begin < loop.steps; begin += kTogether) {
      const int64_t count = std::min(kTogether, loop.steps - begin);
      const int64_t early = std::min(loop.at(begin), loop.at(begin + count - 1));
      for (int64_t r = 0; r < loop.batch; ++r)
        in_stretches(pool, count, kRows, [&](int64_t from, int64_t to) {
          const float* inputs = x + (r * loop.steps + early + from) * loop.features;
          product(to - from, width, loop.features, {inputs, loop.features, 1}, of_x,
                  {z + (r * kTogether + from) * width, width, 1});
        });
      in_step(pool, count, parts(), [&](int64_t i, int64_t part) {
        const Matrix<float> of_step{z + (loop.at(begin + i) - early) * width, kTogether * width, 1};
        work(begin + i, of_step, part);
      });
    }
  }

  // The units of a part.
  int64_t first(int64_t part) const { return part * half; }
  int64_t end(int64_t part) const { return part + 1 == parts() ? loop.units : half; }

  // z = or += h·recurrent, of a part's units.
  void of_state(const float* h, Matrix<float> z, int64_t part, bool add) const {
    const int64_t units = loop.units, count = end(part) - first(part);
    for (int64_t gate = 0; gate < gates; ++gate) {
      const int64_t i = gate * parts() + part;
      const Matrix<float> to = z.at(0, gate * units + first(part));
      if (is_copied())
        product(loop.batch, count, units, {h, units, 1}, {of_h + i * size_of_panels(units, half), units, count}, to, add);
      else
        thin_product(loop.batch, count, units, {h, units, 1}, block(i), to, scratch(2, loop.batch * count), add);
    }
  }

 private:
  static constexpr int64_t kTogether = 64;         // steps whose inputs are projected together
  static constexpr int64_t kWorthMeeting = 65536;  // numbers in the recurrent weights
  static constexpr int64_t kWorthCopying = 8;      // steps

  int64_t parts() const { return half < loop.units ? 2 : 1; }
  bool is_copied() const { return loop.steps >= kWorthCopying || loop.batch > kFew; }
  Matrix<const float> block(int64_t i) const { return {recurrent + i / parts() * loop.units + first(i % parts()), width, 1}; }

  xla::ffi::ThreadPool pool;
  const Loop& loop;
  const float *x, *recurrent;
  int64_t gates, width, half;
  Panels of_x;
  float* of_h;
};

// The states of few rows before and after each step, in two places in turn, since both threads read them all.
struct InTurn {
  float* states[2];
  int64_t size;

  InTurn(const float* start, float* space, float* last, int64_t size) : states{space, last}, size(size) {
    std::copy_n(start, size, space);
  }
  const float* before(int64_t step) const { return states[step % 2]; }
  float* after(int64_t step) const { return states[(step + 1) % 2]; }
  // After so many steps the states are in `last`.
  void finish(int64_t steps) const {
    if (steps % 2 == 0) std::copy_n(states[0], size, states[1]);
  }
};

inline Vec sigmoid_of(Vec tanh) { return tanh * 0.5f + 0.5f; }

}  // namespace lamina
