// SPDX-License-Identifier: Apache-2.0
//
// An 8-bit picture in memory and the few drawing operations that the reports need.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace kpu::sim {

/// Colour of a pixel, 0..255 each.
struct Rgb {
  std::uint8_t r = 0;
  std::uint8_t g = 0;
  std::uint8_t b = 0;
};

/// Interleaved 8-bit picture: `data[(y * width + x) * channels + c]`, 1 (grey) or 3 (RGB) channels.
struct Image {
  int width = 0;
  int height = 0;
  int channels = 3;
  std::vector<std::uint8_t> data;

  Image() = default;
  /// A picture of one colour; `fill.r` is the grey value of a picture with one channel.
  Image(int width, int height, int channels, Rgb fill = {});
};

/// A rectangle in pixels; it may reach beyond the picture.
struct Rect {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
};

/// Fills the part of `rect` that lies in the picture.
void fill_rect(Image& image, Rect rect, Rgb colour);

/// Draws the border of `rect`, `thickness` pixels wide, inside the rectangle.
void draw_rect(Image& image, Rect rect, int thickness, Rgb colour);

/// Copies `source` to (x, y); grey becomes RGB where needed. What does not fit is left out.
void blit(Image& image, const Image& source, int x, int y);

/// Writes one line of ASCII text with its top left corner at (x, y), magnified by `scale`.
void draw_text(Image& image, int x, int y, std::string_view text, int scale, Rgb colour);

/// Width in pixels of `text` as draw_text() draws it.
int text_width(std::string_view text, int scale);

/// Height in pixels of a line of text, descenders included.
constexpr int text_height(int scale) { return 11 * scale; }

/// Picture magnified by a whole factor, each pixel a square of `factor` pixels.
Image magnify(const Image& image, int factor);

/// Picture scaled to width x height: the mean of the covered area where it shrinks, bilinear where
/// it grows, each axis by itself.
Image resize(const Image& image, int width, int height);

}  // namespace kpu::sim
