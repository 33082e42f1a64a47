// SPDX-License-Identifier: Apache-2.0
#include "sim/vision/network_input.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <utility>

#include "common/error.h"
#include "common/files.h"
#include "sim/text/npy.h"
#include "sim/vision/image_io.h"

namespace kpu::sim {
namespace {

/// The input's type by name.
const char* type_name(const InputSpec& spec) {
  if (spec.element_bytes != 1) return "float32";
  return spec.is_signed ? "int8" : "uint8";
}

/// What turns a uint8 code into the input's, and back: int8 codes count from -128.
std::uint8_t code_flip(const InputSpec& spec) { return spec.is_signed ? 0x80 : 0; }

std::size_t byte_count(const InputSpec& spec) {
  return static_cast<std::size_t>(spec.channels) * static_cast<std::size_t>(spec.height) *
         static_cast<std::size_t>(spec.width) * static_cast<std::size_t>(spec.element_bytes);
}

/// The values of a .npy file, which must have the input's type; its shape is the caller's.
std::vector<std::uint8_t> array_values(const std::string& path,
                                       const std::vector<std::uint8_t>& file,
                                       const InputSpec& spec) {
  NpyArray array = parse_npy(file, path);
  const char* wanted = spec.element_bytes == 4 ? "f4" : spec.is_signed ? "i1" : "u1";
  if (array.type != wanted) {
    throw Error(fmt::format("{}: .npy file of type {}, expected {} as the network's input", path,
                            array.type, wanted));
  }
  return std::move(array.bytes);
}

/// A planar input of codes as a picture, for one or three channels.
std::optional<Image> to_picture(const std::vector<std::uint8_t>& planes, const InputSpec& spec) {
  if (spec.element_bytes != 1 || (spec.channels != 1 && spec.channels != 3)) return std::nullopt;
  Image image(spec.width, spec.height, spec.channels);
  const auto channels = static_cast<std::size_t>(spec.channels);
  const std::size_t plane = planes.size() / channels;
  for (std::size_t i = 0; i < planes.size(); ++i) {
    image.data[(i % plane) * channels + i / plane] = planes[i] ^ code_flip(spec);
  }
  return image;
}

Input load_values(const std::string& path, std::vector<std::uint8_t> file, const InputSpec& spec) {
  if (is_npy(file)) file = array_values(path, file, spec);
  if (file.size() != byte_count(spec)) {
    throw Error(fmt::format(
        "{}: raw input of {} bytes; the network needs {} bytes ({}x{}x{} {}, planar)", path,
        file.size(), byte_count(spec), spec.channels, spec.height, spec.width, type_name(spec)));
  }
  Input input;
  input.picture = to_picture(file, spec);
  input.bytes = std::move(file);
  input.origin.width = spec.width;
  input.origin.height = spec.height;
  return input;
}

/// The middle of the picture, as long in one axis as the picture, of the input's proportions.
Image crop(const Image& image, const InputSpec& spec, InputOrigin& origin) {
  const double scale = std::max(static_cast<double>(spec.width) / image.width,
                                static_cast<double>(spec.height) / image.height);
  const auto part = [&](int wanted, int have) {
    return std::clamp(static_cast<int>(std::lround(wanted / scale)), 1, have);
  };
  Image middle(part(spec.width, image.width), part(spec.height, image.height), image.channels);
  const int x = (image.width - middle.width) / 2;
  const int y = (image.height - middle.height) / 2;
  blit(middle, image, -x, -y);
  origin.left = static_cast<float>(x) / static_cast<float>(image.width);
  origin.top = static_cast<float>(y) / static_cast<float>(image.height);
  origin.across = static_cast<float>(middle.width) / static_cast<float>(image.width);
  origin.down = static_cast<float>(middle.height) / static_cast<float>(image.height);
  return resize(middle, spec.width, spec.height);
}

Image letterbox(const Image& image, const InputSpec& spec, InputOrigin& origin) {
  const double scale = std::min(static_cast<double>(spec.width) / image.width,
                                static_cast<double>(spec.height) / image.height);
  const auto part = [&](int have, int most) {
    return std::clamp(static_cast<int>(std::lround(have * scale)), 1, most);
  };
  const int width = part(image.width, spec.width);
  const int height = part(image.height, spec.height);
  const int x = (spec.width - width) / 2;
  const int y = (spec.height - height) / 2;
  Image canvas(spec.width, spec.height, image.channels, {origin.fill, origin.fill, origin.fill});
  blit(canvas, resize(image, width, height), x, y);
  origin.left = -static_cast<float>(x) / static_cast<float>(width);
  origin.top = -static_cast<float>(y) / static_cast<float>(height);
  origin.across = static_cast<float>(spec.width) / static_cast<float>(width);
  origin.down = static_cast<float>(spec.height) / static_cast<float>(height);
  return canvas;
}

/// The picture in the input's size; `origin` gets its place.
Image fitted(const Image& image, const InputSpec& spec, InputOrigin& origin) {
  switch (origin.resize) {
    case ResizeMode::kStretch:
      return resize(image, spec.width, spec.height);
    case ResizeMode::kCrop:
      return crop(image, spec, origin);
    case ResizeMode::kLetterbox:
      return letterbox(image, spec, origin);
    case ResizeMode::kRefuse:
      break;
  }
  return image;
}

/// Planes of a picture, in the input's type.
std::vector<std::uint8_t> to_planes(const Image& image, const InputSpec& spec,
                                    const InputOrigin& origin) {
  const auto plane = static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height);
  const auto channels = static_cast<std::size_t>(image.channels);
  const auto bytes = static_cast<std::size_t>(spec.element_bytes);
  std::vector<std::uint8_t> out(plane * channels * bytes);
  for (std::size_t c = 0; c < channels; ++c) {
    const std::size_t from = origin.bgr ? channels - 1 - c : c;
    for (std::size_t i = 0; i < plane; ++i) {
      const std::uint8_t value = image.data[i * channels + from];
      std::uint8_t* to = &out[(c * plane + i) * bytes];
      if (!origin.normalisation) {
        *to = value ^ code_flip(spec);
        continue;
      }
      const Normalisation& n = *origin.normalisation;
      const float x = (static_cast<float>(value * n.scale) - n.mean[n.mean.size() > 1 ? c : 0]) /
                      n.deviation[n.deviation.size() > 1 ? c : 0];
      std::memcpy(to, &x, sizeof x);
    }
  }
  return out;
}

std::string sum_text(const Normalisation& n) {
  return fmt::format("(byte * {:g} - {:g}) / {:g}", n.scale, fmt::join(n.mean, ","),
                     fmt::join(n.deviation, ","));
}

}  // namespace

