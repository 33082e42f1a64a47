// SPDX-License-Identifier: Apache-2.0
//
// kpu_mutation LIST [--layers N] [--seed S] [--jobs J]: runs random layers against every fault of LIST
// (as instrument.py writes it) and says which are noticed: a different output, a wrong overflow report,
// a failed assertion, a hang, a crash. Each fault has a process of its own.
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "golden/error.h"
#include "mutation/mutant.h"
#include "sim/fuzz.h"

namespace kpu::mutation {
namespace {

struct Mutant {
  int number = 0;
  std::string text;  ///< number, place, kind and line, as listed
};

struct Options {
  std::string list;
  std::string survivors = "survivors.txt";
  std::uint64_t layers = 768;
  std::uint64_t seed = 1;
  unsigned seconds = 60;  ///< of processor time; a fault that makes a run this long is noticed, too
  unsigned jobs = 1;
};

std::vector<Mutant> read_list(const std::string& path) {
  std::ifstream in(path);
  if (!in) throw Error(path + ": cannot be read");
  std::vector<Mutant> mutants;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) mutants.push_back({std::atoi(line.c_str()), line});
  }
  return mutants;
}

/// In a child process: 0 if nothing was noticed.
[[noreturn]] void run_child(const Options& options, int number) {
  std::freopen("/dev/null", "w", stdout);
  std::freopen("/dev/null", "w", stderr);
  const rlimit limit{options.seconds, options.seconds};
  setrlimit(RLIMIT_CPU, &limit);
  set_mutant(number);
  int noticed = 0;
  try {
    std::uint64_t left = options.layers;
    for (std::uint64_t group = options.seed; left > 0 && noticed == 0; ++group) {
      const std::uint64_t layers = std::min<std::uint64_t>(left, sim::kFuzzGroupLayers);
      left -= layers;
      noticed = sim::fuzz_group(group, layers, [](const sim::FuzzStats&) { return true; }) ? 1 : 0;
    }
  } catch (const std::exception&) {
    noticed = 1;
  }
  _exit(noticed);
}

int run(const Options& options) {
  const std::vector<Mutant> mutants = read_list(options.list);
  std::ofstream survivors(options.survivors);
  std::map<pid_t, const Mutant*> running;
  const auto start = std::chrono::steady_clock::now();
  std::size_t next = 0;
  std::size_t done = 0;
  std::size_t noticed = 0;

  // Fault 0 is the RTL as it is: if that is "noticed", all the rest means nothing.
  const Mutant none{0, "0\tno fault"};
  bool sound = true;
  const auto launch = [&](const Mutant& mutant) {
    const pid_t pid = fork();
    if (pid == 0) run_child(options, mutant.number);
    running[pid] = &mutant;
  };
  launch(none);
  while (!running.empty() || next < mutants.size()) {
    while (running.size() < options.jobs && next < mutants.size()) launch(mutants[next++]);
    int status = 0;
    const pid_t pid = wait(&status);
    const Mutant* mutant = running.at(pid);
    running.erase(pid);
    const bool survived = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (mutant == &none) {
      sound = survived;
      if (!sound) break;
      continue;
    }
    ++done;
    noticed += !survived;
    if (survived) survivors << mutant->text << std::endl;
    if (isatty(fileno(stderr)) != 0) {
      fmt::print(stderr, "\r{} of {}, {} noticed\x1b[K", done, mutants.size(), noticed);
    }
  }
  if (!sound) throw Error("the RTL without a fault does not pass the layers");
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  fmt::print("{} faults, {} noticed ({:.1f} %) by {} random layers, seed {}, {:.0f} s; the rest is in {}\n",
             done, noticed, 100.0 * static_cast<double>(noticed) / static_cast<double>(done),
             options.layers, options.seed, time.count(), options.survivors);
  return 0;
}

}  // namespace
}  // namespace kpu::mutation

int main(int argc, char** argv) {
  kpu::mutation::Options options;
  CLI::App app("Random layers against every fault of an instrumented RTL");
  app.add_option("list", options.list, "mutants.txt of mutation/instrument.py")->required();
  app.add_option("--survivors", options.survivors, "Where to list what was not noticed");
  app.add_option("--layers", options.layers, "Random layers per fault");
  app.add_option("--seed", options.seed, "Seed of the first group of layers");
  app.add_option("--seconds", options.seconds, "A run with more processor time counts as noticed");
  app.add_option("--jobs", options.jobs, "Processes at a time")->check(CLI::Range(1, 256));
  CLI11_PARSE(app, argc, argv);
  try {
    return kpu::mutation::run(options);
  } catch (const std::exception& error) {
    std::cerr << "kpu_mutation: " << error.what() << "\n";
    return 1;
  }
}
