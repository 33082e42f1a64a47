// SPDX-License-Identifier: Apache-2.0
//
// Small networks made by three releases of the vendor's compiler, one for each kind of graph: every
// byte of every output must be its simulator's. Needs the optional test data.
#include "common/error.h"

#include <cstdint>
#include <string>
#include <vector>
#include "common/files.h"
#include "golden/kmodel/kmodel.h"
#include "golden/kmodel/network.h"
#include "golden/kpu/golden_backend.h"
#include "tests/support/catch2.h"
#include "tests/support/expected_data.h"
#include "tests/support/shared_data.h"

using namespace kpu::golden;
using kpu::test::CompiledRun;

namespace {

/// What the golden model makes of it, or the error it ends with.
std::vector<std::vector<std::uint8_t>> outputs_of(const CompiledRun& run, std::string& error) {
  try {
    const auto model = load_model(kpu::read_file(run.model.string()));
    RunOptions options;
    options.profile = profile_by_name(run.compiler_1_0 ? "simulator-1.0" : "simulator");
    GoldenBackend backend(options.profile.kpu);
    return run_network(*model, run.inputs, backend, options).outputs;
  } catch (const kpu::Error& e) {
    error = e.what();
    return {};
  }
}

}  // namespace

TEST_CASE("compiled v5 networks give the bytes of the vendor's simulator") {
  KPU_SHARED_OR_SKIP(shared);
  const std::vector<CompiledRun> runs = kpu::test::compiled_runs(shared);
  REQUIRE(!runs.empty());
  for (const CompiledRun& run : runs) {
    std::string error;
    const auto outputs = outputs_of(run, error);
    INFO(run.name << " " << error);
    CHECK(error.empty());
    CHECK((outputs == run.outputs));  // not printed: thousands of bytes
  }
}
