// SPDX-License-Identifier: Apache-2.0
//
// Writes the bench of run.sh: for each module its RTL and its netlist on the same random inputs.
// make_bench <modules.txt> <folder with the netlists' JSON files>
#include <fmt/format.h>

#include <cstddef>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace {

struct Port {
  std::string name;
  bool input;
  std::size_t width;
};

std::vector<Port> read_ports(const std::string& folder, const std::string& module) {
  std::ifstream file(folder + "/" + module + ".json");
  const auto netlist = nlohmann::json::parse(file).at("modules").at(module + "_netlist");
  std::vector<Port> ports;
  for (const auto& [name, port] : netlist.at("ports").items()) {
    ports.push_back({name, port.at("direction") == "input", port.at("bits").size()});
  }
  return ports;
}

/// Random bits; what drops everything or starts over is rare, or nothing would ever get anywhere.
std::string stimulus(const Port& port) {
  if (port.name == "clear_i" || port.name == "abort_i" || port.name == "start_i") {
    return "$urandom % 64 == 0";
  }
  // kpu_stream_pack: a run that leaves its word has no meaning.
  if (port.name == "in_bytes_m1_i") return fmt::format("{}'($urandom % 4)", port.width);
  std::string words;
  for (std::size_t bit = 0; bit < port.width; bit += 32) {
    words += bit == 0 ? "$urandom" : ", $urandom";
  }
  return fmt::format("{}'({{{}}})", port.width, words);
}

void write_pair(std::size_t index, const std::string& module, const std::string& parameters,
                const std::vector<Port>& ports) {
  std::string drive;
  std::string rtl;
  std::string netlist;
  std::string differ = "1'b0";
  fmt::print("  // {}\n", module);
  for (const Port& port : ports) {
    if (port.name == "clk_i" || port.name == "rst_ni") {
      rtl += fmt::format(".{0}({0}), ", port.name);
      netlist += fmt::format(".{0}({0}), ", port.name);
      continue;
    }
    const std::string signal = fmt::format("m{}_{}", index, port.name);
    if (port.input) {
      fmt::print("  logic [{}:0] {};\n", port.width - 1, signal);
      drive += fmt::format("    {} <= {};\n", signal, stimulus(port));
      rtl += fmt::format(".{}({}), ", port.name, signal);
      netlist += fmt::format(".{}({}), ", port.name, signal);
    } else {
      fmt::print("  logic [{0}:0] {1}_r, {1}_n;\n", port.width - 1, signal);
      rtl += fmt::format(".{}({}_r), ", port.name, signal);
      netlist += fmt::format(".{}({}_n), ", port.name, signal);
      differ += fmt::format(" || {0}_r != {0}_n", signal);
    }
  }
  rtl.resize(rtl.size() - 2);
  netlist.resize(netlist.size() - 2);
  fmt::print("  {} #({}) u_rtl{} ({});\n", module, parameters, index, rtl);
  fmt::print("  {}_netlist u_netlist{} ({});\n", module, index, netlist);
  fmt::print("  always_ff @(negedge clk_i) begin\n{}  end\n", drive);
  fmt::print("  assign differ_o[{}] = {};\n\n", index, differ);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: make_bench MODULES FOLDER\n";
    return 2;
  }
  std::ifstream list(argv[1]);
  std::vector<std::pair<std::string, std::string>> modules;
  for (std::string line; std::getline(list, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    std::string name;
    words >> name;
    std::string parameters;
    for (std::string word; words >> word;) {
      const auto equals = word.find('=');
      parameters += fmt::format("{}.{}({})", parameters.empty() ? "" : ", ", word.substr(0, equals),
                                word.substr(equals + 1));
    }
    modules.emplace_back(name, parameters);
  }
  fmt::print("module netlist_bench (input logic clk_i, input logic rst_ni, output logic [{}:0] differ_o);\n",
             modules.size() - 1);
  for (std::size_t i = 0; i < modules.size(); ++i) {
    write_pair(i, modules[i].first, modules[i].second, read_ports(argv[2], modules[i].first));
  }
  fmt::print("endmodule\n");
  return 0;
}
