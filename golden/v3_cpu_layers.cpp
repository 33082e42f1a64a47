// SPDX-License-Identifier: Apache-2.0
//
// Bodies of the v3 layers that run on the CPU (kmodel format, body layouts): each function reads
// the fields of one type, checks every size and address, and returns the step that runs it.
#include <fmt/format.h>

#include <array>
#include <utility>

#include "golden/ai_ram.h"
#include "golden/bits.h"
#include "golden/error.h"
#include "golden/v3_ops.h"
#include "golden/v3_program.h"

namespace kpu::golden::v3 {
namespace {

using Dims = std::vector<std::uint32_t>;

/// Everything a body's reader needs, with the checks that all of them make.
struct Reading {
  FieldReader& body;
  MemoryMap& map;
  LayerInfo& layer;

  std::uint32_t address(const char* field) { return body.u32(field); }

  /// A size: at least 1, and nothing larger than main memory makes sense.
  std::uint32_t size(const char* field) {
    return body.u32_in(field, 1, static_cast<std::uint32_t>(kMaxMainMemory));
  }

  void in_bytes(const char* field, std::uint32_t address, const Dims& dims) {
    map.require(body, field, address, count(dims));
    layer.in += (layer.in.empty() ? "" : "+") + dims_text(dims);
  }

  void in_floats(const char* field, std::uint32_t address, const Dims& dims) {
    map.require(body, field, address, 4 * count(dims));
    layer.in += (layer.in.empty() ? "" : "+") + dims_text(dims);
  }

  void out_bytes(std::uint32_t address, const Dims& dims) {
    map.require(body, "out", address, count(dims));
    map.write(address, ElementType::kUint8, dims);
    layer.out = dims_text(dims);
  }

  void out_floats(std::uint32_t address, const Dims& dims) {
    map.require(body, "out", address, 4 * count(dims));
    map.write(address, ElementType::kFloat32, dims);
    layer.out = dims_text(dims);
  }

