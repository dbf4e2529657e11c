// The loop of gated recurrent units whose reset gate acts after the product, forward and backward. Gates: z r h.
#pragma once

#include "loop.h"

namespace lamina {

struct Gru {
  Loop loop;
  const float *x, *h0, *kernel, *bias;             // (T, N, 3U), (N, U), (U, 3U), (3U)
  float *last, *hs, *gates, *candidates, *reached;  // (N, U), (T, N, U), tanh (T, N, 2U), (T, N, U), (T, N, U)

  void run(xla::ffi::ThreadPool pool) const {
    const int64_t units = loop.units;
    const Panels panels = copied({kernel, 3 * units, 1}, units, 3 * units);
    in_parallel(pool, loop.pieces(), [&](int64_t piece) {
      const int64_t first = piece * kRows, rows = std::min<int64_t>(kRows, loop.batch - first);
      float* inner = scratch(1, rows * 3 * units);
      const float* h = h0 + first * units;
      for (int64_t step = 0; step < loop.steps; ++step) {
        const int64_t t = loop.at(step), place = t * loop.batch + first;
        product(rows, 3 * units, units, {h, units, 1}, panels, {inner, 3 * units, 1});
        for (int64_t r = 0; r < rows; ++r) gate(place + r, loop.skips(t, first + r), inner + r * 3 * units, h + r * units);
        h = hs + place * units;
      }
      std::copy_n(h, rows * units, last + first * units);
    });
  }

 private:
  void gate(int64_t place, bool skipped, const float* inner, const float* h) const {
    const int64_t units = loop.units;
    each_vector(units, [&](int64_t j, int64_t count) {
      Vec sums[3], of[2];
      for (int64_t gate = 0; gate < 3; ++gate)
        sums[gate] = load(inner + gate * units + j, count) + load(bias + gate * units + j, count);
      for (int64_t gate = 0; gate < 2; ++gate) {
        of[gate] = tanh(sums[gate] + load(x + place * 3 * units + gate * units + j, count));
        store(gates + place * 2 * units + gate * units + j, of[gate], count);
      }
      const Vec before = load(h + j, count);
      const Vec candidate = tanh(load(x + place * 3 * units + 2 * units + j, count) + sigmoid_of(of[1]) * sums[2]);
      store(candidates + place * units + j, candidate, count);
      store(reached + place * units + j, sums[2], count);
      store(hs + place * units + j, skipped ? before : candidate + sigmoid_of(of[0]) * (before - candidate), count);
    });
  }
};

struct GruPull {
  Loop loop;
  const float *h0, *kernel, *hs, *gates, *candidates, *reached;  // as in Gru
  const float *g_hs, *g_h;                                       // gradients of the results; g_hs may be none
  float *g_x, *g_inner, *g_h0;                                   // (T, N, 3U), (T, N, 3U), (N, U)

  void run(xla::ffi::ThreadPool pool) const {
    const int64_t units = loop.units;
    const Panels panels = copied({kernel, 1, 3 * units}, 3 * units, units);
    in_parallel(pool, loop.pieces(), [&](int64_t piece) {
      const int64_t first = piece * kRows, rows = std::min<int64_t>(kRows, loop.batch - first);
      float *into = g_h0 + first * units, *past = scratch(1, rows * units);
      std::copy_n(g_h + first * units, rows * units, into);
      for (int64_t step = loop.steps; step-- > 0;) {
        const int64_t t = loop.at(step), place = t * loop.batch + first;
        const float* h = step ? hs + (loop.at(step - 1) * loop.batch + first) * units : h0 + first * units;
        for (int64_t r = 0; r < rows; ++r)
          gate(place + r, loop.skips(t, first + r), h + r * units, into + r * units, past + r * units);
        product(rows, units, 3 * units, {g_inner + place * 3 * units, 3 * units, 1}, panels, {into, units, 1});
        each_vector(rows * units, [&](int64_t j, int64_t count) {
          store(into + j, load(into + j, count) + load(past + j, count), count);
        });
      }
    });
  }

 private:
  // The part of the gradient that passes by the gates goes to `past`.
  void gate(int64_t place, bool skipped, const float* h, const float* into, float* past) const {
    const int64_t units = loop.units;
    each_vector(units, [&](int64_t j, int64_t count) {
      Vec g = load(into + j, count);
      if (g_hs) g += load(g_hs + place * units + j, count);
      const Vec of_z = load(gates + place * 2 * units + j, count), of_r = load(gates + place * 2 * units + units + j, count);
      const Vec z = sigmoid_of(of_z), r = sigmoid_of(of_r), candidate = load(candidates + place * units + j, count);
      const Vec through = skipped ? Vec{} : g;
      const Vec of_candidate = through * (1.0f - z) * (1.0f - candidate * candidate);
      const Vec slopes[3] = {
          through * (load(h + j, count) - candidate) * 0.5f * (1.0f - of_z * of_z),
          of_candidate * load(reached + place * units + j, count) * 0.5f * (1.0f - of_r * of_r), of_candidate};
      for (int64_t gate = 0; gate < 3; ++gate) {
        const int64_t at = place * 3 * units + gate * units + j;
        store(g_x + at, slopes[gate], count);
        store(g_inner + at, gate == 2 ? of_candidate * r : slopes[gate], count);
      }
      store(past + j, skipped ? g : g * z, count);
    });
  }
};

}  // namespace lamina
