// Vectors of floats as wide as the processor's, and functions of them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>

namespace lamina {

#if defined(__AVX512F__)
constexpr int kLanes = 16, kRegisters = 32;
#elif defined(__AVX__)
constexpr int kLanes = 8, kRegisters = 16;
#elif defined(__aarch64__)
constexpr int kLanes = 4, kRegisters = 32;
#else
constexpr int kLanes = 4, kRegisters = 16;
#endif

typedef float Vec __attribute__((vector_size(kLanes * sizeof(float)), aligned(4)));
typedef int32_t Ints __attribute__((vector_size(kLanes * sizeof(int32_t)), aligned(4)));

inline Vec load(const float* p) { return *reinterpret_cast<const Vec*>(p); }
inline void store(float* p, Vec v) { *reinterpret_cast<Vec*>(p) = v; }

// The same for fewer numbers than a vector has.
inline Vec load(const float* p, int64_t count) {
  if (count == kLanes) return load(p);
  Vec v = {};
  std::copy(p, p + count, reinterpret_cast<float*>(&v));
  return v;
}

inline void store(float* p, Vec v, int64_t count) {
  if (count == kLanes) return store(p, v);
  const float* from = reinterpret_cast<const float*>(&v);
  std::copy(from, from + count, p);
}

// Calls of(j, count) for each vector's worth of `size` numbers; the last one may be less.
template <typename Of>
inline void each_vector(int64_t size, const Of& of) {
  for (int64_t j = 0; j < size; j += kLanes) of(j, std::min<int64_t>(kLanes, size - j));
}

// v with zeros behind its first numbers.
inline Vec first_of(Vec v, int64_t count) {
  for (int64_t i = count; i < kLanes; ++i) v[i] = 0;
  return v;
}

inline float sum_of(Vec v) {
  float sum = 0;
  for (int i = 0; i < kLanes; ++i) sum += v[i];
  return sum;
}

inline Vec all(float x) { return Vec{} + x; }
inline Vec least(Vec a, Vec b) { return b < a ? b : a; }     // a where it is not a number
inline Vec greatest(Vec a, Vec b) { return b > a ? b : a; }  // a where it is not a number

// Exchanges, of two vectors, each second group of S numbers of the one with the group before it of the other.
template <int S, int... I>
inline void exchange(Vec& a, Vec& b, std::integer_sequence<int, I...>) {
  const Vec low = __builtin_shufflevector(a, b, (I & S ? kLanes + I - S : I)...);
  b = __builtin_shufflevector(a, b, (I & S ? kLanes + I : I + S)...);
  a = low;
}

template <int S>
inline void exchange_all(Vec* rows) {
  for (int i = 0; i < kLanes; ++i)
    if (!(i & S)) exchange<S>(rows[i], rows[i + S], std::make_integer_sequence<int, kLanes>{});
  if constexpr (2 * S < kLanes) exchange_all<2 * S>(rows);
}

// Rows to columns, as many of both as a vector has numbers; rows are so far from each other.
inline void turn(const float* from, int64_t row, float* to, int64_t to_row) {
  Vec rows[kLanes];
  for (int i = 0; i < kLanes; ++i) rows[i] = load(from + i * row);
  exchange_all<1>(rows);
  for (int i = 0; i < kLanes; ++i) store(to + i * to_row, rows[i]);
}

// The quotient of two polynomials that fits tanh on [-9, 9] to 2 units of the last digit; XLA's tanh is the same.
inline Vec tanh(Vec x) {
  const Vec y = least(greatest(x, all(-7.90531110763549805f)), all(7.90531110763549805f)), s = y * y;
  const Vec top = (((((s * -2.76076847742355e-16f + 2.00018790482477e-13f) * s - 8.60467152213735e-11f) * s +
                     5.12229709037114e-08f) * s + 1.48572235717979e-05f) * s + 6.37261928875436e-04f) * s +
                  4.89352455891786e-03f;
  const Vec bottom = ((s * 1.19825839466702e-06f + 1.18534705686654e-04f) * s + 2.26843463243900e-03f) * s +
                     4.89352518554385e-03f;
  return s < 1.6e-7f ? x : y * top / bottom;
}

// 2^n·e^r with n the nearest integer to x/ln 2: seven terms of the series are enough for |r| < 0.35.
inline Vec exp(Vec x) {
  const Vec y = least(greatest(x, all(-87.33654f)), all(88.72283f));
  const Vec n = (y * 1.44269504f + 12582912.0f) - 12582912.0f;  // a half and two to the 23rd: the fraction is rounded away
  const Vec r = (y - n * 0.693359375f) + n * 2.12194440e-4f;
  Vec sum = r * (1.0f / 5040) + 1.0f / 720;
  for (const float term : {1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f}) sum = sum * r + term;
  const Ints power = (__builtin_convertvector(n, Ints) + 127) << 23;
  const Vec scaled = sum * (Vec)power;
  return x < -87.33654f ? all(0.0f) : scaled;
}

// Memory that a thread keeps from one call to the next; each slot is one array.
inline float* scratch(int slot, int64_t count) {
  struct Free {
    void operator()(float* p) const { ::operator delete[](p, std::align_val_t(64)); }
  };
  thread_local std::unique_ptr<float[], Free> blocks[4];
  thread_local int64_t sizes[4] = {};
  if (sizes[slot] < count) {
    sizes[slot] = 0;
    blocks[slot].reset(static_cast<float*>(::operator new[](count * sizeof(float), std::align_val_t(64))));
    sizes[slot] = count;
  }
  return blocks[slot].get();
}

}  // namespace lamina
