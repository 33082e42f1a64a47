// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/error.h"
#include "common/files.h"
#include "golden/kmodel/kfpkg.h"
#include "golden/kmodel/kmodel.h"
#include "golden/kmodel/network.h"
#include "golden/kmodel/output_source.h"
#include "golden/kpu/ai_ram.h"
#include "sim/cli/cli.h"
#include "sim/cli/cli_inputs.h"
#include "sim/cli/cli_model.h"
#include "sim/text/layer_text.h"
#include "sim/text/text_table.h"

namespace kpu::sim {
namespace {

/// SRAM of the chip; MaixPy's firmware takes 2 MiB of it and its Python heap 512 KiB.
constexpr std::size_t kChipMemory = std::size_t{6} << 20;

using Align = TextTable::Align;

std::string tensor_text(const golden::TensorInfo& tensor) {
  std::string dims;
  for (std::uint32_t dim : tensor.dims) dims += fmt::format("{}{}", dims.empty() ? "" : "x", dim);
  const char* type = golden::to_string(tensor.type);
  if (dims.empty()) return fmt::format("{} {}", tensor.count(), type);
  return fmt::format("{} {} ({} bytes)", dims, type, tensor.bytes);
}

std::string layer_table(const golden::ModelInfo& info) {
  TextTable table({{"#"},
                   {"type", Align::kLeft},
                   {"in", Align::kLeft},
                   {"out", Align::kLeft},
                   {"kernel", Align::kLeft},
                   {"dw", Align::kLeft},
                   {"pool", Align::kLeft},
                   {"MACs"},
                   {"loads"},
                   {"weights"},
                   {"AI RAM lines", Align::kLeft},
                   {"at"},
                   {"bytes"},
                   {"detail", Align::kLeft}});
  for (const golden::LayerInfo& layer : info.layers) {
    std::vector<std::string> row{fmt::format("{}", layer.index), layer.type, layer.in, layer.out};
    if (layer.kpu) {
      const golden::LayerArgs& args = layer.kpu->args;
      row.insert(row.end(),
                 {kernel_name(args), args.depthwise ? "dw" : "", pool_name(args.pool_type),
                  grouped(args.macs() * layer.kpu->batches), fmt::format("{}", args.loads),
                  grouped(args.weight_bytes(info.eight_bit)),
                  fmt::format("{} -> {}", args.src_line, args.dst_line)});
    } else {
      row.insert(row.end(), 7, "");
    }
    row.insert(row.end(),
               {fmt::format("{:#x}", layer.file_offset), grouped(layer.file_bytes), layer.detail});
    table.add_row(std::move(row));
  }
  return table.str();
}

/// Lines of AI RAM between the lowest and the highest that any KPU layer touches.
std::pair<std::size_t, std::size_t> ai_ram_range(const golden::ModelInfo& info) {
  std::size_t low = kAiRamLines;
  std::size_t high = 0;
  for (const golden::LayerInfo& layer : info.layers) {
    if (!layer.kpu) continue;
    for (const golden::ImageLayout& image :
         {layer.kpu->args.input_layout(), layer.kpu->args.output_layout()}) {
      const std::size_t lines = (image.end_line() - image.base_line) * layer.kpu->batches;
      low = std::min<std::size_t>(low, image.base_line);
      high = std::max(high, image.base_line + lines);
    }
  }
  return {std::min(low, high), high};
}

/// Sums over the KPU layers, and what memory the network takes.
void print_totals(const golden::ModelInfo& info) {
  std::uint64_t macs = 0;
  std::uint64_t weights = 0;
  for (const golden::LayerInfo& layer : info.layers) {
    if (!layer.kpu) continue;
    macs += layer.kpu->args.macs() * layer.kpu->batches;
    weights += layer.kpu->args.weight_bytes(info.eight_bit);
  }
  const auto [low, high] = ai_ram_range(info);
  fmt::print("KPU: {:.2f} MMAC, {} bytes of weights\n", static_cast<double>(macs) / 1e6,
             grouped(weights));
  fmt::print("AI RAM: lines {} to {} ({} KiB of {})\n", low, high, (high - low) * kLineBytes / 1024,
             kAiRamBytes / 1024);
  fmt::print("main memory: {} bytes\n", grouped(info.main_memory_bytes));
}

/// What the file and its working memory take together, beside what the chip and its usual firmware
/// have.
void print_fit(const golden::ModelInfo& info, std::size_t file_bytes) {
  constexpr std::size_t kMaixPyHeap =
      kChipMemory - (std::size_t{2} << 20) - (std::size_t{512} << 10);
  const std::size_t needed = file_bytes + info.main_memory_bytes;
  const char* verdict = needed > kChipMemory   ? "does not fit the chip unless it runs from flash"
                        : needed > kMaixPyHeap ? "fits the chip, but not MaixPy's usual heap"
                                               : "fits the chip, and MaixPy's usual heap";
  fmt::print("file {} + main memory {} = {} bytes: {} ({} bytes of SRAM; MaixPy leaves about {})\n",
             grouped(file_bytes), grouped(info.main_memory_bytes), grouped(needed), verdict,
             grouped(kChipMemory), grouped(kMaixPyHeap));
}

/// Says so if a layer runs on the vendor's simulator but not on the chip.
void print_chip_problem(const golden::ModelInfo& info) {
  try {
    golden::require_countable_loads(info, golden::LoadTime::kCounts);
  } catch (const Error& error) {
    fmt::print("the chip cannot run this network: {}\n", error.what());
  }
}

/// Lists a package's parts.
void print_parts(const std::vector<golden::KfpkgPart>& parts) {
  TextTable table({{"part", Align::kLeft}, {"in flash at"}, {"bytes"}, {"kind", Align::kLeft}});
  for (const golden::KfpkgPart& part : parts) {
    table.add_row({part.name, fmt::format("{:#x}", part.address), grouped(part.bytes.size()),
                   part.is_kmodel() ? "kmodel" : ""});
  }
  fmt::print("{}\n", table.str());
}

/// `kmodel_bytes` are those of the network file itself, out of its package.
void print_network(const ModelArguments& arguments, std::size_t kmodel_bytes) {
  const auto model = load(arguments);
  const golden::ModelInfo& info = model->info();
  fmt::print("{}: kmodel {}{}{}, {}-bit weights, {} layers, {} of them on the KPU\n",
             arguments.path, to_string(info.format), info.variant.empty() ? "" : ", ", info.variant,
             info.eight_bit ? 8 : 16, info.layers.size(), info.kpu_layer_count());
  for (std::size_t i = 0; i < info.inputs.size(); ++i) {
    fmt::print("{}: {}\n", info.inputs.size() == 1 ? "input" : input_name(i),
               tensor_text(info.inputs[i]));
  }
  for (std::size_t i = 0; i < info.outputs.size(); ++i) {
    const std::string quantization = golden::output_quantization(info, i);
    fmt::print("{}: {}{}\n", info.outputs.size() == 1 ? "output" : fmt::format("output{}", i),
               tensor_text(info.outputs[i]),
               quantization.empty() ? "" : ", from codes with " + quantization);
  }
  fmt::print("\n{}\n", layer_table(info));
  print_totals(info);
  print_fit(info, kmodel_bytes);
  if (!info.missing.empty()) fmt::print("this network cannot run: {}\n", info.missing);
  print_chip_problem(info);
}

void print_info(const ModelArguments& arguments) {
  const std::vector<std::uint8_t> file = read_file(arguments.path);
  std::size_t kmodel_bytes = file.size();
  if (golden::is_zip(file)) {
    const std::vector<golden::KfpkgPart> parts = golden::read_kfpkg(file);
    print_parts(parts);
    const auto kmodels = std::count_if(parts.begin(), parts.end(),
                                       [](const golden::KfpkgPart& p) { return p.is_kmodel(); });
    if (arguments.load.part.empty() && kmodels != 1) {
      fmt::print("{} kmodels in this package; --part NAME shows one\n", kmodels);
      return;
    }
    for (const golden::KfpkgPart& part : parts) {
      const std::string& wanted = arguments.load.part;
      if (wanted.empty() ? part.is_kmodel() : part.name == wanted) kmodel_bytes = part.bytes.size();
    }
  }
  print_network(arguments, kmodel_bytes);
}

}  // namespace

void add_info_command(CLI::App& app, int& exit_code) {
  const auto arguments = std::make_shared<ModelArguments>();
  CLI::App* command = app.add_subcommand("info", "List a network file's layers and its memory");
  add_model_options(*command, *arguments);
  command->callback([arguments, &exit_code] {
    print_info(*arguments);
    exit_code = kExitMatch;
  });
}

}  // namespace kpu::sim
