// SPDX-License-Identifier: Apache-2.0
#include "sim/vision/annotate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/vision/presets.h"

namespace kpu::sim {
namespace {

constexpr Rgb kBlack{0, 0, 0};
constexpr Rgb kWhite{255, 255, 255};
constexpr Rgb kBar{40, 90, 160};

/// Colours that stand apart from each other and from most photographs.
constexpr std::array<Rgb, 8> kClassColours{{{255, 210, 0},
                                            {0, 220, 255},
                                            {255, 80, 160},
                                            {90, 255, 90},
                                            {255, 140, 40},
                                            {190, 140, 255},
                                            {255, 255, 255},
                                            {80, 160, 255}}};

Image to_canvas(const Image& picture) {
  const int factor = std::max(1, 640 / std::max(picture.width, picture.height));
  const Image large = magnify(picture, factor);
  Image canvas(large.width, large.height, 3);
  blit(canvas, large, 0, 0);
  return canvas;
}

}  // namespace

Image annotate_boxes(const Image& picture, std::span<const Detection> detections,
                     const std::vector<std::string>& labels) {
  Image canvas = to_canvas(picture);
  const auto width = static_cast<float>(canvas.width);
  const auto height = static_cast<float>(canvas.height);
  for (const Detection& d : detections) {
    const Rgb colour = kClassColours[d.class_index % kClassColours.size()];
    // A network can put a box far outside; pixels stop at one picture beyond each border.
    const auto pixel = [](float fraction, float size) {
      return static_cast<int>(std::lround(std::clamp(fraction, -1.0f, 2.0f) * size));
    };
    const int left = pixel(d.x - d.width / 2, width);
    const int top = pixel(d.y - d.height / 2, height);
    const int right = pixel(d.x + d.width / 2, width);
    const int bottom = pixel(d.y + d.height / 2, height);
    draw_rect(canvas, {left, top, right - left, bottom - top}, 2, colour);
    for (const Point& point : d.landmarks) {
      fill_rect(canvas, {pixel(point.x, width) - 2, pixel(point.y, height) - 2, 4, 4}, colour);
    }

    const std::string text = fmt::format("{} {:.2f}", label_of(labels, d.class_index), d.score);
    const int text_x = std::clamp(left, 0, std::max(0, canvas.width - text_width(text, 1) - 4));
    const int text_y = std::max(0, top - text_height(1));
    fill_rect(canvas, {text_x, text_y, text_width(text, 1) + 4, text_height(1)}, colour);
    draw_text(canvas, text_x + 2, text_y + 2, text, 1, kBlack);
  }
  return canvas;
}

Image annotate_classes(const Image& picture, std::span<const ClassScore> classes,
                       const std::vector<std::string>& labels) {
  const Image top = to_canvas(picture);
  constexpr int kScale = 2;
  const int line = text_height(kScale) + 2;
  Image canvas(top.width, top.height + line * static_cast<int>(classes.size()) + 4, 3, kBlack);
  blit(canvas, top, 0, 0);
  int y = top.height + 4;
  for (const ClassScore& c : classes) {
    const std::string text =
        fmt::format("{:6.2f} %  {}", 100 * c.probability, label_of(labels, c.index));
    // A bar as long as the probability, behind the text.
    const auto bar = static_cast<int>(std::lround(c.probability * static_cast<float>(top.width)));
    fill_rect(canvas, {0, y - 2, bar, line - 2}, kBar);
    draw_text(canvas, 6, y, text, kScale, kWhite);
    y += line;
  }
  return canvas;
}

}  // namespace kpu::sim
