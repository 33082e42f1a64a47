// SPDX-License-Identifier: Apache-2.0
//
// kmodel v5 (kmodel format, part C): a stack program that calls functions of the k210 module. At
// loading the program is traced: every tensor's place and shape is checked, and the listing made,
// without computing anything.
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/error.h"
#include "golden/kmodel/kmodel_formats.h"
#include "golden/kmodel/kpu_file.h"
#include "golden/kmodel/kpu_queue.h"
#include "golden/kmodel/v5/container.h"
#include "golden/kmodel/v5/isa.h"
#include "golden/kmodel/v5/k210.h"
#include "golden/kmodel/v5/listing.h"
#include "golden/kmodel/v5/numbering_choice.h"
#include "golden/kmodel/v5/stack_machine.h"
#include "golden/kmodel/v5/tensors.h"

namespace kpu::golden {
namespace {

using namespace v5;

/// Thrown out of the stack program when the queue is full: the run ends there.
struct Stopped {};

std::string short_shape(Shape shape) {
  while (shape.size() > 1 && shape.front() == 1) {
    shape.erase(shape.begin());
  }
  return dims_text(shape);
}

std::string tensors_text(const std::vector<Tensor>& tensors) {
  std::string text;
  for (const Tensor& tensor : tensors) {
    text += (text.empty() ? "" : "+") + short_shape(tensor.shape);
  }
  return text;
}

TensorInfo tensor_info(const Declared& declared) {
  TensorInfo info{
      .type = declared.range.type, .dims = declared.shape, .bytes = declared.range.size};
  while (info.dims.size() > 1 && info.dims.front() == 1) {
    info.dims.erase(info.dims.begin());
  }
  return info;
}

/// Tells what an operation has written; what a function of the k210 module gave is the KPU's.
void report_results(const Operation& operation, std::size_t model_layer, const AddressSpace& space,
                    const KpuQueue& kpu) {
  if (operation.call->function == "call") {
    return;
  }
  for (std::size_t i = 0; i < operation.outputs.size(); ++i) {
    const Tensor& tensor = operation.outputs[i];
    const std::vector<std::uint8_t> bytes = load_tensor(space, tensor);
    kpu.cpu_observer()({.model_layer = model_layer,
                        .type = tensor.type,
                        .bytes = bytes,
                        .output = i,
                        .dims = tensor.shape});
  }
}

/// Memories of the stack module while it runs or is traced.
struct Memories {
  std::vector<std::uint8_t> input, output, rdata, data;
  AddressSpace space;
  MemoryBases bases;

  Memories(const Module& module, const Function& function)
      : input(function.input_bytes),
        output(function.output_bytes),
        rdata(module.rdata.begin(), module.rdata.end()),
        data(module.data_bytes) {
    bases = {.input = space.add(input),
             .output = space.add(output),
             .rdata = space.add(rdata),
             .data = space.add(data)};
  }
};

class ModelV5 : public Model {
 public:
  ModelV5(std::vector<std::uint8_t> file, const std::string& numbering) : file_(std::move(file)) {
    load(numbering);
  }

  std::vector<std::vector<std::uint8_t>> run(const std::vector<std::vector<std::uint8_t>>& inputs,
                                             KpuQueue& kpu, const Profile& profile) const override;

 private:
  void load(const std::string& numbering);
  Reading read(const Numbering& numbering) const;
  void list_program(Reading& reading) const;
  bool trace(Reading& reading) const;
  LayerInfo operation_layer(const Operation& operation) const;
  void list_function(const K210Function& function, std::vector<LayerInfo>& layers) const;
  const K210Function* find_function(std::uint32_t module, std::uint32_t function) const;
  void check_call(std::uint32_t module, std::uint32_t function, const std::vector<Tensor>& inputs,
                  const std::vector<Tensor>& outputs) const;
  const Module& entry_module() const { return container_.modules[container_.entry_module]; }

