// Work in pieces, on the caller's thread and those that XLA has.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "xla/ffi/api/ffi.h"

namespace lamina {

struct Progress {
  std::atomic<int64_t> next{0}, done{0};
};

inline void wait_until(const std::atomic<int64_t>& value, int64_t least) {
  for (int spins = 0; value.load(std::memory_order_acquire) < least;)
    if (spins < 1000)
      ++spins;
    else
      std::this_thread::yield();
}

// Calls work(0), ..., work(count - 1), each once, and comes back when all are done. Whoever is free takes the next
// piece, so that a thread that is late, or held up by other programs, only gets fewer.
template <typename Work>
void in_parallel(xla::ffi::ThreadPool pool, int64_t count, const Work& work) {
  auto progress = std::make_shared<Progress>();  // outlives this call in threads that come too late
  auto take = [progress, count, &work] {
    for (int64_t i; (i = progress->next.fetch_add(1, std::memory_order_relaxed)) < count;) {
      work(i);
      progress->done.fetch_add(1, std::memory_order_release);
    }
  };
  const int64_t helpers = std::min(count, pool.num_threads()) - 1;
  for (int64_t i = 0; i < helpers; ++i) pool.Schedule(decltype(take)(take));
  take();
  wait_until(progress->done, count);
}

// Calls work(first, end) for stretches of 0 ... count - 1 that are `size` long; the last one may be shorter.
template <typename Work>
void in_stretches(xla::ffi::ThreadPool pool, int64_t count, int64_t size, const Work& work) {
  in_parallel(pool, (count + size - 1) / size,
              [&](int64_t piece) { work(piece * size, std::min(count, (piece + 1) * size)); });
}

struct Steps {
  std::atomic<bool> joined{false};
  std::atomic<int64_t> from{-1}, done[2]{{-1}, {-1}};  // steps: the first of two threads, and the last of each
};

// Calls work(i, part) for i = 0 ... count - 1, one after the other, each for all parts, of which there are one or two:
// two at the same time from when a second thread has arrived, for it may be busy. Nobody waits for who has not come.
template <typename Work>
void in_step(xla::ffi::ThreadPool pool, int64_t count, int64_t parts, const Work& work) {
  auto steps = std::make_shared<Steps>();  // outlives this call in a thread that comes too late
  if (parts > 1 && pool.num_threads() > 1)
    pool.Schedule([steps, count, &work, caller = std::this_thread::get_id()] {
      if (std::this_thread::get_id() == caller) return;  // a pool that takes no more work does it here and now
      steps->joined.store(true, std::memory_order_release);
      wait_until(steps->from, 0);
      for (int64_t i = steps->from.load(std::memory_order_acquire); i < count; ++i) {
        work(i, 1);
        steps->done[1].store(i, std::memory_order_release);
        wait_until(steps->done[0], i);
      }
    });
  bool together = false;
  for (int64_t i = 0; i < count; ++i) {
    if (!together && steps->joined.load(std::memory_order_acquire)) {
      together = true;
      steps->from.store(i, std::memory_order_release);
    }
    work(i, 0);
    if (!together && parts > 1) work(i, 1);
    steps->done[0].store(i, std::memory_order_release);
    if (together) wait_until(steps->done[1], i);
  }
  if (!together) steps->from.store(count, std::memory_order_release);
}

// Calls work(array, first, end) for stretches of arrays that hold so many numbers each. A share of the work has at most
// `most` of them: many small arrays are one share, which wakes no other thread.
template <typename Work>
void in_shares(xla::ffi::ThreadPool pool, const std::vector<int64_t>& counts, int64_t most, const Work& work) {
  struct Stretch {
    size_t array;
    int64_t first, end;
  };
  std::vector<std::vector<Stretch>> shares;
  int64_t room = 0;
  for (size_t array = 0; array < counts.size(); ++array)
    for (int64_t first = 0, some; first < counts[array]; first += some, room -= some) {
      if (!room) shares.emplace_back(), room = most;
      some = std::min(room, counts[array] - first);
      shares.back().push_back({array, first, first + some});
    }
  in_parallel(pool, static_cast<int64_t>(shares.size()), [&](int64_t i) {
    for (const auto& [array, first, end] : shares[i]) work(array, first, end);
  });
}

}  // namespace lamina
