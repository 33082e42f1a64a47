// SPDX-License-Identifier: Apache-2.0
//
// Convolutions, pools, norms and products with constant matrices.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/error.h"
#include "compiler/onnx/import.h"
#include "compiler/onnx/pieces.h"

namespace kpu::compiler {
namespace {

constexpr std::int64_t kMaxWindow = 4096;  ///< kernels, strides and paddings beyond are absurd

/// Two whole numbers of an attribute; one for images of one axis is refused with the shape.
std::array<std::int64_t, 2> pair(Call& call, const char* name, std::int64_t missing,
                                 std::int64_t least) {
  const std::vector<std::int64_t> values = call.integers(name, {missing, missing});
  if (values.size() != 2) {
    throw Error(
        fmt::format("{} with {} entries: expected 2 (images of two axes)", name, values.size()));
  }
  for (std::int64_t value : values) {
    if (value < least || value > kMaxWindow) {
      throw Error(fmt::format("{}={}: expected {} to {}", name, value, least, kMaxWindow));
    }
  }
  return {values[0], values[1]};
}

void require_image(Call& call) {
  if (call.rank() != 4) {
    throw Error(fmt::format("input of shape {}: expected N x C x H x W", dims_text(call.dims())));
  }
}

/// Strides, dilations and pads (explicit, SAME or VALID) around a kernel.
Window read_window(Call& call, std::array<std::int64_t, 2> kernel) {
  require_image(call);
  Window window{.kernel = kernel};
  window.stride = pair(call, "strides", 1, 1);
  window.dilation = pair(call, "dilations", 1, 1);
  const std::vector<std::int64_t> pads = call.integers("pads", {0, 0, 0, 0});
  const std::string automatic = call.text("auto_pad", "NOTSET");
  if (pads.size() != 4) throw Error(fmt::format("pads with {} entries: expected 4", pads.size()));
  for (int axis = 0; axis < 2; ++axis) {
    if (automatic == "NOTSET" || automatic.empty()) {
      window.before[axis] = pads[axis];
      window.after[axis] = pads[2 + axis];
    } else if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
      const std::int64_t size = call.dims()[2 + axis], stride = window.stride[axis];
      const std::int64_t out = (size + stride - 1) / stride;
      const std::int64_t span = (kernel[axis] - 1) * window.dilation[axis] + 1;
      const std::int64_t total = std::max<std::int64_t>(0, (out - 1) * stride + span - size);
      window.before[axis] = (total + (automatic == "SAME_LOWER")) / 2;
      window.after[axis] = total - window.before[axis];
    } else if (automatic != "VALID") {
      throw Error(fmt::format("auto_pad='{}': expected NOTSET, SAME_UPPER, SAME_LOWER or VALID",
                              automatic));
    }
    for (std::int64_t side : {window.before[axis], window.after[axis]}) {
      if (side < 0 || side > kMaxWindow) {
        throw Error(fmt::format("pads={}: expected 0 to {}", side, kMaxWindow));
      }
    }
  }
  return window;
}

std::array<std::int64_t, 2> kernel_of(Call& call, const Tensor& weights) {
  if (weights.dims.size() != 4 || element_count(weights.dims) == 0) {
    throw Error(fmt::format("weights of shape {}: expected four axes of 1 or more",
                            dims_text(weights.dims)));
  }
  const std::array<std::int64_t, 2> kernel{weights.dims[2], weights.dims[3]};
  if (call.integers("kernel_shape", {kernel[0], kernel[1]}) !=
      std::vector<std::int64_t>{kernel[0], kernel[1]}) {
    throw Error(fmt::format("kernel_shape: expected {}x{} as the weights", kernel[0], kernel[1]));
  }
  return kernel;
}

std::vector<float> bias_of(Call& call, std::size_t input, std::int64_t channels) {
  if (!call.has(input)) return std::vector<float>(channels, 0.f);
  const Tensor& bias = call.constant(input, "bias");
  if (static_cast<std::int64_t>(bias.size()) != channels) {
    throw Error(fmt::format("bias with {} elements: expected {}", bias.size(), channels));
  }
  return bias.data;
}

std::int64_t read_groups(Call& call) {
  const std::int64_t groups = call.integer("group", 1);
  if (groups < 1) throw Error(fmt::format("group={}: expected 1 or more", groups));
  return groups;
}

void conv(Call& call) {
  Conv conv = read_conv(call, call.constant(1, "weights"));
  conv.bias = bias_of(call, 2, conv.out_channels());
  conv.weight_scales = call.scales(1, 0);
  call.give(std::move(conv), {call.in()});
}

void conv_transpose(Call& call) {
  require_image(call);
  ConvTranspose conv;
  conv.weights = call.constant(1, "weights");
  conv.window = read_window(call, kernel_of(call, *conv.weights));
  conv.groups = read_groups(call);
  conv.bias = bias_of(call, 2, conv.weights->dims[1] * conv.groups);
  if (call.has_attribute("output_shape") || call.text("auto_pad", "NOTSET") != "NOTSET") {
    throw Error("output_shape, auto_pad: expected explicit pads and output_padding");
  }
  const auto more = pair(call, "output_padding", 0, 0);
  for (int axis = 0; axis < 2; ++axis) conv.window.after[axis] -= more[axis];
  call.give(std::move(conv), {call.in()});
}

}  // namespace

