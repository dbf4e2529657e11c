// Convolution of images (N, H, W, C) and its two gradients, as matrix products whose left factor is read from the images
// themselves: patches are never written.
//
// A row of the left factor, what one window sees, is in pieces: one for each tap (or row of taps), all at the same
// distances from where the window begins. Images are cut into bands that fit into the cache, with zeros around them.
#pragma once

#include <vector>

#include "parallel.h"
#include "product.h"

namespace lamina {

constexpr int64_t kBand = 1 << 16;  // floats of an image that are copied at a time
constexpr int64_t kPixels = 320;    // outputs whose products are added up before they go to memory, for kernel gradients

struct Image {
  int64_t rows, columns, channels;
  int64_t size() const { return rows * columns * channels; }
};

// A right factor in pieces of `depth` rows, each a matrix of its own, one after the other.
struct Pieces {
  std::vector<int64_t> offsets;  // where the left factor's pieces begin
  int64_t depth, step;           // numbers in each, and from one to the next
  int64_t together() const { return std::max<int64_t>(1, kStretch / std::max<int64_t>(1, depth)); }  // in a stretch
  int64_t count() const { return static_cast<int64_t>(offsets.size()); }
};

// Where the rows of a left factor and of a product are, from the beginning of each.
struct Rows {
  std::vector<int64_t> from, to;
  void add(int64_t own_from, int64_t own_to) {
    from.push_back(own_from);
    to.push_back(own_to);
  }
};

// R rows of c, and V vectors of its columns, over pieces of the left factor: `tile` with rows anywhere.
template <int R, int V>
inline void scattered_tile(const float* a, const int64_t* from, const int64_t* offsets, int64_t pieces, int64_t depth,
                           int64_t step, const float* panel, float* c, const int64_t* to, int width, bool add) {
  Vec sums[R][V] = {};
  const float* left[R];
  for (int r = 0; r < R; ++r) left[r] = a + from[r];
  for (int64_t p = 0; p < pieces; ++p) {
    int64_t at = offsets[p];
    for (int64_t k = 0; k < depth; ++k, at += step, panel += V * kLanes) {
      Vec b[V];
      for (int v = 0; v < V; ++v) b[v] = load(panel + v * kLanes);
      for (int r = 0; r < R; ++r)
        for (int v = 0; v < V; ++v) sums[r][v] += b[v] * left[r][at];
    }
  }
  for (int r = 0; r < R; ++r)
    for (int v = 0; v < V; ++v) {
      float* own = c + to[r] + v * kLanes;
      const int64_t count = std::min(kLanes, width - v * kLanes);
      if (count == kLanes) store(own, add ? load(own) + sums[r][v] : sums[r][v]);
      else if (count > 0) store(own, add ? load(own, count) + sums[r][v] : sums[r][v], count);
    }
}

struct ScatteredTile {
  template <int R, int V>
  static constexpr auto of = scattered_tile<R, V>;
};

// Copies a right factor into panels, a stretch of pieces at a time; piece(p) is its matrix (depth, n).
template <typename Piece>
inline const float* copy_pieces(float* to, const Pieces& pieces, int64_t n, const Piece& piece) {
  float* start = to;
  for (int64_t p = 0; p < pieces.count(); p += pieces.together()) {
    const int64_t end = std::min(pieces.count(), p + pieces.together());
    for (int64_t j = 0; j < n;) {
      const int vectors = next_panel(vectors_of(n - j)), padded = vectors * kLanes;
      const int width = static_cast<int>(std::min<int64_t>(n - j, padded));
      for (int64_t q = p; q < end; ++q, to += pieces.depth * padded) {
        const Matrix<const float> own = piece(q).at(0, j);
        (vectors == 3 ? copy_panel<3> : vectors == 2 ? copy_panel<2> : copy_panel<1>)(to, own, pieces.depth, width);
      }
      j += width;
    }
  }
  return start;
}

// c = or += a·b for the first m of the rows; c has n columns.
inline void scattered_product(int64_t m, int64_t n, const float* a, const Pieces& pieces, const float* panels, float* c,
                              const Rows& rows, bool add) {
  const int64_t blocks = (m + kRows - 1) / kRows, some = blocks ? (m + blocks - 1) / blocks : 0;  // of nearly one size
  int64_t p = 0;
  do {  // without any piece, zeros are written
    const int64_t count = std::min(pieces.count() - p, pieces.together());
    for (int64_t j = 0; j < n;) {
      const int vectors = next_panel(vectors_of(n - j));
      const int width = static_cast<int>(std::min<int64_t>(n - j, vectors * kLanes));
      for (int64_t i = 0; i < m; i += some)
        tile_of<ScatteredTile>(static_cast<int>(std::min(some, m - i)), vectors)(
            a, rows.from.data() + i, pieces.offsets.data() + p, count, pieces.depth, pieces.step, panels, c + j,
            rows.to.data() + i, width, add);
      panels += count * pieces.depth * vectors * kLanes;
      j += width;
    }
    p += count;
    add = true;
  } while (p < pieces.count());
}

// Copies rows and columns of an image; what lies outside is 0.
inline void cut_out(float* to, const float* image, const Image& size, int64_t top, int64_t rows, int64_t left, int64_t columns) {
  const int64_t c = size.channels, before = std::clamp<int64_t>(-left, 0, columns);
  const int64_t inside = std::clamp<int64_t>(size.columns - std::max<int64_t>(left, 0), 0, columns - before);
  for (int64_t row = top; row < top + rows; ++row, to += columns * c) {
    if (row < 0 || row >= size.rows) {
      std::fill_n(to, columns * c, 0.0f);
      continue;
    }
    std::fill_n(to, before * c, 0.0f);
    std::copy_n(image + (row * size.columns + left + before) * c, inside * c, to + before * c);
    std::fill_n(to + (before + inside) * c, (columns - before - inside) * c, 0.0f);
  }
}

struct Convolution {
  int64_t samples;
  Image input, output;
  int64_t size[2], stride[2], dilation[2], before[2];  // taps, and so on, of rows and columns

