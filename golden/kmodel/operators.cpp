// SPDX-License-Identifier: Apache-2.0
#include "golden/kmodel/operators.h"

#include <set>

#include "golden/kmodel/v3/program.h"
#include "golden/kmodel/v4/program.h"
#include "golden/kmodel/v5/frame.h"

namespace kpu::golden {
namespace {

std::set<std::string> names(Format format) {
  std::set<std::string> found;
  switch (format) {
    case Format::kV1:
      break;
    case Format::kV3:
      for (const std::string& name : v3::cpu_layer_names()) {
        found.insert(name);
      }
      break;
    case Format::kV4:
      for (const auto opcodes :
           {v4::float_opcodes(), v4::code_opcodes(), v4::move_opcodes(), v4::nhwc_opcodes()}) {
        for (const v4::Opcode& opcode : opcodes) {
          found.insert(opcode.name);
        }
      }
      break;
    case Format::kV5:
      for (const auto functions :
           {v5::arithmetic_functions(), v5::convert_functions(), v5::float_functions(),
            v5::index_functions(), v5::move_functions(), v5::sequence_functions()}) {
        for (const v5::TensorFunction& function : functions) {
          found.emplace(function.name);
        }
      }
      found.erase("call");
      break;
  }
  return found;
}

}  // namespace

std::vector<std::string> cpu_operators(Format format) {
  const std::set<std::string> found = names(format);
  return {found.begin(), found.end()};
}

}  // namespace kpu::golden
