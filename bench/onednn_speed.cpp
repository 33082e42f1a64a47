// SPDX-License-Identifier: Apache-2.0
#include "bench/onednn_speed.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <oneapi/dnnl/dnnl.hpp>
#include <utility>

#include "bench/thread_clock.h"
#include "common/error.h"

namespace kpu::bench {
namespace {

using dnnl::memory;

memory make_memory(const memory::desc& description, const dnnl::engine& engine) {
  memory result(description, engine);
  std::memset(result.get_data_handle(), 1, description.get_size());
  return result;
}

dnnl::convolution_forward::primitive_desc describe(const golden::LayerArgs& args,
                                                   const dnnl::engine& engine) {
  using Type = memory::data_type;
  const auto any = memory::format_tag::any;
  const memory::dim in = args.in_channels, out = args.out_channels, height = args.in_height,
                    width = args.in_width, kernel = args.kernel(), border = kernel / 2;
  const memory::dims weights = args.depthwise ? memory::dims{out, 1, 1, kernel, kernel}
                                              : memory::dims{out, in, kernel, kernel};
  const dnnl::convolution_forward::desc convolution(
      dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct,
      memory::desc({1, in, height, width}, Type::u8, any), memory::desc(weights, Type::s8, any),
      memory::desc({out}, Type::s32, any), memory::desc({1, out, height, width}, Type::u8, any),
      {1, 1}, {border, border}, {border, border});
  dnnl::post_ops relu;
  relu.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, 0.0f, 0.0f);
  dnnl::primitive_attr attributes;
  attributes.set_post_ops(relu);
  attributes.set_output_scales(0, {0.01f});
  return {convolution, attributes, engine};
}

}  // namespace

void limit_onednn(const std::string& isa) {
  if (isa == "AVX2") {
    dnnl::set_max_cpu_isa(dnnl::cpu_isa::avx2);
  } else if (isa == "AVX3") {
    dnnl::set_max_cpu_isa(dnnl::cpu_isa::avx512_core);
  } else if (isa == "AVX3_DL") {
    dnnl::set_max_cpu_isa(dnnl::cpu_isa::avx512_core_vnni);
  } else if (!isa.empty()) {
    throw Error(fmt::format("oneDNN like {}: expected AVX2, AVX3 or AVX3_DL", isa));
  }
}

std::vector<OnednnLayer> run_onednn(const std::vector<golden::LayerArgs>& layers, int runs) {
  const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  dnnl::stream stream(engine);
  std::vector<OnednnLayer> results;
  for (const golden::LayerArgs& args : layers) {
    const auto description = describe(args, engine);
    const dnnl::convolution_forward convolution(description);
    memory source = make_memory(description.src_desc(), engine);
    memory weights = make_memory(description.weights_desc(), engine);
    memory bias = make_memory(description.bias_desc(), engine);
    memory destination = make_memory(description.dst_desc(), engine);
    OnednnLayer result{.implementation = description.impl_info_str(),
                       .milliseconds = std::numeric_limits<double>::infinity()};
    for (int i = 0; i < runs; ++i) {
      const ThreadClock::time_point start = ThreadClock::now();
      convolution.execute(stream, {{DNNL_ARG_SRC, source},
                                   {DNNL_ARG_WEIGHTS, weights},
                                   {DNNL_ARG_BIAS, bias},
                                   {DNNL_ARG_DST, destination}});
      stream.wait();
      result.milliseconds = std::min(result.milliseconds, ThreadClock::since(start));
    }
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace kpu::bench
