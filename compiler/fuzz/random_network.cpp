// SPDX-License-Identifier: Apache-2.0
#include "compiler/fuzz/random_network.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <utility>

#include "compiler/graph/tensor.h"
#include "onnx.pb.h"

namespace kpu::compiler {
namespace {

using Ints = std::vector<std::int64_t>;

/// A value that later operators may read: an image 1 x C x H x W.
struct Image {
  std::string name;
  std::int64_t channels, height, width;
  bool read = false;
};

class Builder {
 public:
  explicit Builder(std::uint64_t seed) : random_(seed) {
    model_.set_ir_version(8);
    model_.add_opset_import()->set_version(18);
    Image x{"x", pick(1, 6), pick(4, 20), pick(4, 20)};
    auto* input = model_.mutable_graph()->add_input();
    input->set_name(x.name);
    auto* type = input->mutable_type()->mutable_tensor_type();
    type->set_elem_type(1);
    for (std::int64_t size : {std::int64_t{1}, x.channels, x.height, x.width}) {
      type->mutable_shape()->add_dim()->set_dim_value(size);
    }
    images_.push_back(x);
  }

  void add_operator() {
    // The newest value most of the time: deep rather than wide.
    const std::size_t back = pick(0, 3) == 0 ? pick(0, 3) : 0;
    const std::size_t at = images_.size() - 1 - std::min(back, images_.size() - 1);
    switch (pick(0, 15)) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
        return convolution(at);
      case 5:
      case 6:
      case 7:
        return function(at);
      case 8:
        return pool(at);
      case 9:
        return sum(at);
      case 10:
        return concatenation(at);
      case 11:
        return resize(at);
      case 12:
        return shuffle(at);
      case 13:
        return slice_or_pad(at);
      case 14:
        return norm_or_constant(at);
      default:
        return gate(at);
    }
  }

  std::vector<std::uint8_t> bytes() {
    for (const Image& image : images_) {
      if (!image.read && image.name != "x")
        model_.mutable_graph()->add_output()->set_name(image.name);
    }
    if (model_.graph().output_size() == 0) {  // not reached: the newest value is never read
      model_.mutable_graph()->add_output()->set_name(images_.back().name);
    }
    const std::string text = model_.SerializeAsString();
    return {text.begin(), text.end()};
  }

 private:
  std::int64_t pick(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(high - low + 1));
  }
  bool chance(int of_ten) { return pick(0, 9) < of_ten; }
  float uniform(float low, float high) {
    return low + (high - low) * static_cast<float>(random_() >> 40) / 16777216.f;
  }
  std::string fresh() { return "v" + std::to_string(number_++); }

  std::string constant(const Dims& dims, float low, float high) {
    onnx::TensorProto* tensor = model_.mutable_graph()->add_initializer();
    tensor->set_name(fresh());
    tensor->set_data_type(1);
    for (std::int64_t dim : dims) tensor->add_dims(dim);
    for (std::int64_t i = 0; i < element_count(dims); ++i) {
      tensor->add_float_data(uniform(low, high));
    }
    return tensor->name();
  }
  std::string whole(const Ints& values) {
    onnx::TensorProto* tensor = model_.mutable_graph()->add_initializer();
    tensor->set_name(fresh());
    tensor->set_data_type(7);
    tensor->add_dims(static_cast<std::int64_t>(values.size()));
    for (std::int64_t value : values) tensor->add_int64_data(value);
    return tensor->name();
  }
  std::string number(float value) { return constant({}, value, value); }

  onnx::NodeProto& node(const std::string& type, const std::vector<std::string>& inputs) {
    onnx::NodeProto* node = model_.mutable_graph()->add_node();
    node->set_op_type(type);
    for (const std::string& input : inputs) node->add_input(input);
    node->add_output(fresh());
    node->set_name(type + "_" + node->output(0));
    return *node;
  }
  static void set(onnx::NodeProto& node, const char* name, const Ints& values) {
    onnx::AttributeProto* attribute = node.add_attribute();
    attribute->set_name(name);
    for (std::int64_t value : values) attribute->add_ints(value);
  }
  static void set(onnx::NodeProto& node, const char* name, std::int64_t value) {
    onnx::AttributeProto* attribute = node.add_attribute();
    attribute->set_name(name);
    attribute->set_i(value);
  }
  static void set(onnx::NodeProto& node, const char* name, float value) {
    onnx::AttributeProto* attribute = node.add_attribute();
    attribute->set_name(name);
    attribute->set_f(value);
  }