  int64_t reach(int axis) const { return (size[axis] - 1) * dilation[axis] + 1; }
  int64_t taps() const { return size[0] * size[1]; }
  int64_t kernel_size() const { return taps() * input.channels * output.channels; }
  // Rows and columns of the input that so many of the output see.
  int64_t seen(int axis, int64_t outputs) const { return (outputs - 1) * stride[axis] + reach(axis); }

  // Rows in a band, of `rows` that take `floats` each: as many as fit, and enough bands for all threads.
  int64_t band(int64_t rows, int64_t floats, xla::ffi::ThreadPool pool) const {
    const int64_t fit = std::max<int64_t>(1, kBand / std::max<int64_t>(1, floats)), wanted = 2 * pool.num_threads();
    const bool large = rows * floats * taps() * output.channels > (1 << 21);
    const int64_t shared = samples < wanted && large ? (rows * samples + wanted - 1) / wanted : rows;
    return std::clamp<int64_t>(std::min(fit, shared), 1, std::max<int64_t>(1, rows));
  }
};

struct Convolve : Convolution {
  const float *x, *kernel;
  float* y;

  void run(xla::ffi::ThreadPool pool) const {
    const Pieces pieces = rows_of_taps();
    const int64_t u = output.channels, depth = pieces.depth;
    const float* panels = copy_pieces(scratch(0, size_of_panels(taps() * input.channels, u)), pieces, u,
                                      [&](int64_t p) { return Matrix<const float>{kernel + p * depth * u, u, 1}; });
    const int64_t height = band(output.rows, stride[0] * width() * input.channels, pool);
    const int64_t bands = (output.rows + height - 1) / height;
    const Rows windows = windows_of(height);
    in_parallel(pool, samples * bands, [&](int64_t piece) {
      const int64_t n = piece / bands, first = piece % bands * height, rows = std::min(height, output.rows - first);
      float* part = scratch(1, seen(0, rows) * width() * input.channels);
      cut_out(part, x + n * input.size(), input, first * stride[0] - before[0], seen(0, rows), -before[1], width());
      float* to = y + n * output.size() + first * output.columns * u;
      scattered_product(rows * output.columns, u, part, pieces, panels, to, windows, false);
    });
  }

 private:
  int64_t width() const { return seen(1, output.columns); }

