// SPDX-License-Identifier: Apache-2.0
//
// The rules against what the real libraries computed: every layer that scripts/record_peers
// recorded, most of them with many outputs on rounding ties, must come out to the bit. And the KPU
// layer made for a rule, run on the golden model: where the proof says that it is exact, it has to
// give the library's own outputs.
#include "golden/kpu/golden_backend.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>
#include "golden/quantised/kpu_mapping.h"
#include "golden/quantised/proof.h"
#include "tests/golden/quantised/recorded_layers.h"
#include "tests/support/catch2.h"

namespace {

using namespace kpu::golden;
using namespace kpu::golden::quantised;
using kpu::test::load_recorded_layers;
using kpu::test::RecordedLayer;

std::size_t differences(const std::vector<std::int16_t>& a, const std::vector<std::int16_t>& b) {
  REQUIRE(a.size() == b.size());
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) count += a[i] != b[i] ? 1 : 0;
  return count;
}

/// Compares a file's layers; gives how many of the KPU's proofs are exact.
std::size_t check_file(const char* file) {
  GoldenBackend kpu;
  std::size_t exact = 0;
  for (const RecordedLayer& layer : load_recorded_layers(file)) {
    for (const RecordedLayer::Output& output : layer.outputs) {
      CAPTURE(layer.name, to_string(output.rule));
      const QuantisedConv conv = layer.under(output.rule);
      CHECK(differences(run_reference(conv, layer.x), output.codes) == 0);

      const MappedConv mapped = map_to_kpu(conv);
      const Proof proof = prove(conv, mapped);
      const KpuJobResult result =
          run_single_layer(kpu, mapped.layer, kpu_input(conv, mapped, layer.x));
      CHECK(result.range.ok());
      const std::vector<std::int16_t> codes = codes_from_kpu(conv, mapped, result.output);
      INFO(proof.summary());
      if (proof.exact()) {
        ++exact;
        CHECK(differences(codes, output.codes) == 0);
      } else if (proof.saturating() == 0) {
        CHECK(proof.largest() == 1);
      }
    }
  }
  return exact;
}

}  // namespace

TEST_CASE("ONNX Runtime and onnx.reference: every recorded output") {
  CHECK(check_file("onnx.json") == 48);
}

TEST_CASE("LiteRT and TFLite Micro: every recorded output") {
  CHECK(check_file("tflite.json") == 108);
}

TEST_CASE("ONNX Runtime on a processor without VNNI: every recorded output") {
  // Only the depthwise layer does not saturate.
  CHECK(check_file("onnx_avx2.json") == 1);
  std::size_t saturated = 0;
  for (const RecordedLayer& layer : load_recorded_layers("onnx_avx2.json")) {
    const QuantisedConv exact = layer.under(Rule::kOnnxRuntime);
    saturated += differences(run_reference(exact, layer.x), layer.outputs.front().codes);
    const Proof proof = prove(layer.under(Rule::kOnnxRuntimeAvx2), map_to_kpu(exact));
    CHECK((proof.causes().find("saturation") == std::string::npos) == exact.depthwise);
  }
  CHECK(saturated > 200);
}