  /// The image at `at`, read from now on.
  Image take(std::size_t at) {
    images_[at].read = true;
    return images_[at];
  }
  void give(const onnx::NodeProto& node, std::int64_t channels, std::int64_t height,
            std::int64_t width) {
    images_.push_back({node.output(0), channels, height, width});
  }

  void convolution(std::size_t at) {
    const Image x = take(at);
    std::int64_t rows = 2 * pick(0, 1) + 1, columns = rows, dilation = 1, groups = 1;
    if (chance(2)) rows = pick(1, 5), columns = pick(1, 5);
    if (chance(1) && x.channels * 9 <= 256) rows = columns = 7;
    if (chance(1)) dilation = 2;
    std::int64_t outs = pick(1, 24);
    if (chance(3)) groups = outs = x.channels;
    if (groups == 1 && x.channels % 2 == 0 && chance(2)) groups = 2, outs = 2 * pick(1, 8);
    const std::int64_t span_y = (rows - 1) * dilation + 1, span_x = (columns - 1) * dilation + 1;
    const std::int64_t pad_y = pick(0, 2) == 0 ? 0 : span_y / 2;
    const std::int64_t pad_x = pad_y == 0 ? 0 : span_x / 2;
    const std::int64_t stride = chance(3) ? pick(2, 4) : 1;
    const std::int64_t height = x.height + 2 * pad_y - span_y, width = x.width + 2 * pad_x - span_x;
    if (height < 0 || width < 0 || x.channels * rows * columns > 2048) return function(at);
    const Dims dims{outs, x.channels / groups, rows, columns};
    const float fan_in = static_cast<float>(dims[1] * rows * columns);
    const float most = std::sqrt(5.f / fan_in);
    std::vector<std::string> inputs{x.name, constant(dims, -most, most)};
    if (chance(6)) inputs.push_back(constant({outs}, -0.3f, 0.3f));
    onnx::NodeProto& conv = node("Conv", inputs);
    set(conv, "pads", Ints{pad_y, pad_x, pad_y, pad_x});
    set(conv, "strides", Ints{stride, stride});
    set(conv, "dilations", Ints{dilation, dilation});
    set(conv, "group", groups);
    give(conv, outs, height / stride + 1, width / stride + 1);
  }

  void function(std::size_t at) {
    const Image x = take(at);
    static const char* const kPlain[] = {
        "Relu", "Relu",     "Sigmoid", "Tanh", "HardSwish", "HardSigmoid", "Softplus",
        "Elu",  "Softsign", "Mish",    "Abs",  "Neg",       "Erf"};
    const auto kind = static_cast<std::size_t>(pick(0, 16));
    onnx::NodeProto* made = nullptr;
    if (kind < std::size(kPlain)) {
      made = &node(kPlain[kind], {x.name});
    } else if (kind == 13) {
      made = &node("LeakyRelu", {x.name});
      set(*made, "alpha", uniform(0.01f, 0.4f));
    } else if (kind == 14) {
      made = &node("PRelu", {x.name, constant({x.channels, 1, 1}, 0.05f, 0.6f)});
    } else if (kind == 15) {
      const float low = uniform(-2, 0);
      made = &node("Clip", {x.name, number(low), number(uniform(0.5f, 6))});
    } else {
      made = &node("Mul", {x.name, node("Sigmoid", {x.name}).output(0)});
    }
    give(*made, x.channels, x.height, x.width);
  }

  void pool(std::size_t at) {
    const std::int64_t size = pick(2, 4), stride = chance(7) ? size : pick(1, 3);
    if (images_[at].height < size || images_[at].width < size) return function(at);
    const Image x = take(at);
    onnx::NodeProto& made = node(chance(5) ? "MaxPool" : "AveragePool", {x.name});
    set(made, "kernel_shape", Ints{size, size});
    set(made, "strides", Ints{stride, stride});
    give(made, x.channels, (x.height - size) / stride + 1, (x.width - size) / stride + 1);
  }

  void sum(std::size_t at) {
    const Image x = take(at);
    std::string other;
    for (Image& image : images_) {
      const bool same = image.channels == x.channels && image.height == x.height &&
                        image.width == x.width && image.name != x.name;
      if (!same || (!other.empty() && chance(5))) continue;
      other = image.name;
      if (image.name != "x") image.read = true;
    }
    if (other.empty()) other = constant({1, x.channels, x.height, x.width}, -0.5f, 0.5f);
    static const char* const kKinds[] = {"Add", "Add", "Sub", "Mul", "Max", "Min"};
    give(node(kKinds[pick(0, 5)], {x.name, other}), x.channels, x.height, x.width);
  }

