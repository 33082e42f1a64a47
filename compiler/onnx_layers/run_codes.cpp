// SPDX-License-Identifier: Apache-2.0
//
// The codes between a quantised model's layers, as far as its operators are known to the bit.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/error.h"
#include "compiler/onnx_layers/onnx_layers.h"
#include "compiler/onnx_layers/parse.h"
#include "compiler/onnx_layers/scheme.h"
#include "golden/quantised/elementwise.h"

namespace kpu::compiler {
namespace {

namespace quantised = golden::quantised;
using quantised::Affine;
using quantised::CodeRange;

Affine affine(const Quantisation& q) { return {q.scale, q.zero}; }

CodeRange range_of(quantised::CodeType type) {
  return {quantised::lowest_code(type), quantised::highest_code(type)};
}

/// A window operator's attributes; only square, unpadded-by-name forms are taken.
struct Window {
  std::int64_t kernel_h = 0, kernel_w = 0, stride_h = 1, stride_w = 1;
  std::int64_t top = 0, left = 0, bottom = 0, right = 0;

  explicit Window(const onnx::NodeProto& node) {
    using Ints = std::vector<std::int64_t>;
    const Ints kernel = attribute(node, "kernel_shape", Ints{});
    const Ints strides = attribute(node, "strides", Ints{1, 1});
    const std::string automatic = attribute(node, "auto_pad", "NOTSET");
    const Ints pads = automatic == "VALID" ? Ints(4, 0) : attribute(node, "pads", Ints(4, 0));
    const auto good = [](const Ints& list, std::int64_t least) {
      return std::all_of(list.begin(), list.end(),
                         [&](std::int64_t value) { return value >= least && value <= 1024; });
    };
    for (std::int64_t dilation : attribute(node, "dilations", Ints{})) {
      if (dilation != 1) throw Error("dilations");
    }
    if (kernel.size() != 2 || strides.size() != 2 || pads.size() != 4 || !good(kernel, 1) ||
        !good(strides, 1) || !good(pads, 0) || attribute(node, "ceil_mode", std::int64_t{0}) != 0 ||
        attribute(node, "count_include_pad", std::int64_t{0}) != 0 ||
        (automatic != "NOTSET" && automatic != "VALID")) {
      throw Error("window");
    }
    kernel_h = kernel[0], kernel_w = kernel[1];
    stride_h = strides[0], stride_w = strides[1];
    top = pads[0], left = pads[1], bottom = pads[2], right = pads[3];
  }
};

/// Slides the window over `x`; `value` gets the codes inside of the image.
CodeTensor slide(const CodeTensor& x, const Window& window,
                 const std::function<int(std::span<const int>)>& value) {
  const std::int64_t height = x.height;
  const std::int64_t width = x.width;
  const std::int64_t rows = (height + window.top + window.bottom - window.kernel_h);
  const std::int64_t columns = (width + window.left + window.right - window.kernel_w);
  if (rows < 0 || columns < 0) throw Error("window");
  CodeTensor y{x.channels,
               static_cast<std::uint32_t>(rows / window.stride_h + 1),
               static_cast<std::uint32_t>(columns / window.stride_w + 1),
               x.type,
               {}};
  std::vector<int> inside;
  for (std::int64_t c = 0; c < x.channels; ++c) {
    for (std::int64_t row = 0; row < y.height; ++row) {
      for (std::int64_t column = 0; column < y.width; ++column) {
        inside.clear();
        for (std::int64_t ky = 0; ky < window.kernel_h; ++ky) {
          for (std::int64_t kx = 0; kx < window.kernel_w; ++kx) {
            const std::int64_t at_y = row * window.stride_h + ky - window.top;
            const std::int64_t at_x = column * window.stride_w + kx - window.left;
            if (at_y < 0 || at_y >= height || at_x < 0 || at_x >= width) continue;
            inside.push_back(x.codes[static_cast<std::size_t>((c * height + at_y) * width + at_x)]);
          }
        }
        if (inside.empty()) throw Error("window");
        y.codes.push_back(static_cast<std::int16_t>(value(inside)));
      }
    }
  }
  return y;
}

class Run {
 public:
  Run(const Scheme& scheme, const std::vector<OnnxLayer>& layers, quantised::Rule rule)
      : scheme_(scheme), rule_(rule) {
    for (const OnnxLayer& layer : layers) layers_[layer.node] = &layer;
  }

