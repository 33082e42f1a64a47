// SPDX-License-Identifier: Apache-2.0
//
// Writes the example network and its picture: make_examples <folder>.
#include <fmt/format.h>

#include <cstdint>
#include <exception>
#include <string>
#include <vector>

#include "common/files.h"
#include "examples/edge_network.h"
#include "examples/scene.h"
#include "sim/vision/image_io.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: make_examples FOLDER\n");
    return 2;
  }
  try {
    const std::string folder = argv[1];
    const std::vector<std::uint8_t> network = kpu::examples::make_edge_network();
    kpu::write_file(folder + "/edges.kmodel", network.data(), network.size());
    kpu::sim::save_png(folder + "/scene.png", kpu::examples::make_scene());
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "make_examples: {}\n", error.what());
    return 1;
  }
}
