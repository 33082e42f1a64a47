// SPDX-License-Identifier: Apache-2.0
#include <nanobind/stl/array.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "golden/quantised/check.h"
#include "golden/quantised/kpu_mapping.h"
#include "golden/quantised/proof.h"
#include "python/src/arrays.h"
#include "python/src/bind.h"
#include "python/src/layer_result.h"

namespace kpu::python {

namespace nb = nanobind;
using namespace nb::literals;
namespace quantised = golden::quantised;
using quantised::ChannelProof;
using quantised::CodeType;
using quantised::ConvCheck;
using quantised::MappedConv;
using quantised::Proof;
using quantised::QuantisedConv;

namespace {

CodeType type_of(bool is_signed) { return is_signed ? CodeType::kInt8 : CodeType::kUint8; }

std::vector<std::size_t> out_shape(const QuantisedConv& conv) {
  return {conv.out_channels, conv.out_height(), conv.out_width()};
}

/// The tables of the layer as arrays: out_channels x 3 (mul, shift, add), 16 x 4 (x_start, y_mul,
/// shift, bias).
nb::object norm_array(const MappedConv& mapped) {
  std::vector<std::int64_t> values;
  for (const golden::BatchNorm& bn : mapped.layer.batch_norm) {
    values.insert(values.end(), {bn.mul, bn.shift, bn.add});
  }
  return to_numpy(std::move(values), {mapped.layer.batch_norm.size(), 3});
}

nb::object act_array(const MappedConv& mapped) {
  std::vector<std::int64_t> values;
  for (const golden::Segment& s : mapped.layer.act) {
    values.insert(values.end(), {s.x_start, s.y_mul, s.shift, s.bias});
  }
  return to_numpy(std::move(values), {mapped.layer.act.size(), 4});
}

void bind_conv(nb::module_& module) {
  nb::class_<QuantisedConv>(module, "QuantisedConv",
                            "A quantised convolution in ONNX's and TFLite's terms.")
      .def(nb::init<>())
      .def_prop_ro("x_signed",
                   [](const QuantisedConv& self) { return self.x_type == CodeType::kInt8; })
      .def_prop_ro("y_signed",
                   [](const QuantisedConv& self) { return self.y_type == CodeType::kInt8; })
      .def_rw("in_channels", &QuantisedConv::in_channels)
      .def_rw("out_channels", &QuantisedConv::out_channels)
      .def_rw("height", &QuantisedConv::height)
      .def_rw("width", &QuantisedConv::width)
      .def_rw("kernel", &QuantisedConv::kernel)
      .def_rw("depthwise", &QuantisedConv::depthwise)
      .def_rw("stride", &QuantisedConv::stride)
      .def_rw("x_scale", &QuantisedConv::x_scale)
      .def_rw("x_zero", &QuantisedConv::x_zero)
      .def_rw("w_scale", &QuantisedConv::w_scale)
      .def_rw("w_zero", &QuantisedConv::w_zero)
      .def_rw("bias", &QuantisedConv::bias)
      .def_rw("y_scale", &QuantisedConv::y_scale)
      .def_rw("y_zero", &QuantisedConv::y_zero)
      .def_prop_ro("out_shape", out_shape)
      .def("set_types",
           [](QuantisedConv& self, bool x_signed, bool w_signed, bool y_signed) {
             self.x_type = type_of(x_signed);
             self.w_type = type_of(w_signed);
             self.y_type = type_of(y_signed);
           })
      .def("set_pads",
           [](QuantisedConv& self, std::array<std::uint32_t, 4> pads) {
             self.pad_top = pads[0];
             self.pad_left = pads[1];
             self.pad_bottom = pads[2];
             self.pad_right = pads[3];
           })
      .def("set_weights",
           [](QuantisedConv& self, const InputArray<std::int16_t>& w) {
             const auto codes = values_of(w);
             self.w.assign(codes.begin(), codes.end());
           })
      .def("set_rule", [](QuantisedConv& self,
                          const std::string& name) { self.rule = quantised::rule_by_name(name); })
      .def("set_activation",
           [](QuantisedConv& self, const std::string& name) { set_activation(self, name); })
      .def("set_bounds",
           [](QuantisedConv& self, int lowest, int highest) {
             self.y_lowest = lowest;
             self.y_highest = highest;
           })
      .def("set_same_padding", [](QuantisedConv& self) { set_same_padding(self); });
}

void bind_proof(nb::module_& module) {
  nb::class_<ChannelProof>(module, "ChannelProof", "What is proven about one output channel.")
      .def_prop_ro("first_accumulator",
                   [](const ChannelProof& self) { return self.accumulators.first; })
      .def_prop_ro("last_accumulator",
                   [](const ChannelProof& self) { return self.accumulators.last; })
      .def_ro("differing", &ChannelProof::differing, "Accumulators with different codes.")
      .def_ro("moved_codes", &ChannelProof::moved_codes,
              "Codes that begin at different accumulators.")
      .def_ro("largest", &ChannelProof::largest, "Largest difference, in codes.")
      .def_ro("first_differing", &ChannelProof::first)
      .def_ro("expected", &ChannelProof::first_rule, "Code by the rule at first_differing.")
      .def_ro("got", &ChannelProof::first_kpu, "Code by the KPU at first_differing.")
      .def_prop_ro("cause", [](const ChannelProof& self) { return to_string(self.cause); });
  nb::class_<Proof>(module, "Proof", "Where a layer and the rule can differ, over all inputs.")
      .def_ro("channels", &Proof::channels)
      .def_prop_ro("causes", &Proof::causes, "Of all channels' first differences, or empty.")
      .def_prop_ro("saturating", &Proof::saturating,
                   "Channels whose sums can saturate by the rule.")
      .def_prop_ro("exact", &Proof::exact)
      .def_prop_ro("differing", &Proof::differing)
      .def_prop_ro("accumulators", &Proof::accumulators)
      .def_prop_ro("largest", &Proof::largest)
      .def("__str__", &Proof::summary)
      .def("__repr__", [](const Proof& self) { return "<Proof: " + self.summary() + ">"; });
}

void bind_mapped(nb::module_& module) {
  nb::class_<MappedConv>(module, "MappedConv", "A quantised convolution as a KPU layer.")
      .def_ro("layer", &MappedConv::layer)
      .def_ro("fraction_bits", &MappedConv::fraction_bits)
      .def_prop_ro("norm", norm_array)
      .def_prop_ro("act", act_array)
      .def_ro("weight_offset", &MappedConv::weight_offset);
  nb::class_<ConvCheck>(module, "ConvCheck", "A convolution on the KPU beside its rule.")
      .def_ro("mapped", &ConvCheck::mapped)
      .def_ro("proof", &ConvCheck::proof)
      .def_ro("differing", &ConvCheck::differing)
      .def_ro("match", &ConvCheck::match)
      .def_ro("counters", &ConvCheck::counters)
      .def(
          "y",
          [](ConvCheck& self, const QuantisedConv& conv) {
            return to_numpy(std::move(self.y), out_shape(conv));
          },
          "The KPU's codes; once.")
      .def(
          "expected",
          [](ConvCheck& self, const QuantisedConv& conv) {
            return to_numpy(std::move(self.expected), out_shape(conv));
          },
          "The rule's codes; once.")
      .def("__str__", &ConvCheck::summary);
  module.def(
      "check_conv",
      [](const QuantisedConv& conv, const InputArray<std::int16_t>& x,
         std::optional<std::uint32_t> fraction_bits, std::uint32_t multiplier_bits,
         golden::KpuBackend* golden_kpu, golden::KpuBackend* rtl_kpu) {
        const nb::gil_scoped_release unlocked;
        return check_conv(conv, values_of(x), {fraction_bits, multiplier_bits},
                          {golden_kpu, rtl_kpu});
      },
      "conv"_a, "x"_a, "fraction_bits"_a.none(), "multiplier_bits"_a, "golden"_a.none(),
      "rtl"_a.none());
}

}  // namespace

void bind_quantised(nb::module_& module) {
  bind_conv(module);
  bind_proof(module);
  bind_mapped(module);
}

}  // namespace kpu::python
