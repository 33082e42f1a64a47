// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace kpu::golden::fast {

/// Splits loops over a fixed number of threads, the caller's among them.
class ThreadPool {
 public:
  /// `threads` in all, 1 or more.
  explicit ThreadPool(std::size_t threads);
  ~ThreadPool();

  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  std::size_t threads() const { return workers_.size() + 1; }

  /// Calls work(begin, end) once a thread with parts of 0 .. count - 1, of multiples of `step`, and
  /// waits for all of them. `work` must not throw.
  void for_each_part(std::size_t count, std::size_t step,
                     const std::function<void(std::size_t begin, std::size_t end)>& work);

 private:
  void run_worker(std::size_t index);
  void run_part(std::size_t index) const;

  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable start_, done_;
  std::size_t round_ = 0;    ///< counts calls, so that workers see a new one
  std::size_t running_ = 0;  ///< workers that have not finished theirs
  bool stop_ = false;
  std::size_t count_ = 0, step_ = 1;
  const std::function<void(std::size_t, std::size_t)>* work_ = nullptr;
};

}  // namespace kpu::golden::fast
