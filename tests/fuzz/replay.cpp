// SPDX-License-Identifier: Apache-2.0
//
// replay FOLDER: gives every file of the folder to a fuzz target, in a build with any compiler.
// Fails if there is none; what the target does not catch ends the program.
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <iostream>

#include "common/files.h"
#include "golden/kmodel/kmodel.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  if (argc != 2 || !std::filesystem::is_directory(argv[1])) {
    std::cerr << "usage: replay FOLDER\n";
    return 2;
  }
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    try {
      const auto bytes = kpu::read_file(entry.path().string());
      LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    } catch (const std::exception& error) {
      std::cerr << entry.path().string() << ": " << error.what() << "\n";
      return 1;
    }
    ++files;
  }
  std::cout << files << " files\n";
  return files > 0 ? 0 : 1;
}
