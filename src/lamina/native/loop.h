// What the loops of recurrent layers share.
//
// Rows of a batch know nothing of each other, so each thread takes some rows through all steps: threads never wait for
// one another, and a step's gates are worked out while its products are still in the cache. Gates that are sigmoids
// are kept as a tanh, since σ(z) = (1 + tanh(z/2))/2.
//
// A product of few rows takes as long as reading the weights does. So the inputs of several steps are then projected
// together, and with very few rows the recurrent weights are read where they lie.
#pragma once

#include "parallel.h"
#include "product.h"

namespace lamina {

// Sizes of a layer's arrays, (N, T, F) or (N, T, U), and the order of its steps.
struct Loop {
  int64_t batch, steps, features, units;
  bool reverse;
  const bool* mask;  // (N, T), or none

  int64_t pieces() const { return (batch + kRows - 1) / kRows; }
  int64_t at(int64_t step) const { return reverse ? steps - 1 - step : step; }
  bool skips(int64_t row, int64_t t) const { return mask && !mask[row * steps + t]; }

  bool few() const { return batch <= kFew; }
  // Steps whose inputs are projected together, so that a tile has all its rows.
  int64_t ahead() const { return batch <= kRows / 2 ? std::min<int64_t>(kRows, steps) : 1; }

  // Step t of the rows from `first` on, of an array (N, T, width).
  template <typename T>
  Matrix<T> rows(T* data, int64_t first, int64_t t, int64_t width) const {
    return {data + (first * steps + t) * width, steps * width, 1};
  }
};

// The products of a step, (rows, width) each: of its inputs with the kernel, and of the state with the recurrent one.
struct Products {
  const Loop& loop;
  const float *x, *kernel, *recurrent;
  int64_t width;
  Panels of_x, of_h;

  Products(const Loop& loop, const float* x, const float* kernel, const float* recurrent, int64_t width)
      : loop(loop), x(x), kernel(kernel), recurrent(recurrent), width(width) {
    const int64_t size = size_of_panels(loop.features, width);
    float* space = scratch(0, size + (loop.few() ? 0 : size_of_panels(loop.units, width)));
    of_x = copy_panels(space, {kernel, width, 1}, loop.features, width);
    if (!loop.few()) of_h = copy_panels(space + size, {recurrent, width, 1}, loop.units, width);
  }

  // Floats that `of_inputs` writes to.
  int64_t size(int64_t rows) const { return rows * loop.ahead() * width; }

  // Of a step's inputs and, where several are projected together, of those after it; they are in z from then on.
  Matrix<float> of_inputs(int64_t first, int64_t rows, int64_t step, float* z) const {
    const int64_t ahead = loop.ahead(), place = step % ahead;
    if (ahead == 1) {
      product(rows, width, loop.features, loop.rows(x, first, loop.at(step), loop.features), of_x, {z, width, 1});
      return {z, width, 1};
    }
    const int64_t count = std::min(ahead, loop.steps - step + place);  // of steps that are in z together
    if (place == 0)
      for (int64_t r = 0; r < rows; ++r) {
        const int64_t t = std::min(loop.at(step), loop.at(step + count - 1));
        const float* from = x + ((first + r) * loop.steps + t) * loop.features;
        product(count, width, loop.features, {from, loop.features, 1}, of_x, {z + r * ahead * width, width, 1});
      }
    return {z + (loop.reverse ? count - 1 - place : place) * width, ahead * width, 1};
  }

  // `sums` holds rows·width floats.
  void of_state(int64_t rows, const float* h, Matrix<float> z, float* sums, bool add) const {
    if (loop.few())
      thin_product(rows, width, loop.units, {h, loop.units, 1}, {recurrent, width, 1}, z, sums, add);
    else
      product(rows, width, loop.units, {h, loop.units, 1}, of_h, z, add);
  }
};

inline Vec sigmoid_of(Vec tanh) { return tanh * 0.5f + 0.5f; }

}  // namespace lamina
