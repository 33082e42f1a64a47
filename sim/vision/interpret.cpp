// SPDX-License-Identifier: Apache-2.0
#include "sim/vision/interpret.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "common/error.h"
#include "sim/vision/annotate.h"

namespace kpu::sim {
namespace {

constexpr std::size_t kShownClasses = 5;
constexpr int kMaxShownChannels = 16;

Interpretation as_classes(const OutputTensor& output, const PostOptions& options) {
  Interpretation meaning;
  meaning.kind = PostKind::kSoftmax;
  meaning.labels = options.labels;
  require_label_count(options.labels, output.values.size());
  meaning.classes = is_distribution(output.values)
                        ? top_classes(output.values, kShownClasses)
                        : top_classes(softmax(output.values), kShownClasses);
  return meaning;
}

Interpretation as_boxes(const OutputTensor& output, const PostOptions& options,
                        const DetectorPreset* preset) {
  Yolo2Spec spec{output.channels, output.height, output.width, options.anchors, 0.5f, 0.3f};
  Interpretation meaning;
  meaning.kind = PostKind::kYolo2;
  meaning.labels = options.labels;
  if (preset != nullptr) {
    meaning.preset = preset->name;
    spec.threshold = preset->threshold;
    spec.nms = preset->nms;
    if (spec.anchors.empty()) spec.anchors = preset->anchors;
    if (meaning.labels.empty()) meaning.labels = preset->labels;
  }
  if (spec.anchors.empty()) {
    throw Error(
        fmt::format("--post yolo2: the output {}x{}x{} fits no known detector; give "
                    "--anchors",
                    output.channels, output.height, output.width));
  }
  spec.threshold = options.threshold.value_or(spec.threshold);
  spec.nms = options.nms.value_or(spec.nms);
  meaning.detections = decode_yolo2(output.values, spec);
  require_label_count(options.labels,
                      static_cast<std::size_t>(spec.channels) / spec.anchors.size() - 5);
  return meaning;
}

/// One channel of the output as a grey picture; floats are scaled from their range to 0..255.
Image channel_picture(const OutputTensor& output, int channel) {
  Image image(output.width, output.height, 1);
  const auto plane = static_cast<std::ptrdiff_t>(image.data.size());
  const auto first = output.values.begin() + channel * plane;
  float low = 0;
  float high = 255;
  if (!output.is_uint8) {
    const auto [least, most] = std::minmax_element(first, first + plane);
    low = *least;
    high = std::max(*most, low + 1e-6f);
  }
  std::transform(first, first + plane, image.data.begin(), [&](float value) {
    return static_cast<std::uint8_t>(
        std::lround(std::clamp((value - low) / (high - low) * 255.0f, 0.0f, 255.0f)));
  });
  return image;
}

Image colour_picture(const std::vector<Image>& planes) {
  Image image(planes[0].width, planes[0].height, 3);
  for (std::size_t i = 0; i < planes[0].data.size(); ++i) {
    for (std::size_t c = 0; c < 3; ++c) image.data[i * 3 + c] = planes[c].data[i];
  }
  return image;
}

/// Tiles with captions in two columns, each magnified to about the size of the first.
Image tile(const std::vector<std::pair<std::string, Image>>& pictures) {
  constexpr int kColumns = 2;
  constexpr int kGap = 6;
  const int cell_width = pictures.front().second.width;
  const int caption = text_height(1) + 2;
  const int cell_height = pictures.front().second.height + caption;
  const int rows = (static_cast<int>(pictures.size()) + kColumns - 1) / kColumns;
  Image sheet(kColumns * (cell_width + kGap) + kGap, rows * (cell_height + kGap) + kGap, 3,
              {24, 26, 32});
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const auto& [text, picture] = pictures[i];
    const int x = kGap + static_cast<int>(i) % kColumns * (cell_width + kGap);
    const int y = kGap + static_cast<int>(i) / kColumns * (cell_height + kGap);
    draw_text(sheet, x, y, text, 1, {220, 220, 220});
    const int factor = std::max(1, cell_width / picture.width);
    blit(sheet, magnify(picture, factor), x, y + caption);
  }
  return sheet;
}

Image show_channels(const OutputTensor& output, const Image& input) {
  if (output.channels > kMaxShownChannels) {
    throw Error(
        fmt::format("--annotate: the output {}x{}x{} has no picture; at most {} channels "
                    "are drawn",
                    output.channels, output.height, output.width, kMaxShownChannels));
  }
  std::vector<Image> planes;
  for (int c = 0; c < output.channels; ++c) planes.push_back(channel_picture(output, c));
  std::vector<std::pair<std::string, Image>> pictures{
      {fmt::format("input {}x{}", input.width, input.height), input}};
  if (output.channels == 3 && output.is_uint8) {
    pictures.emplace_back(
        fmt::format("output {}x{} as red, green, blue", output.width, output.height),
        colour_picture(planes));
  }
  for (std::size_t c = 0; c < planes.size(); ++c) {
    pictures.emplace_back(fmt::format("output channel {}", c), planes[c]);
  }
  return tile(pictures);
}

}  // namespace

Interpretation interpret(const OutputTensor& output, const PostOptions& options) {
  switch (options.kind) {
    case PostKind::kNone:
      return {};
    case PostKind::kSoftmax:
      return as_classes(output, options);
    case PostKind::kYolo2:
      return as_boxes(output, options, find_preset(output.channels, output.height, output.width));
    default:
      break;
  }
  const DetectorPreset* preset = find_preset(output.channels, output.height, output.width);
  if (preset != nullptr || !options.anchors.empty()) return as_boxes(output, options, preset);
  if (!output.is_uint8 && output.values.size() > 1 && is_distribution(output.values)) {
    return as_classes(output, options);
  }
  return {};
}

bool can_illustrate(const Interpretation& meaning, const OutputTensor& output) {
  return finds_boxes(meaning.kind) || meaning.kind == PostKind::kSoftmax ||
         output.channels <= kMaxShownChannels;
}

Image illustrate(const Interpretation& meaning, const OutputTensor& output, const Image& input) {
  if (finds_boxes(meaning.kind)) {
    return annotate_boxes(input, meaning.detections, meaning.labels);
  }
  if (meaning.kind == PostKind::kSoftmax) {
    return annotate_classes(input, meaning.classes, meaning.labels);
  }
  return show_channels(output, input);
}

}  // namespace kpu::sim