  /// Image size from the model's first input that is no constant.
  void set_input(std::span<const double> values) {
    for (const onnx::ValueInfoProto& input : scheme_.graph().input()) {
      if (scheme_.is_constant(input.name())) continue;
      const auto& shape = input.type().tensor_type().shape();
      if (shape.dim_size() != 4 || shape.dim(1).dim_value() < 1 || shape.dim(2).dim_value() < 1 ||
          shape.dim(3).dim_value() < 1) {
        throw Error(fmt::format("input '{}': expected an image 1 x C x H x W of a fixed size",
                                input.name()));
      }
      const auto size = [&](int i) { return static_cast<std::uint32_t>(shape.dim(i).dim_value()); };
      const double count = double(size(1)) * size(2) * size(3);
      if (static_cast<double>(values.size()) != count) {
        throw Error(fmt::format("{} values, expected {} for the model's input '{}'", values.size(),
                                count, input.name()));
      }
      shape_ = {size(1), size(2), size(3), {}, {}};
      name_ = input.name();
      input_.assign(values.begin(), values.end());
      constexpr int kUint8 = 2;
      constexpr int kInt8 = 3;
      const int type = input.type().tensor_type().elem_type();
      if (type != kUint8 && type != kInt8) return;
      CodeTensor codes = shape_;
      codes.type = type == kInt8 ? quantised::CodeType::kInt8 : quantised::CodeType::kUint8;
      const CodeRange range = range_of(codes.type);
      for (double value : values) {
        if (value != std::floor(value) || value < range.lowest || value > range.highest) {
          throw Error(fmt::format("{}: expected codes {}..{}", value, range.lowest, range.highest));
        }
        codes.codes.push_back(static_cast<std::int16_t>(value));
      }
      codes_[name_] = std::move(codes);
      return;
    }
    throw Error("no input that is no constant");
  }

  std::map<std::string, CodeTensor> run() {
    for (int i = 0; i < scheme_.graph().node_size(); ++i) {
      const onnx::NodeProto& node = scheme_.graph().node(i);
      try {
        step(node, static_cast<std::size_t>(i));
      } catch (const Error&) {
        // Its codes are not known; nor are those behind it.
      }
    }
    return std::move(codes_);
  }

 private:
  const CodeTensor& codes(const std::string& name) const {
    const auto found = codes_.find(name);
    if (found == codes_.end()) throw Error("not known");
    return found->second;
  }

  Quantisation quantisation(const onnx::NodeProto& node, int scale) const {
    return scheme_.quantisation(Scheme::input(node, scale), Scheme::input(node, scale + 1));
  }

  void step(const onnx::NodeProto& node, std::size_t index) {
    const std::string& type = node.op_type();
    if (const auto layer = layers_.find(index); layer != layers_.end()) {
      convolve(*layer->second);
    } else if (type == "QuantizeLinear") {
      quantise(node);
    } else if (type == "MaxPool") {
      const CodeTensor& x = codes(Scheme::input(node, 0));
      keep(node.output(0), slide(x, Window(node), [](std::span<const int> window) {
             return *std::max_element(window.begin(), window.end());
           }));
    } else if (type == "QLinearAdd") {
      add(node.output(0), codes(Scheme::input(node, 0)), quantisation(node, 1),
          codes(Scheme::input(node, 3)), quantisation(node, 4), quantisation(node, 6));
    } else if (type == "QLinearAveragePool" || type == "QLinearGlobalAveragePool") {
      if (attribute(node, "channels_last", std::int64_t{0}) != 0) throw Error("channels_last");
      average(node, node.output(0), codes(Scheme::input(node, 0)), quantisation(node, 1),
              quantisation(node, 3), type == "QLinearGlobalAveragePool");
    }
  }

  void keep(const std::string& name, CodeTensor tensor) { codes_[name] = std::move(tensor); }

  void convolve(const OnnxLayer& layer) {
    if (!layer.conv || !layer.note.empty()) throw Error("not to the bit");
    const CodeTensor& x = codes(layer.input);
    const quantised::QuantisedConv conv = sized(layer, x.height, x.width);
    if (x.channels != conv.in_channels || x.type != conv.x_type) throw Error("other input");
    require_valid(conv);
    keep(layer.output, {conv.out_channels, conv.out_height(), conv.out_width(), conv.y_type,
                        run_reference(conv, x.codes)});
  }