  void concatenation(std::size_t at) {
    const Image x = take(at);
    std::vector<std::string> parts{x.name};
    std::int64_t channels = x.channels;
    for (Image& image : images_) {
      if (image.height != x.height || image.width != x.width || image.name == x.name ||
          parts.size() > 3 || channels + image.channels > 96) {
        continue;
      }
      image.read = true;
      parts.push_back(image.name);
      channels += image.channels;
    }
    onnx::NodeProto& made = node("Concat", parts);
    set(made, "axis", std::int64_t{1});
    give(made, channels, x.height, x.width);
  }

  void resize(std::size_t at) {
    if (images_[at].height > 20 || images_[at].width > 20) return pool(at);
    const Image x = take(at);
    onnx::NodeProto& made =
        node("Resize", {x.name, "", "", whole({1, x.channels, 2 * x.height, 2 * x.width})});
    onnx::AttributeProto* mode = made.add_attribute();
    mode->set_name("mode");
    mode->set_s(chance(6) ? "nearest" : "linear");
    give(made, x.channels, 2 * x.height, 2 * x.width);
  }

  void shuffle(std::size_t at) {
    const Image x = take(at);
    const std::int64_t groups = x.channels % 3 == 0 ? 3 : x.channels % 2 == 0 ? 2 : 1;
    const std::int64_t each = x.channels / groups;
    const std::string split =
        node("Reshape", {x.name, whole({1, groups, each, x.height, x.width})}).output(0);
    onnx::NodeProto& turned = node("Transpose", {split});
    set(turned, "perm", Ints{0, 2, 1, 3, 4});
    const std::string name = turned.output(0);
    give(node("Reshape", {name, whole({1, x.channels, x.height, x.width})}), x.channels, x.height,
         x.width);
  }

  void slice_or_pad(std::size_t at) {
    const Image x = take(at);
    if (chance(5)) {
      const std::int64_t top = pick(0, 2), left = pick(0, 2), bottom = pick(0, 2);
      give(node("Pad", {x.name, whole({0, 0, top, left, 0, 0, bottom, 1})}), x.channels,
           x.height + top + bottom, x.width + left + 1);
      return;
    }
    const std::int64_t axis = pick(1, 3);
    Ints sizes{1, x.channels, x.height, x.width};
    const std::int64_t begin = pick(0, sizes[axis] - 1), end = pick(begin + 1, sizes[axis]);
    sizes[axis] = end - begin;
    give(node("Slice", {x.name, whole({begin}), whole({end}), whole({axis})}), sizes[1], sizes[2],
         sizes[3]);
  }

  void norm_or_constant(std::size_t at) {
    const Image x = take(at);
    onnx::NodeProto* made = nullptr;
    if (chance(6)) {
      const Dims one{x.channels};
      const std::string gamma = constant(one, 0.5f, 1.5f), beta = constant(one, -0.3f, 0.3f);
      const std::string mean = constant(one, -0.2f, 0.2f), variance = constant(one, 0.5f, 1.5f);
      made = &node("BatchNormalization", {x.name, gamma, beta, mean, variance});
    } else {
      static const char* const kKinds[] = {"Add", "Sub", "Mul", "Div"};
      const Dims dims = chance(5) ? Dims{} : Dims{x.channels, 1, 1};
      made = &node(kKinds[pick(0, 3)], {x.name, constant(dims, 0.4f, 1.6f)});
    }
    give(*made, x.channels, x.height, x.width);
  }

  /// Squeeze and excite.
  void gate(std::size_t at) {
    const Image x = take(at);
    const std::string mean = node("GlobalAveragePool", {x.name}).output(0);
    const float most = std::sqrt(5.f / static_cast<float>(x.channels));
    const std::string conv =
        node("Conv", {mean, constant({x.channels, x.channels, 1, 1}, -most, most)}).output(0);
    const std::string gate = node("Sigmoid", {conv}).output(0);
    give(node("Mul", {x.name, gate}), x.channels, x.height, x.width);
  }

  std::mt19937_64 random_;
  onnx::ModelProto model_;
  std::vector<Image> images_;
  int number_ = 0;
};

}  // namespace

std::vector<std::uint8_t> random_network(std::uint64_t seed, std::size_t operators) {
  Builder builder(seed);
  for (std::size_t i = 0; i < operators; ++i) builder.add_operator();
  return builder.bytes();
}

}  // namespace kpu::compiler
