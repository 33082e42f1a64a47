// SPDX-License-Identifier: Apache-2.0
#include "sim/vision/image.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <string>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb/stb_easy_font.h>
#pragma GCC diagnostic pop

namespace kpu::sim {
namespace {

void put_pixel(Image& image, std::size_t pixel, Rgb colour) {
  std::uint8_t* p = &image.data[pixel * static_cast<std::size_t>(image.channels)];
  p[0] = colour.r;
  if (image.channels == 3) {
    p[1] = colour.g;
    p[2] = colour.b;
  }
}

/// What one destination sample takes from the source along one axis.
struct Taps {
  int first = 0;
  std::vector<double> weights;
};

/// Taps of every destination sample for scaling `from` samples to `to`.
std::vector<Taps> axis_taps(int from, int to) {
  const double step = static_cast<double>(from) / to;
  const double radius = std::max(1.0, step);
  std::vector<Taps> taps(static_cast<std::size_t>(to));
  for (int i = 0; i < to; ++i) {
    Taps& t = taps[static_cast<std::size_t>(i)];
    const double centre = (i + 0.5) * step - 0.5;
    const int low = std::max(0, static_cast<int>(std::ceil(centre - radius)));
    const int high = std::min(from - 1, static_cast<int>(std::floor(centre + radius)));
    t.first = low;
    double sum = 0;
    for (int s = low; s <= high; ++s) {
      const double weight = std::max(0.0, 1.0 - std::abs(s - centre) / radius);
      t.weights.push_back(weight);
      sum += weight;
    }
    for (double& weight : t.weights) weight /= sum;
  }
  return taps;
}

}  // namespace

Image::Image(int w, int h, int c, Rgb fill)
    : width(w),
      height(h),
      channels(c),
      data(static_cast<std::size_t>(w) * static_cast<std::size_t>(h) *
           static_cast<std::size_t>(c)) {
  fill_rect(*this, {0, 0, w, h}, fill);
}

void fill_rect(Image& image, Rect rect, Rgb colour) {
  const int x0 = std::max(0, rect.x);
  const int y0 = std::max(0, rect.y);
  const int x1 = std::min(image.width, rect.x + rect.width);
  const int y1 = std::min(image.height, rect.y + rect.height);
  for (int y = y0; y < y1; ++y) {
    for (int x = x0; x < x1; ++x) {
      put_pixel(image,
                static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) +
                    static_cast<std::size_t>(x),
                colour);
    }
  }
}

void draw_rect(Image& image, Rect rect, int thickness, Rgb colour) {
  const int t = thickness;
  fill_rect(image, {rect.x, rect.y, rect.width, t}, colour);
  fill_rect(image, {rect.x, rect.y + rect.height - t, rect.width, t}, colour);
  fill_rect(image, {rect.x, rect.y, t, rect.height}, colour);
  fill_rect(image, {rect.x + rect.width - t, rect.y, t, rect.height}, colour);
}

void blit(Image& image, const Image& source, int x, int y) {
  for (int sy = 0; sy < source.height; ++sy) {
    for (int sx = 0; sx < source.width; ++sx) {
      const std::uint8_t* p =
          &source.data[static_cast<std::size_t>((sy * source.width + sx) * source.channels)];
      const bool grey = source.channels == 1;
      fill_rect(image, {x + sx, y + sy, 1, 1}, {p[0], grey ? p[0] : p[1], grey ? p[0] : p[2]});
    }
  }
}

void draw_text(Image& image, int x, int y, std::string_view text, int scale, Rgb colour) {
  // The font comes as axis-parallel rectangles of four vertices {x, y, z, colour}, 16 bytes each.
  struct Vertex {
    float x, y, z;
    std::uint32_t colour;
  };
  std::string line(text);
  std::vector<Vertex> vertices(line.size() * 40 + 4);
  const int quads = stb_easy_font_print(0, 0, line.data(), nullptr, vertices.data(),
                                        static_cast<int>(vertices.size() * sizeof(Vertex)));
  for (int q = 0; q < quads; ++q) {
    const Vertex& low = vertices[static_cast<std::size_t>(q) * 4];
    const Vertex& high = vertices[static_cast<std::size_t>(q) * 4 + 2];
    fill_rect(image,
              {x + static_cast<int>(low.x) * scale, y + static_cast<int>(low.y) * scale,
               static_cast<int>(high.x - low.x) * scale, static_cast<int>(high.y - low.y) * scale},
              colour);
  }
}

int text_width(std::string_view text, int scale) {
  std::string line(text);
  return stb_easy_font_width(line.data()) * scale;
}

Image magnify(const Image& image, int factor) {
  Image out(image.width * factor, image.height * factor, image.channels);
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      const int from = ((y / factor) * image.width + x / factor) * image.channels;
      const int to = (y * out.width + x) * image.channels;
      std::copy_n(&image.data[static_cast<std::size_t>(from)], image.channels,
                  &out.data[static_cast<std::size_t>(to)]);
    }
  }
  return out;
}

Image resize(const Image& image, int width, int height) {
  const auto columns = axis_taps(image.width, width);
  const auto rows = axis_taps(image.height, height);
  const auto channels = static_cast<std::size_t>(image.channels);
  const auto source_width = static_cast<std::size_t>(image.width);

  // Rows first: height x source width, kept as double between the two passes.
  std::vector<double> middle(static_cast<std::size_t>(height) * source_width * channels, 0.0);
  for (std::size_t y = 0; y < rows.size(); ++y) {
    double* to = &middle[y * source_width * channels];
    for (std::size_t k = 0; k < rows[y].weights.size(); ++k) {
      const std::uint8_t* from =
          &image.data[(static_cast<std::size_t>(rows[y].first) + k) * source_width * channels];
      for (std::size_t i = 0; i < source_width * channels; ++i) {
        to[i] += rows[y].weights[k] * from[i];
      }
    }
  }

  Image out(width, height, image.channels);
  for (std::size_t y = 0; y < rows.size(); ++y) {
    for (std::size_t x = 0; x < columns.size(); ++x) {
      for (std::size_t c = 0; c < channels; ++c) {
        double value = 0;
        for (std::size_t k = 0; k < columns[x].weights.size(); ++k) {
          const std::size_t sx = static_cast<std::size_t>(columns[x].first) + k;
          value += columns[x].weights[k] * middle[(y * source_width + sx) * channels + c];
        }
        out.data[(y * columns.size() + x) * channels + c] =
            static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 255.0)));
      }
    }
  }
  return out;
}

}  // namespace kpu::sim
