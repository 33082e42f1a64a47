// SPDX-License-Identifier: Apache-2.0
//
// The v5 tensor functions that pick by index, look for one, compare or choose (kmodel format,
// TENSOR): what each pops from the stack, and the operation of golden/ops/index_ops.h behind it.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "golden/kmodel/v5/frame.h"
#include "golden/ops/index_ops.h"
#include "golden/ops/roi_align.h"

namespace kpu::golden::v5 {
namespace {

using Frame = TensorFunctions::Frame;

/// Shape with the axes of `middle` in the place of axes first .. end - 1.
Shape replaced(const Shape& shape, std::size_t first, std::size_t end, const Shape& middle) {
  const auto begin = shape.begin();
  Shape out(begin, begin + static_cast<std::ptrdiff_t>(first));
  out.insert(out.end(), middle.begin(), middle.end());
  out.insert(out.end(), begin + static_cast<std::ptrdiff_t>(end), shape.end());
  return out;
}

void run_gather(Frame& f) {
  const AddressSpace::Address at_indices = f.pop_address();
  const AddressSpace::Address to = f.pop_address();
  const Tensor in = f.source(f.pop_address());
  const Tensor indices = f.packed_input(at_indices, DataType::kInt32, f.shape("rshape_indices"));
  const std::size_t axis = f.axis_of(f.call["axis"], in.shape.size());
  const Tensor out = f.output(to, in.type, f.shape("rshape_dest"));
  f.require_shape(out.shape, replaced(in.shape, axis, axis + 1, indices.shape));
  f.compute([&] {
    std::vector<std::uint8_t> picked(out.count() * size_of(in.type));
    gather(f.load(in), picked, size_of(in.type), in.shape, axis, f.load_as<std::int32_t>(indices));
    f.store(out, picked);
  });
}

void run_gather_nd(Frame& f) {
  const AddressSpace::Address at_indices = f.pop_address();
  const AddressSpace::Address to = f.pop_address();
  const Tensor in = f.source(f.pop_address());
  const Tensor indices = f.packed_input(at_indices, DataType::kInt32, f.shape("rshape_indices"));
  const std::size_t batch_dims = f.call["batch_dims"];
  const std::size_t rank = in.shape.size();
  if (indices.shape.size() <= batch_dims || batch_dims + indices.shape.back() > rank) {
    throw Error(fmt::format("gather_nd: indices {} with batch_dims={} into {} dimensions",
                            fmt::join(indices.shape, "x"), batch_dims, rank));
  }
  for (std::size_t axis = 0; axis < batch_dims; ++axis) {
    if (indices.shape[axis] != in.shape[axis]) {
      throw Error(fmt::format("gather_nd: {} indices on batch axis {}, expected {}",
                              indices.shape[axis], axis, in.shape[axis]));
    }
  }
  Shape picks = indices.shape;
  picks.pop_back();
  const Shape expected = replaced(in.shape, 0, batch_dims + indices.shape.back(), picks);
  const Tensor out = f.output(to, in.type, f.shape("rshape_dest"));
  // A single element is stored as a shape of one dimension or none.
  if (!expected.empty() || out.count() != 1) {
    f.require_shape(out.shape, expected);
  }
  f.compute([&] {
    std::vector<std::uint8_t> picked(out.count() * size_of(in.type));
    gather_nd(f.load(in), picked, size_of(in.type), in.shape, batch_dims,
              f.load_as<std::int32_t>(indices), indices.shape);
    f.store(out, picked);
  });
}

/// Floats by 64-bit indices; no strides.
void run_gather_elements(Frame& f) {
  const AddressSpace::Address to = f.pop_address();
  const AddressSpace::Address at_indices = f.pop_address();
  const Tensor in = f.packed_input(f.pop_address(), DataType::kFloat32, f.shape("input_shape_src"));
  const Tensor indices = f.packed_input(at_indices, DataType::kInt64, f.shape("indices_shape_src"));
  const std::size_t axis = f.axis_of(f.call["axis"], in.shape.size());
  f.require_rank(indices, in.shape.size());
  for (std::size_t at = 0; at < in.shape.size(); ++at) {
    if (at != axis && indices.shape[at] > in.shape[at]) {
      throw Error(fmt::format("gather_elements: {} indices on axis {}, expected at most {}",
                              indices.shape[at], at, in.shape[at]));
    }
  }
  const Tensor out = f.packed_output(to, in.type, indices.shape);
  f.compute([&] {
    std::vector<std::uint8_t> picked(out.count() * size_of(in.type));
    gather_elements(f.load(in), picked, size_of(in.type), in.shape, axis,
                    f.load_as<std::int64_t>(indices), indices.shape);
    f.store(out, picked);
  });
}

/// Floats; four floats for each region, and its image as a 64-bit index; no strides.
void run_roi_align(Frame& f) {
  const AddressSpace::Address to = f.pop_address();
  const AddressSpace::Address at_images = f.pop_address();
  const AddressSpace::Address at_regions = f.pop_address();
  const Tensor in = f.packed_input(f.pop_address(), f.call.type("datatype"), f.shape("rshape_src"));
  const Tensor out = f.packed_output(to, in.type, f.shape("rshape_dest"));
  f.require_type(in, DataType::kFloat32);
  f.require_rank(in, 4);
  f.require_rank(out, 4);
  f.require_shape(out.shape, {out.shape[0], in.shape[1], out.shape[2], out.shape[3]});
  const Tensor regions = f.packed_input(at_regions, DataType::kFloat32, {out.shape[0], 4});
  const Tensor images = f.packed_input(at_images, DataType::kInt64, {out.shape[0]});
  const RoiAlign align{.rows = out.shape[2],
                       .columns = out.shape[3],
                       .largest = f.call["mode"] != 0,
                       .scale = f.call.real("spatial_scale"),
                       .samples = static_cast<std::int64_t>(
                           std::clamp(f.call.value("sampling_ratio"), 0.0, 1024.0))};
  f.compute([&] {
    const std::vector<std::int64_t> picked = f.load_as<std::int64_t>(images);
    for (std::int64_t image : picked) {
      if (image < 0 || image >= in.shape[0]) {
        throw Error(fmt::format("roi_align: image {}, expected 0 to {}", image, in.shape[0] - 1));
      }
    }
    std::vector<float> result(out.count());
    roi_align(f.load_floats(in), in.shape, f.load_floats(regions), picked, result, align);
    f.store_floats(out, result);
  });
}

void run_trilu(Frame& f) {
  const AddressSpace::Address to = f.pop_address();
  const DataType type = f.call.type("datatype");
  const Tensor in = f.packed_input(f.pop_address(), type, f.shape("rshape_src"));
  f.require_type(in, DataType::kFloat32);
  if (in.shape.size() < 2) {
    throw Error(fmt::format("trilu: {} dimensions, expected 2 or more", in.shape.size()));
  }
  const Tensor out = f.packed_output(to, type, in.shape);
  f.compute([&] {
    std::vector<float> kept(out.count());
    triangle(f.load_floats(in), kept, in.shape, f.call["upper"] != 0,
             static_cast<std::int32_t>(f.call["k"]));
    f.store_floats(out, kept);
  });
}

void run_onehot(Frame& f) {
  const AddressSpace::Address to = f.pop_address();
  const AddressSpace::Address at_off = f.pop_address();
  const AddressSpace::Address at_on = f.pop_address();
  f.pop_address();  // the depth, which the output's shape has, too
  const AddressSpace::Address at_indices = f.pop_address();
  const DataType type = f.call.type("datatype");
  const Tensor indices = f.packed_input(at_indices, DataType::kInt32, f.shape("rshape_indices"));
  const Tensor on = f.packed_input(at_on, type, {1});
  const Tensor off = f.packed_input(at_off, type, {1});
  const Tensor out = f.output(to, type, f.shape("rshape_dest"));
  const std::size_t axis = f.axis_of(f.call["axis"], out.shape.size());
  f.require_shape(replaced(out.shape, axis, axis + 1, {}), indices.shape);
  f.compute([&] {
    std::vector<std::uint8_t> hot(out.count() * size_of(type));
    one_hot(f.load_as<std::int32_t>(indices), hot, AxisCut(out.shape, axis), f.load(on),
            f.load(off), f.call["onehot_mode"] == 1);
    f.store(out, hot);
  });
}

void run_topk(Frame& f) {
  const AddressSpace::Address to_indices = f.pop_address();
  const AddressSpace::Address to_values = f.pop_address();
  const Tensor in = f.source(f.pop_address());
  f.require_type(in, DataType::kFloat32);
  const std::size_t axis = f.axis_of(f.call["axis"], in.shape.size());
  const std::uint32_t k = f.call["k"];
  if (k < 1 || k > in.shape[axis]) {
    throw Error(fmt::format("topk: k={}, expected 1 to {}", k, in.shape[axis]));
  }
  if (f.call["sorted"] == 0) {
    f.not_implemented("without sorting");
  }
  const Shape expected = replaced(in.shape, axis, axis + 1, {k});
  f.require_shape(f.shape("rshape_dest1"), expected);
  f.require_shape(f.shape("rshape_dest2"), expected);
  const Tensor values = f.output(to_values, in.type, expected, f.shape("rstride_dest1"));
  const Tensor indices = f.output(to_indices, DataType::kInt64, expected, f.shape("rstride_dest2"));
  f.compute([&] {
    std::vector<float> best(values.count());
    std::vector<std::int64_t> places(values.count());
    top_k(f.load_floats(in), best, places, AxisCut(in.shape, axis), k, f.call["largest"] != 0);
    f.store_floats(values, best);
    f.store_as(indices, places);
  });
}

void run_reduce_arg(Frame& f) {
  const AddressSpace::Address to = f.pop_address();
  const Tensor in = f.input(f.pop_address(), f.call.type("in_datatype"), f.shape("rshape_src"),
                            f.shape("rstride_src"));
  f.require_type(in, DataType::kFloat32);
  const Shape& axes = f.shape("rshape_axis");
  if (axes.size() != 1) {
    f.not_implemented(fmt::format("over {} axes", axes.size()));
  }
  const std::size_t axis = f.axis_of(axes[0], in.shape.size());
  const Shape kept = f.call["keep_dims"] != 0 ? Shape{1} : Shape{};
  const Tensor out =
      f.output(to, f.call.type("dst_datatype"), replaced(in.shape, axis, axis + 1, kept));
  if (out.type != DataType::kInt32 && out.type != DataType::kInt64) {
    f.not_implemented(fmt::format("to {}", to_string(out.type)));
  }
  f.compute([&] {
    std::vector<std::int64_t> places(out.count());
    arg_reduce(f.load_floats(in), places, AxisCut(in.shape, axis), f.call["reduce_arg_op"] == 1,
               f.call["select_last_idx"] != 0);
    if (out.type == DataType::kInt64) {
      f.store_as(out, places);
    } else {
      f.store_as(out, std::vector<std::int32_t>(places.begin(), places.end()));
    }
  });
}

void run_hardmax(Frame& f) {
  const AddressSpace::Address to = f.pop_address();
  const Tensor in = f.source(f.pop_address());
  f.require_type(in, DataType::kFloat32);
  const std::size_t axis = f.axis_of(f.call["axis"], in.shape.size());
  const Tensor out = f.packed_output(to, in.type, in.shape);
  f.compute([&] {
    std::vector<float> hot(out.count());
    hardmax(f.load_floats(in), hot, AxisCut(in.shape, axis));
    f.store_floats(out, hot);
  });
}

/// The two inputs of a comparison, broadcast to the output's bytes: 1 where `holds`.
template <class T, class Holds>
void compare_elements(Frame& f, const Tensor& a, const Tensor& b, const Tensor& out, Holds holds) {
  f.compute([&] {
    const std::vector<T> left = f.load_as<T>(a);
    const std::vector<T> right = f.load_as<T>(b);
    std::vector<std::uint8_t> result;
    each_index(out.shape, [&](std::span<const std::uint32_t> index) {
      result.push_back(
          holds(left[broadcast_offset(a.shape, index)], right[broadcast_offset(b.shape, index)]));
    });
    f.store(out, result);
  });
}

/// Comparison number `op`: equal, not equal, greater, greater or equal, less, less or equal.
template <class T>
void compare_as(Frame& f, std::uint32_t op, const Tensor& a, const Tensor& b, const Tensor& out) {
  const std::array<std::function<bool(T, T)>, 6> kHolds = {
      std::equal_to<T>(),      std::not_equal_to<T>(), std::greater<T>(),
      std::greater_equal<T>(), std::less<T>(),         std::less_equal<T>()};
  if (op >= kHolds.size()) {
    f.not_implemented("for this compare_op");
  }
  compare_elements<T>(f, a, b, out, kHolds[op]);
}

void compare(Frame& f, std::uint32_t op) {
  const AddressSpace::Address to = f.pop_address();
  const AddressSpace::Address at_b = f.pop_address();
  const DataType type = f.call.type("datatype");
  const Tensor a = f.input(f.pop_address(), type, f.shape("rshape_src1"), f.shape("rstride_src1"));
  const Tensor b = f.input(at_b, type, f.shape("rshape_src2"), f.shape("rstride_src2"));
  const Tensor out = f.output(to, DataType::kUint8, broadcast_shape(a.shape, b.shape));
  switch (type) {
    case DataType::kUint8:
      return compare_as<std::uint8_t>(f, op, a, b, out);
    case DataType::kInt32:
      return compare_as<std::int32_t>(f, op, a, b, out);
    case DataType::kInt64:
      return compare_as<std::int64_t>(f, op, a, b, out);
    case DataType::kFloat32:
      return compare_as<float>(f, op, a, b, out);
    default:
      f.not_implemented(fmt::format("for {}", to_string(type)));
  }
}

void run_compare(Frame& f) { compare(f, f.call["compare_op"]); }

void run_equal(Frame& f) { compare(f, 0); }

void run_ternary(Frame& f) {
  const AddressSpace::Address to = f.pop_address();
  const AddressSpace::Address at_c = f.pop_address();
  const AddressSpace::Address at_b = f.pop_address();
  const DataType type = f.call.type("datatype");
  // The condition is a float whatever the type of the others.
  const Tensor a =
      f.input(f.pop_address(), DataType::kFloat32, f.shape("rshape_src1"), f.shape("rstride_src1"));
  const Tensor b = f.input(at_b, type, f.shape("rshape_src2"), f.shape("rstride_src2"));
  const Tensor c = f.input(at_c, type, f.shape("rshape_src3"), f.shape("rstride_src3"));
  f.require_type(b, DataType::kFloat32);
  const Tensor out =
      f.output(to, type, broadcast_shape(broadcast_shape(a.shape, b.shape), c.shape));
  f.compute([&] {
    std::vector<float> chosen(out.count());
    select(f.load_floats(a), a.shape, f.load_floats(b), b.shape, f.load_floats(c), c.shape, chosen,
           out.shape);
    f.store_floats(out, chosen);
  });
}

constexpr std::array kIndexFunctions = {
    TensorFunction{"compare", run_compare},
    TensorFunction{"equal", run_equal},
    TensorFunction{"gather", run_gather},
    TensorFunction{"gather_elements", run_gather_elements},
    TensorFunction{"gather_nd", run_gather_nd},
    TensorFunction{"hardmax", run_hardmax},
    TensorFunction{"onehot", run_onehot},
    TensorFunction{"reduce_arg", run_reduce_arg},
    TensorFunction{"roi_align", run_roi_align},
    TensorFunction{"ternary", run_ternary},
    TensorFunction{"topk", run_topk},
    TensorFunction{"trilu", run_trilu},
};

}  // namespace

std::span<const TensorFunction> index_functions() { return kIndexFunctions; }

}  // namespace kpu::golden::v5
