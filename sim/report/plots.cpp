// SPDX-License-Identifier: Apache-2.0
#include "sim/report/plots.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "common/error.h"
#include "sim/model/cost_model.h"
#include "sim/model/k210_measured.h"
#include "sim/text/layer_text.h"
#include "sim/text/svg.h"

namespace kpu::sim {
namespace {

constexpr double kBusBytes = 8;  // parameters a cycle
constexpr const char* kGrid = "#dddddd";
constexpr const char* kAxis = "#444444";

struct Kind {
  const char* name;
  const char* colour;
};
constexpr std::array<Kind, 3> kKinds{
    {{"3x3", "#1f6fb4"}, {"1x1", "#d95f02"}, {"depthwise", "#2a9d5c"}}};

const Kind& kind_of(const golden::LayerArgs& args) {
  if (args.depthwise) return kKinds[2];
  return args.kernel() == 3 ? kKinds[0] : kKinds[1];
}

void require_cycles(const RunReport& report) {
  if (report.cycles_total() == 0) {
    throw Error("plot: the run has no cycles: expected --engine rtl or both, and a KPU layer");
  }
}

std::string power_of_ten(double value) {
  if (value >= 1e6) return fmt::format("{:g} M", value / 1e6);
  return value >= 1e3 ? fmt::format("{:g} k", value / 1e3) : fmt::format("{:g}", value);
}

/// Smallest power of ten from `value` up, or largest from it down.
double decade_above(double value) { return std::pow(10, std::ceil(std::log10(value))); }
double decade_below(double value) { return std::pow(10, std::floor(std::log10(value))); }

/// Horizontal lines with their values at every power of ten.
void draw_rows(SvgDrawing& drawing, const LogAxis& y, double left, double right) {
  for (double value = y.low; value <= y.high * 1.001; value *= 10) {
    drawing.line(left, y.at(value), right, y.at(value), kGrid);
    drawing.text(left - 6, y.at(value) + 4, power_of_ten(value), SvgDrawing::Anchor::kEnd);
  }
}

/// Chip cycles of each layer from the published log, if the run has exactly its layers.
std::vector<double> measured_cycles(const RunReport& report) {
  const auto points = measured_face_detector();
  if (points.size() != report.layers.size()) return {};
  std::vector<double> cycles;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double fitted = report.layers[i].k210_cycles;
    if (std::abs(points[i].fitted_ms * 400e3 / fitted - 1) > 1e-6) return {};
    cycles.push_back(points[i].measured_ms * 400e3);
  }
  return cycles;
}

}  // namespace

std::string roofline_svg(const RunReport& report) {
  require_cycles(report);
  const double peak = static_cast<double>(report.lanes()) * kTaps;
  constexpr double kLeft = 70;
  constexpr double kRight = 770;
  constexpr double kTop = 60;
  constexpr double kBottom = 440;
  double least = peak;
  double most = 1;
  double slowest = peak / 2;
  const auto intensity = [](const LayerReport& layer) {
    return static_cast<double>(layer.macs) / static_cast<double>(layer.bytes);
  };
  const auto rate_of = [](const LayerReport& layer) {
    return static_cast<double>(layer.macs) /
           static_cast<double>(std::max<std::uint64_t>(1, layer.cycles().value_or(0)));
  };
  for (const LayerReport& layer : report.layers) {
    least = std::min(least, intensity(layer));
    most = std::max(most, intensity(layer));
    slowest = std::min(slowest, std::max(1.0, rate_of(layer)));
  }
  const double ridge = peak / kBusBytes;
  const LogAxis x{decade_below(std::min(least, ridge)), decade_above(std::max(most, peak)), kLeft,
                  kRight};
  const LogAxis y{decade_below(slowest), decade_above(peak), kBottom, kTop};

  SvgDrawing drawing(800, 500);
  drawing.text(kLeft, 22,
               fmt::format("Roofline, RTL with {} lanes: {}", report.lanes(), report.model_path));
  draw_rows(drawing, y, kLeft, kRight);
  for (double value = x.low; value <= x.high * 1.001; value *= 10) {
    drawing.line(x.at(value), kTop, x.at(value), kBottom, kGrid);
    drawing.text(x.at(value), kBottom + 18, power_of_ten(value), SvgDrawing::Anchor::kMiddle);
  }
  drawing.text((kLeft + kRight) / 2, kBottom + 40, "MACs per byte of parameters fetched",
               SvgDrawing::Anchor::kMiddle);
  drawing.text(6, kTop - 14, "MACs a cycle");

  const double bus_start = std::max(x.low, y.low / kBusBytes);
  drawing.line(x.at(bus_start), y.at(bus_start * kBusBytes), x.at(ridge), y.at(peak), kAxis);
  drawing.line(x.at(ridge), y.at(peak), kRight, y.at(peak), kAxis);
  // The lines' names stand where no layer can: above them, left of most.
  drawing.text(x.at(ridge) + 4, y.at(peak) - 5, fmt::format("array: {:g}", peak),
               SvgDrawing::Anchor::kStart, 11);
  const double point_peak = peak * 8 / 9;
  drawing.line(x.at(point_peak / kBusBytes), y.at(point_peak), kRight, y.at(point_peak), kAxis,
               true);
  drawing.text(x.at(ridge) + 4, y.at(point_peak) + 13, fmt::format("1x1: {:g}", point_peak),
               SvgDrawing::Anchor::kStart, 11);

  for (std::size_t i = 0; i < report.layers.size(); ++i) {
    const LayerReport& layer = report.layers[i];
    const double rate = rate_of(layer);
    drawing.dot(
        x.at(intensity(layer)), y.at(rate), 5, kind_of(layer.args).colour,
        fmt::format("layer {}: {} {}, {:.1f} MACs a cycle, {:.0f} MACs a byte", i,
                    input_shape(layer.args), kind_of(layer.args).name, rate, intensity(layer)));
  }
  // Layers that lie on each other share a label with all their numbers.
  std::vector<bool> labelled(report.layers.size());
  for (std::size_t i = 0; i < report.layers.size(); ++i) {
    if (labelled[i]) continue;
    const double at_x = x.at(intensity(report.layers[i]));
    const double at_y = y.at(rate_of(report.layers[i]));
    std::string numbers;
    for (std::size_t j = i; j < report.layers.size(); ++j) {
      const LayerReport& other = report.layers[j];
      if (labelled[j] || std::abs(x.at(intensity(other)) - at_x) > 12 ||
          std::abs(y.at(rate_of(other)) - at_y) > 8) {
        continue;
      }
      labelled[j] = true;
      numbers += fmt::format("{}{}", numbers.empty() ? "" : ",", j);
    }
    drawing.text(at_x, at_y - 9, numbers, SvgDrawing::Anchor::kMiddle, 9);
  }
  double legend = kRight - 280;  // at the right: the bus's line starts at the left
  for (const Kind& kind : kKinds) {
    drawing.dot(legend, kBottom - 16, 5, kind.colour, kind.name);
    drawing.text(legend + 10, kBottom - 12, kind.name);
    legend += 100;
  }
  return drawing.str();
}

