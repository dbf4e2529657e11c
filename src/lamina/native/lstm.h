// A layer of long short-term memory, forward and backward. Gates come in the order i f c o.
#pragma once

#include "loop.h"

namespace lamina {

struct Lstm {
  Loop loop;
  const float *x, *kernel, *recurrent, *bias, *h0, *c0;  // (N, T, F), (F, 4U), (U, 4U), (4U), (N, U), (N, U)
  float *hs, *last_h, *last_c;                           // (N, T, U), (N, U), (N, U)
  float *cs, *gates, *squashed;  // before each step (N, T, U), tanh (N, T, 4U), tanh c (N, T, U)

  void run(xla::ffi::ThreadPool pool) const {
    const int64_t units = loop.units, width = 4 * units;
    if (loop.few()) return run_few(pool);
    const Products products(loop, x, kernel, recurrent, width);
    loop.each_piece(pool, [&](int64_t first, int64_t rows) {
      float *h = last_h + first * units, *c = last_c + first * units, *projected = scratch(1, rows * width);
      const Matrix<float> z{projected, width, 1};
      std::copy_n(h0 + first * units, rows * units, h);
      std::copy_n(c0 + first * units, rows * units, c);
      for (int64_t step = 0; step < loop.steps; ++step) {
        products.of_inputs(first, rows, step, z);
        products.of_state(rows, h, z, true);
        for (int64_t r = 0; r < rows; ++r) {
          float* of_row = h + r * units;
          gate(first + r, loop.at(step), z.at(r, 0).data, of_row, of_row, c + r * units, 0, units);
        }
      }
    });
  }

 private:
  void run_few(xla::ffi::ThreadPool pool) const {
    const int64_t units = loop.units, rows = loop.batch;
    const InTurn h(h0, scratch(3, rows * units), last_h, rows * units);
    std::copy_n(c0, rows * units, last_c);
    const FewRows products(pool, loop, x, kernel, recurrent, 4);
    products.each_step([&](int64_t step, Matrix<float> z, int64_t part) {
      products.of_state(h.before(step), z, part, true);
      for (int64_t r = 0; r < rows; ++r)
        gate(r, loop.at(step), z.at(r, 0).data, h.before(step) + r * units, h.after(step) + r * units,
             last_c + r * units, products.first(part), products.end(part));
    });
    h.finish(loop.steps);
  }

  // Of the units first ... end - 1 of a row.
  void gate(int64_t row, int64_t t, const float* z, const float* h, float* next_h, float* c, int64_t first, int64_t end) const {
    const int64_t units = loop.units, place = row * loop.steps + t;
    const bool skipped = loop.skips(row, t);
    each_vector(end - first, [&](int64_t i, int64_t count) {
      const int64_t j = first + i;
      Vec of[4];
      for (int64_t gate = 0; gate < 4; ++gate) {
        const int64_t at = gate * units + j;
        const Vec sum = load(z + at, count) + load(bias + at, count);
        of[gate] = tanh(gate == 2 ? sum : sum * 0.5f);
        store(gates + place * 4 * units + at, of[gate], count);
      }
      const Vec before = load(c + j, count);
      const Vec after = sigmoid_of(of[1]) * before + sigmoid_of(of[0]) * of[2], reached = tanh(after);
      store(cs + place * units + j, before, count);
      store(squashed + place * units + j, reached, count);
      if (!skipped) store(c + j, after, count);
      const Vec now = skipped ? load(h + j, count) : sigmoid_of(of[3]) * reached;
      store(next_h + j, now, count);
      store(hs + place * units + j, now, count);
    });
  }
};

struct LstmPull {
  Loop loop;
  const float *kernel, *recurrent, *cs, *gates, *squashed;  // as in Lstm
  const float *g_hs, *g_h, *g_c;                            // gradients of the results; g_hs may be none
  float *g_z, *g_x, *g_h0, *g_c0;                           // (N, T, 4U), (N, T, F), (N, U), (N, U)

  void run(xla::ffi::ThreadPool pool) const {
    const int64_t units = loop.units, width = 4 * units;
    float* space = scratch(0, size_of_panels(width, loop.features) + size_of_panels(width, units));
    const Panels of_x = copy_panels(space, {kernel, 1, width}, width, loop.features);
    const Panels of_h = copy_panels(space + size_of_panels(width, loop.features), {recurrent, 1, width}, width, units);
    loop.each_piece(pool, [&](int64_t first, int64_t rows) {
      float *into = g_h0 + first * units, *into_c = g_c0 + first * units, *past = scratch(1, rows * units);
      std::copy_n(g_h + first * units, rows * units, into);
      std::copy_n(g_c + first * units, rows * units, into_c);
      for (int64_t step = loop.steps; step-- > 0;) {
        const int64_t t = loop.at(step);
        for (int64_t r = 0; r < rows; ++r) gate(first + r, t, into + r * units, into_c + r * units, past + r * units);
        const auto z = loop.rows<const float>(g_z, first, t, width);
        product(rows, loop.features, width, z, of_x, loop.rows(g_x, first, t, loop.features));
        product(rows, units, width, z, of_h, {into, units, 1});
        for (int64_t r = 0; r < rows; ++r)
          if (loop.skips(first + r, t)) std::copy_n(past + r * units, units, into + r * units);
      }
    });
  }

 private:
  // What a skipped step hands on goes to `past`.
  void gate(int64_t row, int64_t t, const float* into, float* into_c, float* past) const {
    const int64_t units = loop.units, place = row * loop.steps + t;
    const bool skipped = loop.skips(row, t);
    each_vector(units, [&](int64_t j, int64_t count) {
      Vec of_h = load(into + j, count), of_c = load(into_c + j, count);
      if (g_hs) of_h += load(g_hs + place * units + j, count);
      Vec of[4];
      for (int64_t gate = 0; gate < 4; ++gate) of[gate] = load(gates + place * 4 * units + gate * units + j, count);
      const Vec i = sigmoid_of(of[0]), f = sigmoid_of(of[1]), o = sigmoid_of(of[3]);
      const Vec reached = load(squashed + place * units + j, count), before = load(cs + place * units + j, count);
      const Vec after = of_c + of_h * o * (1.0f - reached * reached);
      const Vec slopes[4] = {after * of[2] * 0.25f, after * before * 0.25f, after * i, of_h * reached * 0.25f};
      for (int64_t gate = 0; gate < 4; ++gate) {
        const Vec slope = skipped ? Vec{} : slopes[gate] * (1.0f - of[gate] * of[gate]);
        store(g_z + place * 4 * units + gate * units + j, slope, count);
      }
      store(into_c + j, skipped ? of_c : after * f, count);
      if (skipped) store(past + j, of_h, count);
    });
  }
};

}  // namespace lamina