Conv read_conv(Call& call, const Tensor& weights) {
  require_image(call);
  Conv conv;
  conv.weights = weights;
  conv.window = read_window(call, kernel_of(call, weights));
  conv.groups = read_groups(call);
  return conv;
}

Pool read_pool(Call& call, bool max) {
  require_image(call);
  if (!call.has_attribute("kernel_shape")) throw Error("kernel_shape: expected two sizes");
  Pool pool{.max = max, .window = read_window(call, pair(call, "kernel_shape", 1, 1))};
  pool.count_padding = !max && call.integer("count_include_pad", 0) != 0;
  call.ignore({"storage_order"});
  Window& window = pool.window;
  for (int axis = 0; axis < 2; ++axis) {
    const std::int64_t span = (window.kernel[axis] - 1) * window.dilation[axis] + 1;
    if (window.before[axis] >= span || window.after[axis] >= span) {
      throw Error("pads: expected less than the kernel");
    }
  }
  if (call.integer("ceil_mode", 0) != 0) {
    if (pool.count_padding) throw Error("ceil_mode with count_include_pad: expected one of them");
    for (int axis = 0; axis < 2; ++axis) {
      // One more window where something is left over and the window starts inside the image.
      const std::int64_t size = call.dims()[2 + axis], out = window.out_size(axis, size);
      const std::int64_t start = out * window.stride[axis] - window.before[axis];
      const std::int64_t span = (window.kernel[axis] - 1) * window.dilation[axis] + 1;
      const std::int64_t reach = start - window.stride[axis] + span;
      if (reach < size + window.after[axis] && start < size) {
        window.after[axis] = std::max(window.after[axis], start + span - size);
      }
    }
  }
  return pool;
}

