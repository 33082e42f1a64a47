// SPDX-License-Identifier: Apache-2.0
#include "sim/text/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace kpu::sim {
namespace {

std::string escape(std::string_view text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace

SvgDrawing::SvgDrawing(double width, double height) : width_(width), height_(height) {
  rect(0, 0, width, height, "white");
}

void SvgDrawing::line(double x1, double y1, double x2, double y2, std::string_view colour,
                      bool dashed) {
  body_ += fmt::format(
      "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" "
      "stroke=\"{}\"{}/>\n",
      x1, y1, x2, y2, colour, dashed ? " stroke-dasharray=\"4 3\"" : "");
}

void SvgDrawing::rect(double x, double y, double width, double height, std::string_view colour) {
  body_ += fmt::format(
      "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" "
      "fill=\"{}\"/>\n",
      x, y, width, height, colour);
}

void SvgDrawing::dot(double x, double y, double radius, std::string_view colour,
                     std::string_view hint) {
  body_ += fmt::format(
      "<g><title>{}</title><circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\" fill=\"{}\" "
      "fill-opacity=\"0.75\"/></g>\n",
      escape(hint), x, y, radius, colour);
}

void SvgDrawing::text(double x, double y, std::string_view text, Anchor anchor, double size) {
  const char* name = anchor == Anchor::kStart    ? "start"
                     : anchor == Anchor::kMiddle ? "middle"
                                                 : "end";
  body_ += fmt::format(
      "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" font-size=\"{:g}\">{}"
      "</text>\n",
      x, y, name, size, escape(text));
}

std::string SvgDrawing::str() const {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:g}\" height=\"{1:g}\" "
      "viewBox=\"0 0 {0:g} {1:g}\" font-family=\"sans-serif\" fill=\"#222\">\n{2}"
      "</svg>\n",
      width_, height_, body_);
}

double LogAxis::at(double value) const {
  const double share = std::log(std::max(value, low) / low) / std::log(high / low);
  return from + share * (to - from);
}

}  // namespace kpu::sim
