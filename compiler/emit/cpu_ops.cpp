// SPDX-License-Identifier: Apache-2.0
//
// Bodies of the operators that run on the CPU (kmodel format, v4 body layouts).
#include "compiler/emit/cpu_ops.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <variant>
#include <vector>

#include "common/error.h"

namespace kpu::compiler {
namespace {

constexpr float kMost = std::numeric_limits<float>::max();

std::vector<std::uint8_t> float_bytes(std::span<const float> values) {
  std::vector<std::uint8_t> bytes(values.size_bytes());
  copy_bytes(bytes.data(), values.data(), bytes.size());
  return bytes;
}

void put_clamp(ByteWriter& to) {
  to.put(-kMost);
  to.put(kMost);
}

/// Paddings, kernel, stride and dilation, as window bodies have them.
void put_window(ByteWriter& to, const Window& w) {
  for (int axis = 0; axis < 2; ++axis) {
    to.put(static_cast<std::int32_t>(w.before[axis]));
    to.put(static_cast<std::int32_t>(w.after[axis]));
  }
  for (const auto* pair : {&w.kernel, &w.stride, &w.dilation}) {
    for (std::int64_t value : *pair) to.put(static_cast<std::int32_t>(value));
  }
}

std::int32_t binary_number(FunctionOp op) {
  switch (op) {
    case FunctionOp::kAdd:
      return 0;
    case FunctionOp::kSub:
      return 1;
    case FunctionOp::kMul:
      return 2;
    case FunctionOp::kDiv:
      return 3;
    case FunctionOp::kMin:
      return 4;
    case FunctionOp::kMax:
      return 5;
    default:
      throw Error("Pow of two tensors: expected a constant exponent");
  }
}

/// A factor as mul / 2^shift, with as many bits as fit 31 and a shift of at most 31.
struct Factor {
  std::int32_t mul;
  std::int32_t shift;

  explicit Factor(double value) : mul(0), shift(31) {
    while (shift > 0 && std::fabs(std::ldexp(value, shift)) > 1073741823.) --shift;
    mul = static_cast<std::int32_t>(std::lround(std::ldexp(value, shift)));
  }
};

/// Four numbers, one for each axis, with `missing` in front.
template <class T>
std::array<std::int32_t, 4> four(const std::vector<T>& values, std::int32_t missing) {
  std::array<std::int32_t, 4> result;
  result.fill(missing);
  for (std::size_t i = 0; i < values.size(); ++i) {
    result[4 - values.size() + i] = static_cast<std::int32_t>(values[i]);
  }
  return result;
}

/// A node with one operand: its ranges, then body(file, operand, result). The body runs later, so
/// it holds what it needs by value.
template <class Body>
void add_one(V4Writer& writer, V4Op op, const Operand& in, const Operand& out, Body body) {
  writer.add_node(op, {in.buffer}, {out.buffer}, [&writer, in, out, body](ByteWriter& to) {
    writer.put_range(to, in.buffer);
    writer.put_range(to, out.buffer);
    body(to, in, out);
  });
}

struct Move {
  V4Writer& writer;
  const Node& node;
  std::span<const Operand> in;
  const Operand& out;

  template <class Body>
  void add(V4Op op, Body body) const {
    add_one(writer, op, in[0], out, [body](ByteWriter& to, const Operand& a, const Operand&) {
      put_dims(to, a.dims);
      body(to);
    });
  }

  void operator()(const Concat& concat) const {
    std::vector<BufferId> reads;
    for (const Operand& part : in) reads.push_back(part.buffer);
    const std::size_t size = writer.buffer(out.buffer).is_float ? 4 : 1;
    const Dims& d = out.dims;
    const std::int64_t outer = element_count(Dims(d.begin(), d.begin() + concat.axis));
    const std::int64_t inner = element_count(Dims(d.begin() + concat.axis + 1, d.end()));
    const std::vector<Operand> parts(in.begin(), in.end());
    writer.add_node(V4Op::kConcat, reads, {out.buffer},
                    [=, &writer = writer, target = out, axis = concat.axis](ByteWriter& to) {
                      writer.put_range(to, target.buffer);
                      to.put(static_cast<std::uint32_t>(inner * size));
                      to.put(static_cast<std::uint32_t>(outer));
                      to.put(static_cast<std::uint32_t>(parts.size()));
                      for (const Operand& part : parts) writer.put_range(to, part.buffer);
                      for (const Operand& part : parts) {
                        to.put(static_cast<std::uint32_t>(part.dims[axis]));
                      }
                    });
  }

