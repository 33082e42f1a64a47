// SPDX-License-Identifier: Apache-2.0
#include <nanobind/stl/array.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/error.h"
#include "python/src/arrays.h"
#include "python/src/bind.h"
#include "sim/vision/image.h"
#include "sim/vision/image_io.h"
#include "sim/vision/interpret.h"

namespace kpu::python {

namespace nb = nanobind;
using namespace nb::literals;

namespace {

/// A picture as an array H W C, resized where a size is given.
nb::object load_picture(const std::string& path, int channels, int height, int width) {
  sim::Image image = sim::load_image(path, channels);
  if (height > 0 && width > 0 && (image.height != height || image.width != width)) {
    image = sim::resize(image, width, height);
  }
  const std::vector<std::size_t> shape{static_cast<std::size_t>(image.height),
                                       static_cast<std::size_t>(image.width),
                                       static_cast<std::size_t>(image.channels)};
  return to_numpy(std::move(image.data), shape);
}

sim::Image as_image(const InputArray<std::uint8_t>& pixels) {
  if (pixels.ndim() != 3 || (pixels.shape(2) != 1 && pixels.shape(2) != 3)) {
    throw Error("picture: expected an array H W 1 or H W 3");
  }
  sim::Image image(static_cast<int>(pixels.shape(1)), static_cast<int>(pixels.shape(0)),
                   static_cast<int>(pixels.shape(2)));
  image.data.assign(pixels.data(), pixels.data() + pixels.size());
  return image;
}

/// A copy of the picture with a line of text at (x, y).
nb::object draw_text(const InputArray<std::uint8_t>& pixels, int x, int y, const std::string& text,
                     int scale, std::array<int, 3> colour) {
  sim::Image image = as_image(pixels);
  const auto byte = [&](int i) { return static_cast<std::uint8_t>(colour[i]); };
  sim::draw_text(image, x, y, text, std::max(scale, 1), {byte(0), byte(1), byte(2)});
  return to_numpy(std::move(image.data), {pixels.shape(0), pixels.shape(1), pixels.shape(2)});
}

void save_picture(const std::string& path, const InputArray<std::uint8_t>& pixels) {
  sim::save_png(path, as_image(pixels));
}

/// What an output C H W means: (kind, preset, [(class, probability)], [(x, y, w, h, class,
/// score)]).
nb::tuple interpret(const InputArray<float>& values, const std::vector<float>& anchors,
                    std::optional<float> threshold, std::optional<float> nms) {
  if (values.ndim() != 3) throw Error("output: expected an array C H W");
  sim::PostOptions options;
  for (std::size_t i = 0; i + 1 < anchors.size(); i += 2) {
    options.anchors.push_back({anchors[i], anchors[i + 1]});
  }
  if (!anchors.empty()) options.kind = sim::PostKind::kYolo2;
  options.threshold = threshold;
  options.nms = nms;
  const sim::OutputTensor tensor{values_of(values), static_cast<int>(values.shape(0)),
                                 static_cast<int>(values.shape(1)),
                                 static_cast<int>(values.shape(2)), false};
  const sim::Interpretation meaning = sim::interpret(tensor, options);
  nb::list classes;
  for (const sim::ClassScore& score : meaning.classes) {
    classes.append(nb::make_tuple(score.index, score.probability));
  }
  nb::list boxes;
  for (const sim::Detection& d : meaning.detections) {
    boxes.append(nb::make_tuple(d.x, d.y, d.width, d.height, d.class_index, d.score,
                                sim::label_of(meaning.labels, d.class_index)));
  }
  return nb::make_tuple(meaning.preset, classes, boxes);
}

}  // namespace

void bind_vision(nb::module_& module) {
  module.def("load_picture", load_picture, "path"_a, "channels"_a, "height"_a = 0, "width"_a = 0);
  module.def("save_picture", save_picture, "path"_a, "pixels"_a);
  module.def("draw_text", draw_text, "pixels"_a, "x"_a, "y"_a, "text"_a, "scale"_a, "colour"_a);
  module.def("interpret", interpret, "values"_a, "anchors"_a, "threshold"_a = nb::none(),
             "nms"_a = nb::none());
}

}  // namespace kpu::python
