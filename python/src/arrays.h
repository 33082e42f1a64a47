// SPDX-License-Identifier: Apache-2.0
//
// NumPy arrays in and out without copies of their elements.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace kpu::python {

namespace nb = nanobind;

/// An array that C++ reads in place: any shape, C order.
template <class T>
using InputArray = nb::ndarray<const T, nb::c_contig, nb::device::cpu>;

template <class T>
std::span<const T> values_of(const InputArray<T>& array) {
  return {array.data(), array.size()};
}

/// A NumPy array of `shape` that owns `values`.
template <class T>
nb::object to_numpy(std::vector<T>&& values, std::vector<std::size_t> shape) {
  auto* owned = new std::vector<T>(std::move(values));
  const nb::capsule owner(owned, [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
  return nb::cast(nb::ndarray<nb::numpy, T>(owned->data(), shape.size(), shape.data(), owner));
}

}  // namespace kpu::python