  void operator()(const Transpose& transpose) const {
    std::vector<int> perm;
    const auto lead = static_cast<int>(4 - std::min<std::size_t>(4, transpose.perm.size()));
    for (int axis = 0; axis < lead; ++axis) perm.push_back(axis);
    for (int axis : transpose.perm) perm.push_back(axis + lead);
    add(V4Op::kTranspose, [perm](ByteWriter& to) {
      for (int axis : perm) to.put(static_cast<std::int32_t>(axis));
    });
  }

  void operator()(const Pad& pad) const {
    if (pad.mode != PadMode::kConstant) throw Error("mode edge or reflect: expected constant");
    const auto before = four(pad.before, 0), after = four(pad.after, 0);
    std::array<std::uint8_t, 4> value{};
    const bool is_float = writer.buffer(in[0].buffer).is_float;
    if (is_float) {
      store_le(std::span<std::uint8_t>(value), 0, pad.value);
    } else {
      value[0] = static_cast<std::uint8_t>(in[0].codes.zero);
    }
    add(V4Op::kPad, [=](ByteWriter& to) {
      for (std::size_t axis = 0; axis < 4; ++axis) {
        to.put(before[axis]);
        to.put(after[axis]);
      }
      to.put(std::uint32_t{is_float ? 0u : 1u});
      to.put_bytes(value);
    });
  }

  void operator()(const Slice& slice) const {
    Dims ends;
    for (std::size_t i = 0; i < slice.begin.size(); ++i) {
      const std::int64_t past = slice.step[i] > 0 ? 1 : -1;
      ends.push_back(slice.begin[i] + slice.step[i] * (slice.count[i] - 1) + past);
    }
    const auto begin = four(slice.begin, 0), end = four(ends, 1), step = four(slice.step, 1);
    add(V4Op::kSlice, [=](ByteWriter& to) {
      for (const auto* list : {&begin, &end, &step}) {
        for (std::int32_t value : *list) to.put(value);
      }
      for (int mask = 0; mask < 5; ++mask) to.put(std::int32_t{0});
    });
  }

  void operator()(const Resize& resize) const {
    const bool linear = resize.kind == ResizeKind::kLinear;
    const bool corners = resize.coordinates == ResizeCoordinates::kAlignCorners;
    add(V4Op::kResize, [=](ByteWriter& to) {
      to.put(static_cast<std::int32_t>(resize.out[0]));
      to.put(static_cast<std::int32_t>(resize.out[1]));
      to.put(std::int32_t{linear ? 0 : 1});
      to.put(std::uint32_t{linear && corners ? 1u : 0u});
    });
  }

  template <class Other>
  void operator()(const Other&) const {
    throw Error("no operation of the format moves elements so");
  }
};

struct FloatOp {
  V4Writer& writer;
  const Node& node;
  std::span<const Operand> in;
  const Operand& out;

  template <class Body>
  void add(V4Op op, Body body) const {
    add_one(writer, op, in[0], out, body);
  }

  void operator()(const Conv& conv) const {
    add(V4Op::kConv2d, [conv](ByteWriter& to, const Operand& a, const Operand&) {
      put_dims(to, a.dims);
      to.put(static_cast<std::int32_t>(conv.groups));
      to.put(static_cast<std::int32_t>(conv.out_channels()));
      put_window(to, conv.window);
      put_clamp(to);
      to.put_bytes(float_bytes(conv.weights->data));
      to.put_bytes(float_bytes(conv.bias));
    });
  }

  /// The format's weights are [group][out][in]; its runtime reads the bias and never adds it.
  void operator()(const ConvTranspose& conv) const {
    const std::int64_t ins = conv.weights->dims[0] / conv.groups, outs = conv.weights->dims[1];
    const std::int64_t taps = conv.weights->dims[2] * conv.weights->dims[3];
    std::vector<float> weights;
    for (std::int64_t g = 0; g < conv.groups; ++g) {
      for (std::int64_t o = 0; o < outs; ++o) {
        for (std::int64_t i = 0; i < ins; ++i) {
          const auto at = conv.weights->data.begin() + ((g * ins + i) * outs + o) * taps;
          weights.insert(weights.end(), at, at + taps);
        }
      }
    }
    add(V4Op::kConvTranspose, [=](ByteWriter& to, const Operand& a, const Operand& b) {
      put_dims(to, a.dims);
      put_dims(to, b.dims);
      to.put(static_cast<std::int32_t>(conv.groups));
      put_window(to, conv.window);
      put_clamp(to);
      to.put_bytes(float_bytes(weights));
      to.put_bytes(float_bytes(conv.bias));
    });
  }

