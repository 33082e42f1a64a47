// SPDX-License-Identifier: Apache-2.0
#include "golden/fast/thread_pool.h"

#include <algorithm>

namespace kpu::golden::fast {

ThreadPool::ThreadPool(std::size_t threads) {
  for (std::size_t i = 1; i < threads; ++i) {
    workers_.emplace_back([this, i] { run_worker(i); });
  }
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  start_.notify_all();
  for (std::thread& worker : workers_) {
    worker.join();
  }
}

void ThreadPool::for_each_part(std::size_t count, std::size_t step,
                               const std::function<void(std::size_t, std::size_t)>& work) {
  if (workers_.empty() || count <= step) {
    work(0, count);
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    count_ = count;
    step_ = step;
    work_ = &work;
    running_ = workers_.size();
    ++round_;
  }
  start_.notify_all();
  run_part(0);
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return running_ == 0; });
}

void ThreadPool::run_worker(std::size_t index) {
  std::size_t seen = 0;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      start_.wait(lock, [&] { return stop_ || round_ != seen; });
      if (stop_) {
        return;
      }
      seen = round_;
    }
    run_part(index);
    {
      const std::lock_guard lock(mutex_);
      --running_;
    }
    done_.notify_one();
  }
}

void ThreadPool::run_part(std::size_t index) const {
  const std::size_t steps = (count_ + step_ - 1) / step_;
  const std::size_t begin = steps * index / threads() * step_;
  const std::size_t end = std::min(steps * (index + 1) / threads() * step_, count_);
  if (begin < end) {
    (*work_)(begin, end);
  }
}

}  // namespace kpu::golden::fast
