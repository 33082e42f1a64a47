// SPDX-License-Identifier: Apache-2.0
//
// Dims of every operation's result.
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "common/error.h"
#include "compiler/graph/graph.h"

namespace kpu::compiler {
namespace {

void require(bool fine, const std::string& message) {
  if (!fine) throw Error(message);
}

void require_image(const Dims& in) {
  require(in.size() == 4, fmt::format("input of shape {}: expected N x C x H x W", dims_text(in)));
}

Dims window_dims(const Window& window, const Dims& in, std::int64_t channels) {
  require_image(in);
  Dims out{in[0], channels, 0, 0};
  for (int axis = 0; axis < 2; ++axis) {
    out[2 + axis] = window.out_size(axis, in[2 + axis]);
    require(out[2 + axis] >= 1,
            fmt::format("kernel of {} on an axis of {}: expected a window that fits",
                        window.kernel[axis], in[2 + axis]));
  }
  return out;
}

void require_weights(const Tensor& weights, std::int64_t channels, std::int64_t groups,
                     std::int64_t per_group) {
  require(weights.dims.size() == 4 && groups >= 1 && channels % groups == 0 &&
              per_group == channels / groups,
          fmt::format("weights of shape {} with group={} for {} input channels: expected shapes "
                      "that fit each other",
                      dims_text(weights.dims), groups, channels));
}

struct Infer {
  const Graph& graph;
  const Node& node;

  const Dims& in(std::size_t i = 0) const { return graph.dims(node.inputs.at(i)); }

  Dims operator()(const Conv& conv) const {
    require_image(in());
    require_weights(*conv.weights, in()[1], conv.groups, conv.weights->dims.at(1));
    require(conv.weights->dims[0] % conv.groups == 0, "group: expected a divisor of the outputs");
    Dims out = window_dims(conv.window, in(), conv.out_channels());
    out[2] /= pool_step(conv.pool);
    out[3] /= pool_step(conv.pool);
    require(out[2] > 0 && out[3] > 0, "pool behind the convolution: expected a larger image");
    return out;
  }

  Dims operator()(const ConvTranspose& conv) const {
    require_image(in());
    require_weights(*conv.weights, in()[1], conv.groups,
                    in()[1] / std::max<std::int64_t>(conv.groups, 1));
    require(conv.weights->dims[0] == in()[1], "weights: expected as many inputs as channels");
    Dims out{in()[0], conv.weights->dims[1] * conv.groups, 0, 0};
    for (int axis = 0; axis < 2; ++axis) {
      const Window& w = conv.window;
      out[2 + axis] = (in()[2 + axis] - 1) * w.stride[axis] - w.before[axis] - w.after[axis] +
                      (w.kernel[axis] - 1) * w.dilation[axis] + 1;
      require(out[2 + axis] >= 1, "pads: expected an output of one element or more");
    }
    return out;
  }

  Dims operator()(const Pool& pool) const { return window_dims(pool.window, in(), in().at(1)); }

  Dims operator()(const Reduce& reduce) const {
    Dims out;
    for (std::size_t axis = 0; axis < in().size(); ++axis) {
      const bool gone = std::find(reduce.axes.begin(), reduce.axes.end(), static_cast<int>(axis)) !=
                        reduce.axes.end();
      if (!gone || reduce.keep) out.push_back(gone ? 1 : in()[axis]);
    }
    return out;
  }

  Dims operator()(const Elementwise& elementwise) const {
    const std::size_t channels = elementwise.function.channels();
    require(channels == 1 || (in().size() > 1 && in()[1] == static_cast<std::int64_t>(channels)),
            fmt::format("{} constants for shape {}: expected one for each channel", channels,
                        dims_text(in())));
    return in();
  }

  Dims operator()(const Binary&) const { return broadcast_dims(in(0), in(1)); }

  Dims operator()(const Concat& concat) const {
    Dims out = in();
    out.at(concat.axis) = 0;
    for (ValueId id : node.inputs) {
      Dims part = graph.dims(id);
      require(part.size() == out.size(), "inputs: expected the same rank");
      out[concat.axis] += part[concat.axis];
      part[concat.axis] = out[concat.axis];
      require(part == out, fmt::format("input of shape {}: expected the others' size on all axes "
                                       "but {}",
                                       dims_text(graph.dims(id)), concat.axis));
    }
    return out;
  }

  Dims operator()(const Reshape& reshape) const {
    require(element_count(reshape.dims) == element_count(in()),
            fmt::format("shape {} for an input of shape {}: expected as many elements",
                        dims_text(reshape.dims), dims_text(in())));
    return reshape.dims;
  }

  Dims operator()(const Transpose& transpose) const {
    std::vector<int> sorted = transpose.perm;
    std::sort(sorted.begin(), sorted.end());
    Dims out;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      require(sorted.size() == in().size() && sorted[i] == static_cast<int>(i),
              "perm: expected each axis once");
      out.push_back(in()[transpose.perm[i]]);
    }
    require(sorted.size() == in().size(), "perm: expected each axis once");
    return out;
  }

  Dims operator()(const Pad& pad) const {
    Dims out = in();
    require(pad.before.size() == out.size() && pad.after.size() == out.size(),
            "pads: expected two for each axis");
    for (std::size_t axis = 0; axis < out.size(); ++axis) {
      const std::int64_t size = out[axis];
      for (std::int64_t side : {pad.before[axis], pad.after[axis]}) {
        require(side >= -size && side <= kMaxElements, "pads: expected sizes that fit the input");
        require(pad.mode != PadMode::kReflect || side < size, "pads: expected less than the axis");
      }
      out[axis] += pad.before[axis] + pad.after[axis];
      require(out[axis] >= 0, "pads: expected an output of no negative size");
    }
    return out;
  }

  Dims operator()(const Slice& slice) const {
    for (std::size_t axis = 0; axis < in().size(); ++axis) {
      const std::int64_t last = slice.begin[axis] + slice.step[axis] * (slice.count[axis] - 1);
      require(slice.count[axis] == 0 || (slice.begin[axis] >= 0 && slice.begin[axis] < in()[axis] &&
                                         last >= 0 && last < in()[axis]),
              "slice: expected one inside the input");
    }
    return slice.count;
  }

  Dims operator()(const Resize& resize) const {
    require_image(in());
    require(resize.out[0] >= 1 && resize.out[1] >= 1, "sizes: expected 1 or more");
    return {in()[0], in()[1], resize.out[0], resize.out[1]};
  }

  Dims operator()(const Softmax&) const { return in(); }

  Dims operator()(const MatMul&) const {
    const Dims& a = in(0);
    const Dims& b = in(1);
    require(
        a.size() >= 2 && b.size() >= 2 && a.back() == b[b.size() - 2],
        fmt::format("operands {} and {}: expected matrices that fit", dims_text(a), dims_text(b)));
    Dims out = broadcast_dims(Dims(a.begin(), a.end() - 2), Dims(b.begin(), b.end() - 2));
    out.push_back(a[a.size() - 2]);
    out.push_back(b.back());
    return out;
  }
};

}  // namespace

Dims infer_dims(const Graph& graph, const Node& node) {
  try {
    const Dims dims = std::visit(Infer{graph, node}, node.op);
    element_count(dims);
    return dims;
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", place(node), error.what()));
  }
}

}  // namespace kpu::compiler