  void operator()(const Pool& pool) const {
    add(V4Op::kReduceWindow, [pool](ByteWriter& to, const Operand& a, const Operand&) {
      to.put(std::int32_t{pool.max ? 2 : 0});
      put_dims(to, a.dims);
      put_window(to, pool.window);
      to.put(pool.max ? -kMost : 0.f);
      put_clamp(to);
    });
  }

  void operator()(const Reduce& reduce) const {
    add(V4Op::kReduce, [reduce](ByteWriter& to, const Operand& a, const Operand&) {
      constexpr std::array<std::int32_t, 4> kNumbers{0, 2, 1, 3};  // mean, max, min, sum
      to.put(kNumbers[static_cast<std::size_t>(reduce.kind)]);
      put_dims(to, a.dims);
      Dims kept = a.dims;
      for (int axis : reduce.axes) kept[axis] = 1;
      put_dims(to, kept);
      to.put(reduce.kind == ReduceKind::kMax   ? -kMost
             : reduce.kind == ReduceKind::kMin ? kMost
                                               : 0.f);
    });
  }

  void operator()(const Binary& binary) const {
    const std::int32_t number = binary_number(binary.op);
    writer.add_node(V4Op::kBinary, {in[0].buffer, in[1].buffer}, {out.buffer},
                    [&writer = writer, a = in[0], b = in[1], c = out, number](ByteWriter& to) {
                      for (const Operand* x : {&a, &b, &c}) writer.put_range(to, x->buffer);
                      to.put(number);
                      for (const Operand* x : {&a, &b, &c}) put_dims(to, x->dims);
                      put_clamp(to);
                    });
  }

  void operator()(const Softmax& softmax) const {
    const std::int64_t inner = in[0].dims.back();
    const std::int64_t outer = element_count(in[0].dims) / std::max<std::int64_t>(inner, 1);
    add(V4Op::kSoftmax, [=](ByteWriter& to, const Operand&, const Operand&) {
      to.put(static_cast<std::int32_t>(inner));
      to.put(static_cast<std::int32_t>(outer));
      to.put(1.f);  // beta
    });
    if (softmax.log) {
      constexpr std::int32_t kLog = 5;
      add_one(writer, V4Op::kUnary, out, out,
              [](ByteWriter& to, const Operand&, const Operand&) { to.put(kLog); });
    }
  }

  void operator()(const MatMul&) const {
    const Dims &a = in[0].dims, &b = in[1].dims;
    const std::int64_t rows = a[a.size() - 2], inner = a.back(), columns = b.back();
    const auto batches = [](const Dims& dims) {
      return element_count(Dims(dims.begin(), dims.end() - 2));
    };
    const std::int64_t all = batches(out.dims);
    if ((batches(a) != all && batches(a) != 1) || (batches(b) != all && batches(b) != 1)) {
      throw Error("operands that broadcast: expected as many matrices on both sides, or one");
    }
    for (std::int64_t i = 0; i < all; ++i) {
      const std::size_t at_a = batches(a) == 1 ? 0 : i, at_b = batches(b) == 1 ? 0 : i;
      writer.add_node(V4Op::kMatmul, {in[0].buffer, in[1].buffer}, {out.buffer},
                      [=, &writer = writer, x = in[0].buffer, y = in[1].buffer,
                       z = out.buffer](ByteWriter& to) {
                        const std::size_t size_a = rows * inner, size_b = inner * columns;
                        writer.put_range(to, x, at_a * size_a, size_a);
                        writer.put_range(to, y, at_b * size_b, size_b);
                        writer.put_range(to, z, i * rows * columns, rows * columns);
                        for (std::int64_t size : {rows, inner, columns})
                          to.put(static_cast<std::int32_t>(size));
                        put_clamp(to);
                        for (std::int64_t c = 0; c < columns; ++c) to.put(0.f);
                      });
    }
  }

