// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace kpu::sim {

/// A drawing in SVG; coordinates in pixels, y downward, colours as CSS names or "#rrggbb".
class SvgDrawing {
 public:
  SvgDrawing(double width, double height);

  enum class Anchor { kStart, kMiddle, kEnd };

  void line(double x1, double y1, double x2, double y2, std::string_view colour,
            bool dashed = false);
  void rect(double x, double y, double width, double height, std::string_view colour);
  /// A dot with a text that appears under the pointer.
  void dot(double x, double y, double radius, std::string_view colour, std::string_view hint);
  void text(double x, double y, std::string_view text, Anchor anchor = Anchor::kStart,
            double size = 12);

  /// The whole file.
  std::string str() const;

 private:
  double width_;
  double height_;
  std::string body_;
};

/// An axis in powers of ten that maps values to pixels.
struct LogAxis {
  double low = 1;    ///< value at `from`, above 0
  double high = 10;  ///< value at `to`
  double from = 0;   ///< pixels
  double to = 100;

  double at(double value) const;
};

}  // namespace kpu::sim
