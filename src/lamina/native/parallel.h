// Work in pieces, on the caller's thread and those that XLA has.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <type_traits>

#include "xla/ffi/api/ffi.h"

namespace lamina {

struct Progress {
  std::atomic<int64_t> next{0}, done{0};

  void wait_for(int64_t pieces) const {
    for (int spins = 0; done.load(std::memory_order_acquire) < pieces; ++spins)
      if (spins > 1000) std::this_thread::yield();
  }
};

// Calls work(0), ..., work(count - 1), each once, and comes back when all are done. Whoever is free takes the next
// piece, so that a thread that is late, or held up by other programs, only gets fewer. Work that takes a second argument
// can wait by it for the pieces before it: wait_for(n) comes back when n pieces are done.
template <typename Work>
void in_parallel(xla::ffi::ThreadPool pool, int64_t count, const Work& work) {
  auto progress = std::make_shared<Progress>();  // outlives this call in threads that come too late
  auto take = [progress, count, &work] {
    for (int64_t i; (i = progress->next.fetch_add(1, std::memory_order_relaxed)) < count;) {
      if constexpr (std::is_invocable_v<Work, int64_t>) {
        work(i);
      } else {
        work(i, [&](int64_t pieces) { progress->wait_for(pieces); });
      }
      progress->done.fetch_add(1, std::memory_order_release);
    }
  };
  const int64_t helpers = std::min(count, pool.num_threads()) - 1;
  for (int64_t i = 0; i < helpers; ++i) pool.Schedule(decltype(take)(take));
  take();
  progress->wait_for(count);
}

}  // namespace lamina
