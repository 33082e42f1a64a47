// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "compiler/graph/codes.h"
#include "compiler/graph/function.h"
#include "compiler/graph/shared_tensor.h"
#include "compiler/graph/tensor.h"

namespace kpu::compiler {

/// A two-dimensional window that moves over an image; index 0 is the row axis, 1 the column axis.
struct Window {
  std::array<std::int64_t, 2> kernel{1, 1};
  std::array<std::int64_t, 2> stride{1, 1};
  std::array<std::int64_t, 2> dilation{1, 1};
  std::array<std::int64_t, 2> before{0, 0};  ///< padding
  std::array<std::int64_t, 2> after{0, 0};

  /// Output size on an axis for an image of `size`; 0 or less if the window does not fit.
  std::int64_t out_size(int axis, std::int64_t size) const;
  bool operator==(const Window&) const = default;
};

/// What follows a convolution and its activation in the same KPU layer.
enum class FusedPool { kNone, kMax2, kMean2, kMax4, kMean4, kLeftTop2, kLeftTop4 };

/// Step of a fused pool: 1, 2 or 4.
std::int64_t pool_step(FusedPool pool);

/// Convolution, then `function`, then rounding to `codes` (where an already quantised file says
/// so), then `pool`. Weights are [out][in / groups][rows][columns].
struct Conv {
  Window window;
  std::int64_t groups = 1;
  SharedTensor weights;
  std::vector<float> bias;  ///< one for each output channel
  Function function;
  std::optional<Codes> codes{};
  FusedPool pool = FusedPool::kNone;
  /// Where the file's weights are whole numbers: their scales, one for each output channel.
  std::vector<float> weight_scales{};
  bool on_kpu = false;  ///< fits one KPU layer; set by lowering

  std::int64_t out_channels() const { return weights->dims[0]; }
  bool depthwise() const { return groups > 1 && groups == out_channels() && weights->dims[1] == 1; }
};

/// Transposed convolution; weights are [in][out / groups][rows][columns], `after` of the window is
/// already less the output padding.
struct ConvTranspose {
  Window window;
  std::int64_t groups = 1;
  SharedTensor weights;
  std::vector<float> bias;
};

struct Pool {
  bool max = true;  ///< else the mean
  Window window;
  bool count_padding = false;  ///< the mean divides by the whole window
};

enum class ReduceKind { kMean, kMax, kMin, kSum };

struct Reduce {
  ReduceKind kind = ReduceKind::kMean;
  std::vector<int> axes;
  bool keep = true;
};

/// `function`, then rounding to `codes`, if there are any. Without a function it is QuantizeLinear
/// and DequantizeLinear.
struct Elementwise {
  Function function;  ///< its channels are those of axis 1
  std::optional<Codes> codes{};
};

/// op(a, b) with broadcasting, then `function`, then rounding to `codes`, if there are any.
struct Binary {
  FunctionOp op = FunctionOp::kAdd;
  Function function;
  std::optional<Codes> codes{};
};

struct Concat {
  int axis = 1;
};

struct Reshape {
  Dims dims;
};

struct Transpose {
  std::vector<int> perm;
};

enum class PadMode { kConstant, kEdge, kReflect };

/// Elements in front of and behind every axis; negative ones crop.
struct Pad {
  Dims before, after;
  float value = 0;
  PadMode mode = PadMode::kConstant;
};

/// Elements begin, begin + step, .. of every axis.
struct Slice {
  Dims begin, step, count;
};

enum class ResizeKind { kNearest, kLinear, kCubic };
enum class ResizeCoordinates { kHalfPixel, kPytorchHalfPixel, kAsymmetric, kAlignCorners };
enum class ResizeRound { kFloor, kCeil, kPreferFloor, kPreferCeil };

/// Resizes the last two axes.
struct Resize {
  ResizeKind kind = ResizeKind::kNearest;
  ResizeCoordinates coordinates = ResizeCoordinates::kHalfPixel;
  ResizeRound round = ResizeRound::kPreferFloor;
  float cubic = -0.75f;
  std::array<std::int64_t, 2> out{1, 1};
  std::array<float, 2> scale{1, 1};  ///< output size over input size, as the file has it
};

struct Softmax {
  int axis = 1;
  bool log = false;
};

struct MatMul {};

using Operation = std::variant<Conv, ConvTranspose, Pool, Reduce, Elementwise, Binary, Concat,
                               Reshape, Transpose, Pad, Slice, Resize, Softmax, MatMul>;

/// Index of a value in Graph::values.
using ValueId = std::int32_t;

/// One operator with one result.
struct Node {
  std::string name;  ///< of the operator in the file
  std::string type;  ///< the file's word for it ("Conv")
  Operation op;
  std::vector<ValueId> inputs;
  ValueId output = -1;
};

struct Value {
  std::string name;
  Dims dims;
  std::optional<Tensor> constant;
  /// Of an input whose elements are codes in the file: what they stand for.
  std::optional<Codes> codes{};
  /// Of a constant that is whole numbers times scales: one scale, or one for each index of `axis`.
  std::vector<float> scales{};
  int axis = 0;
  int file_type = 0;  ///< of a constant of the file: ONNX's number of its element type
};

/// A network with fixed shapes; nodes stand in an order in which they can run.
struct Graph {
  std::deque<Value> values;  ///< references to them last while others are added
  std::vector<Node> nodes;
  std::vector<ValueId> inputs;
  std::vector<ValueId> outputs;

  ValueId add_value(std::string name, Dims dims);
  ValueId add_constant(std::string name, Tensor tensor);

  const Dims& dims(ValueId id) const { return values[id].dims; }
};

/// The codes that the node's result is rounded to, if there are any.
std::optional<Codes> result_codes(const Node& node);

/// Rounds values to the nearest codes' real numbers, halves to even.
void round_to_codes(std::span<float> values, const std::optional<Codes>& codes);

/// "node 'x' (Conv)": how messages name a node.
std::string place(const Node& node);

/// Dims of the node's result. Throws Error, naming the node, if its inputs do not fit it.
Dims infer_dims(const Graph& graph, const Node& node);

/// Nodes that read each value, and -1 for each time it is an output of the graph.
std::vector<std::vector<int>> readers(const Graph& graph);

/// Index of the node that makes each value, -1 for inputs and constants.
std::vector<int> makers(const Graph& graph);

/// Removes nodes whose result nobody needs.
void remove_dead(Graph& graph);

/// Multiplications with a weight of all Conv and ConvTranspose nodes.
std::int64_t multiplications(const Graph& graph, const Node& node);

}  // namespace kpu::compiler
