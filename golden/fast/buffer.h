// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <new>

#include "golden/fast/kernels.h"

namespace kpu::golden::fast {

/// Numbers that start at a line of the caches, so that vectors lie in one. They are kept when the
/// buffer need not grow; what is in it is undefined until it is written.
template <class T>
class Buffer {
 public:
  Buffer() = default;
  ~Buffer() { operator delete(data_, kAlignment); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  /// Makes room for `count` elements and for what vectors touch behind them.
  T* reserve(std::size_t count) {
    if (size_ < count) {
      operator delete(data_, kAlignment);
      data_ = nullptr;
      size_ = 0;
      data_ = static_cast<T*>(operator new((count + kSlack) * sizeof(T), kAlignment));
      size_ = count;
    }
    return data_;
  }

  T* data() { return data_; }

 private:
  static constexpr std::align_val_t kAlignment{64};

  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace kpu::golden::fast