  /// QuantizeLinear of the input, or of a float operator between codes.
  void quantise(const onnx::NodeProto& node) {
    const Quantisation q = quantisation(node, 1);
    const std::string& from = Scheme::input(node, 0);
    if (from == name_) {
      CodeTensor y = shape_;
      y.type = q.type;
      const CodeRange range = range_of(q.type);
      for (double value : input_) {
        const double code = std::nearbyint(static_cast<float>(value) / q.scale) + q.zero;
        y.codes.push_back(static_cast<std::int16_t>(
            std::clamp(code, double(range.lowest), double(range.highest))));
      }
      return keep(node.output(0), std::move(y));
    }
    const onnx::NodeProto* source = scheme_.maker(from);
    if (source == nullptr) throw Error("not known");
    const std::string& type = source->op_type();
    const auto operand = [&](int i) -> const onnx::NodeProto& {
      return scheme_.dequantize(Scheme::input(*source, i));
    };
    const auto codes_in = [&](int i) -> const CodeTensor& {
      return codes(Scheme::input(operand(i), 0));
    };
    if (type == "Add") {
      add(node.output(0), codes_in(0), quantisation(operand(0), 1), codes_in(1),
          quantisation(operand(1), 1), q);
    } else if (type == "AveragePool" || type == "GlobalAveragePool") {
      average(*source, node.output(0), codes_in(0), quantisation(operand(0), 1), q,
              type == "GlobalAveragePool");
    } else if (type == "MaxPool") {
      const Quantisation before = quantisation(operand(0), 1);
      if (before.scale != q.scale || before.zero != q.zero) throw Error("another scale");
      keep(node.output(0), slide(codes_in(0), Window(*source), [](std::span<const int> window) {
             return *std::max_element(window.begin(), window.end());
           }));
    }
  }

  void add(const std::string& name, const CodeTensor& a, const Quantisation& qa,
           const CodeTensor& b, const Quantisation& qb, const Quantisation& qc) {
    if (a.codes.size() != b.codes.size() || a.channels != b.channels || a.height != b.height) {
      throw Error("other shapes");
    }
    const quantised::QuantisedAdd sum(affine(qa), affine(qb), affine(qc), range_of(qc.type), rule_);
    CodeTensor y{a.channels, a.height, a.width, qc.type, {}};
    for (std::size_t i = 0; i < a.codes.size(); ++i) {
      y.codes.push_back(static_cast<std::int16_t>(sum(a.codes[i], b.codes[i])));
    }
    keep(name, std::move(y));
  }

  void average(const onnx::NodeProto& node, const std::string& name, const CodeTensor& x,
               const Quantisation& qx, const Quantisation& qy, bool global) {
    const CodeRange range = range_of(qy.type);
    CodeTensor y;
    if (global) {
      y = {x.channels, 1, 1, qy.type, {}};
      const std::size_t plane = std::size_t{x.height} * x.width;
      for (std::size_t c = 0; c < x.channels; ++c) {
        const auto begin = x.codes.begin() + static_cast<std::ptrdiff_t>(c * plane);
        const std::vector<int> codes(begin, begin + static_cast<std::ptrdiff_t>(plane));
        y.codes.push_back(static_cast<std::int16_t>(
            quantised::global_average_code(codes, affine(qx), affine(qy), range, rule_)));
      }
    } else {
      y = slide(x, Window(node), [&](std::span<const int> window) {
        return quantised::average_code(window, affine(qx), affine(qy), range, rule_);
      });
      y.type = qy.type;
    }
    keep(name, std::move(y));
  }

  const Scheme& scheme_;
  quantised::Rule rule_;
  std::map<std::size_t, const OnnxLayer*> layers_;
  std::map<std::string, CodeTensor> codes_;
  std::string name_;  ///< of the model's input
  CodeTensor shape_;  ///< of it, without codes
  std::vector<double> input_;
};

}  // namespace

std::map<std::string, CodeTensor> OnnxLayers::run(std::span<const double> input) const {
  const onnx::ModelProto model = parse_onnx(file_);
  const Scheme scheme(model, folder_);
  Run run(scheme, layers_, rule_);
  run.set_input(input);
  return run.run();
}

}  // namespace kpu::compiler
