// SPDX-License-Identifier: Apache-2.0
//
// Operators that move elements or pick among them.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "common/error.h"
#include "compiler/onnx/import.h"

namespace kpu::compiler {
namespace {

void concat(Call& call) {
  std::vector<ValueId> inputs;
  for (std::size_t i = 0; i < call.input_count(); ++i) inputs.push_back(call.in(i));
  const int axis = normal_axis(call.integer("axis", 1), call.dims().size());
  if (inputs.size() == 1) {
    call.give(inputs[0]);
  } else {
    call.give(Concat{axis}, inputs);
  }
}

/// Copies side by side.
void tile(Call& call) {
  const Dims repeats = call.whole(1, "repeats");
  if (static_cast<std::int64_t>(repeats.size()) != call.rank()) {
    throw Error(
        fmt::format("{} repeats: expected one for each of {} axes", repeats.size(), call.rank()));
  }
  ValueId x = call.in();
  for (std::size_t axis = 0; axis < repeats.size(); ++axis) {
    constexpr std::int64_t kMost = 1024;
    if (repeats[axis] < 1 || repeats[axis] > kMost) {
      throw Error(fmt::format("repeats={}: expected 1 to {}", repeats[axis], kMost));
    }
    if (repeats[axis] == 1) continue;
    const std::vector<ValueId> copies(static_cast<std::size_t>(repeats[axis]), x);
    x = call.add(Concat{static_cast<int>(axis)}, copies);
  }
  call.give(x);
}

void flatten(Call& call) {
  std::int64_t axis = call.integer("axis", 1);
  if (axis != call.rank()) axis = normal_axis(axis, call.dims().size());
  const Dims& dims = call.dims();
  const std::int64_t rows = element_count(Dims(dims.begin(), dims.begin() + axis));
  const std::int64_t columns = element_count(Dims(dims.begin() + axis, dims.end()));
  call.give(Reshape{{rows, columns}}, {call.in()});
}

void reshape(Call& call) {
  const Dims& from = call.dims();
  Dims dims = call.whole(1, "shape");
  const bool keep_zero = call.integer("allowzero", 0) != 0;
  std::int64_t known = 1;
  int open = -1;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] == 0 && !keep_zero) {
      if (i >= from.size()) throw Error("shape: 0 stands for an axis the input does not have");
      dims[i] = from[i];
    }
    if (dims[i] == -1 && open < 0) {
      open = static_cast<int>(i);
    } else if (dims[i] < 0 || dims[i] > kMaxElements || known > kMaxElements) {
      throw Error(fmt::format("shape {}: expected sizes, and -1 at most once", dims_text(dims)));
    } else {
      known *= dims[i];
    }
  }
  if (open >= 0) {
    const std::int64_t count = element_count(from);
    if (known == 0 || count % known != 0) {
      throw Error(fmt::format("shape {}: does not divide the {} elements of {}", dims_text(dims),
                              count, dims_text(from)));
    }
    dims[open] = count / known;
  }
  call.give(Reshape{dims}, {call.in()});
}

/// Axes of an attribute (before opset 13) or an input.
std::vector<std::int64_t> axes_of(Call& call, std::int64_t as_input_from) {
  if (call.opset() < as_input_from) return call.integers("axes");
  return call.has(1) ? call.whole(1, "axes") : std::vector<std::int64_t>{};
}

void squeeze(Call& call) {
  std::vector<bool> gone(call.dims().size(), false);
  const auto axes = axes_of(call, 13);
  for (std::int64_t axis : axes) gone[normal_axis(axis, call.dims().size())] = true;
  Dims dims;
  for (std::size_t i = 0; i < gone.size(); ++i) {
    const std::int64_t dim = call.dims()[i];
    if (gone[i] && dim != 1) throw Error(fmt::format("axis {} of {}: expected size 1", i, dim));
    if (!gone[i] && (dim != 1 || !axes.empty())) dims.push_back(dim);
  }
  call.give(Reshape{dims}, {call.in()});
}

void unsqueeze(Call& call) {
  const auto axes = axes_of(call, 13);
  const std::size_t rank = call.dims().size() + axes.size();
  std::vector<bool> added(rank, false);
  for (std::int64_t axis : axes) added[normal_axis(axis, rank)] = true;
  if (std::count(added.begin(), added.end(), true) != static_cast<std::int64_t>(axes.size())) {
    throw Error("axes: expected each once");
  }
  Dims dims;
  std::size_t next = 0;
  for (bool is_new : added) dims.push_back(is_new ? 1 : call.dims()[next++]);
  call.give(Reshape{dims}, {call.in()});
}