std::string layer_plot_svg(const RunReport& report) {
  require_cycles(report);
  constexpr double kLeft = 70;
  constexpr double kTop = 60;
  constexpr double kBottom = 380;
  constexpr double kNarrowBar = 7;
  constexpr double kCanvas = 760;
  struct Series {
    std::string name;
    const char* colour;
    std::vector<double> cycles;
  };
  std::vector<Series> series;
  if (auto measured = measured_cycles(report); !measured.empty()) {
    series.push_back({"K210, measured", "#7a1f2b", std::move(measured)});
  }
  series.push_back({"K210, fit", "#e08a94", {}});
  series.push_back({fmt::format("this RTL, {} lanes", report.lanes()), "#1f6fb4", {}});
  series.push_back({"lane bound", "#a9cbe8", {}});
  for (const LayerReport& layer : report.layers) {
    const std::size_t last = series.size() - 1;
    series[last - 2].cycles.push_back(layer.k210_cycles);
    series[last - 1].cycles.push_back(static_cast<double>(layer.cycles().value_or(0)));
    series[last].cycles.push_back(static_cast<double>(layer.lane_bound));
  }
  double most = 1;
  double least = 1e12;
  for (const Series& s : series) {
    for (double cycles : s.cycles) {
      most = std::max(most, cycles);
      least = std::min(least, std::max(1.0, cycles));
    }
  }
  // Few layers get wide bars, so that they fill the drawing.
  const auto bars = static_cast<double>(series.size());
  const double bar =
      std::clamp(((kCanvas - kLeft - 10) / static_cast<double>(report.layers.size()) - 10) / bars,
                 kNarrowBar, 8 * kNarrowBar);
  const double group = bar * bars + 10;
  const double right = kLeft + group * static_cast<double>(report.layers.size()) + 10;
  const LogAxis y{decade_below(least), decade_above(most), kBottom, kTop};

  SvgDrawing drawing(std::max(right + 20, 640.0), kBottom + 60);
  drawing.text(kLeft, 20, fmt::format("Cycles of every KPU layer: {}", report.model_path));
  draw_rows(drawing, y, kLeft, right);
  double legend = kLeft;
  for (const Series& s : series) {
    drawing.rect(legend, 32, 12, 12, s.colour);
    drawing.text(legend + 17, 42, s.name);
    legend += 150;
  }
  for (std::size_t i = 0; i < report.layers.size(); ++i) {
    double x = kLeft + 8 + group * static_cast<double>(i);
    drawing.text(x + (group - 10) / 2, kBottom + 16, fmt::format("{}", i),
                 SvgDrawing::Anchor::kMiddle, 11);
    const golden::LayerArgs& args = report.layers[i].args;
    drawing.text(x + (group - 10) / 2, kBottom + 30, args.depthwise ? "dw" : kernel_name(args),
                 SvgDrawing::Anchor::kMiddle, 10);
    for (const Series& s : series) {
      const double top = y.at(s.cycles[i]);
      drawing.rect(x, top, bar - 1, kBottom - top, s.colour);
      x += bar;
    }
  }
  drawing.text(kLeft, kBottom + 50, "layer");
  return drawing.str();
}

}  // namespace kpu::sim
