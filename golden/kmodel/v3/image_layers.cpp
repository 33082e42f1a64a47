// SPDX-License-Identifier: Apache-2.0
//
// Bodies of the v3 CPU layers that work on images: pooling, resizing, reordering, and the ways
// between main memory and AI RAM (kmodel format, body layouts).
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "golden/kmodel/v3/ops.h"
#include "golden/kmodel/v3/reading.h"
#include "golden/kpu/ai_ram.h"

namespace kpu::golden::v3 {
namespace {

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

template <class T>
Step read_pool(Reading r, void (*pool)(std::span<const T>, std::span<T>, const PoolShape&)) {
  const std::uint32_t in = r.body.u32("in");
  const std::uint32_t out = r.body.u32("out");
  const PoolShape s = read_pool_shape(r);
  const Dims in_dims{s.in_channels, s.in_height, s.in_width};
  const Dims out_dims{s.out_channels, s.out_height, s.out_width};
  r.in<T>("in", in, in_dims);
  r.out<T>(out, out_dims);
  return map_step<T, T>(in, in_dims, out, out_dims,
                        [=](auto x, auto y, FloatRule) { pool(x, y, s); });
}

template <class T>
Step read_resize_of(Reading r) {
  const std::uint32_t in = r.body.u32("in");
  const std::uint32_t out = r.body.u32("out");
  ResizeShape s{};
  s.in_width = r.size("in_w");
  s.in_height = r.size("in_h");
  s.channels = r.size("channels");
  s.out_width = r.size("out_w");
  s.out_height = r.size("out_h");
  const Dims in_dims{s.channels, s.in_height, s.in_width};
  const Dims out_dims{s.channels, s.out_height, s.out_width};
  r.in<T>("in", in, in_dims);
  r.out<T>(out, out_dims);
  return map_step<T, T>(in, in_dims, out, out_dims,
                        [=](auto x, auto y, FloatRule) { resize_nearest(x, y, s); });
}

/// The image at `line`, or an error that names the field.
ImageLayout layout_in_ram(FieldReader& body, std::uint32_t line, std::uint32_t channels,
                          std::uint32_t height, std::uint32_t width) {
  const ImageLayout layout = ImageLayout::standard(line, channels, height, width);
  if (layout.end_line() > kAiRamLines) {
    body.fail(
        "out", line,
        fmt::format("a line with room for {}x{}x{} in AI RAM behind it", channels, height, width));
  }
  return layout;
}

}  // namespace

Step read_global_average_pool(Reading r) {
  const std::uint32_t in = r.body.u32("in");
  const std::uint32_t out = r.body.u32("out");
  const std::uint32_t kernel_size = r.size("kernel_size");
  const std::uint32_t channels = r.size("channels");
  const Dims in_dims{channels, kernel_size};
  r.in<float>("in", in, in_dims);
  r.out<float>(out, {channels});
  return map_step<float, float>(
      in, in_dims, out, {channels},
      [=](Floats x, FloatsOut y, FloatRule rule) { global_average_pool(x, y, kernel_size, rule); });
}

Step read_quantized_max_pool(Reading r) { return read_pool<std::uint8_t>(r, quantized_max_pool); }

Step read_average_pool(Reading r) { return read_pool<float>(r, average_pool); }

Step read_resize(Reading r) { return read_resize_of<float>(r); }

Step read_quantized_resize(Reading r) { return read_resize_of<std::uint8_t>(r); }

Step read_flatten(Reading r) {
  const std::uint32_t in = r.body.u32("in");
  const std::uint32_t out = r.body.u32("out");
  const std::uint32_t width = r.size("width");
  const std::uint32_t height = r.size("height");
  const std::uint32_t channels = r.size("channels");
  const Dims in_dims{channels, height, width};
  const Dims out_dims{height, width, channels};
  r.in<float>("in", in, in_dims);
  r.out<float>(out, out_dims);
  return map_step<float, float>(in, in_dims, out, out_dims, [=](Floats x, FloatsOut y, FloatRule) {
    flatten(x, y, width, height, channels);
  });
}

// A vector goes to and from a 1x1 convolution as an image of 4x4 pixels a channel, of which only
// the first is used.

Step read_add_padding(Reading r) {
  const std::uint32_t in = r.body.u32("in");
  const std::uint32_t line = r.body.u32("out");
  const std::uint32_t channels = r.body.u32_in("channels", 1, kAiRamBytes / 16);
  r.in<std::uint8_t>("in", in, {channels});
  const ImageLayout layout = layout_in_ram(r.body, line, channels, 4, 4);
  r.layer.out = dims_text({channels, 4, 4});
  return [=](State& state) {
    const std::vector<std::uint8_t> values = state.memory.load<std::uint8_t>(in, channels);
    for (std::uint32_t c = 0; c < channels; ++c) {
      state.kpu.write_ram(layout.address(c, 0, 0), std::span(values).subspan(c, 1));
    }
  };
}

Step read_remove_padding(Reading r) {
  const std::uint32_t in = r.body.u32("in");
  const std::uint32_t out = r.body.u32("out");
  const std::uint32_t channels = r.size("channels");
  const Dims in_dims{channels, 4, 4};
  r.in<std::uint8_t>("in", in, in_dims);
  r.out<std::uint8_t>(out, {channels});
  return map_step<std::uint8_t, std::uint8_t>(in, in_dims, out, {channels},
                                              [](Bytes x, BytesOut y, FloatRule) {
                                                for (std::size_t c = 0; c < y.size(); ++c) {
                                                  y[c] = x[16 * c];
                                                }
                                              });
}

Step read_upload(Reading r) {
  const std::uint32_t in = r.body.u32("in");
  const std::uint32_t line = r.body.u32("out");
  const std::uint32_t width = r.body.u32_in("width", 1, 1024);
  const std::uint32_t height = r.body.u32_in("height", 1, 512);
  const std::uint32_t channels = r.body.u32_in("channels", 1, 1024);
  const ImageLayout layout = layout_in_ram(r.body, line, channels, height, width);
  r.in<std::uint8_t>("in", in, {channels, height, width});
  r.layer.out = dims_text({channels, height, width});
  return [=](State& state) {
    state.kpu.upload(layout, state.memory.load<std::uint8_t>(in, layout.planar_bytes()));
  };
}

}  // namespace kpu::golden::v3