  std::vector<std::uint8_t> file_;
  Container container_;
  const Numbering* numbering_ = nullptr;
  std::vector<std::vector<K210Function>> k210_;  ///< by module; empty for other kinds
};

void ModelV5::load(const std::string& numbering) {
  container_ = read_container(file_);
  info_.format = Format::kV5;
  info_.eight_bit = true;  // the runtime sets the mode so
  if (entry_module().type != "stackvm") {
    throw Error(fmt::format("kmodel v5: entry module is of type '{}', expected 'stackvm'",
                            entry_module().type));
  }
  for (std::size_t i = 0; i < container_.modules.size(); ++i) {
    const Module& module = container_.modules[i];
    info_.main_memory_bytes += module.data_bytes;
    k210_.push_back(module.type == "k210" ? read_k210(module, fmt::format("module {} (k210)", i))
                                          : std::vector<K210Function>());
  }
  info_.main_memory_bytes += container_.entry().input_bytes + container_.entry().output_bytes;
  for (const Declared& input : container_.entry().inputs) {
    info_.inputs.push_back(tensor_info(input));
  }
  for (const Declared& output : container_.entry().outputs) {
    info_.outputs.push_back(tensor_info(output));
  }
  NumberingChoice choice =
      choose_numbering(container_.entry().text, numbering,
                       [this](const Numbering& candidate) { return read(candidate); });
  numbering_ = choice.reading.numbering;
  info_.layers = std::move(choice.reading.layers);
  info_.missing = choice.reading.missing;
  info_.variant = choice.describe();
}

Reading ModelV5::read(const Numbering& numbering) const {
  Reading reading;
  reading.numbering = &numbering;
  try {
    reading.ends_early = !trace(reading);
  } catch (const NotImplemented& error) {
    reading.missing = error.what();
    list_program(reading);
  } catch (const Error& error) {
    reading.error = error.what();
  }
  return reading;
}

/// The instructions as they stand in the file, each call with the k210 module's instructions behind
/// it; notes which tensor functions are missing, if any is missing whatever its types.
void ModelV5::list_program(Reading& reading) const {
  const Function& entry = container_.entry();
  std::vector<LayerInfo>& layers = reading.layers;
  layers.clear();
  std::string missing;
  FieldReader text(entry.text, 0, entry.text.size(), "stackvm text");
  while (text.remaining() > 0) {
    const std::size_t at = text.offset();
    const std::uint8_t opcode = text.u8("opcode");
    if (opcode != kOpcodeTensor) {
      text.skip(static_cast<std::uint64_t>(operand_bytes(opcode)), "operand");
      continue;
    }
    const TensorCall call = read_tensor_call(*reading.numbering, text);
    LayerInfo layer;
    layer.index = layers.size();
    layer.type = call.function;
    layer.detail = call.text();
    layer.file_offset = entry.text_offset + at;
    layer.file_bytes = text.offset() - at;
    layers.push_back(std::move(layer));
    if (call.function == "call") {
      const K210Function* callee = find_function(call["module_id"], call["function_id"]);
      if (callee != nullptr) {
        list_function(*callee, layers);
      }
    }
    if (!TensorFunctions::implements(call.function)) {
      missing += fmt::format("{}{} at text offset {}", missing.empty() ? "not implemented: " : ", ",
                             call.text(), at);
    }
  }
  if (!missing.empty()) {
    reading.missing = missing;
  }
}

/// Runs the program without computing; gives false where it stops because it depends on its data.
bool ModelV5::trace(Reading& reading) const {
  Memories memories(entry_module(), container_.entry());
  TensorFunctions functions(
      FloatRule::kSimulator, true,
      [&](std::uint32_t module, std::uint32_t function, const std::vector<Tensor>& inputs,
          const std::vector<Tensor>& outputs) {
        check_call(module, function, inputs, outputs);
        list_function(k210_[module][function], reading.layers);
      });
  functions.set_observer([&](const Operation& operation) {
    LayerInfo layer = operation_layer(operation);
    layer.index = reading.layers.size();
    reading.layers.push_back(std::move(layer));
  });
  StackMachine machine(container_.entry(), *reading.numbering, memories.space, memories.bases);
  const auto note_place = [&] { reading.reached = machine.offset(); };
  try {
    const bool whole = machine.run(functions, true);
    note_place();
    reading.left_over = whole ? machine.depth() : 0;
    return whole;
  } catch (const Error&) {
    note_place();
    throw;
  }
}

LayerInfo ModelV5::operation_layer(const Operation& operation) const {
  LayerInfo layer;
  layer.type = operation.call->function;
  layer.in = tensors_text(operation.inputs);
  layer.out = tensors_text(operation.outputs);
  layer.detail = layer.type == "call"
                     ? fmt::format("module {} function {}", (*operation.call)["module_id"],
                                   (*operation.call)["function_id"])
                     : operation_detail(operation);
  layer.file_offset = container_.entry().text_offset + operation.call->offset;
  layer.file_bytes = operation.call->bytes;
  return layer;
}

void ModelV5::list_function(const K210Function& function, std::vector<LayerInfo>& layers) const {
  for (const K210Instruction& instruction : function.instructions) {
    LayerInfo layer;
    layer.index = layers.size();
    layer.type = to_string(instruction.kind);
    layer.file_offset = instruction.file_offset;
    layer.file_bytes = instruction.file_bytes;
    if (instruction.kind == K210Instruction::Kind::kConv2d) {
      layer.kpu = instruction.kpu;
      describe_kpu_layer(layer);
    } else {
      layer.in = short_shape(instruction.shape);
      layer.out = layer.in;
    }
    layers.push_back(std::move(layer));
  }
}

/// The function of a k210 module that a call names, if there is one.
const K210Function* ModelV5::find_function(std::uint32_t module, std::uint32_t function) const {
  const bool exists = module < k210_.size() && function < k210_[module].size();
  return exists ? &k210_[module][function] : nullptr;
}

void ModelV5::check_call(std::uint32_t module, std::uint32_t function,
                         const std::vector<Tensor>& inputs,
                         const std::vector<Tensor>& outputs) const {
  const K210Function* callee = find_function(module, function);
  if (callee == nullptr) {
    throw Error(fmt::format("call: module {} function {}: expected a function of a k210 module",
                            module, function));
  }
  const auto check = [](const char* what, const std::vector<Tensor>& tensors,
                        const std::vector<Declared>& declared) {
    if (tensors.size() != declared.size()) {
      throw Error(fmt::format("call: {} {}, expected {}", tensors.size(), what, declared.size()));
    }
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      const std::uint64_t bytes = tensors[i].count() * size_of(tensors[i].type);
      if (bytes > declared[i].range.size) {
        throw Error(fmt::format("call: {} {} of {} bytes, expected at most {}", what, i, bytes,
                                declared[i].range.size));
      }
    }
  };
  const Function& declared = *callee->declared;
  check("inputs", inputs, declared.inputs);
  check("outputs", outputs, declared.outputs);
}

std::vector<std::vector<std::uint8_t>> ModelV5::run(
    const std::vector<std::vector<std::uint8_t>>& inputs, KpuQueue& kpu,
    const Profile& profile) const {
  const Function& entry = container_.entry();
  Memories memories(entry_module(), entry);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    std::copy(inputs[i].begin(), inputs[i].end(),
              memories.input.begin() + entry.inputs[i].range.start);
  }
  std::vector<K210Runner> runners;
  for (std::size_t i = 0; i < k210_.size(); ++i) {
    runners.emplace_back(container_.modules[i], k210_[i], kpu);
  }
  std::size_t next_layer = 0;  // in the listing, which the trace made in the order of running
  TensorFunctions functions(profile.float_rule, false,
                            [&](std::uint32_t module, std::uint32_t function,
                                const std::vector<Tensor>& from, const std::vector<Tensor>& to) {
                              check_call(module, function, from, to);
                              std::vector<std::vector<std::uint8_t>> bytes;
                              for (const Tensor& tensor : from) {
                                bytes.push_back(load_tensor(memories.space, tensor));
                              }
                              bytes = runners[module].call(function, bytes, next_layer);
                              next_layer += k210_[module][function].instructions.size();
                              if (bytes.empty() && !to.empty()) {
                                throw Stopped();
                              }
                              for (std::size_t i = 0; i < to.size(); ++i) {
                                bytes[i].resize(to[i].count() * size_of(to[i].type));
                                store_tensor(memories.space, to[i], bytes[i]);
                              }
                            });
  const auto count = [&](const Operation&) { ++next_layer; };
  TensorFunctions::Observer report;
  if (kpu.cpu_observer()) {
    report = [&](const Operation& operation) {
      report_results(operation, next_layer - 1, memories.space, kpu);
    };
  }
  functions.set_observer(count, report);
  StackMachine machine(entry, *numbering_, memories.space, memories.bases);
  try {
    machine.run(functions, false);
  } catch (const Stopped&) {
    return {};
  }
  std::vector<std::vector<std::uint8_t>> outputs;
  for (const Declared& output : entry.outputs) {
    const auto first = memories.output.begin() + output.range.start;
    outputs.emplace_back(first, first + output.range.size);
  }
  return outputs;
}

}  // namespace

std::unique_ptr<Model> load_kmodel_v5(std::vector<std::uint8_t> file,
                                      const std::string& numbering) {
  return std::make_unique<ModelV5>(std::move(file), numbering);
}

}  // namespace kpu::golden