  template <class Other>
  void operator()(const Other&) const {
    throw Error("no operation of the format on floats");
  }
};

void add_table(V4Writer& writer, const Elementwise& op, const Operand& in, const Operand& out) {
  std::array<std::uint8_t, 256> table;
  for (int code = 0; code < 256; ++code) {
    const float real = op.function(in.codes.real(static_cast<float>(code)));
    table[code] =
        static_cast<std::uint8_t>(op.codes ? op.codes->code_to_even(real) : out.codes.code(real));
  }
  const BufferId constant = writer.add_constant(table, false);
  writer.add_node(V4Op::kTable, {in.buffer}, {out.buffer},
                  [&writer, constant, a = in.buffer, b = out.buffer](ByteWriter& to) {
                    writer.put_range(to, a);
                    writer.put_range(to, constant);
                    writer.put_range(to, b);
                  });
}

void add_code_binary(V4Writer& writer, FunctionOp op, std::span<const Operand> in,
                     const Operand& out) {
  std::array<std::int32_t, 2> mul{1, 1};
  Factor factor(1);
  if (op == FunctionOp::kMul) {
    factor = Factor(double{in[0].codes.scale} * in[1].codes.scale / out.codes.scale);
  } else {
    // Both operands in units of the output's code, with as many bits behind the point as 32 allow.
    const double a = double{in[0].codes.scale} / out.codes.scale;
    const double b = double{in[1].codes.scale} / out.codes.scale;
    std::int32_t shift = 24;
    while (shift > 0 && std::ldexp(255 * (a + b), shift) > 1073741823.) --shift;
    mul = {static_cast<std::int32_t>(std::lround(std::ldexp(a, shift))),
           static_cast<std::int32_t>(std::lround(std::ldexp(b, shift)))};
    factor.mul = 1;
    factor.shift = shift;
  }
  const std::int32_t number = binary_number(op);
  writer.add_node(V4Op::kQuantizedBinary, {in[0].buffer, in[1].buffer}, {out.buffer},
                  [=, &writer, a = in[0], b = in[1], c = out](ByteWriter& to) {
                    for (const Operand* x : {&a, &b, &c}) writer.put_range(to, x->buffer);
                    to.put(number);
                    for (const Operand* x : {&a, &b, &c}) put_dims(to, x->dims);
                    for (int i = 0; i < 2; ++i) {
                      to.put(std::int32_t{-(i == 0 ? a : b).codes.zero});
                      to.put(mul[i]);
                      to.put(std::int32_t{0});
                    }
                    to.put(c.codes.zero);
                    to.put(factor.mul);
                    to.put(factor.shift);
                  });
}

void add_conversion(V4Writer& writer, V4Op op, const Operand& in, const Operand& out,
                    const Codes& codes) {
  add_one(writer, op, in, out, [codes](ByteWriter& to, const Operand&, const Operand&) {
    to.put(codes.zero);
    to.put(1 / codes.scale);  // the format has codes per real unit
  });
}

}  // namespace

bool is_move(const Node& node) {
  return std::holds_alternative<Concat>(node.op) || std::holds_alternative<Transpose>(node.op) ||
         std::holds_alternative<Pad>(node.op) || std::holds_alternative<Slice>(node.op) ||
         std::holds_alternative<Resize>(node.op);
}

void add_move(V4Writer& writer, const Node& node, std::span<const Operand> in, const Operand& out) {
  std::visit(Move{writer, node, in, out}, node.op);
}

void add_code_op(V4Writer& writer, const Node& node, std::span<const Operand> in,
                 const Operand& out) {
  if (const auto* elementwise = std::get_if<Elementwise>(&node.op)) {
    add_table(writer, *elementwise, in[0], out);
  } else {
    add_code_binary(writer, std::get<Binary>(node.op).op, in, out);
  }
}

void add_float_op(V4Writer& writer, const Node& node, std::span<const Operand> in,
                  const Operand& out) {
  std::visit(FloatOp{writer, node, in, out}, node.op);
}

void add_quantize(V4Writer& writer, const Operand& in, const Operand& out) {
  add_conversion(writer, V4Op::kQuantize, in, out, out.codes);
}

void add_dequantize(V4Writer& writer, const Operand& in, const Operand& out) {
  add_conversion(writer, V4Op::kDequantize, in, out, in.codes);
}

}  // namespace kpu::compiler