namespace {

void max_pool(Call& call) { call.give(read_pool(call, true), {call.in()}); }
void average_pool(Call& call) { call.give(read_pool(call, false), {call.in()}); }

void global_pool(Call& call, ReduceKind kind) {
  require_image(call);
  call.give(Reduce{kind, {2, 3}, true}, {call.in()});
}
void global_average(Call& call) { global_pool(call, ReduceKind::kMean); }
void global_max(Call& call) { global_pool(call, ReduceKind::kMax); }

void batch_norm(Call& call) {
  call.ignore({"momentum", "spatial"});
  if (call.integer("training_mode", 0) != 0) throw Error("training_mode=1: expected 0");
  const float epsilon = call.real("epsilon", 1e-5f);
  const Tensor& gamma = call.constant(1, "scale");
  const Tensor& beta = call.constant(2, "B");
  const Tensor& mean = call.constant(3, "mean");
  const Tensor& variance = call.constant(4, "var");
  const std::size_t channels = gamma.size();
  if (call.rank() < 2 || static_cast<std::int64_t>(channels) != call.dims()[1] ||
      beta.size() != channels || mean.size() != channels || variance.size() != channels) {
    throw Error(
        fmt::format("{} scales for an input of shape {}: expected one of each parameter "
                    "for each channel",
                    channels, dims_text(call.dims())));
  }
  std::vector<float> scale(channels), shift(channels);
  for (std::size_t i = 0; i < channels; ++i) {
    const double factor = gamma.data[i] / std::sqrt(double{variance.data[i]} + epsilon);
    scale[i] = static_cast<float>(factor);
    shift[i] = static_cast<float>(beta.data[i] - mean.data[i] * factor);
  }
  call.give(add_channel_affine(call, call.in(), call.dims(), std::move(scale), std::move(shift)));
}

Tensor turned(const Tensor& matrix) {
  const std::int64_t rows = matrix.dims[0], columns = matrix.dims[1];
  Tensor result{{columns, rows}, std::vector<float>(matrix.size()), false};
  for (std::int64_t i = 0; i < rows * columns; ++i) {
    result.data[i % columns * rows + i / columns] = matrix.data[i];
  }
  return result;
}

void gemm(Call& call) {
  const Tensor& given = call.constant(1, "B");
  if (call.rank() != 2 || given.dims.size() != 2 || call.integer("transA", 0) != 0) {
    throw Error(fmt::format("A of shape {}: expected a row times a constant matrix, transA=0",
                            dims_text(call.dims())));
  }
  Tensor weights = call.integer("transB", 0) != 0 ? turned(given) : given;
  const float alpha = call.real("alpha", 1), beta = call.real("beta", 1);
  std::vector<float> scales;
  if (alpha == 1) scales = call.scales(1, call.integer("transB", 0) != 0 ? 0 : 1);
  for (float& weight : weights.data) weight *= alpha;
  std::vector<float> bias(weights.dims[1], 0.f);
  if (call.has(2)) {
    const Tensor& c = call.constant(2, "C");
    if (c.size() != 1 && c.size() != bias.size()) {
      throw Error(fmt::format("C with {} elements: expected {}", c.size(), bias.size()));
    }
    for (std::size_t i = 0; i < bias.size(); ++i) {
      bias[i] = beta * c.data[c.size() == 1 ? 0 : i];
    }
  }
  call.give(add_product(call, call.in(), call.dims(), weights, std::move(bias), std::move(scales)));
}

void matmul(Call& call) {
  if (!call.is_constant(0) && call.is_constant(1) && call.dims(1).size() == 2 && call.rank() >= 2) {
    const Tensor& weights = call.constant(1, "B");
    call.give(add_product(call, call.in(), call.dims(), weights,
                          std::vector<float>(weights.dims[1], 0.f), call.scales(1, 1)));
    return;
  }
  call.give(MatMul{}, {call.in(0), call.in(1)});
}

constexpr std::array kWindowImporters = {
    Importer{"Conv", conv},
    Importer{"ConvTranspose", conv_transpose},
    Importer{"MaxPool", max_pool, CodeUse::kMoves},
    Importer{"AveragePool", average_pool},
    Importer{"GlobalAveragePool", global_average},
    Importer{"GlobalMaxPool", global_max, CodeUse::kMoves},
    Importer{"BatchNormalization", batch_norm},
    Importer{"Gemm", gemm},
    Importer{"MatMul", matmul},
};

}  // namespace

ValueId add_channel_affine(Call& call, ValueId x, const Dims& dims, std::vector<float> scale,
                           std::vector<float> shift) {
  const auto channels = static_cast<std::int64_t>(scale.size());
  const bool image = dims.size() == 4;
  if (!image) {
    const std::int64_t behind = element_count(dims) / std::max<std::int64_t>(dims[0] * dims[1], 1);
    x = call.add(Reshape{{dims[0], dims[1], behind, 1}}, {x});
  }
  Conv conv;
  conv.groups = channels;
  conv.weights = {{channels, 1, 1, 1}, std::move(scale)};
  conv.bias = std::move(shift);
  x = call.add(std::move(conv), {x});
  return image ? x : call.add(Reshape{dims}, {x});
}

ValueId add_product(Call& call, ValueId x, Dims dims, const Tensor& weights,
                    std::vector<float> bias, std::vector<float> scales) {
  const std::int64_t inner = weights.dims[0], outer = weights.dims[1];
  if (dims.back() != inner) {
    throw Error(fmt::format("operands {} and {}: expected matrices that fit", dims_text(dims),
                            dims_text(weights.dims)));
  }
  const std::int64_t rows = element_count(dims) / inner;
  if (rows == 1) {
    x = call.add(Reshape{{1, inner, 1, 1}}, {x});
  } else {
    x = call.add(Reshape{{1, rows, inner, 1}}, {x});
    x = call.add(Transpose{{0, 2, 1, 3}}, {x});
  }
  Conv conv;
  Tensor kernel = turned(weights);
  kernel.dims = {outer, inner, 1, 1};
  conv.weights = std::move(kernel);
  conv.weight_scales = std::move(scales);
  conv.bias = std::move(bias);
  x = call.add(std::move(conv), {x});
  if (rows > 1) x = call.add(Transpose{{0, 2, 1, 3}}, {x});
  dims.back() = outer;
  return call.add(Reshape{std::move(dims)}, {x});
}

std::span<const Importer> window_importers() { return kWindowImporters; }

}  // namespace kpu::compiler