void transpose(Call& call) {
  std::vector<std::int64_t> all(call.dims().size());
  std::iota(all.rbegin(), all.rend(), 0);
  Transpose transpose;
  for (std::int64_t axis : call.integers("perm", all)) {
    transpose.perm.push_back(normal_axis(axis, call.dims().size()));
  }
  call.give(transpose, {call.in()});
}

void depth_to_space(Call& call) {
  const std::int64_t b = call.integer("blocksize", 0);
  const std::string mode = call.text("mode", "DCR");
  const Dims& d = call.dims();
  if (d.size() != 4 || b < 1 || b > 64 || d[1] % (b * b) != 0) {
    throw Error(fmt::format("blocksize={} for shape {}: expected one that divides the channels", b,
                            dims_text(d)));
  }
  const std::int64_t c = d[1] / (b * b);
  const bool crd = mode == "CRD";
  const Dims split = crd ? Dims{c, b, b, d[2], d[3]} : Dims{b, b, c, d[2], d[3]};
  const std::vector<int> perm =
      crd ? std::vector<int>{0, 3, 1, 4, 2} : std::vector<int>{2, 3, 0, 4, 1};
  const ValueId blocks = call.add(Reshape{split}, {call.in()});
  const ValueId moved = call.add(Transpose{perm}, {blocks});
  call.give(Reshape{{d[0], c, d[2] * b, d[3] * b}}, {moved});
}

void space_to_depth(Call& call) {
  const std::int64_t b = call.integer("blocksize", 0);
  const Dims& d = call.dims();
  if (d.size() != 4 || b < 1 || b > 64 || d[2] % b != 0 || d[3] % b != 0) {
    throw Error(fmt::format("blocksize={} for shape {}: expected one that divides the image", b,
                            dims_text(d)));
  }
  const ValueId blocks = call.add(Reshape{{d[1], d[2] / b, b, d[3] / b, b}}, {call.in()});
  const ValueId moved = call.add(Transpose{{2, 4, 0, 1, 3}}, {blocks});
  call.give(Reshape{{d[0], d[1] * b * b, d[2] / b, d[3] / b}}, {moved});
}

void pad(Call& call) {
  const std::string mode = call.text("mode", "constant");
  Pad pad;
  if (mode == "edge") pad.mode = PadMode::kEdge;
  if (mode == "reflect") pad.mode = PadMode::kReflect;
  if (pad.mode == PadMode::kConstant && mode != "constant") {
    throw Error(fmt::format("mode='{}': expected constant, edge or reflect", mode));
  }
  const auto pads = call.opset() < 11 ? call.integers("pads") : call.whole(1, "pads");
  if (call.opset() < 11) {
    pad.value = call.real("value", 0);
  } else if (call.has(2)) {
    pad.value = call.constant(2, "constant_value").data.at(0);
  }
  std::vector<int> axes(call.dims().size());
  std::iota(axes.begin(), axes.end(), 0);
  if (call.has(3)) {
    axes.clear();
    for (std::int64_t axis : call.whole(3, "axes")) {
      axes.push_back(normal_axis(axis, call.dims().size()));
    }
  }
  if (pads.size() != 2 * axes.size()) {
    throw Error(fmt::format("pads with {} entries: expected {}", pads.size(), 2 * axes.size()));
  }
  pad.before.assign(call.dims().size(), 0);
  pad.after.assign(call.dims().size(), 0);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    pad.before[axes[i]] = pads[i];
    pad.after[axes[i]] = pads[axes.size() + i];
  }
  call.give(pad, {call.in()});
}

Slice whole_slice(const Dims& dims) { return {Dims(dims.size(), 0), Dims(dims.size(), 1), dims}; }

