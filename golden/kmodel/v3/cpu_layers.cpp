// SPDX-License-Identifier: Apache-2.0
//
// Bodies of the v3 layers that run on the CPU (kmodel format, body layouts): each function reads
// the fields of one type, checks every size and address, and returns the step that runs it. Those
// that work on images are in v3_image_layers.cpp.
#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/bits.h"
#include "golden/kmodel/v3/ops.h"
#include "golden/kmodel/v3/reading.h"

namespace kpu::golden::v3 {
namespace {

Step read_add(Reading r) {
  const std::uint32_t a = r.body.u32("in_a");
  const std::uint32_t b = r.body.u32("in_b");
  const std::uint32_t out = r.body.u32("out");
  const std::uint32_t count = r.size("count");
  const Dims dims = r.map.dims(a, count);
  r.in<float>("in_a", a, dims);
  r.in<float>("in_b", b, dims);
  r.out<float>(out, dims);
  return [=](State& state) {
    std::vector<float> sum(count);
    add(state.memory.load<float>(a, count), state.memory.load<float>(b, count), sum);
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
  const std::uint32_t a = r.body.u32("in_a");
  const std::uint32_t b = r.body.u32("in_b");
  const std::uint32_t out = r.body.u32("out");
  const std::uint32_t count = r.size("count");
  const QuantizedScale scale_a = read_scale(r.body, {"a_off", "a_mul", "a_shift"});
  const QuantizedScale scale_b = read_scale(r.body, {"b_off", "b_mul", "b_shift"});
  const QuantizedScale scale_out = read_scale(r.body, {"out_off", "out_mul", "out_shift"});
  const Dims dims = r.map.dims(a, count);
  r.in<std::uint8_t>("in_a", a, dims);
  r.in<std::uint8_t>("in_b", b, dims);
  r.out<std::uint8_t>(out, dims);
  // The SDK works on eight elements at a time, so it touches the rest of the last eight, too.
  const std::uint32_t rounded = (count + 7) / 8 * 8;
  r.map.require(r.body, "in_a", a, rounded);
  r.map.require(r.body, "in_b", b, rounded);
  r.map.require(r.body, "out", out, rounded);
  return [=](State& state) {
    std::vector<std::uint8_t> sum(rounded);
    quantized_add(state.memory.load<std::uint8_t>(a, rounded),
                  state.memory.load<std::uint8_t>(b, rounded), sum, scale_a, scale_b, scale_out);
    state.memory.store(out, sum);
  };
}

/// The fields that quantize and dequantize share.
struct LinearCode {
  std::uint32_t in, out, count;
  float scale, bias;

  explicit LinearCode(Reading& r)
      : in(r.body.u32("in")),
        out(r.body.u32("out")),
        count(r.size("count")),
        scale(r.body.f32("scale")),
        bias(r.body.f32("bias")) {
    r.layer.detail = fmt::format("scale={} bias={}", scale, bias);
  }
};

Step read_quantize(Reading r) {
  const LinearCode code(r);
  const Dims dims = r.map.dims(code.in, code.count);
  r.in<float>("in", code.in, dims);
  r.out<std::uint8_t>(code.out, dims);
  return map_step<float, std::uint8_t>(
      code.in, dims, code.out, dims,
      [=](Floats x, BytesOut y, FloatRule rule) { quantize(x, y, code.scale, code.bias, rule); });
}

Step read_dequantize(Reading r) {
  const LinearCode code(r);
  const Dims dims = r.map.dims(code.in, code.count);
  r.in<std::uint8_t>("in", code.in, dims);
  r.out<float>(code.out, dims);
  return map_step<std::uint8_t, float>(
      code.in, dims, code.out, dims,
      [=](Bytes x, FloatsOut y, FloatRule rule) { dequantize(x, y, code.scale, code.bias, rule); });
}

Step read_channelwise_dequantize(Reading r) {
  struct Scale {
    float scale, bias;
  };
  const std::uint32_t in = r.body.u32("in");
  const std::uint32_t out = r.body.u32("out");
  const std::uint32_t channels = r.size("channels");
  const std::uint32_t size = r.size("channel_size");
  const Dims dims{channels, size};
  r.in<std::uint8_t>("in", in, dims);
  r.out<float>(out, dims);
  std::vector<Scale> scales(channels);  // not more than main memory has bytes
  for (Scale& s : scales) {
    s.scale = r.body.f32("scale");
    s.bias = r.body.f32("bias");
  }
  return map_step<std::uint8_t, float>(
      in, dims, out, dims, [=](Bytes x, FloatsOut y, FloatRule rule) {
        for (std::size_t c = 0; c < channels; ++c) {
          dequantize(x.subspan(c * size, size), y.subspan(c * size, size), scales[c].scale,
                     scales[c].bias, rule);
        }
      });
}

Step read_requantize(Reading r) {
  const std::uint32_t in = r.body.u32("in");
  const std::uint32_t out = r.body.u32("out");
  const std::uint32_t count = r.size("count");
  const Bytes table = r.body.bytes(256, "table");
  const Dims dims = r.map.dims(in, count);
  r.in<std::uint8_t>("in", in, dims);
  r.out<std::uint8_t>(out, dims);
  return map_step<std::uint8_t, std::uint8_t>(
      in, dims, out, dims, [=](Bytes x, BytesOut y, FloatRule) { requantize(x, y, table); });
}

/// A layer from floats to as many floats.
Step read_float_map(Reading r, void (*run)(Floats, FloatsOut, FloatRule)) {
  const std::uint32_t in = r.body.u32("in");
  const std::uint32_t out = r.body.u32("out");
  const std::uint32_t count = r.size("channels");
  const Dims dims = r.map.dims(in, count);
  r.in<float>("in", in, dims);
  r.out<float>(out, dims);
  return map_step<float, float>(in, dims, out, dims, run);
}

Step read_l2_normalization(Reading r) { return read_float_map(r, l2_normalize); }

Step read_softmax(Reading r) { return read_float_map(r, softmax); }

Step read_logistic(Reading r) {
  return read_float_map(r, [](Floats x, FloatsOut y, FloatRule) { logistic(x, y); });
}

Step read_concat(Reading r) {
  struct Part {
    std::uint32_t address, bytes;
  };
  const std::uint32_t out = r.body.u32("out");
  const std::uint32_t part_count = r.body.u32("input_count");
  if (part_count == 0 || part_count > r.body.remaining() / sizeof(Part)) {
    r.body.fail("input_count", part_count, "1 or more, as many as the body holds");
  }
  std::vector<Part> parts(part_count);
  std::uint64_t total = 0;
  for (Part& part : parts) {
    part.address = r.body.u32("start");
    part.bytes = r.body.u32("size");
    r.map.require(r.body, "start", part.address, part.bytes);
    total += part.bytes;
    r.layer.in += (r.layer.in.empty() ? "" : "+") + std::to_string(part.bytes);
  }
  r.map.require(r.body, "out", out, total);
  // Sizes are bytes of the parts' slots; what they hold, only the layer that wrote them knows.
  const TensorInfo* first = r.map.find(parts.front().address);
  const bool floats = first == nullptr || first->type == ElementType::kFloat32;
  const auto bytes = static_cast<std::uint32_t>(total);
  if (floats) {
    r.out<float>(out, {bytes / 4});
  } else {
    r.out<std::uint8_t>(out, {bytes});
  }
  r.layer.detail = "inputs in bytes";
  return [=](State& state) {
    std::vector<std::uint8_t> joined;
    for (const Part& part : parts) {
      const auto piece = state.memory.load<std::uint8_t>(part.address, part.bytes);
      joined.insert(joined.end(), piece.begin(), piece.end());
    }
    state.memory.store(out, joined);
  };
}

Step read_fully_connected(Reading r) {
  const std::uint32_t in = r.body.u32("in");
  const std::uint32_t out = r.body.u32("out");
  const std::uint32_t in_count = r.size("in_ch");
  const std::uint32_t out_count = r.size("out_ch");
  const std::uint32_t activation = r.body.u32_in("activation", 0, 2);
  r.in<float>("in", in, {in_count});
  r.out<float>(out, {out_count});
  const auto read_floats = [&](std::uint64_t count, const char* field) {
    const Bytes raw = r.body.bytes(4 * count, field);
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
  return map_step<float, float>(in, {in_count}, out, {out_count},
                                [=](Floats x, FloatsOut y, FloatRule rule) {
                                  fully_connected(x, y, weights, bias, activation, rule);
                                });
}

struct LayerType {
  std::uint32_t id;
  const char* name;
  Step (*read)(Reading);  ///< null for the KPU's own layer
};

constexpr std::array kLayerTypes = {
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
  for (const LayerType& known : kLayerTypes) {
    if (known.id == type && known.read != nullptr) {
      return known.read({body, map, layer});
    }
  }
  body.fail("type", type, "a layer type that the vendor's SDK runs");
}

std::vector<std::string> cpu_layer_names() {
  constexpr std::uint32_t kFirstOfChip = 10240;  // those move images
  std::vector<std::string> names;
  for (const LayerType& known : kLayerTypes) {
    if (known.id < kFirstOfChip) {
      names.emplace_back(known.name);
    }
  }
  return names;
}

std::string layer_name(std::uint32_t type) {
  for (const LayerType& known : kLayerTypes) {
    if (known.id == type) {
      return known.name;
    }
  }
  return fmt::format("type {}", type);
}

}  // namespace kpu::golden::v3