  static std::uint64_t count(const Dims& dims) {
    std::uint64_t product = 1;
    for (std::uint32_t dim : dims) {
      product = saturating_product({product, dim, 1});
    }
    // Four times this must not overflow either.
    return std::min(product, std::uint64_t{1} << 60);
  }
};

Step read_add(Reading r) {
  const std::uint32_t a = r.address("in_a");
  const std::uint32_t b = r.address("in_b");
  const std::uint32_t out = r.address("out");
  const std::uint32_t count = r.size("count");
  const Dims dims = r.map.dims(a, count);
  r.in_floats("in_a", a, dims);
  r.in_floats("in_b", b, dims);
  r.out_floats(out, dims);
  return [=](State& state) {
    std::vector<float> sum(count);
    add(state.memory.floats(a, count), state.memory.floats(b, count), sum);
    state.memory.store(out, sum);
  };
}

QuantizedScale read_scale(FieldReader& body, std::array<const char*, 3> fields) {
  QuantizedScale scale;
  scale.offset = body.i32(fields[0]);
  scale.mul = body.i32(fields[1]);
  scale.shift = static_cast<std::int32_t>(body.u32_in(fields[2], 0, 63));
  return scale;
}

Step read_quantized_add(Reading r) {
  const std::uint32_t a = r.address("in_a");
  const std::uint32_t b = r.address("in_b");
  const std::uint32_t out = r.address("out");
  const std::uint32_t count = r.size("count");
  const QuantizedScale scale_a = read_scale(r.body, {"a_off", "a_mul", "a_shift"});
  const QuantizedScale scale_b = read_scale(r.body, {"b_off", "b_mul", "b_shift"});
  const QuantizedScale scale_out = read_scale(r.body, {"out_off", "out_mul", "out_shift"});
  // The SDK works on eight elements at a time, so it touches the rest of the last eight, too.
  const std::uint32_t rounded = (count + 7) / 8 * 8;
  r.map.require(r.body, "in_a", a, rounded);
  r.map.require(r.body, "in_b", b, rounded);
  r.map.require(r.body, "out", out, rounded);
  const Dims dims = r.map.dims(a, count);
  r.in_bytes("in_a", a, dims);
  r.in_bytes("in_b", b, dims);
  r.out_bytes(out, dims);
  return [=](State& state) {
    std::vector<std::uint8_t> sum(rounded);
    quantized_add(state.memory.bytes(a, rounded), state.memory.bytes(b, rounded), sum, scale_a,
                  scale_b, scale_out);
    state.memory.store(out, sum);
  };
}

Step read_global_average_pool(Reading r) {
  const std::uint32_t in = r.address("in");
  const std::uint32_t out = r.address("out");
  const std::uint32_t kernel_size = r.size("kernel_size");
  const std::uint32_t channels = r.size("channels");
  r.in_floats("in", in, {channels, kernel_size});
  r.out_floats(out, {channels});
  return [=](State& state) {
    std::vector<float> means(channels);
    global_average_pool(state.memory.floats(in, std::size_t{channels} * kernel_size), means,
                        kernel_size, state.rule);
    state.memory.store(out, means);
  };
}

PoolShape read_pool_shape(Reading& r) {
  PoolShape s{};
  s.in_width = r.size("in_w");
  s.in_height = r.size("in_h");
  s.in_channels = r.size("in_ch");
  s.out_width = r.size("out_w");
  s.out_height = r.size("out_h");
  s.out_channels = r.body.u32_in("out_ch", 1, s.in_channels);
  s.kernel_width = r.size("kernel_w");
  s.kernel_height = r.size("kernel_h");
  s.stride_width = r.size("stride_w");
  s.stride_height = r.size("stride_h");
  s.pad_width = r.body.u32("pad_w");
  s.pad_height = r.body.u32("pad_h");
  r.layer.detail = fmt::format("kernel={}x{} stride={}x{}", s.kernel_height, s.kernel_width,
                               s.stride_height, s.stride_width);
  return s;
}

Step read_quantized_max_pool(Reading r) {
  const std::uint32_t in = r.address("in");
  const std::uint32_t out = r.address("out");
  const PoolShape s = read_pool_shape(r);
  const Dims in_dims{s.in_channels, s.in_height, s.in_width};
  const Dims out_dims{s.out_channels, s.out_height, s.out_width};
  r.in_bytes("in", in, in_dims);
  r.out_bytes(out, out_dims);
  return [=](State& state) {
    std::vector<std::uint8_t> pooled(Reading::count(out_dims));
    quantized_max_pool(state.memory.bytes(in, Reading::count(in_dims)), pooled, s);
    state.memory.store(out, pooled);
  };
}

Step read_average_pool(Reading r) {
  const std::uint32_t in = r.address("in");
  const std::uint32_t out = r.address("out");
  const PoolShape s = read_pool_shape(r);
  const Dims in_dims{s.in_channels, s.in_height, s.in_width};
  const Dims out_dims{s.out_channels, s.out_height, s.out_width};
  r.in_floats("in", in, in_dims);
  r.out_floats(out, out_dims);
  return [=](State& state) {
    std::vector<float> pooled(Reading::count(out_dims));
    average_pool(state.memory.floats(in, Reading::count(in_dims)), pooled, s);
    state.memory.store(out, pooled);
  };
}

Step read_quantize(Reading r) {
  const std::uint32_t in = r.address("in");
  const std::uint32_t out = r.address("out");
  const std::uint32_t count = r.size("count");
  const float scale = r.body.f32("scale");
  const float bias = r.body.f32("bias");
  const Dims dims = r.map.dims(in, count);
  r.in_floats("in", in, dims);
  r.out_bytes(out, dims);
  r.layer.detail = fmt::format("scale={} bias={}", scale, bias);
  return [=](State& state) {
    std::vector<std::uint8_t> codes(count);
    quantize(state.memory.floats(in, count), codes, scale, bias, state.rule);
    state.memory.store(out, codes);
  };
}

Step read_dequantize(Reading r) {
  const std::uint32_t in = r.address("in");
  const std::uint32_t out = r.address("out");
  const std::uint32_t count = r.size("count");
  const float scale = r.body.f32("scale");
  const float bias = r.body.f32("bias");
  const Dims dims = r.map.dims(in, count);
  r.in_bytes("in", in, dims);
  r.out_floats(out, dims);
  r.layer.detail = fmt::format("scale={} bias={}", scale, bias);
  return [=](State& state) {
    std::vector<float> values(count);
    dequantize(state.memory.bytes(in, count), values, scale, bias, state.rule);
    state.memory.store(out, values);
  };
}

Step read_channelwise_dequantize(Reading r) {
  const std::uint32_t in = r.address("in");
  const std::uint32_t out = r.address("out");
  const std::uint32_t channels = r.size("channels");
  const std::uint32_t channel_size = r.size("channel_size");
  r.in_bytes("in", in, {channels, channel_size});
  r.out_floats(out, {channels, channel_size});
  struct Scale {
    float scale, bias;
  };
  std::vector<Scale> scales(channels);  // not more than in_bytes() has let through
  for (Scale& s : scales) {
    s.scale = r.body.f32("scale");
    s.bias = r.body.f32("bias");
  }
  return [=](State& state) {
    std::vector<float> values(std::size_t{channels} * channel_size);
    for (std::size_t c = 0; c < channels; ++c) {
      dequantize(state.memory.bytes(in + c * channel_size, channel_size),
                 std::span(values).subspan(c * channel_size, channel_size), scales[c].scale,
                 scales[c].bias, state.rule);
    }
    state.memory.store(out, values);
  };
}

Step read_requantize(Reading r) {
  const std::uint32_t in = r.address("in");
  const std::uint32_t out = r.address("out");
  const std::uint32_t count = r.size("count");
  const std::span<const std::uint8_t> table = r.body.bytes(256, "table");
  const Dims dims = r.map.dims(in, count);
  r.in_bytes("in", in, dims);
  r.out_bytes(out, dims);
  return [=](State& state) {
    std::vector<std::uint8_t> codes(count);
    requantize(state.memory.bytes(in, count), codes, table);
    state.memory.store(out, codes);
  };
}

/// A layer from floats to as many floats.
Step read_float_map(Reading r, void (*run)(Floats, FloatsOut, FloatRule)) {
  const std::uint32_t in = r.address("in");
  const std::uint32_t out = r.address("out");
  const std::uint32_t count = r.size("channels");
  const Dims dims = r.map.dims(in, count);
  r.in_floats("in", in, dims);
  r.out_floats(out, dims);
  return [=](State& state) {
    std::vector<float> values(count);
    run(state.memory.floats(in, count), values, state.rule);
    state.memory.store(out, values);
  };
}

Step read_l2_normalization(Reading r) { return read_float_map(r, l2_normalize); }

Step read_softmax(Reading r) { return read_float_map(r, softmax); }

Step read_logistic(Reading r) {
  return read_float_map(r, [](Floats in, FloatsOut out, FloatRule) { logistic(in, out); });
}

Step read_concat(Reading r) {
  struct Part {
    std::uint32_t address, bytes;
  };
  const std::uint32_t out = r.address("out");
  const std::uint32_t part_count = r.body.u32("input_count");
  if (part_count > r.body.remaining() / 8) {
    r.body.fail("input_count", part_count, "as many inputs as the body holds");
  }
  std::vector<Part> parts(part_count);
  std::uint64_t total = 0;
  const TensorInfo* first = nullptr;
  for (Part& part : parts) {
    part.address = r.body.u32("start");
    part.bytes = r.body.u32("size");
    r.map.require(r.body, "start", part.address, part.bytes);
    total += part.bytes;
    r.layer.in += (r.layer.in.empty() ? "" : "+") + std::to_string(part.bytes);
    if (first == nullptr) {
      first = r.map.find(part.address);
    }
  }
  // Sizes are bytes of the parts' slots; what kind of element they hold, only their makers know.
  r.map.require(r.body, "out", out, total);
  const bool floats = first == nullptr || first->type == ElementType::kFloat32;
  const auto bytes = static_cast<std::uint32_t>(total);
  r.map.write(out, floats ? ElementType::kFloat32 : ElementType::kUint8,
              {floats ? bytes / 4 : bytes});
  r.layer.out = std::to_string(total);
  r.layer.detail = "sizes in bytes";
  return [=](State& state) {
    std::vector<std::uint8_t> joined;
    for (const Part& part : parts) {
      const auto bytes = state.memory.bytes(part.address, part.bytes);
      joined.insert(joined.end(), bytes.begin(), bytes.end());
    }
    state.memory.store(out, joined);
  };
}

Step read_fully_connected(Reading r) {
  const std::uint32_t in = r.address("in");
  const std::uint32_t out = r.address("out");
  const std::uint32_t in_count = r.size("in_ch");
  const std::uint32_t out_count = r.size("out_ch");
  const std::uint32_t activation = r.body.u32_in("activation", 0, 2);
  r.in_floats("in", in, {in_count});
  r.out_floats(out, {out_count});
  const auto read_floats = [&](std::uint64_t count, const char* field) {
    const std::span<const std::uint8_t> raw = r.body.bytes(4 * count, field);
    std::vector<float> values(count);
    for (std::size_t i = 0; i < count; ++i) {
      values[i] = load_le<float>(raw, 4 * i);
    }
    return values;
  };
  const std::vector<float> weights = read_floats(std::uint64_t{in_count} * out_count, "weights");
  const std::vector<float> bias = read_floats(out_count, "bias");
  constexpr std::array kActivations = {"linear", "relu", "relu6"};
  r.layer.detail = kActivations[activation];
  return [=](State& state) {
    std::vector<float> values(out_count);
    fully_connected(state.memory.floats(in, in_count), values, weights, bias, activation,
                    state.rule);
    state.memory.store(out, values);
  };
}

Step read_flatten(Reading r) {
  const std::uint32_t in = r.address("in");
  const std::uint32_t out = r.address("out");
  const std::uint32_t width = r.size("width");
  const std::uint32_t height = r.size("height");
  const std::uint32_t channels = r.size("channels");
  r.in_floats("in", in, {channels, height, width});
  r.out_floats(out, {height, width, channels});
  return [=](State& state) {
    std::vector<float> values(std::size_t{width} * height * channels);
    flatten(state.memory.floats(in, values.size()), values, width, height, channels);
    state.memory.store(out, values);
  };
}

ResizeShape read_resize_shape(Reading& r) {
  ResizeShape s{};
  s.in_width = r.size("in_w");
  s.in_height = r.size("in_h");
  s.channels = r.size("channels");
  s.out_width = r.size("out_w");
  s.out_height = r.size("out_h");
  return s;
}

Step read_resize(Reading r) {
  const std::uint32_t in = r.address("in");
  const std::uint32_t out = r.address("out");
  const ResizeShape s = read_resize_shape(r);
  const Dims in_dims{s.channels, s.in_height, s.in_width};
  const Dims out_dims{s.channels, s.out_height, s.out_width};
  r.in_floats("in", in, in_dims);
  r.out_floats(out, out_dims);
  return [=](State& state) {
    std::vector<float> values(Reading::count(out_dims));
    resize_nearest(Floats(state.memory.floats(in, Reading::count(in_dims))), values, s);
    state.memory.store(out, values);
  };
}

Step read_quantized_resize(Reading r) {
  const std::uint32_t in = r.address("in");
  const std::uint32_t out = r.address("out");
  const ResizeShape s = read_resize_shape(r);
  const Dims in_dims{s.channels, s.in_height, s.in_width};
  const Dims out_dims{s.channels, s.out_height, s.out_width};
  r.in_bytes("in", in, in_dims);
  r.out_bytes(out, out_dims);
  return [=](State& state) {
    std::vector<std::uint8_t> codes(Reading::count(out_dims));
    resize_nearest(Bytes(state.memory.bytes(in, Reading::count(in_dims))), codes, s);
    state.memory.store(out, codes);
  };
}

/// The image of 4x4 pixels a channel through which a vector goes to a 1x1 convolution: only the
/// first pixel of each is used.
ImageLayout vector_layout(FieldReader& body, std::uint32_t line, std::uint32_t channels) {
  const ImageLayout layout = ImageLayout::standard(line, channels, 4, 4);
  if (layout.end_line() > kAiRamLines) {
    body.fail("out", line, fmt::format("room for {} channels of 4x4 in AI RAM", channels));
  }
  return layout;
}

Step read_add_padding(Reading r) {
  const std::uint32_t in = r.address("in");
  const std::uint32_t out = r.body.u32("out");
  const std::uint32_t channels = r.body.u32_in("channels", 1, kAiRamBytes / 16);
  r.in_bytes("in", in, {channels});
  const ImageLayout layout = vector_layout(r.body, out, channels);
  r.layer.out = dims_text({channels, 4, 4});
  return [=](State& state) {
    const std::vector<std::uint8_t> values = state.memory.copy(in, channels);
    for (std::uint32_t c = 0; c < channels; ++c) {
      state.kpu.write_ram(layout.address(c, 0, 0), std::span(values).subspan(c, 1));
    }
  };
}

Step read_remove_padding(Reading r) {
  const std::uint32_t in = r.address("in");
  const std::uint32_t out = r.address("out");
  const std::uint32_t channels = r.size("channels");
  r.in_bytes("in", in, {channels, 4, 4});
  r.out_bytes(out, {channels});
  return [=](State& state) {
    const std::vector<std::uint8_t> padded = state.memory.copy(in, std::size_t{16} * channels);
    std::vector<std::uint8_t> values(channels);
    for (std::size_t c = 0; c < channels; ++c) {
      values[c] = padded[16 * c];
    }
    state.memory.store(out, values);
  };
}

Step read_upload(Reading r) {
  const std::uint32_t in = r.address("in");
  const std::uint32_t line = r.body.u32("out");
  const std::uint32_t width = r.body.u32_in("width", 1, 1024);
  const std::uint32_t height = r.body.u32_in("height", 1, 512);
  const std::uint32_t channels = r.body.u32_in("channels", 1, 1024);
  const ImageLayout layout = ImageLayout::standard(line, channels, height, width);
  if (layout.end_line() > kAiRamLines) {
    r.body.fail("out", line, fmt::format("room for {}x{}x{} in AI RAM", channels, height, width));
  }
  r.in_bytes("in", in, {channels, height, width});
  r.layer.out = dims_text({channels, height, width});
  return [=](State& state) {
    state.kpu.upload(layout, state.memory.bytes(in, layout.planar_bytes()));
  };
}

struct LayerType {
  std::uint32_t id;
  const char* name;
  Step (*read)(Reading);  ///< null where this file does not read it
};

constexpr std::array kTypes = {
    LayerType{1, "add", read_add},
    LayerType{2, "quantized_add", read_quantized_add},
    LayerType{5, "global_average_pool2d", read_global_average_pool},
    LayerType{8, "quantized_max_pool2d", read_quantized_max_pool},
    LayerType{9, "average_pool2d", read_average_pool},
    LayerType{11, "quantize", read_quantize},
    LayerType{12, "dequantize", read_dequantize},
    LayerType{13, "requantize", read_requantize},
    LayerType{14, "l2_normalization", read_l2_normalization},
    LayerType{15, "softmax", read_softmax},
    LayerType{16, "concat", read_concat},
    LayerType{17, "quantized_concat", read_concat},
    LayerType{18, "fully_connected", read_fully_connected},
    LayerType{20, "tensorflow_flatten", read_flatten},
    LayerType{22, "resize_nearest_neighbor", read_resize},
    LayerType{23, "quantized_resize_nearest_neighbor", read_quantized_resize},
    LayerType{24, "channelwise_dequantize", read_channelwise_dequantize},
    LayerType{25, "logistic", read_logistic},
    LayerType{10240, "k210_conv", nullptr},
    LayerType{10241, "k210_add_padding", read_add_padding},
    LayerType{10242, "k210_remove_padding", read_remove_padding},
    LayerType{10243, "k210_upload", read_upload},
};

}  // namespace

Step read_cpu_layer(std::uint32_t type, FieldReader& body, MemoryMap& map, LayerInfo& layer) {
  for (const LayerType& known : kTypes) {
    if (known.id == type && known.read != nullptr) {
      return known.read({body, map, layer});
    }
  }
  body.fail("type", type, "a layer type that the vendor's SDK runs");
}

std::string layer_name(std::uint32_t type) {
  for (const LayerType& known : kTypes) {
    if (known.id == type) {
      return known.name;
    }
  }
  return fmt::format("type {}", type);
}

}  // namespace kpu::golden::v3
