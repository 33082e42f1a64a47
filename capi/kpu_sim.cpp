// SPDX-License-Identifier: Apache-2.0
//
// The C interface: every exception of the C++ side ends here.
#include "include/kpu_sim.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <memory>
#include <span>
#include <string>

#include "common/error.h"
#include "tb/kpu_harness.h"

struct kpu_sim {
  std::unique_ptr<kpu::tb::KpuHarness> harness;
  std::string error;
  bool failed = false;
};

namespace {

using kpu::tb::KpuHarness;

int fail(kpu_sim* sim, int code, std::string text) {
  sim->error = std::move(text);
  return code;
}

/// Runs `work` if the simulation is alive; an Error while time passes ends it.
template <class Work>
int advance(kpu_sim* sim, Work work) {
  if (sim->failed) return KPU_SIM_FAILED;
  try {
    return work(*sim->harness);
  } catch (const std::exception& error) {
    sim->failed = true;
    return fail(sim, KPU_SIM_FAILED, error.what());
  }
}

/// Runs `work`, which takes no time; an Error is about its arguments.
template <class Work>
int inspect(kpu_sim* sim, Work work) {
  try {
    work(*sim->harness);
    return KPU_SIM_OK;
  } catch (const std::exception& error) {
    return fail(sim, KPU_SIM_BAD_ARGUMENT, error.what());
  }
}

bool is_access(uint32_t address, unsigned bits) {
  return (bits == 8 || bits == 16 || bits == 32 || bits == 64) && address % (bits / 8) == 0;
}

/// Offset in AI RAM of an address in either alias, or SIZE_MAX.
std::size_t ai_ram_offset(uint32_t address) {
  for (const uint32_t base : {kpu::driver::kAiRamBase, kpu::driver::kAiRamCachedBase}) {
    if (address >= base && address - base < KpuHarness::ai_ram_bytes()) return address - base;
  }
  return SIZE_MAX;
}

}  // namespace

void kpu_sim_default_options(kpu_sim_options* options) {
  const kpu::tb::MemoryTiming timing;
  *options = {timing.read_latency,    timing.write_latency, timing.bandwidth_percent,
              timing.max_outstanding, timing.stall_percent, timing.seed};
}

kpu_sim* kpu_sim_create(const kpu_sim_options* options, char* error, size_t error_size) {
  try {
    kpu::tb::HarnessConfig config;
    if (options != nullptr) {
      config.memory = {.read_latency = options->read_latency,
                       .write_latency = options->write_latency,
                       .bandwidth_percent = options->bandwidth_percent,
                       .max_outstanding = options->max_outstanding,
                       .stall_percent = options->stall_percent,
                       .seed = options->seed};
      config.seed = options->seed;
    }
    auto sim = std::make_unique<kpu_sim>();
    sim->harness = std::make_unique<KpuHarness>(config);
    return sim.release();
  } catch (const std::exception& exception) {
    if (error != nullptr && error_size > 0) {
      const std::size_t size = std::min(std::strlen(exception.what()), error_size - 1);
      std::memcpy(error, exception.what(), size);
      error[size] = '\0';
    }
    return nullptr;
  }
}

void kpu_sim_destroy(kpu_sim* sim) { delete sim; }

int kpu_sim_read(kpu_sim* sim, uint32_t address, unsigned bits, uint64_t* value) {
  if (!is_access(address, bits) || value == nullptr) {
    return fail(sim, KPU_SIM_BAD_ARGUMENT, "read: expected 8, 16, 32 or 64 bits at a multiple");
  }
  return advance(sim, [&](KpuHarness& harness) -> int {
    if (harness.cpu().try_read(address, bits / 8, *value) == kpu::tb::kOkay) return KPU_SIM_OK;
    return fail(sim, KPU_SIM_BUS_ERROR, "read: error response");
  });
}

int kpu_sim_write(kpu_sim* sim, uint32_t address, unsigned bits, uint64_t value) {
  if (!is_access(address, bits)) {
    return fail(sim, KPU_SIM_BAD_ARGUMENT, "write: expected 8, 16, 32 or 64 bits at a multiple");
  }
  return advance(sim, [&](KpuHarness& harness) -> int {
    if (harness.cpu().try_write(address, bits / 8, value) == kpu::tb::kOkay) return KPU_SIM_OK;
    return fail(sim, KPU_SIM_BUS_ERROR, "write: error response");
  });
}

int kpu_sim_run(kpu_sim* sim, uint64_t max_cycles) {
  return advance(sim, [&](KpuHarness& harness) -> int {
    for (uint64_t i = 0; i < max_cycles && harness.interrupts() == 0; ++i) harness.tick();
    return KPU_SIM_OK;
  });
}

uint32_t kpu_sim_interrupts(const kpu_sim* sim) { return sim->harness->interrupts(); }
uint64_t kpu_sim_cycles(const kpu_sim* sim) { return sim->harness->cycles(); }

int kpu_sim_load(kpu_sim* sim, uint32_t address, const void* bytes, size_t size) {
  return inspect(sim, [&](KpuHarness& harness) {
    const std::span data(static_cast<const uint8_t*>(bytes), size);
    const std::size_t offset = ai_ram_offset(address);
    if (offset != SIZE_MAX) {
      harness.load_ai_ram(offset, data);
    } else {
      harness.load_memory(address, data);
    }
  });
}

int kpu_sim_peek(kpu_sim* sim, uint32_t address, void* bytes, size_t size) {
  return inspect(sim, [&](KpuHarness& harness) {
    const std::span data(static_cast<uint8_t*>(bytes), size);
    const std::size_t offset = ai_ram_offset(address);
    if (offset != SIZE_MAX) {
      harness.peek_ai_ram(offset, data);
    } else {
      harness.peek_memory(address, data);
    }
  });
}

int kpu_sim_reset(kpu_sim* sim) {
  return advance(sim, [](KpuHarness& harness) -> int {
    harness.reset();
    return KPU_SIM_OK;
  });
}

const char* kpu_sim_error(const kpu_sim* sim) { return sim->error.c_str(); }
