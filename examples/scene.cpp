// SPDX-License-Identifier: Apache-2.0
#include "examples/scene.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "examples/edge_network.h"

namespace kpu::examples {
namespace {

using sim::Image;
using sim::Rgb;

/// Drawn this many times larger on both axes, then scaled down: smooth borders.
constexpr int kOversampling = 4;

Rgb mix(Rgb a, Rgb b, double t) {
  const auto channel = [t](std::uint8_t from, std::uint8_t to) {
    return static_cast<std::uint8_t>(std::lround(from + (to - from) * t));
  };
  return {channel(a.r, b.r), channel(a.g, b.g), channel(a.b, b.b)};
}

/// Twice the signed area of a triangle: which side of the line (ax, ay)-(bx, by) a point is on.
double side(double ax, double ay, double bx, double by, double x, double y) {
  return (bx - ax) * (y - ay) - (by - ay) * (x - ax);
}

/// Colour of the scene at (x, y), in pixels of the final picture; later things cover earlier ones.
Rgb colour_at(double x, double y) {
  Rgb colour = mix({70, 120, 200}, {190, 215, 240}, std::min(1.0, y / 130));
  const double sun = std::hypot(x - 205, y - 40);
  if (sun < 38) colour = mix({255, 235, 120}, colour, std::max(0.0, (sun - 24) / 14));
  if (sun < 24) colour = {255, 240, 150};

  const double hill = 130 - 16 * std::cos((x - 40) / 34);
  if (y > hill)
    colour = mix({60, 140, 70}, {100, 170, 80}, (y - hill) / 70 > 1 ? 1 : (y - hill) / 70);
  if (y > 165) colour = {90, 90, 98};
  if (y > 175 && y < 179 && std::fmod(x, 32) < 18) colour = {235, 235, 225};

  // House: walls, roof, door, window with bars.
  if (x > 28 && x < 104 && y > 92 && y < 160) colour = {225, 200, 160};
  if (side(20, 92, 66, 52, x, y) > 0 && side(66, 52, 112, 92, x, y) > 0 && y < 92) {
    colour = {170, 60, 50};
  }
  if (x > 40 && x < 58 && y > 118 && y < 160) colour = {96, 60, 40};
  if (x > 68 && x < 96 && y > 106 && y < 132) {
    const bool bar = std::abs(x - 82) < 1.2 || std::abs(y - 119) < 1.2;
    colour = bar ? Rgb{245, 245, 245} : Rgb{60, 80, 110};
  }

  // A tilted board and a checkered one.
  const double u = (x - 176) * 0.9 + (y - 118) * 0.4359;
  const double v = -(x - 176) * 0.4359 + (y - 118) * 0.9;
  if (std::abs(u) < 20 && std::abs(v) < 20) colour = {230, 120, 40};
  if (std::abs(u) < 11 && std::abs(v) < 11) colour = {40, 60, 120};
  if (x > 214 && x < 246 && y > 112 && y < 160) {
    const int cell = static_cast<int>((x - 214) / 8) + static_cast<int>((y - 112) / 8);
    colour = cell % 2 == 0 ? Rgb{245, 245, 245} : Rgb{30, 30, 30};
  }

  // Balloons: rings of red and of a green as bright.
  const double balloon = std::hypot(x - 140, y - 66);
  if (balloon < 22) colour = {200, 70, 70};
  if (balloon < 13) colour = {50, 138, 60};
  if (std::abs(x - 140) < 0.8 && y > 88 && y < 128) colour = {40, 40, 40};
  return colour;
}

}  // namespace

Image make_scene() {
  const int width = static_cast<int>(kEdgeInputWidth);
  const int height = static_cast<int>(kEdgeInputHeight);
  Image large(width * kOversampling, height * kOversampling, 3);
  for (int y = 0; y < large.height; ++y) {
    for (int x = 0; x < large.width; ++x) {
      fill_rect(large, {x, y, 1, 1},
                colour_at((x + 0.5) / kOversampling, (y + 0.5) / kOversampling));
    }
  }
  draw_text(large, 10 * kOversampling, 12 * kOversampling, "open KPU", 3 * kOversampling,
            {255, 255, 255});
  return resize(large, width, height);
}

}  // namespace kpu::examples