const char* to_string(ResizeMode mode) {
  switch (mode) {
    case ResizeMode::kStretch:
      return "stretch";
    case ResizeMode::kCrop:
      return "crop";
    case ResizeMode::kLetterbox:
      return "letterbox";
    case ResizeMode::kRefuse:
      break;
  }
  return "none";
}

void require_usable(const InputOptions& options, const std::vector<InputSpec>& inputs) {
  const auto any = [&](auto&& accepts) {
    return std::any_of(inputs.begin(), inputs.end(), accepts);
  };
  if (options.bgr && !any([](const InputSpec& spec) { return spec.channels == 3; })) {
    throw Error("--bgr: the network has no input with three channels");
  }
  if (!options.normalisation) return;
  const auto fits = [](const std::vector<float>& values, const InputSpec& spec) {
    return values.size() == 1 || values.size() == static_cast<std::size_t>(spec.channels);
  };
  const Normalisation& n = *options.normalisation;
  for (const InputSpec& spec : inputs) {
    if (spec.element_bytes != 4) continue;
    if (!fits(n.mean, spec) || !fits(n.deviation, spec)) {
      throw Error(
          fmt::format("--mean, --std: {} and {} numbers, expected one or {}, as the input "
                      "has channels",
                      n.mean.size(), n.deviation.size(), spec.channels));
    }
  }
  if (!any([](const InputSpec& spec) { return spec.element_bytes == 4; })) {
    throw Error(
        fmt::format("--scale, --mean, --std: the network's input is {}, which takes a "
                    "picture's bytes as they are; expected a float32 one",
                    inputs.empty() ? "missing" : type_name(inputs.front())));
  }
}

Input load_input(const std::string& path, const InputSpec& spec, const InputOptions& options) {
  std::vector<std::uint8_t> file = read_file(path);
  const std::optional<PictureSize> size = picture_size(path, file);
  if (!size) return load_values(path, std::move(file), spec);
  if (spec.channels != 1 && spec.channels != 3) {
    throw Error(fmt::format(
        "{}: a picture, but the network's input has {} channels; give a raw file of {} bytes", path,
        spec.channels, byte_count(spec)));
  }
  const bool other_size = size->width != spec.width || size->height != spec.height;
  if (other_size && options.resize == ResizeMode::kRefuse) {
    throw Error(
        fmt::format("{}: picture is {}x{}, the network needs {}x{} (width x height); --resize "
                    "stretch, crop or letterbox scales it",
                    path, size->width, size->height, spec.width, spec.height));
  }
  Input input;
  input.origin.is_picture = true;
  input.origin.is_grey = spec.channels == 1;
  input.origin.width = size->width;
  input.origin.height = size->height;
  if (other_size) input.origin.resize = options.resize;
  input.origin.fill = options.fill;
  input.origin.bgr = options.bgr && spec.channels == 3;
  if (spec.element_bytes == 4) {
    input.origin.normalisation = options.normalisation.value_or(Normalisation{});
  }
  Image image = decode_image(path, file, spec.channels);
  input.bytes = to_planes(fitted(image, spec, input.origin), spec, input.origin);
  input.picture = std::move(image);
  return input;
}

std::string describe(const InputOrigin& origin) {
  if (!origin.is_picture) return "values as they are";
  std::string text = fmt::format("picture {}x{}", origin.width, origin.height);
  if (origin.resize != ResizeMode::kRefuse) text += fmt::format(", {}", to_string(origin.resize));
  if (origin.resize == ResizeMode::kLetterbox) text += fmt::format(" (border {})", origin.fill);
  text += origin.is_grey ? ", grey" : origin.bgr ? ", BGR" : ", RGB";
  return text + "; " +
         (origin.normalisation ? sum_text(*origin.normalisation) : "bytes as they are");
}

Detection on_picture(const Detection& detection, const InputOrigin& origin) {
  Detection mapped = detection;
  const auto map = [&](float& x, float& y) {
    x = origin.left + x * origin.across;
    y = origin.top + y * origin.down;
  };
  map(mapped.x, mapped.y);
  for (Point& point : mapped.landmarks) map(point.x, point.y);
  mapped.width *= origin.across;
  mapped.height *= origin.down;
  return mapped;
}

}  // namespace kpu::sim
