// A layer of gated recurrent units whose reset gate acts after the product, forward and backward. Gates: z r h.
#pragma once

#include "loop.h"

namespace lamina {

struct Gru {
  Loop loop;
  const float *x, *kernel, *recurrent, *bias, *h0;  // (N, T, F), (F, 3U), (U, 3U), of both (2, 3U), (N, U)
  float *hs, *last;                                 // (N, T, U), (N, U)
  float *gates, *candidates, *reached;              // tanh (N, T, 2U), (N, T, U), what r scales (N, T, U)

  void run(xla::ffi::ThreadPool pool) const {
    const int64_t units = loop.units, width = 3 * units;
    if (loop.few()) return run_few(pool);
    const Products products(loop, x, kernel, recurrent, width);
    loop.each_piece(pool, [&](int64_t first, int64_t rows) {
      float *h = last + first * units, *projected = scratch(1, 2 * rows * width);
      const Matrix<float> z{projected, width, 1}, inner{projected + rows * width, width, 1};
      std::copy_n(h0 + first * units, rows * units, h);
      for (int64_t step = 0; step < loop.steps; ++step) {
        products.of_inputs(first, rows, step, z);
        products.of_state(rows, h, inner, false);
        for (int64_t r = 0; r < rows; ++r) {
          float* of_row = h + r * units;
          gate(first + r, loop.at(step), z.at(r, 0).data, inner.at(r, 0).data, of_row, of_row, 0, units);
        }
      }
    });
  }

 private:
  void run_few(xla::ffi::ThreadPool pool) const {
    const int64_t units = loop.units, rows = loop.batch, width = 3 * units;
    float* space = scratch(3, rows * (units + width));
    const InTurn h(h0, space, last, rows * units);
    const Matrix<float> inner{space + rows * units, width, 1};
    const FewRows products(pool, loop, x, kernel, recurrent, 3);
    products.each_step([&](int64_t step, Matrix<float> z, int64_t part) {
      products.of_state(h.before(step), inner, part, false);
      for (int64_t r = 0; r < rows; ++r)
        gate(r, loop.at(step), z.at(r, 0).data, inner.at(r, 0).data, h.before(step) + r * units,
             h.after(step) + r * units, products.first(part), products.end(part));
    });
    h.finish(loop.steps);
  }

  // Of the units first ... end - 1 of a row.
  void gate(int64_t row, int64_t t, const float* z, const float* inner, const float* h, float* next_h, int64_t first,
            int64_t end) const {
    const int64_t units = loop.units, place = row * loop.steps + t;
    const bool skipped = loop.skips(row, t);
    each_vector(end - first, [&](int64_t i, int64_t count) {
      const int64_t j = first + i;
      const auto sum = [&](const float* product, int64_t gate, int64_t which) {
        return load(product + gate * units + j, count) + load(bias + (which * 3 + gate) * units + j, count);
      };
      Vec of[2];
      for (int64_t gate = 0; gate < 2; ++gate) {
        of[gate] = tanh((sum(z, gate, 0) + sum(inner, gate, 1)) * 0.5f);
        store(gates + place * 2 * units + gate * units + j, of[gate], count);
      }
      const Vec scaled = sum(inner, 2, 1), candidate = tanh(sum(z, 2, 0) + sigmoid_of(of[1]) * scaled);
      store(reached + place * units + j, scaled, count);
      store(candidates + place * units + j, candidate, count);
      const Vec before = load(h + j, count);
      const Vec now = skipped ? before : candidate + sigmoid_of(of[0]) * (before - candidate);
      store(next_h + j, now, count);
      store(hs + place * units + j, now, count);
    });
  }
};

struct GruPull {
  Loop loop;
  const float *kernel, *recurrent, *h0, *hs, *gates, *candidates, *reached;  // as in Gru
  const float *g_hs, *g_h;                                                   // of the results; g_hs may be none
  float *g_z, *g_inner, *g_x, *g_h0;  // (N, T, 3U), (N, T, 3U), (N, T, F), (N, U)

  void run(xla::ffi::ThreadPool pool) const {
    const int64_t units = loop.units, width = 3 * units;
    float* space = scratch(0, size_of_panels(width, loop.features) + size_of_panels(width, units));
    const Panels of_x = copy_panels(space, {kernel, 1, width}, width, loop.features);
    const Panels of_h = copy_panels(space + size_of_panels(width, loop.features), {recurrent, 1, width}, width, units);
    loop.each_piece(pool, [&](int64_t first, int64_t rows) {
      float *into = g_h0 + first * units, *past = scratch(1, rows * units);
      std::copy_n(g_h + first * units, rows * units, into);
      for (int64_t step = loop.steps; step-- > 0;) {
        const int64_t t = loop.at(step);
        for (int64_t r = 0; r < rows; ++r) gate(first + r, step, into + r * units, past + r * units);
        product(rows, loop.features, width, loop.rows<const float>(g_z, first, t, width), of_x,
                loop.rows(g_x, first, t, loop.features));
        product(rows, units, width, loop.rows<const float>(g_inner, first, t, width), of_h, {into, units, 1});
        each_vector(rows * units, [&](int64_t j, int64_t count) {
          store(into + j, load(into + j, count) + load(past + j, count), count);
        });
      }
    });
  }

 private:
  // The part of the gradient that passes by the gates goes to `past`.
  void gate(int64_t row, int64_t step, const float* into, float* past) const {
    const int64_t units = loop.units, t = loop.at(step), place = row * loop.steps + t;
    const float* h = step ? hs + (row * loop.steps + loop.at(step - 1)) * units : h0 + row * units;
    const bool skipped = loop.skips(row, t);
    each_vector(units, [&](int64_t j, int64_t count) {
      Vec g = load(into + j, count);
      if (g_hs) g += load(g_hs + place * units + j, count);
      const Vec of_z = load(gates + place * 2 * units + j, count);
      const Vec of_r = load(gates + place * 2 * units + units + j, count);
      const Vec z = sigmoid_of(of_z), r = sigmoid_of(of_r), candidate = load(candidates + place * units + j, count);
      const Vec through = skipped ? Vec{} : g;
      const Vec of_candidate = through * (1.0f - z) * (1.0f - candidate * candidate);
      const Vec slopes[3] = {
          through * (load(h + j, count) - candidate) * 0.25f * (1.0f - of_z * of_z),
          of_candidate * load(reached + place * units + j, count) * 0.25f * (1.0f - of_r * of_r), of_candidate};
      for (int64_t gate = 0; gate < 3; ++gate) {
        const int64_t at = place * 3 * units + gate * units + j;
        store(g_z + at, slopes[gate], count);
        store(g_inner + at, gate == 2 ? of_candidate * r : slopes[gate], count);
      }
      store(past + j, skipped ? g : g * z, count);
    });
  }
};

}  // namespace lamina