  // With no gaps between columns, a row of taps is one piece.
  Pieces rows_of_taps() const {
    const int64_t c = input.channels, merged = dilation[1] == 1 ? size[1] : 1;
    Pieces pieces{{}, merged * c, 1};
    for (int64_t i = 0; i < size[0]; ++i)
      for (int64_t j = 0; j < size[1]; j += merged)
        pieces.offsets.push_back((i * dilation[0] * width() + j * dilation[1]) * c);
    return pieces;
  }

  Rows windows_of(int64_t height) const {
    Rows windows;
    for (int64_t i = 0; i < height; ++i)
      for (int64_t j = 0; j < output.columns; ++j)
        windows.add((i * stride[0] * width() + j * stride[1]) * input.channels, (i * output.columns + j) * output.channels);
    return windows;
  }
};

// The gradient of the input. Positions that are the same modulo the stride see the same taps: within such a phase it is
// a convolution of g in steps of 1.
struct ConvolveInputPull : Convolution {
  const float *g, *kernel;
  float* g_x;

  void run(xla::ffi::ThreadPool pool) const {
    const std::vector<Phase> down = phases(0), across = phases(1);
    const Reach rows = reach_of(down), columns = reach_of(across);
    const int64_t pitch = columns.count(), u = output.channels;
    const int64_t height = band(rows.most, pitch * u, pool), bands = (rows.most + height - 1) / height;
    std::vector<Part> parts;
    float* space = scratch(0, taps() * size_of_panels(u, input.channels));
    for (const Phase& a : down)
      for (const Phase& b : across) {
        parts.push_back({pieces_of(a, b, rows.first, columns.first, pitch), space, places_of(a, b, height, pitch)});
        copy_kernel(space, parts.back().pieces, a, b);
        space += parts.back().pieces.count() * size_of_panels(u, input.channels);
      }
    in_parallel(pool, samples * bands, [&](int64_t piece) {
      const int64_t n = piece / bands, first = piece % bands * height, end = std::min(rows.most, first + height);
      const int64_t seen = rows.last - rows.first + end - first;
      float* part = scratch(1, seen * pitch * u);
      cut_out(part, g + n * output.size(), output, rows.first + first, seen, columns.first, pitch);
      float* to = g_x + n * input.size() + first * stride[0] * input.columns * input.channels;
      for (size_t i = 0; i < parts.size(); ++i) {
        const Phase &a = down[i / across.size()], &b = across[i % across.size()];
        const int64_t count = std::max<int64_t>(0, std::min(end, a.count) - first) * b.count;
        scattered_product(count, input.channels, part, parts[i].pieces, parts[i].panels, to, parts[i].places, false);
      }
    });
  }

 private:
  struct Phase {
    int64_t first, count;         // its first position, and how many there are
    std::vector<int64_t> taps;    // that see them
    std::vector<int64_t> places;  // of g at which they see the first position
  };
  struct Part {  // what a phase of rows and one of columns do together
    Pieces pieces;
    const float* panels;
    Rows places;
  };
  struct Reach {
    int64_t first, last;  // places of g that phases begin with
    int64_t most;         // positions in a phase
    int64_t count() const { return last - first + most; }
  };

  std::vector<Phase> phases(int axis) const {
    const int64_t n = axis ? input.columns : input.rows, s = stride[axis];
    std::vector<Phase> all;
    for (int64_t first = 0; first < std::min(s, n); ++first) {
      Phase own{first, (n - first + s - 1) / s, {}, {}};
      for (int64_t tap = size[axis] - 1; tap >= 0; --tap) {
        const int64_t distance = first + before[axis] - tap * dilation[axis];
        if (distance % s) continue;
        own.taps.push_back(tap);
        own.places.push_back(distance / s);
      }
      all.push_back(own);
    }
    return all;
  }

  // Over all phases, of which the first is as long as any.
  static Reach reach_of(const std::vector<Phase>& all) {
    Reach reach{0, 0, all.front().count};
    bool any = false;
    for (const Phase& own : all)
      for (const int64_t place : own.places) {
        reach.first = any ? std::min(reach.first, place) : place;
        reach.last = any ? std::max(reach.last, place) : place;
        any = true;
      }
    return reach;
  }

  Pieces pieces_of(const Phase& a, const Phase& b, int64_t top, int64_t left, int64_t pitch) const {
    Pieces pieces{{}, output.channels, 1};
    for (const int64_t i : a.places)
      for (const int64_t j : b.places) pieces.offsets.push_back(((i - top) * pitch + j - left) * output.channels);
    return pieces;
  }

