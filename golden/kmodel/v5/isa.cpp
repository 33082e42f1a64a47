// SPDX-License-Identifier: Apache-2.0
#include "golden/kmodel/v5/isa.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "common/error.h"

namespace kpu::golden::v5 {
namespace {

using Names = std::vector<std::string>;

/// What a release changed against the one before it.
struct Release {
  const char* name;
  /// Functions put behind others: {behind which, what}. An empty name: at the end.
  std::vector<std::pair<std::string, Names>> inserted;
  Names removed;
  /// Layouts that are new or changed.
  std::vector<std::pair<std::string, std::string>> operands;
};

const Names kFirstFunctions = {"batch_to_space",
                               "binary",
                               "broadcast",
                               "call",
                               "clamp",
                               "conv2d",
                               "conv2d_transpose",
                               "convert",
                               "copy",
                               "dequantize",
                               "gather",
                               "gather_nd",
                               "logistic",
                               "lut1d",
                               "matmul",
                               "onehot",
                               "pad",
                               "quantize",
                               "reduce",
                               "reduce_window2d",
                               "resize_image",
                               "slice",
                               "softmax",
                               "space_to_batch",
                               "take",
                               "transpose",
                               "unary"};

const char* const kClampRange = " fused_clamp_low:f32 fused_clamp_high:f32";
const char* const kWindow =
    " stride_h:u16 stride_w:u16 dilation_h:u16 dilation_w:u16 fused_clamp_low:f32 "
    "fused_clamp_high:f32";

std::vector<Release> releases() {
  const std::string clamp = kClampRange;
  const std::string window = kWindow;
  const std::string linear = "in_datatype dst_datatype rshape_src rstride_src rstride_dest";
  const std::string plain = "datatype rshape_src rstride_src rstride_dest";
  const std::string two = "datatype rshape_src1 rstride_src1 rshape_src2 rstride_src2";
  return {
      {"1.0.0-beta2",
       {},
       {},
       {{"batch_to_space", plain + " rshape_block rpad_crops"},
        {"binary", two + " rstride_dest binary_op" + clamp},
        {"broadcast", "datatype rshape_src rstride_src rshape_dest rstride_dest"},
        {"call", "function_id:u32 module_id:u16 num_src num_dst"},
        {"conv2d",
         "datatype rshape_src rstride_src rshape_kernel rstride_kernel rstride_bias rstride_dest "
         "groups:u16" +
             window},
        {"convert", linear},
        {"copy", plain},
        {"dequantize", linear},
        {"gather", "datatype rshape_src rshape_dest rstride_src rstride_dest rshape_indices axis"},
        {"gather_nd",
         "datatype rshape_src rshape_dest rstride_src rstride_dest rshape_indices batch_dims"},
        {"lut1d", plain + " table_len:u16"},
        {"onehot", "datatype rshape_indices rshape_dest rstride_dest axis onehot_mode"},
        {"pad", plain + " rpaddings pad_mode"},
        {"quantize", linear},
        {"reduce", plain + " reduce_op rshape_axis keep_dims"},
        {"reduce_window2d",
         "datatype reduce_op rshape_src rstride_src rstride_dest filter_h:u16 filter_w:u16" +
             window},
        {"resize_image", plain + " align_corners half_pixel_centers resize_mode"},
        {"slice", plain + " rbegins rends rstrides"},
        {"transpose", plain + " rshape_perm"},
        {"unary", plain + " unary_op"}}},
      {"1.0.0-rc1", {}, {}, {}},
      {"1.0.0",
       {{"copy", {"cumsum"}}, {"gather_nd", {"hardmax"}}, {"reduce", {"reduce_arg"}}},
       {},
       {{"cumsum", "datatype rshape_src axis:i32 exclusive reverse"},
        {"hardmax", "datatype rshape_src rstride_src axis:i32"},
        {"reduce_arg",
         "in_datatype rshape_src rstride_src dst_datatype rstride_dest reduce_arg_op rshape_axis "
         "keep_dims select_last_idx"}}},
      {"1.1.0",
       {{"quantize", {"random_normal", "random_uniform"}},
        {"reduce_arg", {"reduce_prod"}},
        {"take", {"ternary"}}},
       {},
       {{"random_normal", "datatype rshape_dest mean:f32 std:f32 seed:f32"},
        {"random_uniform", "datatype rshape_dest low:f32 high:f32 seed:f32"},
        {"reduce_prod", "rshape_src rstride_src rstride_dest rshape_axes keep_dims"},
        {"ternary", two + " rshape_src3 rstride_src3 rstride_dest"}}},
      {"1.2.0",
       {{"resize_image", {"roi_align", "sigmoid"}},
        {"ternary", {"topk"}},
        {"transpose", {"trilu"}}},
       {},
       {{"roi_align", "datatype rshape_src rshape_dest mode spatial_scale:f32 sampling_ratio:i64"},
        {"sigmoid", "datatype rshape_src rstride_src"},
        {"topk",
         "datatype rshape_src rstride_src rshape_dest1 rstride_dest1 rshape_dest2 rstride_dest2 "
         "k:i64 axis:i32 largest sorted"},
        {"trilu", "datatype rshape_src upper k:i64"}}},
      {"1.3.0",
       {{"dequantize", {"equal"}}},
       {},
       {{"equal", two + " rstride_dest"},
        {"matmul", "rshape_src1 rshape_src2" + clamp},
        {"sigmoid", plain}}},
      {"1.4.0",
       {},
       {},
       {{"binary", two + " rshape_dest rstride_dest binary_op" + clamp},
        {"matmul",
         "rshape_src1 rstride_src1 rshape_src2 rstride_src2 rshape_dest rstride_dest" + clamp}}},
      {"1.6.0",
       {{"call", {"compare"}}},
       {"equal"},
       {{"compare", two + " rshape_dest rstride_dest compare_op"},
        {"reduce_prod", plain + " rshape_axes keep_dims"},
        {"softmax", plain + " axis:i32 beta:f32"}}},
      {"1.8.0",
       {{"",
         {"gru", "tflite_detection_postprocess", "layer_normalization", "compress",
          "gather_elements"}}},
       {},
       {{"compress", "input_shape_src condition_shape_src axis:f32"},
        {"gather_elements", "input_shape_src indices_shape_src axis:i32"},
        {"gru", "input_shape_src w_shape_src direction"},
        {"layer_normalization", "datatype input_shape axis:i32 epsilon:f32"},
        {"space_to_batch", plain + " rshape_block rpad_crops"},
        {"tflite_detection_postprocess",
         "box_shape_src score_shape_src anchor_shape_src max_detections:i32 "
         "max_classes_per_detection:i32 detections_per_class:i32 use_regular_non_max_suppression "
         "nms_score_threshold:f32 nms_iou_threshold:f32 num_classes:i32 y_scale:f32 x_scale:f32 "
         "h_scale:f32 w_scale:f32"}}},
      {"1.9.0", {}, {}, {{"gru", "input_shape_src w_shape_src direction linear_before_reset"}}},
  };
}

/// The unary operations grew in the middle, at other releases than the functions.
std::vector<UnaryOp> unary_ops(std::string_view release) {
  std::vector<UnaryOp> ops = {UnaryOp::kAbs};
  if (release != "1.0.0-beta2") {
    ops.insert(ops.end(), {UnaryOp::kAcos, UnaryOp::kAsin});
  }
  ops.insert(ops.end(), {UnaryOp::kCeil, UnaryOp::kCos, UnaryOp::kExp, UnaryOp::kFloor,
                         UnaryOp::kLog, UnaryOp::kNeg, UnaryOp::kRound, UnaryOp::kRsqrt});
  if (release.substr(0, 5) != "1.0.0") {
    ops.push_back(UnaryOp::kSign);
  }
  ops.insert(ops.end(), {UnaryOp::kSin, UnaryOp::kSqrt, UnaryOp::kSquare, UnaryOp::kTanh});
  return ops;
}

/// Operands with few allowed values: what tells a right numbering from a wrong one.
std::uint32_t largest_value(std::string_view name) {
  if (name.find("datatype") != std::string_view::npos) {
    return kDataTypes - 1;
  }
  if (name == "binary_op") {
    return 14;
  }
  if (name == "reduce_op" || name == "pad_mode") {
    return 3;
  }
  if (name == "keep_dims" || name == "align_corners" || name == "half_pixel_centers" ||
      name == "resize_mode" || name == "reduce_arg_op") {
    return 1;
  }
  return 0xFFFFFFFF;
}

}  // namespace

const std::vector<Numbering>& Numbering::all() {
  static const std::vector<Numbering> kAll = [] {
    std::vector<Numbering> all;
    Numbering current;
    current.functions_ = kFirstFunctions;
    for (const Release& release : releases()) {
      Names& functions = current.functions_;
      for (const auto& [behind, names] : release.inserted) {
        auto at = std::find(functions.begin(), functions.end(), behind);
        functions.insert(at == functions.end() ? at : at + 1, names.begin(), names.end());
      }
      for (const std::string& name : release.removed) {
        functions.erase(std::find(functions.begin(), functions.end(), name));
      }
      for (const auto& [name, operands] : release.operands) {
        current.operands_[name] = operands;
      }
      current.release_ = release.name;
      current.unary_ = unary_ops(release.name);
      all.push_back(current);
    }
    return all;
  }();
  return kAll;
}

std::string_view Numbering::function(std::uint16_t number) const {
  return number < functions_.size() ? std::string_view(functions_[number]) : std::string_view();
}

std::string_view Numbering::operands(std::string_view function) const {
  const auto found = operands_.find(function);
  return found == operands_.end() ? std::string_view() : std::string_view(found->second);
}

bool Numbering::interior_padding() const { return release_.substr(0, 5) != "1.0.0"; }

UnaryOp Numbering::unary(std::uint32_t number) const {
  if (number >= unary_.size()) {
    throw Error(fmt::format("unary_op={}: expected below {}", number, unary_.size()));
  }
  return unary_[number];
}

double TensorCall::value(std::string_view name) const {
  for (const auto& [operand, value] : operands) {
    if (operand == name) {
      return value;
    }
  }
  throw Error(fmt::format("{}: has no operand {}", function, name));
}

bool TensorCall::has(std::string_view name) const {
  return std::any_of(operands.begin(), operands.end(),
                     [&](const auto& operand) { return operand.first == name; });
}

std::uint32_t TensorCall::operator[](std::string_view name) const {
  return static_cast<std::uint32_t>(static_cast<std::int64_t>(value(name)));
}

float TensorCall::real(std::string_view name) const { return static_cast<float>(value(name)); }

DataType TensorCall::type(std::string_view name) const {
  return static_cast<DataType>((*this)[name]);
}

std::string TensorCall::text() const {
  std::string line = function;
  for (const auto& [name, value] : operands) {
    line += fmt::format(" {}={}", name, value);
  }
  return line;
}

TensorCall read_tensor_call(const Numbering& numbering, FieldReader& text) {
  TensorCall call;
  const std::uint16_t number = text.u16("tensor function");
  call.function = numbering.function(number);
  const std::string_view layout = numbering.operands(call.function);
  if (layout.empty()) {
    text.fail("tensor function", number,
              fmt::format("a function of release {}", numbering.release()));
  }
  std::istringstream words{std::string(layout)};
  std::string word;
  while (words >> word) {
    const std::size_t colon = word.find(':');
    const std::string name = word.substr(0, colon);
    const std::string type = colon == std::string::npos ? "u8" : word.substr(colon + 1);
    double value = 0;
    if (type == "u8") {
      value = text.u8("operand");
    } else if (type == "u16") {
      value = text.u16("operand");
    } else if (type == "u32") {
      value = text.u32("operand");
    } else if (type == "i32") {
      value = text.i32("operand");
    } else if (type == "f32") {
      value = text.f32("operand");
    } else {
      value = static_cast<double>(static_cast<std::int64_t>(text.u64("operand")));
    }
    if (value > largest_value(name) && type == "u8") {
      text.fail(name.c_str(), static_cast<std::uint64_t>(value),
                fmt::format("at most {}", largest_value(name)));
    }
    call.operands.emplace_back(name, value);
  }
  return call;
}

int operand_bytes(std::uint8_t opcode) {
  switch (opcode) {
    case 0x02:  // LDC_I4
    case 0x05:  // LDC_R4
    case 0x28:  // LDARG
    case 0x56:  // BR, BR_TRUE, BR_FALSE
    case 0x57:
    case 0x58:
      return 4;
    case 0x16:  // LEA_GP
    case 0x5A:  // CALL
      return 5;
    case 0x17:  // LEA_BUFFER
      return 6;
    case 0x31:  // STSHAPE, STPADDINGS
    case 0x32:
      return 2;
    case 0x5B:  // ECALL
      return 1;
    default:
      return opcode < kOpcodeTensor ? 0 : -1;
  }
}

bool parses(const Numbering& numbering, std::span<const std::uint8_t> text) {
  FieldReader reader(text, 0, text.size(), "text");
  try {
    while (reader.remaining() > 0) {
      const std::uint8_t opcode = reader.u8("opcode");
      if (opcode == kOpcodeTensor) {
        read_tensor_call(numbering, reader);
      } else if (operand_bytes(opcode) < 0) {
        return false;
      } else {
        reader.skip(static_cast<std::uint64_t>(operand_bytes(opcode)), "operand");
      }
    }
  } catch (const Error&) {
    return false;
  }
  return true;
}

}  // namespace kpu::golden::v5
