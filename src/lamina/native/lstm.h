// The loop of a long short-term memory, forward and backward. Gates come in the order i f c o.
#pragma once

#include "loop.h"

namespace lamina {

struct Lstm {
  Loop loop;
  const float *x, *h0, *c0, *kernel;        // (T, N, 4U), (N, U), (N, U), (U, 4U)
  float *last_h, *last_c;                   // (N, U)
  float *hs, *cs, *gates, *squashed;        // (T, N, U), before the step (T, N, U), tanh (T, N, 4U), tanh c (T, N, U)

  void run(xla::ffi::ThreadPool pool) const {
    const int64_t units = loop.units;
    const Panels panels = copied({kernel, 4 * units, 1}, units, 4 * units);
    in_parallel(pool, loop.pieces(), [&](int64_t piece) {
      const int64_t first = piece * kRows, rows = std::min<int64_t>(kRows, loop.batch - first);
      float* z = scratch(1, rows * 4 * units);
      const float *h = h0 + first * units, *c = c0 + first * units;
      for (int64_t step = 0; step < loop.steps; ++step) {
        const int64_t t = loop.at(step), row = t * loop.batch + first;
        product(rows, 4 * units, units, {h, units, 1}, panels, {z, 4 * units, 1});
        float* to_c = step + 1 < loop.steps ? cs + (loop.at(step + 1) * loop.batch + first) * units : last_c + first * units;
        if (step == 0) std::copy(c, c + rows * units, cs + row * units);
        for (int64_t r = 0; r < rows; ++r) gate(t, row + r, first + r, z + r * 4 * units, h + r * units, c + r * units, to_c + r * units);
        h = hs + row * units;
        c = to_c;
      }
      std::copy(h, h + rows * units, last_h + first * units);
      if (loop.steps == 0) std::copy(c, c + rows * units, last_c + first * units);
    });
  }

 private:
  // One row of one step: place is where it is among all T·N rows.
  void gate(int64_t t, int64_t place, int64_t row, const float* z, const float* h, const float* c, float* to_c) const {
    const int64_t units = loop.units;
    const bool skipped = loop.skips(t, row);
    each_vector(units, [&](int64_t j, int64_t count) {
      Vec of[4];
      for (int64_t gate = 0; gate < 4; ++gate) {
        const int64_t at = gate * units + j;
        of[gate] = tanh(load(z + at, count) + load(x + place * 4 * units + at, count));
        store(gates + place * 4 * units + at, of[gate], count);
      }
      const Vec before = load(c + j, count);
      const Vec after = sigmoid_of(of[1]) * before + sigmoid_of(of[0]) * of[2], reached = tanh(after);
      store(squashed + place * units + j, reached, count);
      store(hs + place * units + j, skipped ? load(h + j, count) : sigmoid_of(of[3]) * reached, count);
      store(to_c + j, skipped ? before : after, count);
    });
  }
};

struct LstmPull {
  Loop loop;
  const float *kernel, *cs, *gates, *squashed;  // as in Lstm
  const float *g_hs, *g_h, *g_c;                // gradients of the results; g_hs may be none
  float *g_x, *g_h0, *g_c0;                     // (T, N, 4U), (N, U), (N, U)

  void run(xla::ffi::ThreadPool pool) const {
    const int64_t units = loop.units;
    const Panels panels = copied({kernel, 1, 4 * units}, 4 * units, units);
    in_parallel(pool, loop.pieces(), [&](int64_t piece) {
      const int64_t first = piece * kRows, rows = std::min<int64_t>(kRows, loop.batch - first);
      float *into = g_h0 + first * units, *into_c = g_c0 + first * units, *past = scratch(1, rows * units);
      std::copy_n(g_h + first * units, rows * units, into);
      std::copy_n(g_c + first * units, rows * units, into_c);
      for (int64_t step = loop.steps; step-- > 0;) {
        const int64_t t = loop.at(step), place = t * loop.batch + first;
        for (int64_t r = 0; r < rows; ++r) gate(t, place + r, first + r, into + r * units, into_c + r * units);
        std::copy_n(into, rows * units, past);
        product(rows, units, 4 * units, {g_x + place * 4 * units, 4 * units, 1}, panels, {into, units, 1});
        for (int64_t r = 0; r < rows; ++r)
          if (loop.skips(t, first + r)) std::copy_n(past + r * units, units, into + r * units);
      }
    });
  }

 private:
  void gate(int64_t t, int64_t place, int64_t row, float* into, float* into_c) const {
    const int64_t units = loop.units;
    const bool skipped = loop.skips(t, row);
    each_vector(units, [&](int64_t j, int64_t count) {
      Vec of_h = load(into + j, count), of_c = load(into_c + j, count);
      if (g_hs) of_h += load(g_hs + place * units + j, count);
      Vec of[4];
      for (int64_t gate = 0; gate < 4; ++gate) of[gate] = load(gates + place * 4 * units + gate * units + j, count);
      const Vec i = sigmoid_of(of[0]), f = sigmoid_of(of[1]), o = sigmoid_of(of[3]);
      const Vec reached = load(squashed + place * units + j, count), before = load(cs + place * units + j, count);
      const Vec after = of_c + of_h * o * (1.0f - reached * reached);
      Vec slopes[4] = {after * of[2] * 0.5f, after * before * 0.5f, after * i, of_h * reached * 0.5f};
      for (int64_t gate = 0; gate < 4; ++gate) {
        const Vec slope = skipped ? Vec{} : slopes[gate] * (1.0f - of[gate] * of[gate]);
        store(g_x + place * 4 * units + gate * units + j, slope, count);
      }
      store(into_c + j, skipped ? of_c : after * f, count);
      store(into + j, of_h, count);  // what a skipped step hands on
    });
  }
};

}  // namespace lamina