void slice(Call& call) {
  const Dims& dims = call.dims();
  const bool old = call.opset() < 10;
  const auto starts = old ? call.integers("starts") : call.whole(1, "starts");
  const auto ends = old ? call.integers("ends") : call.whole(2, "ends");
  std::vector<std::int64_t> axes(starts.size()), steps(starts.size(), 1);
  std::iota(axes.begin(), axes.end(), 0);
  if (old) axes = call.integers("axes", axes);
  if (!old && call.has(3)) axes = call.whole(3, "axes");
  if (!old && call.has(4)) steps = call.whole(4, "steps");
  if (ends.size() != starts.size() || axes.size() != starts.size() ||
      steps.size() != starts.size()) {
    throw Error("starts, ends, axes, steps: expected as many of each");
  }
  Slice slice = whole_slice(dims);
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const int axis = normal_axis(axes[i], dims.size());
    const std::int64_t size = dims[axis], step = steps[i];
    if (step == 0) throw Error("steps=0: expected another");
    const auto bound = [&](std::int64_t at, std::int64_t low, std::int64_t high) {
      return std::clamp(at < 0 ? at + size : at, low, high);
    };
    const std::int64_t begin = step > 0 ? bound(starts[i], 0, size) : bound(starts[i], 0, size - 1);
    const std::int64_t end = step > 0 ? bound(ends[i], 0, size) : bound(ends[i], -1, size - 1);
    const std::int64_t span = step > 0 ? end - begin : begin - end;
    const std::int64_t stride = std::abs(step);
    slice.begin[axis] = begin;
    slice.step[axis] = step;
    slice.count[axis] = span <= 0 ? 0 : (span - 1) / stride + 1;
  }
  call.give(slice, {call.in()});
}

void split(Call& call) {
  const Dims& dims = call.dims();
  const int axis = normal_axis(call.integer("axis", 0), dims.size());
  std::vector<std::int64_t> sizes;
  if (call.opset() < 13) sizes = call.integers("split");
  if (call.opset() >= 13 && call.has(1)) sizes = call.whole(1, "split");
  if (sizes.empty()) {
    const std::int64_t parts =
        call.integer("num_outputs", static_cast<std::int64_t>(call.output_count()));
    const std::int64_t part = parts < 1 ? 0 : (dims[axis] + parts - 1) / parts;
    for (std::int64_t at = 0; part > 0 && at < dims[axis]; at += part) {
      sizes.push_back(std::min(part, dims[axis] - at));
    }
  }
  std::int64_t at = 0;
  for (std::int64_t size : sizes) {
    Slice slice = whole_slice(dims);
    if (size < 0 || size > dims[axis] - at) {
      throw Error(fmt::format("split: expected sizes that add up to {}", dims[axis]));
    }
    slice.begin[axis] = at;
    slice.count[axis] = size;
    call.give(slice, {call.in()});
    at += size;
  }
}

void gather(Call& call) {
  const Dims& dims = call.dims();
  const int axis = normal_axis(call.integer("axis", 0), dims.size());
  std::vector<std::int64_t> indices = call.whole(1, "indices");
  for (std::int64_t& index : indices) {
    if (index < -dims[axis] || index >= dims[axis]) {
      throw Error(fmt::format("index {}: expected one of an axis of {}", index, dims[axis]));
    }
    index += index < 0 ? dims[axis] : 0;
  }
  // Runs of equal distance are slices.
  std::vector<ValueId> parts;
  for (std::size_t first = 0; first < indices.size();) {
    std::size_t end = first + 1;
    const std::int64_t step = end < indices.size() ? indices[end] - indices[first] : 1;
    while (end < indices.size() && step != 0 && indices[end] - indices[end - 1] == step) ++end;
    Slice slice = whole_slice(dims);
    slice.begin[axis] = indices[first];
    slice.step[axis] = step == 0 ? 1 : step;
    slice.count[axis] = static_cast<std::int64_t>(end - first);
    parts.push_back(call.add(slice, {call.in()}));
    first = end;
  }
  if (parts.empty()) throw Error("indices: expected one or more");
  const ValueId all = parts.size() == 1 ? parts[0] : call.add(Concat{axis}, parts);
  Dims out(dims.begin(), dims.begin() + axis);
  const Dims& shape = call.dims(1);
  out.insert(out.end(), shape.begin(), shape.end());
  out.insert(out.end(), dims.begin() + axis + 1, dims.end());
  call.give(Reshape{out}, {all});
}

ResizeCoordinates coordinates_of(const std::string& name) {
  if (name == "half_pixel") return ResizeCoordinates::kHalfPixel;
  if (name == "pytorch_half_pixel") return ResizeCoordinates::kPytorchHalfPixel;
  if (name == "asymmetric") return ResizeCoordinates::kAsymmetric;
  if (name == "align_corners") return ResizeCoordinates::kAlignCorners;
  throw Error(
      fmt::format("coordinate_transformation_mode='{}': expected half_pixel, "
                  "pytorch_half_pixel, asymmetric or align_corners",
                  name));
}

