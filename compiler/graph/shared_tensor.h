// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "compiler/graph/tensor.h"

namespace kpu::compiler {

/// A tensor that copies share until one of them is edited: graphs are copied from step to step, and
/// weights are most of a network.
class SharedTensor {
 public:
  SharedTensor() : tensor_(std::make_shared<Tensor>()) {}
  SharedTensor(Tensor tensor) : tensor_(std::make_shared<Tensor>(std::move(tensor))) {}
  SharedTensor(Dims dims, std::vector<float> data)
      : SharedTensor(Tensor{std::move(dims), std::move(data), false}) {}

  const Tensor& operator*() const { return *tensor_; }
  const Tensor* operator->() const { return tensor_.get(); }
  std::size_t size() const { return tensor_->size(); }

  /// The tensor for changes, which no other copy sees.
  Tensor& edit() {
    if (tensor_.use_count() > 1) tensor_ = std::make_shared<Tensor>(*tensor_);
    return *tensor_;
  }

 private:
  std::shared_ptr<Tensor> tensor_;
};

}  // namespace kpu::compiler