  // Of each tap, the kernel turned: (U, C).
  void copy_kernel(float* to, const Pieces& pieces, const Phase& a, const Phase& b) const {
    const int64_t c = input.channels, u = output.channels, across = static_cast<int64_t>(b.taps.size());
    copy_pieces(to, pieces, c, [&](int64_t p) {
      const int64_t tap = a.taps[p / across] * size[1] + b.taps[p % across];
      return Matrix<const float>{kernel + tap * c * u, 1, u};
    });
  }

  Rows places_of(const Phase& a, const Phase& b, int64_t height, int64_t pitch) const {
    Rows places;
    for (int64_t i = 0; i < std::min(height, a.count); ++i)
      for (int64_t j = 0; j < b.count; ++j) {
        const int64_t row = a.first + i * stride[0], column = b.first + j * stride[1];
        places.add((i * pitch + j) * output.channels, (row * input.columns + column) * input.channels);
      }
    return places;
  }
};

// The gradient of the kernel. Groups of images are added up by themselves and then together, so that the order of
// additions is the same with any number of threads.
struct ConvolveKernelPull : Convolution {
  const float *x, *g;
  float *g_kernel, *sums;  // sums: of each group
  int64_t groups;

  void run(xla::ffi::ThreadPool pool) const {
    const int64_t each = (samples + groups - 1) / groups, some = std::max<int64_t>(1, kPixels / output.columns);
    const Rows numbers = numbers_of_kernel();
    in_parallel(pool, groups, [&](int64_t group) {
      float* own = sums + group * kernel_size();
      std::fill_n(own, kernel_size(), 0.0f);
      const int64_t end = std::min(samples, (group + 1) * each) * output.rows;
      for (int64_t row = group * each * output.rows; row < end; row += some)
        add(row, std::min(end, row + some), own, numbers);
    });
    in_stretches(pool, kernel_size(), 1 << 12, [&](int64_t first, int64_t end) {
      std::copy(sums + first, sums + end, g_kernel + first);
      for (int64_t group = 1; group < groups; ++group)
        for (int64_t i = first; i < end; ++i) g_kernel[i] += sums[group * kernel_size() + i];
    });
  }

 private:
  int64_t width() const { return seen(1, output.columns); }

  // Each number of a window, and its filters.
  Rows numbers_of_kernel() const {
    Rows numbers;
    for (int64_t i = 0; i < size[0]; ++i)
      for (int64_t j = 0; j < size[1]; ++j)
        for (int64_t k = 0; k < input.channels; ++k)
          numbers.add((i * dilation[0] * width() + j * dilation[1]) * input.channels + k,
                      ((i * size[1] + j) * input.channels + k) * output.channels);
    return numbers;
  }

  // What some rows of outputs add, counted through all images.
  void add(int64_t first, int64_t end, float* own, const Rows& numbers) const {
    const int64_t c = input.channels, u = output.channels, row_size = width() * c;
    float* part = scratch(0, (end - first) * std::max(stride[0], reach(0)) * row_size);
    Pieces pieces{{}, output.columns, stride[1] * c};
    for (int64_t row = first, at = 0; row < end;) {
      const int64_t n = row / output.rows, own_row = row % output.rows;
      const int64_t count = std::min(end - row, output.rows - own_row);
      const int64_t top = own_row * stride[0] - before[0];
      cut_out(part + at, x + n * input.size(), input, top, seen(0, count), -before[1], width());
      for (int64_t i = 0; i < count; ++i) pieces.offsets.push_back(at + i * stride[0] * row_size);
      at += seen(0, count) * row_size;
      row += count;
    }
    const float* slopes = g + first * output.columns * u;
    const float* panels = slopes;  // as they are, where a panel is as wide as they
    if (u != next_panel(vectors_of(u)) * kLanes)
      panels = copy_pieces(scratch(1, size_of_panels((end - first) * output.columns, u)), pieces, u, [&](int64_t p) {
        return Matrix<const float>{slopes + p * output.columns * u, u, 1};
      });
    scattered_product(taps() * c, u, part, pieces, panels, own, numbers, true);
  }
};

}  // namespace lamina