ResizeRound round_of(const std::string& name) {
  if (name == "floor") return ResizeRound::kFloor;
  if (name == "ceil") return ResizeRound::kCeil;
  if (name == "round_prefer_floor") return ResizeRound::kPreferFloor;
  if (name == "round_prefer_ceil") return ResizeRound::kPreferCeil;
  throw Error(
      fmt::format("nearest_mode='{}': expected floor, ceil, round_prefer_floor or "
                  "round_prefer_ceil",
                  name));
}

void resize(Call& call) {
  const bool upsample = call.opset() < 10;
  Resize resize;
  const std::string mode = call.text("mode", "nearest");
  if (mode == "linear") {
    resize.kind = ResizeKind::kLinear;
  } else if (mode == "cubic") {
    resize.kind = ResizeKind::kCubic;
  } else if (mode != "nearest") {
    throw Error(fmt::format("mode='{}': expected nearest, linear or cubic", mode));
  }
  const bool old = call.opset() < 11;
  resize.coordinates =
      old ? ResizeCoordinates::kAsymmetric
          : coordinates_of(call.text("coordinate_transformation_mode", "half_pixel"));
  resize.round =
      old ? ResizeRound::kFloor : round_of(call.text("nearest_mode", "round_prefer_floor"));
  resize.cubic = call.real("cubic_coeff_a", -0.75f);
  if (call.integer("antialias", 0) != 0 || call.integer("exclude_outside", 0) != 0) {
    throw Error("antialias, exclude_outside: expected 0");
  }
  if (call.text("keep_aspect_ratio_policy", "stretch") != "stretch") {
    throw Error("keep_aspect_ratio_policy: expected stretch");
  }
  call.ignore({"extrapolation_value"});
  const Dims& dims = call.dims();
  std::vector<std::int64_t> axes{0, 1, 2, 3};
  if (call.has_attribute("axes")) axes = call.integers("axes");
  const std::size_t at_scales = old || upsample ? 1 : 2;
  std::vector<float> scales(4, 1);
  Dims sizes = dims;
  if (dims.size() != 4) throw Error("input: expected N x C x H x W");
  const auto given = [&](std::size_t count) {
    if (count != axes.size()) throw Error("scales, sizes: expected one for each axis");
  };
  if (call.has(3) && call.dims(3) != Dims{0}) {
    const auto wanted = call.whole(3, "sizes");
    given(wanted.size());
    for (std::size_t i = 0; i < axes.size(); ++i) {
      const int axis = normal_axis(axes[i], 4);
      sizes[axis] = wanted[i];
      scales[axis] = static_cast<float>(wanted[i]) / static_cast<float>(dims[axis]);
    }
  } else {
    const Tensor& wanted = call.constant(at_scales, "scales");
    given(wanted.size());
    for (std::size_t i = 0; i < axes.size(); ++i) {
      const int axis = normal_axis(axes[i], 4);
      scales[axis] = wanted.data[i];
      const double size = std::floor(double{scales[axis]} * static_cast<double>(dims[axis]));
      if (!(size >= 1 && size <= kMaxElements)) throw Error("scales: expected a size of 1 or more");
      sizes[axis] = static_cast<std::int64_t>(size);
    }
  }
  if (sizes[0] != dims[0] || sizes[1] != dims[1]) {
    throw Error("scales, sizes: expected rows and columns only to change");
  }
  resize.out = {sizes[2], sizes[3]};
  resize.scale = {scales[2], scales[3]};
  call.give(resize, {call.in()});
}

constexpr std::array kLayoutImporters = {
    Importer{"Concat", concat, CodeUse::kMoves},
    Importer{"Flatten", flatten, CodeUse::kMoves},
    Importer{"Tile", tile, CodeUse::kMoves},
    Importer{"Reshape", reshape, CodeUse::kMoves},
    Importer{"Squeeze", squeeze, CodeUse::kMoves},
    Importer{"Unsqueeze", unsqueeze, CodeUse::kMoves},
    Importer{"Transpose", transpose, CodeUse::kMoves},
    Importer{"DepthToSpace", depth_to_space, CodeUse::kMoves},
    Importer{"SpaceToDepth", space_to_depth, CodeUse::kMoves},
    Importer{"Pad", pad},
    Importer{"Slice", slice, CodeUse::kMoves},
    Importer{"Split", split, CodeUse::kMoves},
    Importer{"Gather", gather, CodeUse::kMoves},
    Importer{"Resize", resize, CodeUse::kMoves},
    Importer{"Upsample", resize, CodeUse::kMoves},
};

}  // namespace

std::span<const Importer> layout_importers() { return kLayoutImporters; }

}  // namespace kpu::compiler
